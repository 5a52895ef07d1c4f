"""`python -m ingest --config FILE [--shard I/N]`: serve the cameras of one part of the register."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from pathlib import Path

from ingest.worker import IngestWorker
from kernel.clock import SystemClock
from kernel.config import load_config
from kernel.errors import LookoutError
from kernel.logs import configure_logging
from kernel.process import die_with_parent, stop_on_signals_async
from kernel.shard import Shard


async def serve(config_path: Path, shard: Shard) -> None:
    """Run a worker until SIGTERM or SIGINT."""
    stop = stop_on_signals_async()
    worker = IngestWorker(load_config(config_path), shard, SystemClock())
    await worker.run(stop)


def main() -> int:
    """Parse the command line and serve; returns the exit code."""
    parser = argparse.ArgumentParser(prog="ingest", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--shard", default="0/1", help="which part of the cameras, INDEX/COUNT")
    options = parser.parse_args()
    die_with_parent()
    try:
        shard = Shard.parse(options.shard)
        configure_logging(f"ingest-{shard.index}")
        asyncio.run(serve(options.config, shard))
    except LookoutError as error:
        print(f"ingest: {error}", file=sys.stderr)
        return int(error.exit_code)
    return 0


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit: a thread that FFmpeg still holds would come back into an interpreter that is being taken down.
    os._exit(code)
