"""Cameras for tests: this server on a free port with small, quickly made pictures, and one that never answers."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scripts.district.encode import LoopEncoder
from scripts.district.faults import FaultSpan
from scripts.district.rtsp_auth import Credentials
from scripts.district.rtsp_media import Loop, MediaPath, Quirks
from scripts.district.rtsp_server import DistrictServer
from scripts.district.sent_log import SentLog
from scripts.district.video_file import AccessUnit, VideoHeader

CREDENTIALS = Credentials("tester", "s3cret: with @/?")
FPS = 15


@lru_cache(maxsize=8)
def bar_video(
    codec: str = "h264", frames: int = 45, width_px: int = 320, height_px: int = 180
) -> tuple[VideoHeader, tuple[AccessUnit, ...]]:
    """A white bar that moves over grey; the row of blocks at the top is the frame number in binary."""
    encoder = LoopEncoder(codec, width_px, height_px, FPS, 400_000)
    for number in range(frames):
        picture = np.full((height_px, width_px, 3), 96, np.uint8)
        at = number * width_px // frames
        picture[40:, at : at + 12] = 235
        for bit in range(10):
            picture[4:28, 8 + bit * 24 : 28 + bit * 24] = 235 if number >> bit & 1 else 20
        encoder.add(picture)
    return encoder.finish(), tuple(encoder.units)


def frame_number(grey: NDArray[Any]) -> int:
    """The number that a decoded picture of `bar_video` (H, W) shows."""
    return sum(1 << bit for bit in range(10) if int(grey[16, 18 + bit * 24]) > 128)


def media_path(name: str = "cam", codec: str = "h264", quirks: Quirks | None = None, frames: int = 45) -> MediaPath:
    """A path that plays the test video."""
    header, units = bar_video(codec, frames)
    return MediaPath(name, name, "main", Loop(header, list(units), zlib.crc32(name.encode())), quirks or Quirks())


@dataclass(frozen=True)
class Running:
    """A running server and where it is."""

    server: DistrictServer
    host: str
    port: int
    sent_file: Path

    def url(self, name: str = "cam", credentials: Credentials | None = None) -> str:
        """The address of a path, with user name and password where wanted."""
        from urllib.parse import quote

        who = f"{quote(credentials.username, safe='')}:{quote(credentials.password, safe='')}@" if credentials else ""
        return f"rtsp://{who}{self.host}:{self.port}/{name}"


@asynccontextmanager
async def running(
    paths: Sequence[MediaPath], folder: Path, *, faulty_camera: str = "", spans: tuple[FaultSpan, ...] = ()
) -> AsyncIterator[Running]:
    """Serves the paths on a free port of 127.0.0.1 until the block ends; the password is CREDENTIALS."""
    sent = folder / "sent.jsonl"
    server = DistrictServer(list(paths), CREDENTIALS, SentLog(sent), faulty_camera=faulty_camera, spans=spans)
    await server.start("127.0.0.1", 0)
    try:
        yield Running(server, "127.0.0.1", server.port, sent)
    finally:
        await server.stop()


@asynccontextmanager
async def silent_camera() -> AsyncIterator[int]:
    """Accepts TCP connections and never answers; yields the port."""
    ended = asyncio.Event()

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ended.wait()
        writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        ended.set()
        server.close()
