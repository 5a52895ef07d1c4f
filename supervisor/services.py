"""Which processes make up an installation, and how each is started; pure."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """One process: a name for logs and the command that starts it."""

    name: str
    argv: tuple[str, ...]


def service_specs(
    config_path: Path,
    ingest_shards: int,
    python: str = sys.executable,
    *,
    has_fleet: bool = False,
    detector_devices: Sequence[str] = (),
) -> list[ServiceSpec]:
    """The services of an installation in the order they are started; the drones' only where there are drones.

    Args:
        config_path: the installation's YAML file.
        ingest_shards: how many workers share out the cameras.
        python: the interpreter.
        has_fleet: there are drones.
        detector_devices: a device for each of several detectors; empty for one, which finds its own.
    """
    config = str(config_path)

    def module(name: str, *options: str) -> tuple[str, ...]:
        return (python, "-m", name, "--config", config, *options)

    ingest = [
        ServiceSpec(f"ingest-{shard}", module("ingest", "--shard", f"{shard}/{ingest_shards}"))
        for shard in range(ingest_shards)
    ]
    count = len(detector_devices)
    detectors = [
        ServiceSpec(f"detect-{shard}", module("detect", "--shard", f"{shard}/{count}", "--device", device))
        for shard, device in enumerate(detector_devices)
    ]
    drones = [ServiceSpec("drone", module("drone"))] if has_fleet else []
    return [
        ServiceSpec("command_api", module("command_api")),
        ServiceSpec("live", module("command_api.live")),
        *ingest,
        *(detectors or [ServiceSpec("detect", module("detect"))]),
        *drones,
    ]
