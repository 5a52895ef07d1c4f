"""`python -m command_api.live --config FILE`: the live gateway as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from pathlib import Path

from command_api.drones.owners import units_by_subject
from command_api.live.alerts import AlertPush
from command_api.live.gateway import Gateway
from command_api.live.server import serve
from kernel.bus.address import bus_address
from kernel.bus.consumer import subscribe
from kernel.bus.names import ALERT_CHANGES
from kernel.clock import SystemClock
from kernel.config import load_config
from kernel.config.lookout import LookoutConfig
from kernel.errors import LookoutError
from kernel.logs import configure_logging
from kernel.process import die_with_parent, stop_on_signals_async
from kernel.runtime import RuntimePaths, shard_count_for

_log = logging.getLogger(__name__)


def main() -> int:
    """Run the gateway until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m command_api.live", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="the installation's YAML file")
    parser.add_argument("--log-level", default="INFO", help="DEBUG, INFO, WARNING or ERROR")
    arguments = parser.parse_args()
    die_with_parent()
    configure_logging("live", arguments.log_level)
    logging.getLogger("aioice").setLevel(logging.WARNING)
    logging.getLogger("aiortc").setLevel(logging.WARNING)
    try:
        asyncio.run(run(load_config(arguments.config)))
    except LookoutError as error:
        print(error, file=sys.stderr)
        return int(error.exit_code)
    return 0


async def run(config: LookoutConfig) -> None:
    """Serve until told to stop.

    Raises:
        CannotRunError: the socket cannot be made.
    """
    paths = RuntimePaths.of(config)
    stop = stop_on_signals_async()
    clock = SystemClock()
    push = AlertPush(units_by_subject(config), clock)
    gateway = Gateway(config, shard_count_for(len(config.cameras)), push, clock)
    messages = subscribe(bus_address(config, paths), ALERT_CHANGES)
    _log.info("live gateway serves cameras=%d socket=%s", len(config.cameras), paths.live_socket)
    await serve(gateway, push, messages, paths.live_socket, stop)
    _log.info("live gateway stopped")


if __name__ == "__main__":
    sys.exit(main())
