"""`python -m detect --config FILE`: the detector of one installation."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import uuid
from pathlib import Path

import cv2

from detect.build import build_detector
from detect.errors import EngineStalled
from kernel.config import load_config
from kernel.config.lookout import LookoutConfig
from kernel.errors import ExitCode, LookoutError
from kernel.logs import configure_logging
from kernel.process import die_with_parent, stop_on_signals
from kernel.shard import WHOLE, Shard

_log = logging.getLogger("detect")


def on_device(config: LookoutConfig, device: str) -> LookoutConfig:
    """The config with another detect.device, where one is named."""
    if not device:
        return config
    return config.model_copy(update={"detect": config.detect.model_copy(update={"device": device})})


def main() -> int:
    """Run until SIGTERM; the exit code says how it went (see `kernel.errors.ExitCode`)."""
    parser = argparse.ArgumentParser(prog="python -m detect", description="Analyse the frames of all cameras.")
    parser.add_argument("--config", type=Path, required=True, help="the installation's YAML file")
    parser.add_argument("--shard", default="0/1", help="which part of the cameras, INDEX/COUNT")
    parser.add_argument("--device", default="", help="instead of detect.device: cpu or cuda:N")
    arguments = parser.parse_args()
    die_with_parent()
    stop = stop_on_signals()
    cv2.setNumThreads(1)  # pictures this small take longer shared than alone, and the engine needs the other cores
    try:
        shard = Shard.parse(arguments.shard)
        configure_logging("detect" if shard == WHOLE else f"detect-{shard.index}")
        config = on_device(load_config(arguments.config), arguments.device)
        run_id = f"detect-{uuid.uuid4().hex[:8]}"
        with build_detector(config, run_id, shard, arguments.config) as detector:
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
