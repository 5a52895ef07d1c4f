"""Viewers a core carries: this gateway's packet passthrough against aiortc encoding for each viewer, in one run.

this process: camera feed (media socket) and receiving browsers' stand-ins     child: the server being measured
Only the child's processor time counts. The stand-ins are aiortc connections that take packets and decode nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path

import httpx
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription, rtcrtpreceiver
from aiortc.codecs.base import Decoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from av.frame import Frame

from command_api.live.bench_feed import BenchFeed, make_units
from kernel.errors import CannotRunError, ExitCode

MEASURED_S = 6.0
_HEADERS = {"Content-Type": "application/sdp", "X-Lookout-User": "bench"}


@dataclass(frozen=True)
class Contender:
    """One way of serving viewers, and how many viewers are enough to measure it."""

    name: str
    viewers: int


@dataclass(frozen=True)
class Measured:
    """What one contender cost.

    Attributes:
        core_percent_per_viewer: processor time of the server per viewer, in percent of a core.
        viewers_per_core: how many such viewers fill a core.
        delivered_fps: pictures a second each viewer got, mean.
    """

    name: str
    viewers: int
    core_percent_per_viewer: float
    viewers_per_core: float
    delivered_fps: float


CONTENDERS = (
    Contender("passthrough", 16),
    Contender("aiortc-vp8", 2),
    Contender("aiortc-h264", 2),
)


class _Count(Decoder):
    """Takes the decoder's place in a stand-in: counts pictures."""

    pictures = 0

    def decode(self, _encoded_frame: JitterFrame) -> list[Frame]:
        """Nothing comes out."""
        _Count.pictures += 1
        return []


def run(as_json: bool) -> int:
    """Measure every contender, print the figures, return the exit code."""
    measured = asyncio.run(_measure_all())
    ours, peers = measured[0], measured[1:]
    best_peer = max(peers, key=lambda one: one.viewers_per_core)
    ratio = ours.viewers_per_core / best_peer.viewers_per_core
    verdict = int(ExitCode.OK if ratio > 1 else ExitCode.ANSWER_IS_NO)
    if as_json:
        figures = {"contenders": [asdict(one) for one in measured], "peer": best_peer.name, "ratio": round(ratio, 1)}
        print(json.dumps(figures))
        return verdict
    for one in measured:
        print(
            f"{one.name:12} {one.core_percent_per_viewer:6.2f} % of a core per viewer, "
            f"{one.viewers_per_core:5.0f} viewers per core, {one.delivered_fps:4.1f} pictures/s each"
        )
    print(f"passthrough carries {ratio:.1f} times the viewers of {best_peer.name}")
    return verdict


def _counting(_codec: RTCRtpCodecParameters) -> Decoder:
    return _Count()


async def _measure_all() -> list[Measured]:
    decoders = vars(rtcrtpreceiver)["get_decoder"]
    setattr(rtcrtpreceiver, "get_decoder", _counting)  # noqa: B010  # aiortc has no public way in
    units = make_units()
    with tempfile.TemporaryDirectory(prefix="lookout-bench-") as directory:
        feed = BenchFeed(units, Path(directory) / "media.sock")
        await feed.start()
        try:
            return [await _measure(contender, Path(directory)) for contender in CONTENDERS]
        finally:
            setattr(rtcrtpreceiver, "get_decoder", decoders)  # noqa: B010
            await feed.stop()


async def _measure(contender: Contender, directory: Path) -> Measured:
    socket_path = directory / f"{contender.name}.sock"
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "command_api.live.bench_servers", contender.name),
        *(str(socket_path), str(directory / "media.sock")),
    )
    viewers: list[RTCPeerConnection] = []
    try:
        transport = httpx.AsyncHTTPTransport(uds=str(socket_path))
        async with httpx.AsyncClient(transport=transport, base_url="http://bench") as client:
            await _until_answering(client, server)
            for _count in range(contender.viewers):
                viewers.append(await _open_viewer(client))
            await _until_playing(contender.viewers)
            pictures, used_s = _Count.pictures, _processor_time_s(server.pid)
            await asyncio.sleep(MEASURED_S)
            pictures, used_s = _Count.pictures - pictures, _processor_time_s(server.pid) - used_s
    finally:
        await asyncio.gather(*(viewer.close() for viewer in viewers))
        server.terminate()
        await server.wait()
    share = used_s / MEASURED_S / contender.viewers
    return Measured(
        contender.name, contender.viewers, 100 * share, 1 / share, pictures / MEASURED_S / contender.viewers
    )


async def _until_answering(client: httpx.AsyncClient, server: asyncio.subprocess.Process) -> None:
    for _try in range(200):
        if server.returncode is not None:
            raise CannotRunError(f"bench live: the server ended with {server.returncode}; see its message above")
        try:
            await client.get("/status")
        except httpx.ConnectError:
            await asyncio.sleep(0.1)
        else:
            return
    raise CannotRunError("bench live: the server does not answer within 20 s; is the machine overloaded?")


async def _until_playing(viewers: int) -> None:
    before = _Count.pictures
    for _try in range(200):
        if _Count.pictures - before >= 75 * viewers:
            return
        await asyncio.sleep(0.1)
    raise CannotRunError("bench live: no pictures within 20 s; is the machine overloaded?")


async def _open_viewer(client: httpx.AsyncClient) -> RTCPeerConnection:
    viewer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    viewer.addTransceiver("video", direction="recvonly")
    await viewer.setLocalDescription(await viewer.createOffer())
    reply = await client.post("/whep/cam-01", content=viewer.localDescription.sdp, headers=_HEADERS)
    if reply.status_code != HTTPStatus.CREATED:
        raise CannotRunError(f"bench live: the server refused a viewer: {reply.text}")
    await viewer.setRemoteDescription(RTCSessionDescription(sdp=reply.text, type="answer"))
    return viewer


def _processor_time_s(pid: int) -> float:
    """User and system time of a process with all its threads (proc(5), fields 14 and 15 of stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
