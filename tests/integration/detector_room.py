"""A detector process with a real bus and a real ring; the test plays the cameras."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, cast

import numpy as np
import redis

from kernel.bus.names import ALERTS, CAMERA_STATE
from kernel.config.camera import StreamName
from kernel.events import ALERT_EVENTS, CAMERA_STATE_EVENTS, AlertRaised, AnalysisHeartbeat
from kernel.ring import RingWriter
from kernel.runtime import RuntimePaths

T = TypeVar("T")
REPOSITORY = Path(__file__).resolve().parents[2]
CAMERAS = ("cam-01", "cam-02")
_FRAME_S = 1 / 15
_CAMERA = """\
  - id: {id}
    name: {id}
    unit: north
    streams: {{main: {{url: "rtsp://127.0.0.1:1/{id}"}}}}
    zones: [{{id: yard, points: [[0.5, 0.0], [1.0, 0.0], [1.0, 1.0], [0.5, 1.0]]}}]
    rules: [{{id: yard-entry, kind: zone_intrusion, zone: yard, level: red, cooldown_s: {cooldown_s}}}]
"""


def write_config(paths: RuntimePaths, model: Path, cooldown_s: float = 60.0, fps: float = 5.0) -> Path:
    """Two cameras whose right half is a zone."""
    cameras = "".join(_CAMERA.format(id=camera, cooldown_s=cooldown_s) for camera in CAMERAS)
    file = paths.data_dir / "lookout.yaml"
    file.write_text(f"data_dir: .\nmodels: {{default: '{model}'}}\ndetect: {{fps: {fps}}}\ncameras:\n{cameras}")
    return file


@dataclass
class Cameras:
    """Writes grey frames of 128x64 px at 15 fps: brightness is where the person stands, 0 to 1, None for silence."""

    writer: RingWriter
    brightness: dict[str, float | None] = field(default_factory=lambda: dict.fromkeys(CAMERAS, 0.0))
    _stop: threading.Event = field(default_factory=threading.Event)

    def play(self) -> None:
        chroma = np.full((32, 64), 128, np.uint8)
        while not self._stop.wait(_FRAME_S):
            for camera, level in self.brightness.items():
                if level is not None:
                    luma = np.full((64, 128), round(16 + 219 * level), np.uint8)
                    slot = self.writer.slot_for(camera, StreamName.MAIN)
                    slot.write(luma, chroma, chroma, pts=0, captured_at_us=time.time_ns() // 1000)

    def stop(self) -> None:
        self._stop.set()


@contextlib.contextmanager
def playing(paths: RuntimePaths) -> Iterator[Cameras]:
    """Cameras that deliver, as an ingest worker would."""
    writer = RingWriter(paths.ring_file(0), [(camera, StreamName.MAIN) for camera in CAMERAS])
    cameras = Cameras(writer)
    thread = threading.Thread(target=cameras.play)
    thread.start()
    try:
        yield cameras
    finally:
        cameras.stop()
        thread.join()
        writer.close()


@contextlib.contextmanager
def detector(config: Path) -> Iterator[subprocess.Popen[str]]:
    """`python -m detect`, killed at the end if it still runs."""
    command = [sys.executable, "-m", "detect", "--config", str(config)]
    process = subprocess.Popen(command, cwd=REPOSITORY, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


class Bus:
    """What a test reads from the bus."""

    def __init__(self, address: str) -> None:
        self.connection = redis.Redis.from_url(address)

    def alerts(self) -> list[AlertRaised]:
        """Every alert event so far, in order."""
        events = (ALERT_EVENTS.validate_json(payload) for payload in self._payloads(ALERTS))
        return [event for event in events if isinstance(event, AlertRaised)]

    def heartbeats(self) -> list[AnalysisHeartbeat]:
        """Every heartbeat of the detector so far, in order."""
        events = (CAMERA_STATE_EVENTS.validate_json(payload) for payload in self._payloads(CAMERA_STATE))
        return [event for event in events if isinstance(event, AnalysisHeartbeat)]

    def _payloads(self, stream: str) -> list[bytes]:
        entries = cast("list[tuple[bytes, dict[bytes, bytes]]]", self.connection.xrange(stream))
        return [fields[b"event"] for _, fields in entries]


def eventually(look: Callable[[], T | None], within_s: float = 60.0) -> T:
    """The first answer that is something, looked for until the time is up."""
    deadline_s = time.monotonic() + within_s
    while time.monotonic() < deadline_s:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"nothing within {within_s:g} s")
