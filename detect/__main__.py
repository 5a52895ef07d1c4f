"""`python -m detect --config FILE`: the detector of one installation."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import uuid
from pathlib import Path

from detect.build import build_detector
from detect.errors import EngineStalled
from kernel.config import load_config
from kernel.errors import ExitCode, LookoutError
from kernel.logs import configure_logging
from kernel.process import die_with_parent, stop_on_signals

_log = logging.getLogger("detect")


def main() -> int:
    """Run until SIGTERM; the exit code says how it went (see `kernel.errors.ExitCode`)."""
    parser = argparse.ArgumentParser(prog="python -m detect", description="Analyse the frames of all cameras.")
    parser.add_argument("--config", type=Path, required=True, help="the installation's YAML file")
    arguments = parser.parse_args()
    die_with_parent()
    stop = stop_on_signals()
    configure_logging("detect")
    try:
        with build_detector(load_config(arguments.config), f"detect-{uuid.uuid4().hex[:8]}") as detector:
            detector.run(stop)
    except EngineStalled as error:
        _log.critical("%s", error)
        logging.shutdown()
        os._exit(ExitCode.COULD_NOT_RUN)  # a thread hangs inside the engine: an orderly exit would wait for it
    except LookoutError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return ExitCode.OK


if __name__ == "__main__":
    sys.exit(main())
