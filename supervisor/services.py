"""Which processes make up an installation, and how each is started; pure."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """One process: a name for logs and the command that starts it."""

    name: str
    argv: tuple[str, ...]


def service_specs(
    config_path: Path, ingest_shards: int, python: str = sys.executable, *, has_fleet: bool = False
) -> list[ServiceSpec]:
    """The services of an installation in the order they are started; the drones' only where there are drones."""
    config = str(config_path)

    def module(name: str, *options: str) -> tuple[str, ...]:
        return (python, "-m", name, "--config", config, *options)

    ingest = [
        ServiceSpec(f"ingest-{shard}", module("ingest", "--shard", f"{shard}/{ingest_shards}"))
        for shard in range(ingest_shards)
    ]
    drones = [ServiceSpec("drone", module("drone"))] if has_fleet else []
    return [
        ServiceSpec("command_api", module("command_api")),
        ServiceSpec("live", module("command_api.live")),
        *ingest,
        ServiceSpec("detect", module("detect")),
        *drones,
    ]
