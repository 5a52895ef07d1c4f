"""Pictures and alerts end with the sign-in they were opened under: a real API in front of a real gateway."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from aiortc import RTCConfiguration, RTCDataChannel, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from command_api import service
from command_api.roles import Role
from kernel.bus.embedded import EmbeddedServer
from kernel.clock import Clock, ManualClock
from kernel.runtime import RuntimePaths
from tests.integration.api_room import PASSWORD, START, Room, add_users, config_of, running
from tests.integration.live_stack import LiveStack, gateway_over
from tests.integration.media_server import Clip, MediaServer, make_clip

pytestmark = pytest.mark.integration
USERS = {"li": (Role.OPERATOR, "bureau"), "zhao": (Role.VIEWER, "bureau"), "root": (Role.ADMIN, "bureau")}
SDP = {"Content-Type": "application/sdp"}
AT_ONCE_S = 3.0


@pytest.fixture(scope="module")
def clip() -> Clip:
    return make_clip(width_px=320, height_px=180)


@contextlib.asynccontextmanager
async def room_with_pictures(
    paths: RuntimePaths, clip: Clip, clock: Clock | None = None
) -> AsyncIterator[tuple[Room, LiveStack]]:
    """A running API with users, in front of a running gateway that has pictures of cam-01."""
    config = config_of(paths.data_dir)
    await add_users(config, USERS)
    media = MediaServer({"cam-01": clip}, paths.media_socket(0))
    async with running(config, clock) as room:
        paths.socket_dir.mkdir(parents=True, exist_ok=True)
        await media.start()
        try:
            async with gateway_over(config, media) as stack:
                yield room, stack
        finally:
            await media.stop()


@dataclass
class Browser:
    """A sign-in with one tile and the alerts' data channel."""

    client: httpx.AsyncClient
    tile: MediaStreamTrack
    channel: RTCDataChannel

    async def sees_pictures(self) -> bool:
        """Whether another picture comes; False once the gateway has ended the connection."""
        try:
            async with asyncio.timeout(AT_ONCE_S):
                await self.tile.recv()
        except (MediaStreamError, TimeoutError):
            return False
        return True

    async def is_over(self) -> bool:
        """Whether, within a moment, no picture comes any more and the channel is closed."""
        try:
            async with asyncio.timeout(AT_ONCE_S):
                while await self.sees_pictures():
                    pass
                while self.channel.readyState != "closed":  # noqa: ASYNC110  # aiortc tells by its state
                    await asyncio.sleep(0.01)
        except TimeoutError:
            return False
        return True


@contextlib.asynccontextmanager
async def browser(room: Room, user: str) -> AsyncIterator[Browser]:
    """Signs in and watches."""
    async with await room.signed_in(user) as client, connection() as video, connection() as events:
        tracks: asyncio.Queue[MediaStreamTrack] = asyncio.Queue()
        video.on("track", tracks.put_nowait)
        video.addTransceiver("video", direction="recvonly")
        await negotiate(video, client, "/whep/cam-01")
        channel = events.createDataChannel("events", ordered=False)
        opened = asyncio.Event()
        channel.on("open", opened.set)
        await negotiate(events, client, "/api/events/webrtc")
        async with asyncio.timeout(10):
            tile = await tracks.get()
            await tile.recv()
            await opened.wait()
        yield Browser(client, tile, channel)


@contextlib.asynccontextmanager
async def connection() -> AsyncIterator[RTCPeerConnection]:
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        yield peer
    finally:
        await peer.close()


async def negotiate(peer: RTCPeerConnection, client: httpx.AsyncClient, path: str) -> None:
    await peer.setLocalDescription(await peer.createOffer())
    answer = await client.post(path, content=str(peer.localDescription.sdp), headers=SDP)
    assert answer.status_code == 201, answer.text
    await peer.setRemoteDescription(RTCSessionDescription(sdp=answer.text, type="answer"))


