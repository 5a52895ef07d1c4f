"""The media socket with viewers that are slow, rude or left alone by their stream."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ingest.gop_ring import GopRing
from ingest.live import LARGEST_QUEUE_UNITS, LiveStream
from ingest.media_server import MediaServer
from ingest.monitor import StreamMonitor
from kernel.clock import SystemClock
from kernel.config.camera import StreamName
from kernel.media import LONGEST_LINE_BYTES, AccessUnit, MediaHello
from kernel.runtime import RuntimePaths
from tests.integration.ingest_process import MediaClient, media_client

pytestmark = pytest.mark.integration

KEY = ("cam-01", StreamName.MAIN)
HELLO = MediaHello(
    camera_id="cam-01", stream=StreamName.MAIN, codec="h264", width_px=640, height_px=360, has_b_frames=False
)
GOP = 10


def unit(number: int, size: int = 2000) -> AccessUnit:
    return AccessUnit(bytes(size), number, number, number, keyframe=number % GOP == 0)


class Served:
    """A media server with one online stream."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.live = LiveStream(GopRing())
        self.monitor = StreamMonitor(*KEY, "ingest-0", "run", SystemClock(), lambda change: None)
        self.server = MediaServer(path, {KEY: (self.live, self.monitor)})
        self._next = 0

    def publish(self, count: int, size: int = 2000) -> None:
        """The next units of the stream."""
        for _ in range(count):
            self.live.publish(unit(self._next, size))
            self._next += 1


@pytest.fixture
async def served(paths: RuntimePaths) -> AsyncIterator[Served]:
    served = Served(paths.media_socket(0))
    served.monitor.packet(1, 100, errors=0, pictures=None)
    served.live.announce(HELLO)
    await served.server.start()
    yield served
    await served.server.close()
    assert not served.path.exists()


@asynccontextmanager
async def watching(served: Served) -> AsyncIterator[MediaClient]:
    async with media_client(served.path, "cam-01") as client:
        assert client.hello == HELLO
        yield client


async def until(is_so: Callable[[], bool]) -> None:
    """Let the loop run until something is so."""
    async with asyncio.timeout(10):
        while not is_so():  # noqa: ASYNC110 (what is waited for has no event)
            await asyncio.sleep(0)


async def test_the_newest_gop_comes_first_and_is_marked(served: Served) -> None:
    served.publish(GOP + 3)
    async with watching(served) as client:
        replayed = await client.units(3)
        served.publish(2)
        live = await client.units(2)
    assert [(got.pts, got.replayed) for got in replayed + live] == [
        (10, True),
        (11, True),
        (12, True),
        (13, False),
        (14, False),
    ]


async def test_a_slow_viewer_loses_whole_gops_and_delays_nobody(served: Served) -> None:
    served.publish(1)
    async with watching(served) as slow, watching(served) as quick:
        await slow.units(1)
        await quick.units(1)
        got: list[AccessUnit] = []
        for _ in range(LARGEST_QUEUE_UNITS // GOP * 4):  # slow reads nothing meanwhile
            served.publish(GOP, size=20_000)
            got += await quick.units(GOP)
        assert [unit.pts for unit in got] == list(range(1, 1 + len(got)))
        served.publish(GOP)
        seen = [(await slow.units(1))[0]]
        while seen[-1].pts < len(got):
            seen += await slow.units(1)
    assert len(seen) < len(got)
    for earlier, later in itertools.pairwise(seen):
        assert later.pts == earlier.pts + 1 or later.keyframe


async def test_viewers_are_ended_when_the_stream_becomes_another_one(served: Served) -> None:
    served.publish(1)
    async with watching(served) as client:
        await client.units(1)
        served.live.announce(HELLO.model_copy(update={"width_px": 1920, "height_px": 1080}))
        assert await client.has_ended()


async def test_a_viewer_that_leaves_is_forgotten(served: Served) -> None:
    served.publish(1)
    async with watching(served) as client:
        await client.units(1)
        assert served.live.subscriber_count == 1
    await until(lambda: served.live.subscriber_count == 0)


@pytest.mark.parametrize("line", [b"hello\n", b'{"camera_id": 1}\n', b"x" * (LONGEST_LINE_BYTES + 10) + b"\n", b"\n"])
async def test_a_bad_request_is_answered_in_one_line(served: Served, line: bytes) -> None:
    reader, writer = await asyncio.open_unix_connection(served.path)
    writer.write(line)
    async with asyncio.timeout(5):
        assert json.loads(await reader.readline()) == {"problem": "bad_request"}
        assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


async def test_closing_ends_every_viewer(paths: RuntimePaths) -> None:
    served = Served(paths.media_socket(0))
    served.monitor.packet(1, 100, errors=0, pictures=None)
    served.live.announce(HELLO)
    await served.server.start()
    async with watching(served) as client:
        await served.server.close()
        assert await client.has_ended()
    assert served.live.subscriber_count == 0
