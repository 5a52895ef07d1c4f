"""The camera of `lookout bench live`: 720p at 25 fps and about 2 Mbit/s, served on a media socket."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame

from kernel.media import PTS_CLOCK_HZ, AccessUnit, MediaHello, MediaRequest

WIDTH_PX, HEIGHT_PX, FPS = 1280, 720, 25
_SECONDS = 4
_BITS_S = 2_000_000


def make_units() -> tuple[AccessUnit, ...]:
    """A clip with enough noise and motion to need its bit rate, seeded."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
    encoder.time_base, encoder.framerate, encoder.bit_rate = Fraction(1, PTS_CLOCK_HZ), Fraction(FPS, 1), _BITS_S
    encoder.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "x264-params": f"repeat-headers=1:annexb=1:keyint={2 * FPS}:min-keyint={2 * FPS}:scenecut=0",
    }
    ground = np.random.default_rng(7).integers(60, 120, (HEIGHT_PX * 3 // 2, WIDTH_PX + 8 * FPS), dtype=np.uint8)
    units = []
    for place in range(_SECONDS * FPS):
        planes = np.ascontiguousarray(ground[:, place % (8 * FPS) : place % (8 * FPS) + WIDTH_PX])
        planes[HEIGHT_PX:] = 128
        frame = VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts, frame.time_base = place * PTS_CLOCK_HZ // FPS, Fraction(1, PTS_CLOCK_HZ)
        for packet in encoder.encode(frame):
            pts = packet.pts if packet.pts is not None else 0
            units.append(AccessUnit(bytes(packet), pts, pts, 0, bool(packet.is_keyframe)))
    return tuple(units)


class BenchFeed:
    """Plays the clip in a loop to whoever connects."""

    def __init__(self, units: Sequence[AccessUnit], socket_path: Path) -> None:
        self._units = units
        self._socket_path = socket_path
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_unix_server(self._accept, str(self._socket_path))

    async def stop(self) -> None:
        """Hang up and stop listening."""
        if self._server is not None:
            self._server.close()
            for client in self._clients:
                client.cancel()
            await asyncio.gather(*self._clients, return_exceptions=True)
            await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = asyncio.create_task(self._play(reader, writer))
        self._clients.add(client)
        client.add_done_callback(self._clients.discard)

    async def _play(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = MediaRequest.model_validate_json(await reader.readline())
        hello = MediaHello(
            camera_id=request.camera_id,
            stream=request.stream,
            codec="h264",
            width_px=WIDTH_PX,
            height_px=HEIGHT_PX,
            has_b_frames=False,
        )
        writer.write(hello.model_dump_json().encode() + b"\n")
        began_s = time.monotonic()
        index = 0
        try:
            while not writer.is_closing():
                await asyncio.sleep(max(0.0, began_s + index / FPS - time.monotonic()))
                pts = index * PTS_CLOCK_HZ // FPS
                unit = self._units[index % len(self._units)]
                writer.write(replace(unit, pts=pts, dts=pts, arrived_at_us=time.time_ns() // 1000).to_record())
                await writer.drain()
                index += 1
        except ConnectionError:
            return  # the server being measured has ended
        finally:
            writer.close()
