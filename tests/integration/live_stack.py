"""Starts the real gateway on a Unix socket, and a page for a real Chromium in front of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from command_api.live.alerts import AlertPush
from command_api.live.gateway import Gateway
from command_api.live.server import serve
from command_api.service import live_client
from kernel.clock import SystemClock
from kernel.config.camera import CameraConfig, StreamConfig, StreamsConfig
from kernel.config.lookout import LookoutConfig
from kernel.runtime import RuntimePaths
from tests.integration.media_server import Clip, MediaServer

PAGE = """<!doctype html><meta charset="utf-8"><body>
<script>
window.peers = {};
async function watch(name, camera) {
  const pc = new RTCPeerConnection({iceServers: []});
  const video = document.createElement('video');
  video.muted = true; video.autoplay = true; video.width = 320;
  document.body.append(video);
  pc.addTransceiver('video', {direction: 'recvonly'});
  pc.ontrack = (event) => { video.srcObject = new MediaStream([event.track]); };
  const began = performance.now();
  const peer = {pc, video, first_ms: null, answer_ms: null};
  video.requestVideoFrameCallback(() => { peer.first_ms = performance.now() - began; });
  window.peers[name] = peer;
  const offer = await pc.createOffer();
  await pc.setLocalDescription(offer);
  const reply = await fetch('/whep/' + camera,
    {method: 'POST', headers: {'Content-Type': 'application/sdp'}, body: offer.sdp});
  peer.status = reply.status;
  if (reply.status !== 201) return reply.status;
  peer.location = reply.headers.get('Location');
  peer.answer_ms = performance.now() - began;
  await pc.setRemoteDescription({type: 'answer', sdp: await reply.text()});
  return 201;
}
async function decoded(name) {
  let frames = 0, losses = 0, lost = 0, freezes = 0;
  for (const entry of (await window.peers[name].pc.getStats()).values())
    if (entry.type === 'inbound-rtp') {
      frames = entry.framesDecoded; losses = entry.pliCount; lost = entry.packetsLost; freezes = entry.freezeCount;
    }
  return {frames, losses, lost, freezes, first_ms: window.peers[name].first_ms,
          answer_ms: window.peers[name].answer_ms, state: window.peers[name].pc.connectionState};
}
async function grow(name, by, timeout_ms) {
  const before = (await decoded(name)).frames || 0;
  const deadline = performance.now() + timeout_ms;
  for (;;) {
    const now = await decoded(name);
    if (now.frames >= before + by) return true;
    if (performance.now() > deadline) throw new Error(name + ': ' + JSON.stringify(now) + ', before ' + before);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
async function subscribe() {
  const pc = new RTCPeerConnection({iceServers: []});
  const channel = pc.createDataChannel('events', {ordered: false});
  window.messages = [];
  channel.onmessage = (event) => window.messages.push(JSON.parse(event.data));
  window.channel = channel; window.channelPeer = pc;
  const offer = await pc.createOffer();
  await pc.setLocalDescription(offer);
  const reply = await fetch('/events', {method: 'POST', headers: {'Content-Type': 'application/sdp'}, body: offer.sdp});
  if (reply.status !== 201) return reply.status;
  await pc.setRemoteDescription({type: 'answer', sdp: await reply.text()});
  return 201;
}
</script>"""


def make_config(data_dir: Path, cameras: tuple[CameraConfig, ...]) -> LookoutConfig:
    """A config of a few cameras over a data directory."""
    return LookoutConfig(data_dir=data_dir, cameras=cameras)


def make_camera(camera_id: str, unit: str = "bureau", **fields: Any) -> CameraConfig:
    """A camera with one stream."""
    return CameraConfig(
        id=camera_id,
        name=camera_id,
        unit=unit,
        password=SecretStr(""),
        streams=StreamsConfig(main=StreamConfig(url="rtsp://127.0.0.1/none")),
        **fields,
    )


@dataclass
class LiveStack:
    """A media server, a gateway and a client of its Unix socket."""

    config: LookoutConfig
    media: MediaServer
    gateway: Gateway
    push: AlertPush
    client: httpx.AsyncClient
    alerts: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)

    async def status(self) -> dict[str, Any]:
        """The gateway's own view."""
        reply = await self.client.get("/status")
        assert reply.status_code == HTTPStatus.OK
        return dict(reply.json())


@contextlib.asynccontextmanager
async def live_stack(
    data_dir: Path,
    clips: dict[str, Clip],
    cameras: tuple[CameraConfig, ...] = (),
    linger_s: float = 10.0,
    most_viewers: int = 80,
) -> AsyncIterator[LiveStack]:
    """A running gateway over a running media server; all gone afterwards."""
    config = make_config(data_dir, cameras or tuple(make_camera(name) for name in clips))
    paths = RuntimePaths.of(config)
    paths.socket_dir.mkdir(parents=True, exist_ok=True)
    media = MediaServer(clips, paths.media_socket(0))
    await media.start()
    try:
        async with gateway_over(config, media, linger_s, most_viewers) as stack:
            yield stack
    finally:
        await media.stop()


@contextlib.asynccontextmanager
async def gateway_over(
    config: LookoutConfig, media: MediaServer, linger_s: float = 10.0, most_viewers: int = 80
) -> AsyncIterator[LiveStack]:
    """A running gateway over whatever serves the media sockets of this config."""
    paths = RuntimePaths.of(config)
    push = AlertPush({camera.id: camera.unit for camera in config.cameras}, SystemClock())
    gateway = Gateway(config, 1, push, SystemClock(), linger_s, most_viewers)
    alerts: asyncio.Queue[bytes] = asyncio.Queue()
    stop = asyncio.Event()
    running = asyncio.create_task(serve(gateway, push, _messages(alerts), paths.live_socket, stop))
    async with live_client(paths.live_socket, 5.0) as client:
        await _until_listening(client, running)
        try:
            yield LiveStack(config, media, gateway, push, client, alerts)
        finally:
            stop.set()
            await running


async def _messages(alerts: asyncio.Queue[bytes]) -> AsyncIterator[tuple[str, bytes]]:
    while True:
        yield "alert_changes", await alerts.get()


async def _until_listening(client: httpx.AsyncClient, running: asyncio.Task[None]) -> None:
    while True:
        if running.done():
            running.result()
        try:
            await client.get("/status")
        except httpx.ConnectError:
            await asyncio.sleep(0.01)
        else:
            return


@contextlib.asynccontextmanager
async def page_server(
    stack: LiveStack, user: str = "op", units: tuple[str, ...] = ("*",), host: str = "127.0.0.1"
) -> AsyncIterator[str]:
    """An HTTP front on TCP that forwards as command_api does; yields its address."""

    async def forward(request: Request) -> Response:
        headers = {
            "X-Lookout-User": user,
            "X-Lookout-Units": json.dumps(list(units)),
            "X-Lookout-Client": request.client.host if request.client else "",
            "Content-Type": request.headers.get("content-type", ""),
        }
        reply = await stack.client.request(
            request.method, request.url.path, content=await request.body(), headers=headers
        )
        kept = {name: reply.headers[name] for name in ("location", "retry-after") if name in reply.headers}
        return Response(reply.content, reply.status_code, kept, reply.headers.get("content-type"))

    async def page(_request: Request) -> Response:
        return HTMLResponse(PAGE)

    routes = [Route("/", page), Route("/{path:path}", forward, methods=["POST", "DELETE"])]
    server = uvicorn.Server(
        uvicorn.Config(Starlette(routes=routes), host=host, port=0, lifespan="off", log_config=None)
    )
    server.capture_signals = contextlib.nullcontext  # type: ignore[assignment,method-assign]
    running = asyncio.create_task(server.serve())
    while not server.started:
        assert not running.done()
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://{host}:{port}/"
    finally:
        server.should_exit = True
        await running
