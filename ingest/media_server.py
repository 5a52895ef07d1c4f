"""Access units for the live gateway on the worker's Unix socket (framing: kernel.media)."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from ingest.live import LiveStream, UnitQueue
from ingest.monitor import StreamMonitor
from kernel.config.camera import StreamName
from kernel.media import LONGEST_LINE_BYTES, AccessUnit, MediaRequest

_LOG = logging.getLogger(__name__)
REQUEST_TIMEOUT_S = 5.0

StreamKey = tuple[str, StreamName]


class MediaServer:
    """Serves every stream of this worker; a slow client loses whole GOPs and delays nobody."""

    def __init__(self, path: Path, streams: Mapping[StreamKey, tuple[LiveStream, StreamMonitor]]) -> None:
        self._path = path
        self._streams = streams
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen; a socket that a crash left behind is replaced."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, self._path, limit=LONGEST_LINE_BYTES)
        self._path.chmod(0o600)

    async def close(self) -> None:
        """End every connection and take the socket away."""
        if self._server is not None:
            self._server.close()
        for client in tuple(self._clients):
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        try:
            await self._answer(reader, writer)
        except (ConnectionError, TimeoutError, asyncio.CancelledError) as error:
            _LOG.debug("media client gone: %s", type(error).__name__)
            writer.transport.abort()  # closing would wait for a client that does not read
        finally:
            self._clients.discard(task)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(REQUEST_TIMEOUT_S):
            try:
                request = MediaRequest.model_validate_json(await reader.readline())
            except (ValidationError, ValueError):
                await _say(writer, {"problem": "bad_request"})
                return
        found = self._streams.get((request.camera_id, request.stream))
        if found is None:
            await _say(writer, {"problem": "unknown_stream"})
            return
        live, monitor = found
        client = _Client(asyncio.get_running_loop())
        hello = None
        if monitor.state is not None and monitor.state.is_online:
            hello = live.subscribe(client, client.replay)
        if hello is None:
            await _say(writer, {"problem": f"camera_offline {monitor.cause.value}"})
            return
        try:
            await _say(writer, hello.model_dump(mode="json"))
            await client.feed(reader, writer)
        finally:
            live.unsubscribe(client)
            if client.queue.dropped:
                _LOG.info(
                    "media client too slow camera_id=%s stream=%s dropped_units=%d",
                    request.camera_id,
                    request.stream.value,
                    client.queue.dropped,
                )


class _Client:
    """One connection: units come from the camera's thread and leave on the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.queue = UnitQueue()
        self._loop = loop
        self._ready = asyncio.Event()
        self._ended = False
        self._replayed: tuple[AccessUnit, ...] = ()

    def replay(self, units: tuple[AccessUnit, ...]) -> None:
        """The newest GOP, before anything live."""
        self._replayed = units

    def offer(self, unit: AccessUnit) -> None:
        self._loop.call_soon_threadsafe(self._put, unit)

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._end)

    def _put(self, unit: AccessUnit) -> None:
        self.queue.put(unit)
        self._ready.set()

    def _end(self) -> None:
        self._ended = True
        self._ready.set()

    async def feed(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send until the stream ends, the client goes, or the task is cancelled."""
        gone = asyncio.ensure_future(reader.read(1))  # a client says nothing after its request; b"" means it left
        gone.add_done_callback(lambda _: self._end())
        try:
            replayed, self._replayed = deque(self._replayed), ()
            while replayed:  # let go of as it is sent: a GOP may be large, and a viewer stays for hours
                writer.write(replace(replayed.popleft(), replayed=True).to_record())
                await writer.drain()
            while not self._ended:
                unit_or_none = self.queue.take()
                if unit_or_none is None:
                    self._ready.clear()
                    await self._ready.wait()
                    continue
                writer.write(unit_or_none.to_record())
                await writer.drain()
        finally:
            gone.cancel()
            with suppress(ConnectionError, asyncio.CancelledError):
                await gone


async def _say(writer: asyncio.StreamWriter, line: dict[str, object]) -> None:
    writer.write(json.dumps(line).encode() + b"\n")
    await writer.drain()
