"""`python -m command_api --config FILE`: the API, the store and the operators' page."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from pathlib import Path

from command_api.service import serve
from kernel.clock import SystemClock
from kernel.config import load_config
from kernel.config.lookout import LookoutConfig
from kernel.errors import ExitCode, LookoutError
from kernel.logs import configure_logging
from kernel.process import stop_on_signals_async
from kernel.runtime import RuntimePaths

_LOGGER = logging.getLogger("command_api")


def main(arguments: list[str] | None = None) -> int:
    """Run the service until SIGTERM; the exit code is one of `ExitCode`."""
    parser = argparse.ArgumentParser(prog="python -m command_api", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="the YAML file")
    parser.add_argument("--log-level", default="INFO", help="DEBUG, INFO, WARNING or ERROR")
    options = parser.parse_args(arguments)
    configure_logging("command_api", options.log_level)
    try:
        asyncio.run(_serve(load_config(options.config)))
    except LookoutError as error:
        return _refuse(error)
    except ExceptionGroup as group:
        expected = _expected(group)
        if expected is None:
            raise
        return _refuse(expected)
    return ExitCode.OK


def _refuse(error: LookoutError) -> int:
    print(error, file=sys.stderr)
    return error.exit_code


async def _serve(config: LookoutConfig) -> None:
    address_file = RuntimePaths.of(config).data_dir / "run" / "command-api.url"
    address_file_ours: list[Path] = []

    def ready(url: str) -> None:
        address_file.write_text(url + "\n", encoding="utf-8")
        address_file_ours.append(address_file)
        _LOGGER.info("ready url=%s", url)

    try:
        await serve(config, SystemClock(), stop_on_signals_async(), ready)
    finally:
        for file in address_file_ours:
            file.unlink(missing_ok=True)


def _expected(group: BaseExceptionGroup[BaseException]) -> LookoutError | None:
    """The first error raised on purpose, where the group holds nothing else."""
    expected, unexpected = group.split(LookoutError)
    if expected is None or unexpected is not None:
        return None
    error: BaseException = expected
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error if isinstance(error, LookoutError) else None


if __name__ == "__main__":
    sys.exit(main())