async def test_a_sign_out_ends_its_own_pictures_and_alerts_and_nobody_elses(
    paths: RuntimePaths, bus: EmbeddedServer, clip: Clip
) -> None:
    """They went on until the page was closed."""
    async with (
        room_with_pictures(paths, clip) as (room, stack),
        browser(room, "li") as one,
        browser(room, "li") as other,
        browser(room, "zhao") as zhao,
        one.client.stream("GET", "/api/events") as stream,
    ):
        lines = stream.aiter_lines()
        await anext(lines)
        assert (await one.client.delete("/api/session")).status_code == 204
        assert await open_sessions(stack) == {"li": 2, "zhao": 2}
        assert await one.is_over()
        async with asyncio.timeout(AT_ONCE_S):
            async for _line in lines:
                """The event stream ends too."""
        assert await other.sees_pictures()
        assert await zhao.sees_pictures()
        assert other.channel.readyState == "open"


async def change_of_password(room: Room, li: httpx.AsyncClient) -> None:
    change = {"old": PASSWORD, "new": "another-password-8"}
    assert (await li.post("/api/session/password", json=change)).status_code == 204


async def removal(room: Room, _li: httpx.AsyncClient) -> None:
    async with await room.signed_in("root") as root:
        assert (await root.delete("/api/users/li")).status_code == 204


async def other_role(room: Room, _li: httpx.AsyncClient) -> None:
    async with await room.signed_in("root") as root:
        assert (await root.patch("/api/users/li", json={"role": "auditor"})).status_code == 200


@pytest.mark.parametrize(("ends", "own_stays"), [(change_of_password, True), (removal, False), (other_role, False)])
async def test_what_ends_a_users_sign_ins_ends_their_pictures(
    paths: RuntimePaths, bus: EmbeddedServer, clip: Clip, ends: Callable[..., Any], own_stays: bool
) -> None:
    async with (
        room_with_pictures(paths, clip) as (room, stack),
        browser(room, "li") as own,
        browser(room, "li") as other,
        browser(room, "zhao") as zhao,
    ):
        await ends(room, own.client)
        assert await open_sessions(stack) == ({"li": 2, "zhao": 2} if own_stays else {"zhao": 2})
        assert await other.is_over()
        assert await (own.sees_pictures() if own_stays else own.is_over())
        assert await zhao.sees_pictures()


async def test_a_sign_in_that_runs_out_ends_its_pictures(
    paths: RuntimePaths, bus: EmbeddedServer, clip: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_END_LEFTOVERS_EVERY_S", 0.1)
    clock = ManualClock(START)
    async with room_with_pictures(paths, clip, clock) as (room, stack), browser(room, "li") as old:
        clock.advance(room.config.web.session_timeout_s - 1)
        async with browser(room, "zhao") as young:
            assert await old.sees_pictures()
            clock.advance(2)
            assert await old.is_over()
            assert await young.sees_pictures()
            assert await open_sessions(stack) == {"zhao": 2}


async def test_a_sign_out_while_the_gateway_is_still_answering_leaves_nothing_open(
    paths: RuntimePaths, bus: EmbeddedServer, clip: Clip
) -> None:
    async with room_with_pictures(paths, clip) as (room, stack), await room.signed_in("li") as li, connection() as peer:
        stack.media.answers.clear()
        peer.addTransceiver("video", direction="recvonly")
        await peer.setLocalDescription(await peer.createOffer())
        asked = asyncio.create_task(li.post("/whep/cam-01", content=str(peer.localDescription.sdp), headers=SDP))
        async with asyncio.timeout(10):
            while not stack.media.requests:  # noqa: ASYNC110  # the gateway asks on a socket of its own
                await asyncio.sleep(0.01)
        assert (await li.delete("/api/session")).status_code == 204
        stack.media.answers.set()
        assert (await asked).status_code == 401
        assert await open_sessions(stack) == {}


async def open_sessions(stack: LiveStack) -> dict[str, int]:
    """Sessions at the gateway by user."""
    status = await stack.status()
    counted: dict[str, int] = {}
    for session in status["viewers"] + status["subscribers"]:
        counted[session["user"]] = counted.get(session["user"], 0) + 1
    return counted
