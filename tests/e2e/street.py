"""Four cameras of the simulated district for the browser tests, one of them H.265, and a config that names them."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from scripts.district.credentials import read_env
from tests.e2e.district_server import ROOT

CAMERAS = ["cam-01", "cam-02", "cam-06", "cam-09"]
H265_CAMERA = "cam-09"
ANALYSED_FPS = 4.0
COOLDOWN_S = 5.0  # shorter than a camera shows nobody, so that each round of its loop is an alert


@dataclass(frozen=True)
class Street:
    """Running cameras.

    Attributes:
        config: of a Lookout that watches them.
        data_dir: where that Lookout keeps its data.
        server_pid: of the process that plays all the cameras.
    """

    config: Path
    data_dir: Path
    server_pid: int


@contextlib.contextmanager
def street(directory: Path) -> Iterator[Street]:
    """Serve the cameras until the block ends; everything is kept in `directory`."""
    var, data_dir = directory / "district", directory / "data"
    data_dir.mkdir()
    with subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.district_server", str(var), *CAMERAS],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    ) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline().startswith("ready "), "the simulated district did not start"
            os.environ.update(read_env(var))
            yield Street(_write_config(directory / "lookout.yaml", data_dir), data_dir, server.pid)
        finally:
            server.terminate()
            server.wait(10)


def _write_config(file: Path, data_dir: Path) -> Path:
    """configs/district.yaml cut down to the cameras, without drones, on a free port, with data of its own."""
    yaml = YAML()
    config = yaml.load(ROOT / "configs" / "district.yaml")
    config["data_dir"] = str(data_dir)
    config["web"]["port"] = free_port()
    config["models"]["dir"] = str(ROOT / "models")
    config["detect"]["fps"] = ANALYSED_FPS
    for drones in ("fleet", "airspace", "patrols", "weather", "dispatch"):
        del config[drones]  # test_patrol_page.py has drones of its own
    config["cameras"] = [camera for camera in config["cameras"] if camera["id"] in CAMERAS]
    for camera in config["cameras"]:
        for rule in camera["rules"]:
            rule["cooldown_s"] = COOLDOWN_S
            rule["level"] = "orange"  # of one level: the newest card is drawn, however many wait
    yaml.dump(config, file)
    return file


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
