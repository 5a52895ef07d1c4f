"""A real ingest worker as a process, and what it says on the bus and on its media socket."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
import redis
from pydantic import TypeAdapter
from ruamel.yaml import YAML

from kernel.bus.names import ALERTS, CAMERA_STATE, COMMANDS
from kernel.config.camera import StreamName
from kernel.events import (
    ALERT_EVENTS,
    CAMERA_STATE_EVENTS,
    CameraState,
    CameraStateChanged,
    ClipReady,
    ClipRequested,
    ObserverHeartbeat,
)
from kernel.media import HEADER_BYTES, AccessUnit, MediaHello, parse_header
from kernel.ring import FrameView, RingReader
from kernel.runtime import RuntimePaths

_ROOT = Path(__file__).parents[2]
T = TypeVar("T")


def camera(camera_id: str, url: str, **keys: Any) -> dict[str, Any]:
    """A camera of the config, with short time-outs."""
    stream = {"url": url, "open_timeout_s": 8.0, "read_timeout_s": 2.0} | keys.pop("stream", {})
    return {"id": camera_id, "name": camera_id, "unit": "bureau", "streams": {"main": stream}, **keys}


def wait_for(look: Callable[[], T | None], within_s: float, what: str) -> T:
    """Look again and again until there is something.

    Raises:
        AssertionError: nothing within the time.
    """
    deadline_s = time.monotonic() + within_s
    while time.monotonic() < deadline_s:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {within_s} s: {what}")


class IngestProcess:
    """A running worker."""

    def __init__(self, process: subprocess.Popen[str], paths: RuntimePaths, log: Path) -> None:
        self.process = process
        self.paths = paths
        self._log = log
        self._redis = redis.Redis(unix_socket_path=str(paths.bus_socket))
        self.ring = RingReader(paths.ring_file(0))

    @property
    def log(self) -> str:
        """Everything it logged."""
        return self._log.read_text()

    def _events(self, stream: str, adapter: TypeAdapter[T]) -> list[T]:
        entries: Any = self._redis.xrange(stream)
        return [adapter.validate_json(fields[b"event"]) for _, fields in entries]

    def changes(self, camera_id: str) -> list[CameraStateChanged]:
        """Changes of state of a camera so far."""
        events = self._events(CAMERA_STATE, CAMERA_STATE_EVENTS)
        return [event for event in events if isinstance(event, CameraStateChanged) and event.camera_id == camera_id]

    def heartbeats(self) -> list[ObserverHeartbeat]:
        """Heartbeats so far."""
        return [e for e in self._events(CAMERA_STATE, CAMERA_STATE_EVENTS) if isinstance(e, ObserverHeartbeat)]

    def until_state(
        self, camera_id: str, state: CameraState, within_s: float = 40.0, after: int = 0
    ) -> CameraStateChanged:
        """The first change to that state, from the `after`th change on."""

        def look() -> CameraStateChanged | None:
            return next((change for change in self.changes(camera_id)[after:] if change.state is state), None)

        try:
            return wait_for(look, within_s, f"{camera_id} {state.value}")
        except AssertionError as error:
            raise AssertionError(f"{error}; exit code {self.process.poll()}\n{self.log}") from error

    def frames(self, camera_id: str, count: int, within_s: float = 40.0) -> Iterator[FrameView]:
        """So many frames, each newer than the one before."""
        last = 0

        def newer() -> FrameView | None:
            view = self.ring.newest(camera_id, StreamName.MAIN)
            return view if view is not None and view.sequence > last else None

        for _ in range(count):
            view = wait_for(newer, within_s, f"a frame of {camera_id}")
            last = view.sequence
            yield view

    def send(self, request: ClipRequested) -> None:
        """Put a request on the bus."""
        self._redis.xadd(COMMANDS, {"event": request.to_wire()})

    def answer_to(self, request: ClipRequested) -> ClipReady:
        """Wait for the answer to a request."""

        def look() -> ClipReady | None:
            events = self._events(ALERTS, ALERT_EVENTS)
            return next((e for e in events if isinstance(e, ClipReady) and e.alert_id == request.alert_id), None)

        return wait_for(look, 30.0, f"the clip {request.alert_id}")

    def request_clip(self, request: ClipRequested) -> ClipReady:
        """Ask for a clip and wait for the answer."""
        self.send(request)
        return self.answer_to(request)

    def pending_clips(self) -> set[str]:
        """Alert ids of the requests that are noted as unanswered."""
        fields: Any = self._redis.hkeys("clips:ingest-0")
        return {field.decode() for field in fields}

    def stop(self) -> float:
        """SIGTERM; seconds until it was gone."""
        started_s = time.monotonic()
        self.process.terminate()
        self.process.wait(20)
        return time.monotonic() - started_s


@contextmanager
def ingest_process(
    paths: RuntimePaths, cameras: list[dict[str, Any]], prefix: tuple[str, ...] = (), **sections: object
) -> Iterator[IngestProcess]:
    """Run `python -m ingest` for these cameras on the bus at `paths`."""
    config = paths.data_dir / "lookout.yaml"
    with config.open("w") as file:
        YAML(typ="safe").dump({"data_dir": str(paths.data_dir), "cameras": cameras, **sections}, file)
    log = paths.data_dir / "ingest.log"
    with (
        log.open("w") as output,
        subprocess.Popen(
            [*prefix, sys.executable, "-m", "ingest", "--config", str(config), "--shard", "0/1"],
            cwd=_ROOT,
            stdout=output,
            stderr=output,
            text=True,
            env=os.environ | {"PYTHONPATH": str(_ROOT)},
        ) as process,
    ):
        worker = IngestProcess(process, paths, log)
        try:
            yield worker
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(15)
                except subprocess.TimeoutExpired:
                    process.kill()
                    pytest.fail("the worker does not end on SIGTERM")


class MediaClient:
    """A viewer on a worker's media socket."""

    def __init__(self, reader: asyncio.StreamReader, hello: dict[str, Any]) -> None:
        self._reader = reader
        self.answer = hello

    @property
    def hello(self) -> MediaHello:
        """What the stream is."""
        return MediaHello.model_validate(self.answer)

    async def units(self, count: int) -> list[AccessUnit]:
        """The next units."""
        got = []
        for _ in range(count):
            async with asyncio.timeout(10):
                header = parse_header(await self._reader.readexactly(HEADER_BYTES))
                got.append(AccessUnit.from_parts(header, await self._reader.readexactly(header.payload_bytes)))
        return got

    async def has_ended(self) -> bool:
        """Whether the connection ends (after whatever is still in it)."""
        async with asyncio.timeout(10):
            while await self._reader.read(1 << 16):
                pass
        return True


@asynccontextmanager
async def media_client(path: Path, camera_id: str) -> AsyncIterator[MediaClient]:
    """Connect and ask for a camera's main stream."""
    reader, writer = await asyncio.open_unix_connection(path)
    try:
        writer.write(json.dumps({"camera_id": camera_id, "stream": "main"}).encode() + b"\n")
        yield MediaClient(reader, json.loads(await reader.readline()))
    finally:
        writer.close()
        await writer.wait_closed()
