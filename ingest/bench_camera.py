"""A bare RTSP camera for the bench, as a process of its own: one H.264 clip over and over, RTP inside TCP.

    python -m ingest.bench_camera CLIP      prints `ready PORT`; ends when its standard input does

Source: RFC 2326 sections 10 and 10.12 (interleaved), RFC 6184 sections 5.6 and 5.8 (single NAL units and FU-A).
"""

from __future__ import annotations

import asyncio
import base64
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import av
from av.bitstream import BitStreamFilterContext

from ingest.annexb import VideoCodec, nal_type, nal_units
from kernel.media import PTS_CLOCK_HZ

_PAYLOAD_TYPE = 96
_LARGEST_PAYLOAD_BYTES = 1400
_FU_A = 28
_SSRC = 0x4C4F4F4B


@dataclass(frozen=True)
class Clip:
    """What the camera shows.

    Attributes:
        pictures: NAL units of each picture, in order.
        fps: pictures per second.
        parameter_sets: SPS and PPS.
    """

    pictures: list[list[bytes]]
    fps: float
    parameter_sets: list[bytes]


def load_clip(path: Path) -> Clip:
    """Read an H.264 file without B-frames.

    Raises:
        av.error.FFmpegError: it cannot be read.
    """
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        to_annexb = BitStreamFilterContext("h264_mp4toannexb", stream)
        parts = [bytes(part) for packet in container.demux(stream) for part in to_annexb.filter(packet) if part.size]
        fps = float(stream.average_rate or 15)
    pictures = [list(nal_units(part)) for part in parts]
    return Clip(pictures, fps, [nal for nal in pictures[0] if nal_type(VideoCodec.H264, nal) in (7, 8)])


def rtp_payloads(nal: bytes) -> Iterator[bytes]:
    """One NAL unit as RTP payloads."""
    if len(nal) <= _LARGEST_PAYLOAD_BYTES:
        yield nal
        return
    indicator, kind = nal[0] & 0xE0 | _FU_A, nal[0] & 0x1F
    pieces = range(1, len(nal), _LARGEST_PAYLOAD_BYTES)
    for start in pieces:
        flags = (0x80 if start == 1 else 0) | (0x40 if start == pieces[-1] else 0)
        yield bytes([indicator, flags | kind]) + nal[start : start + _LARGEST_PAYLOAD_BYTES]


def interleaved(picture: list[bytes], sequence: int, time: int) -> tuple[bytes, int]:
    """The bytes of one picture on the RTSP connection, and the next sequence number."""
    payloads = [payload for nal in picture for payload in rtp_payloads(nal)]
    out = bytearray()
    for number, payload in enumerate(payloads):
        marker = 0x80 if number == len(payloads) - 1 else 0
        header = struct.pack("!BBHII", 0x80, marker | _PAYLOAD_TYPE, sequence & 0xFFFF, time & 0xFFFFFFFF, _SSRC)
        out += struct.pack("!cBH", b"$", 0, len(header) + len(payload)) + header + payload
        sequence += 1
    return bytes(out), sequence


def description(clip: Clip) -> str:
    """The session description."""
    sets = ",".join(base64.b64encode(nal).decode() for nal in clip.parameter_sets)
    return (
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=bench\r\nt=0 0\r\na=control:*\r\n"
        f"m=video 0 RTP/AVP {_PAYLOAD_TYPE}\r\na=rtpmap:{_PAYLOAD_TYPE} H264/{PTS_CLOCK_HZ}\r\n"
        f"a=fmtp:{_PAYLOAD_TYPE} packetization-mode=1;sprop-parameter-sets={sets}\r\na=control:video\r\n"
    )


class BenchCamera:
    """Serves the clip to any number of connections, each from its beginning."""

    def __init__(self, clip: Clip) -> None:
        self._clip = clip

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        playing: asyncio.Task[None] | None = None
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await _request(reader)).split("\r\n")
                method = head[0].split(" ")[0]
                cseq = next(line for line in head if line.lower().startswith("cseq"))
                writer.write(self._answer(method, cseq).encode())
                if method == "PLAY" and playing is None:
                    playing = asyncio.create_task(self._play(writer))
        if playing is not None:
            playing.cancel()
        writer.close()

    def _answer(self, method: str, cseq: str) -> str:
        lines = ["RTSP/1.0 200 OK", cseq]
        body = ""
        if method == "DESCRIBE":
            body = description(self._clip)
            lines += ["Content-Type: application/sdp", f"Content-Length: {len(body)}"]
        elif method == "SETUP":
            lines += ["Session: bench", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"]
        elif method == "PLAY":
            lines += ["Session: bench", "RTP-Info: url=video;seq=0;rtptime=0"]
        elif method == "OPTIONS":
            lines.append("Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER")
        return "\r\n".join([*lines, "", body])

    async def _play(self, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        begin_s, number, sequence = loop.time(), 0, 0
        with suppress(ConnectionError):
            while True:
                picture = self._clip.pictures[number % len(self._clip.pictures)]
                data, sequence = interleaved(picture, sequence, round(number * PTS_CLOCK_HZ / self._clip.fps))
                writer.write(data)
                await writer.drain()
                number += 1
                await asyncio.sleep(begin_s + number / self._clip.fps - loop.time())


async def _request(reader: asyncio.StreamReader) -> str:
    """The next request; RTCP of the client in between is passed over."""
    while True:
        first = await reader.readexactly(1)
        if first != b"$":
            return (first + await reader.readuntil(b"\r\n\r\n")).decode()
        _, length = struct.unpack("!BH", await reader.readexactly(3))
        await reader.readexactly(length)


async def main(path: Path) -> None:
    """Serve until standard input ends."""
    camera = BenchCamera(load_clip(path))
    server = await asyncio.start_server(camera.serve, "127.0.0.1", 0)
    print(f"ready {server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
