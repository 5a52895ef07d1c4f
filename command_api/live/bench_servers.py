"""What `lookout bench live` measures: `python -m command_api.live.bench_servers NAME SOCKET MEDIA_SOCKET`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from fractions import Fraction
from pathlib import Path

import av
import uvicorn
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRelay
from aiortc.rtcrtpsender import RTCRtpSender
from av.video.frame import VideoFrame
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from command_api.live.addresses import install
from command_api.live.alerts import AlertPush
from command_api.live.gateway import Gateway
from command_api.live.media_client import MediaConnection
from command_api.live.server import serve
from kernel.clock import SystemClock
from kernel.config.camera import CameraConfig, StreamConfig, StreamName, StreamsConfig
from kernel.config.lookout import LookoutConfig
from kernel.media import PTS_CLOCK_HZ
from kernel.process import die_with_parent, stop_on_signals_async
from kernel.runtime import RuntimePaths


class DecodedTrack(MediaStreamTrack):
    """The camera decoded once; aiortc encodes it for every viewer."""

    kind = "video"

    def __init__(self, media_socket: Path) -> None:
        super().__init__()
        self._media_socket = media_socket
        self._frames: AsyncIterator[VideoFrame] | None = None

    async def recv(self) -> VideoFrame:
        if self._frames is None:
            self._frames = self._decode()
        return await anext(self._frames)

    async def _decode(self) -> AsyncIterator[VideoFrame]:
        connection = await MediaConnection.open(self._media_socket, "cam-01", StreamName.MAIN)
        decoder = av.CodecContext.create("h264", "r")
        async for unit in connection.units():
            packet = av.Packet(unit.payload)
            packet.pts, packet.time_base = unit.pts, Fraction(1, PTS_CLOCK_HZ)
            for frame in decoder.decode(packet):
                yield frame


async def serve_passthrough(socket_path: Path, media_socket: Path, stop: asyncio.Event) -> None:
    """This gateway, as `python -m command_api.live` runs it, without a bus."""
    camera = CameraConfig(
        id="cam-01", name="bench", unit="bench", streams=StreamsConfig(main=StreamConfig(url="rtsp://127.0.0.1/none"))
    )
    config = LookoutConfig(data_dir=socket_path.parent / "data", cameras=(camera,))
    expected = RuntimePaths.of(config).media_socket(0)
    expected.parent.mkdir(parents=True, exist_ok=True)
    expected.symlink_to(media_socket)
    push = AlertPush({}, SystemClock())
    await serve(Gateway(config, 1, push, SystemClock()), push, _no_messages(), socket_path, stop)


async def _no_messages() -> AsyncIterator[tuple[str, bytes]]:
    await asyncio.Event().wait()
    yield "", b""


async def serve_encoding(mime_type: str, socket_path: Path, media_socket: Path, stop: asyncio.Event) -> None:
    """What aiortc's own examples do: one relayed track, an encoder for each viewer."""
    install()
    relay, source = MediaRelay(), DecodedTrack(media_socket)
    connections: list[RTCPeerConnection] = []

    async def watch(request: Request) -> Response:
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        connections.append(connection)
        transceiver = connection.addTransceiver(relay.subscribe(source), direction="sendonly")
        codecs = RTCRtpSender.getCapabilities("video").codecs
        transceiver.setCodecPreferences([codec for codec in codecs if codec.mimeType.lower() == mime_type])
        offer = (await request.body()).decode()
        await connection.setRemoteDescription(RTCSessionDescription(sdp=offer, type="offer"))
        await connection.setLocalDescription()
        return Response(connection.localDescription.sdp, 201, media_type="application/sdp")

    async def status(_request: Request) -> Response:
        return Response("ok")

    routes = [Route("/whep/{camera_id}", watch, methods=["POST"]), Route("/status", status)]
    config = uvicorn.Config(Starlette(routes=routes), uds=str(socket_path), lifespan="off", log_config=None)
    running = asyncio.create_task(uvicorn.Server(config).serve())
    await asyncio.wait([running, asyncio.create_task(stop.wait())], return_when=asyncio.FIRST_COMPLETED)
    await asyncio.gather(*(connection.close() for connection in connections))


async def _main(name: str, socket_path: Path, media_socket: Path) -> None:
    stop = stop_on_signals_async()
    if name == "passthrough":
        await serve_passthrough(socket_path, media_socket, stop)
    else:
        await serve_encoding(f"video/{name.removeprefix('aiortc-')}", socket_path, media_socket, stop)


if __name__ == "__main__":
    die_with_parent()
    asyncio.run(_main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
