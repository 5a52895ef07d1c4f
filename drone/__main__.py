"""`python -m drone --config FILE`: the drones of one installation."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from drone.connect import open_vehicle
from drone.fleet.service import FleetService
from kernel.bus.address import bus_address
from kernel.clock import SystemClock
from kernel.config import load_config
from kernel.config.lookout import LookoutConfig
from kernel.errors import ExitCode, LookoutError
from kernel.logs import configure_logging
from kernel.process import die_with_parent, stop_on_signals_async
from kernel.runtime import RuntimePaths


def main() -> int:
    """Run until SIGTERM; the exit code says how it went (see `kernel.errors.ExitCode`)."""
    parser = argparse.ArgumentParser(prog="python -m drone", description="Fly and watch the drones of the fleet.")
    parser.add_argument("--config", type=Path, required=True, help="the installation's YAML file")
    arguments = parser.parse_args()
    die_with_parent()
    configure_logging("drone")
    try:
        asyncio.run(_serve(load_config(arguments.config)))
    except LookoutError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return ExitCode.OK


async def _serve(config: LookoutConfig) -> None:
    stop, clock = stop_on_signals_async(), SystemClock()
    address = bus_address(config, RuntimePaths.of(config))
    await FleetService(config, address, clock, open_vehicle(config, clock)).run(stop)


if __name__ == "__main__":
    sys.exit(main())
