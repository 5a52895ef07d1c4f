"""A small real media server: speaks kernel/media.py on a Unix socket and plays a clip made by x264 or x265 in a loop.

It stands where an ingest worker stands, so that the gateway can be tested without cameras.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.frame import PictureType, VideoFrame

from kernel.config.camera import StreamName
from kernel.media import PTS_CLOCK_HZ, AccessUnit, MediaHello, MediaRequest

_X264 = "repeat-headers=1:annexb=1:scenecut=0"
_X265 = "repeat-headers=1:annexb=1:scenecut=0:log-level=none"


@dataclass(frozen=True)
class Clip:
    """A coded clip that can be played in a loop."""

    units: tuple[AccessUnit, ...]
    codec: str
    width_px: int
    height_px: int
    fps: int
    has_b_frames: bool

    @property
    def period(self) -> int:
        """Length of one loop, 90 kHz."""
        return len(self.units) * PTS_CLOCK_HZ // self.fps


def make_clip(
    codec: str = "h264",
    *,
    width_px: int = 640,
    height_px: int = 360,
    fps: int = 15,
    seconds_s: int = 4,
    gop_s: float = 1.0,
    b_frames: int = 0,
    bright_box: tuple[float, float, float, float] | None = None,
) -> Clip:
    """Encode a moving bar on a grey ground; `bright_box` (fractions, x1 y1 x2 y2) is painted white in every picture."""
    encoder = av.CodecContext.create("libx264" if codec == "h264" else "libx265", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width_px, height_px, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, PTS_CLOCK_HZ), Fraction(fps, 1)
    encoder.thread_count = 1
    keyint = round(gop_s * fps)
    shared = f"keyint={keyint}:min-keyint={keyint}:bframes={b_frames}"
    if codec == "h264":
        encoder.options = {"preset": "veryfast", "x264-params": f"{_X264}:{shared}"}
    else:
        encoder.options = {"preset": "ultrafast", "x265-params": f"{_X265}:{shared}:pools=1:frame-threads=1"}
    units: list[AccessUnit] = []
    for place in range(seconds_s * fps):
        frame = VideoFrame.from_ndarray(_picture(place, width_px, height_px, bright_box), format="yuv420p")
        frame.pts, frame.time_base = place * PTS_CLOCK_HZ // fps, Fraction(1, PTS_CLOCK_HZ)
        frame.pict_type = PictureType.NONE
        units.extend(_unit(packet) for packet in encoder.encode(frame))
    units.extend(_unit(packet) for packet in encoder.encode(None))
    return Clip(tuple(units), codec, width_px, height_px, fps, b_frames > 0)


def _picture(
    place: int, width_px: int, height_px: int, bright_box: tuple[float, float, float, float] | None
) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    planes = np.full((height_px * 3 // 2, width_px), 128, dtype=np.uint8)
    luma = planes[:height_px]
    luma[:] = 90
    left = place * 8 % (width_px - 40)
    luma[height_px // 3 : height_px // 2, left : left + 40] = 200
    if bright_box is not None:
        x1, y1, x2, y2 = bright_box
        luma[int(y1 * height_px) : int(y2 * height_px), int(x1 * width_px) : int(x2 * width_px)] = 235
    return planes


def _unit(packet: av.Packet[av.VideoStream]) -> AccessUnit:
    assert packet.pts is not None
    assert packet.dts is not None
    return AccessUnit(bytes(packet), packet.pts, packet.dts, 0, bool(packet.is_keyframe))


@dataclass
class MediaServer:
    """Plays clips to whoever asks.

    Attributes:
        problem: while not empty, every request is answered with it.
        stalled: while set, connections stay and nothing is sent.
        answers: while clear, who asks is not answered yet.
        requests: camera streams asked for so far, in order.
        connections: open connections.
        started_at_s: monotonic start of play; a new one after `restart` makes camera times begin anew.
    """

    clips: dict[str, Clip]
    socket_path: Path
    problem: str = ""
    stalled: bool = False
    answers: asyncio.Event = field(default_factory=asyncio.Event)
    requests: list[tuple[str, StreamName]] = field(default_factory=list)
    connections: set[asyncio.Task[None]] = field(default_factory=set)
    started_at_s: float = field(default_factory=time.monotonic)
    _server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen."""
        self.started_at_s = time.monotonic()
        self.answers.set()
        self._server = await asyncio.start_unix_server(self._serve, str(self.socket_path))

    async def stop(self) -> None:
        """Hang up on everybody and stop listening, as a killed worker does."""
        assert self._server is not None
        self._server.close()
        for task in list(self.connections):
            task.cancel()
        if self.connections:
            await asyncio.wait(self.connections)
        await self._server.wait_closed()
        self.socket_path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.connections.add(task)
        try:
            await self._play(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            writer.close()
        finally:
            self.connections.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _play(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = MediaRequest.model_validate_json(await reader.readline())
        self.requests.append((request.camera_id, request.stream))
        await self.answers.wait()
        clip = self.clips.get(request.camera_id)
        if self.problem or clip is None:
            problem = self.problem or "no such stream"
            writer.write(b'{"problem": "%s"}\n' % problem.encode())
            await writer.drain()
            return
        hello = MediaHello(
            camera_id=request.camera_id,
            stream=request.stream,
            codec=clip.codec,
            width_px=clip.width_px,
            height_px=clip.height_px,
            has_b_frames=clip.has_b_frames,
        )
        writer.write(hello.model_dump_json().encode() + b"\n")
        index = int((time.monotonic() - self.started_at_s) * clip.fps)
        for unit in _cached_gop(clip, index):
            writer.write(unit.to_record())
        async for unit in self._live(clip, index + 1):
            writer.write(unit.to_record())
            await writer.drain()

    async def _live(self, clip: Clip, index: int) -> AsyncIterator[AccessUnit]:
        while True:
            due_s = self.started_at_s + index / clip.fps
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))
            if not self.stalled:
                yield _at(clip, index)
            index += 1


def _cached_gop(clip: Clip, index: int) -> Sequence[AccessUnit]:
    first = index
    while not clip.units[first % len(clip.units)].keyframe:
        first -= 1
    return [replace(_at(clip, place), replayed=True) for place in range(first, index + 1)]


def _at(clip: Clip, index: int) -> AccessUnit:
    loop, place = divmod(index, len(clip.units))
    unit = clip.units[place]
    shift = loop * clip.period
    return replace(unit, pts=unit.pts + shift, dts=unit.dts + shift, arrived_at_us=time.time_ns() // 1000)
