"""The gateway's HTTP contract over its Unix socket, with aiortc as a second WebRTC client that is no browser."""

from __future__ import annotations

import asyncio
import contextlib
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack

from command_api.live import gateway as gateway_module
from command_api.live import peer as peer_module
from command_api.live import viewer as viewer_module
from command_api.live.server import bind_private
from kernel.errors import CannotRunError
from kernel.runtime import RuntimePaths
from tests.integration.live_stack import LiveStack, live_stack, make_camera
from tests.integration.media_server import Clip, make_clip

pytestmark = pytest.mark.integration
SDP = {"Content-Type": "application/sdp", "X-Lookout-User": "op"}


@pytest.fixture(scope="module")
def clip() -> Clip:
    return make_clip(width_px=320, height_px=180)


@contextlib.asynccontextmanager
async def client_peer() -> AsyncIterator[RTCPeerConnection]:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        yield connection
    finally:
        await connection.close()


async def video_offer(connection: RTCPeerConnection) -> str:
    connection.addTransceiver("video", direction="recvonly")
    await connection.setLocalDescription(await connection.createOffer())
    return str(connection.localDescription.sdp)


async def offer_text() -> str:
    async with client_peer() as connection:
        return await video_offer(connection)


async def watch(stack: LiveStack, connection: RTCPeerConnection, camera_id: str) -> tuple[str, MediaStreamTrack]:
    tracks: asyncio.Queue[MediaStreamTrack] = asyncio.Queue()
    connection.on("track", tracks.put_nowait)
    reply = await stack.client.post(f"/whep/{camera_id}", content=await video_offer(connection), headers=SDP)
    assert reply.status_code == 201, reply.text
    assert reply.headers["content-type"] == "application/sdp"
    await connection.setRemoteDescription(RTCSessionDescription(sdp=reply.text, type="answer"))
    return reply.headers["location"], await tracks.get()


async def until(condition: object, timeout_s: float = 10.0) -> None:
    """Wait for a condition of the running stack."""
    assert callable(condition)
    async with asyncio.timeout(timeout_s):
        while not await condition():  # noqa: ASYNC110  # the state is in the gateway, behind HTTP
            await asyncio.sleep(0.02)


async def test_a_viewer_gets_pictures_and_ends_its_session(tmp_path: Path, clip: Clip) -> None:
    """The stream is not kept for anybody: one who connected for longer than it lingers never got a picture."""
    async with live_stack(tmp_path, {"cam-01": clip}, linger_s=0.0) as stack, client_peer() as connection:
        location, track = await watch(stack, connection, "cam-01")
        frame = await track.recv()
        assert (frame.width, frame.height) == (320, 180)  # type: ignore[union-attr]
        assert (await stack.client.delete(location, headers={"X-Lookout-User": "somebody else"})).status_code == 404
        assert len((await stack.status())["viewers"]) == 1
        assert (await stack.client.delete(location, headers=SDP)).status_code == 200
        assert (await stack.status())["viewers"] == []
        assert (await stack.client.delete(location, headers=SDP)).status_code == 404

        async def source_is_gone() -> bool:
            return not (await stack.status())["sources"] and not stack.media.connections

        await until(source_is_gone)


async def test_ten_viewers_share_one_pull_and_sessions_cannot_be_guessed(tmp_path: Path, clip: Clip) -> None:
    async with live_stack(tmp_path, {"cam-01": clip}) as stack:
        replies = [
            await stack.client.post("/whep/cam-01", content=await offer_text(), headers=SDP) for _count in range(10)
        ]
        sessions = {reply.headers["location"].rpartition("/")[2] for reply in replies}
        assert len(sessions) == 10
        assert all(len(session) >= 22 for session in sessions)  # 128 bits and more
        assert len(stack.media.requests) == 1


async def test_what_is_refused_and_with_which_status(tmp_path: Path, clip: Clip) -> None:
    cameras = (make_camera("cam-01"), make_camera("cam-off", enabled=False))
    offer = await offer_text()
    async with live_stack(tmp_path, {"cam-01": clip}, cameras) as stack:
        post = stack.client.post
        cases = [
            (await post("/whep/cam-99", content=offer, headers=SDP), 404, "unknown_camera"),
            (await post("/whep/cam-01?stream=sub", content=offer, headers=SDP), 404, "unknown_camera"),
            (await post("/whep/cam-off", content=offer, headers=SDP), 409, "camera_offline"),
            (await post("/whep/cam-01", content=offer, headers=SDP | {"Content-Type": "text/plain"}), 415, None),
            (await post("/whep/cam-01", content=b"v=0" + b"x" * 70_000, headers=SDP), 413, "offer_too_large"),
            (await post("/whep/cam-01", content=b"garbage", headers=SDP), 400, "bad_offer"),
            (await post("/whep/cam-01", content=offer, headers={"Content-Type": SDP["Content-Type"]}), 400, None),
            (await post("/events", content=offer, headers=SDP), 400, "bad_offer"),
        ]
        for reply, status, error in cases:
            body = reply.json()
            assert reply.status_code == status, body
            assert error is None or body["error"] == error
            assert body["message"]
            assert body["message_en"]
        assert (await stack.client.patch("/whep/cam-01/x", headers=SDP)).status_code == 405
        options = await stack.client.options("/whep/cam-01")
        assert options.headers["accept-post"] == "application/sdp"
        assert (await stack.status())["viewers"] == []


