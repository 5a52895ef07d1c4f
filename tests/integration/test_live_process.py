"""`python -m command_api.live` as the supervisor starts it: with a real bus, ended by signals."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import redis.asyncio
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from kernel.bus.embedded import EmbeddedServer
from kernel.bus.names import ALERT_CHANGES
from kernel.runtime import RuntimePaths

pytestmark = pytest.mark.integration
CONFIG = """\
data_dir: .
cameras:
  - id: gate
    name: gate
    unit: north
    streams: {main: {url: "rtsp://127.0.0.1:1/none"}}
  - id: pit
    name: pit
    unit: mine
    streams: {main: {url: "rtsp://127.0.0.1:1/none"}}
"""


@contextlib.asynccontextmanager
async def gateway_process(config: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The service, answering."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "command_api.live", "--config", str(config), stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    async with asyncio.timeout(20):
        while b"live gateway serves" not in (line := await process.stderr.readline()):
            assert line, "the gateway ended before it served"
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def first_status(client: httpx.AsyncClient) -> dict[str, object]:
    """The first answer; the socket is bound just after the log line."""
    async with asyncio.timeout(10):
        while True:
            try:
                return dict((await client.get("/status")).json())
            except httpx.ConnectError:
                await asyncio.sleep(0.02)


@pytest.fixture
def config(paths: RuntimePaths) -> Path:
    file = paths.data_dir / "lookout.yaml"
    file.write_text(CONFIG)
    return file


async def test_an_alert_on_the_bus_reaches_the_data_channel_also_after_a_kill(
    bus: EmbeddedServer, paths: RuntimePaths, config: Path
) -> None:
    transport = httpx.AsyncHTTPTransport(uds=str(paths.live_socket))
    async with httpx.AsyncClient(transport=transport, base_url="http://live") as client:
        async with gateway_process(config) as process:
            await first_status(client)
            assert await alert_over_channel(client, bus) == "gate"
            process.kill()
            await process.wait()
        assert paths.live_socket.exists()
        async with gateway_process(config) as process:
            await first_status(client)
            assert await alert_over_channel(client, bus) == "gate"
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(8):
                assert await process.wait() == 0
        assert not paths.live_socket.exists()


async def alert_over_channel(client: httpx.AsyncClient, bus: EmbeddedServer) -> str:
    """Camera of the first alert that a page of unit north gets, of two that are published."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    received: asyncio.Queue[str] = asyncio.Queue()
    channel = connection.createDataChannel("events", ordered=False)
    channel.on("message", received.put_nowait)
    await connection.setLocalDescription(await connection.createOffer())
    headers = {"Content-Type": "application/sdp", "X-Lookout-User": "op", "X-Lookout-Units": '["north"]'}
    answer = await client.post("/events", content=connection.localDescription.sdp, headers=headers)
    assert answer.status_code == 201, answer.text
    await connection.setRemoteDescription(RTCSessionDescription(sdp=answer.text, type="answer"))
    publisher = redis.asyncio.Redis.from_url(bus.address)
    try:
        async with asyncio.timeout(15):
            assert json.loads(await received.get())["type"] == "ping"
            for camera_id in ("pit", "gate"):
                listeners = await publisher.publish(ALERT_CHANGES, json.dumps({"camera_id": camera_id, "seq": 1}))
                assert listeners == 1
            while (message := json.loads(await received.get()))["type"] != "alert":
                assert message["type"] == "ping"
    finally:
        await publisher.aclose()
        await connection.close()
    return str(message["alert"]["camera_id"])


async def test_a_bad_config_is_one_line_and_exit_2(paths: RuntimePaths) -> None:
    file = paths.data_dir / "bad.yaml"
    file.write_text(CONFIG.replace("cameras:", "camaras:"))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "command_api.live", "--config", str(file), stderr=asyncio.subprocess.PIPE
    )
    _out, error = await process.communicate()
    assert process.returncode == 2
    assert b"camaras" in error
    assert b"Traceback" not in error