async def test_an_offline_camera_is_a_conflict_that_says_when_to_come_back(tmp_path: Path, clip: Clip) -> None:
    async with live_stack(tmp_path, {"cam-01": clip}) as stack:
        stack.media.problem = "camera_offline wrong_password"
        reply = await stack.client.post("/whep/cam-01", content=await offer_text(), headers=SDP)
        assert reply.status_code == 409
        assert reply.json()["error"] == "camera_offline"
        assert "wrong_password" in reply.json()["message_en"]
        assert int(reply.headers["retry-after"]) >= 1
        await stack.media.stop()
        reply = await stack.client.post("/whep/cam-01", content=await offer_text(), headers=SDP)
        assert reply.status_code == 409
        await stack.media.start()


async def test_a_picture_loss_is_answered_with_the_cached_gop(tmp_path: Path) -> None:
    """aiortc ignores picture losses where packets are passed through."""
    clip = make_clip(width_px=320, height_px=180, gop_s=4.0)
    async with live_stack(tmp_path, {"cam-01": clip}) as stack, client_peer() as connection:
        _location, track = await watch(stack, connection, "cam-01")
        await track.recv()
        sent = [0]

        async def losing() -> bool:
            viewer = (await stack.status())["viewers"][0]
            source = (await stack.status())["sources"][0]
            receiver = connection.getReceivers()[0]
            ssrc = next(iter(receiver.getSynchronizationSources())).source
            await receiver._send_rtcp_pli(ssrc)
            sent[0] += 1
            return bool(viewer["picture_losses"] >= 1 and viewer["sent"] > source["units"] + 3)

        await until(losing)


async def test_one_viewer_too_many_is_told_to_come_back(tmp_path: Path, clip: Clip) -> None:
    async with live_stack(tmp_path, {"cam-01": clip}, most_viewers=2) as stack:
        statuses = [
            (await stack.client.post("/whep/cam-01", content=await offer_text(), headers=SDP)).status_code
            for _count in range(3)
        ]
        assert statuses == [201, 201, 503]
        assert (await stack.status())["refused"] == 1


@pytest.mark.alone  # judges a time
async def test_an_answer_has_addresses_and_is_not_delayed(tmp_path: Path, clip: Clip) -> None:
    """A default STUN server or the look-up of a browser's .local name would hold the answer up for seconds."""
    offer = await offer_text()
    lines = [line for line in offer.splitlines() if not line.startswith(("a=candidate", "a=end-of-candidates"))]
    lines.append("a=candidate:1 1 udp 2113937151 5b0c1c2e-0000-4000-8000-000000000000.local 50000 typ host")
    async with live_stack(tmp_path, {"cam-01": clip}) as stack:
        await stack.client.post("/whep/cam-01", content=offer, headers=SDP)  # the source is up
        began_s = asyncio.get_running_loop().time()
        reply = await stack.client.post("/whep/cam-01", content="\r\n".join(lines) + "\r\n", headers=SDP)
        assert asyncio.get_running_loop().time() - began_s < 0.5
        assert reply.status_code == 201
        assert "a=candidate:" in reply.text


async def test_a_connection_that_never_connects_is_closed(
    tmp_path: Path, clip: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peer_module, "CONNECT_TIMEOUT_S", 0.3)
    async with live_stack(tmp_path, {"cam-01": clip}) as stack:
        await stack.client.post("/whep/cam-01", content=await offer_text(), headers=SDP)
        assert len((await stack.status())["viewers"]) == 1

        async def nobody_watches() -> bool:
            return not (await stack.status())["viewers"]

        await until(nobody_watches)


async def test_a_browser_that_vanished_is_noticed_by_its_silence(
    tmp_path: Path, clip: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ICE consent alone takes half a minute, all the while a place of the limit is taken."""
    monkeypatch.setattr(viewer_module, "DEAD_AFTER_S", 2.0)
    monkeypatch.setattr(gateway_module, "LOOK_FOR_DEAD_EVERY_S", 0.2)
    async with live_stack(tmp_path, {"cam-01": clip}) as stack, client_peer() as connection:
        _location, track = await watch(stack, connection, "cam-01")
        await track.recv()
        ice = connection.getReceivers()[0].transport.transport
        await ice._connection.close()  # no goodbye, as when a browser is killed

        async def nobody_watches() -> bool:
            return not (await stack.status())["viewers"]

        await until(nobody_watches, timeout_s=6.0)


async def test_the_socket_is_private_and_a_second_gateway_is_refused(tmp_path: Path, clip: Clip) -> None:
    async with live_stack(tmp_path, {"cam-01": clip}) as stack:
        path = RuntimePaths.of(stack.config).live_socket
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with pytest.raises(CannotRunError, match="another live gateway"):
            bind_private(path)
    assert not path.exists()


async def test_a_dead_socket_left_by_a_kill_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "live.sock"
    bind_private(path).close()
    assert path.exists()
    bind_private(path).close()
