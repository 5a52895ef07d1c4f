"""The gateway's sessions: who watches what, how many at once, and who may end which."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from command_api.live.alerts import AlertPush, Subscriber
from command_api.live.offer import check_channel_offer, check_video_offer
from command_api.live.pacer import Pacer
from command_api.live.peer import Peer, wait_for_background
from command_api.live.problems import CameraOfflineError, TooManyViewersError, UnknownCameraError, UnknownSessionError
from command_api.live.source import LINGER_S, Sources
from command_api.live.viewer import Viewer
from kernel.clock import Clock
from kernel.config.camera import CameraConfig, StreamName, StreamRole
from kernel.config.lookout import LookoutConfig
from kernel.runtime import RuntimePaths, shard_of

MOST_VIEWERS = 80
MOST_SUBSCRIBERS = 200
SOURCE_TIMEOUT_S = 2.5  # command_api waits three for the whole answer
LOOK_FOR_DEAD_EVERY_S = 2.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks for a session.

    Attributes:
        user: their name.
        sign_in: key of the sign-in they ask under; its sessions end with it.
    """

    user: str
    sign_in: str = ""


class Gateway:
    """Opens and ends sessions."""

    def __init__(
        self,
        config: LookoutConfig,
        shard_count: int,
        push: AlertPush,
        clock: Clock,
        linger_s: float = LINGER_S,
        most_viewers: int = MOST_VIEWERS,
    ) -> None:
        self._paths = RuntimePaths.of(config)
        self._cameras = {camera.id: (index, camera) for index, camera in enumerate(config.cameras)}
        self._shard_count = shard_count
        self._push = push
        self._most_viewers = most_viewers
        self._clock = clock
        self._sources = Sources(clock, linger_s)
        self._pacer = Pacer()
        self._viewers: dict[str, Viewer] = {}
        self._subscribers: dict[str, Subscriber] = {}
        self._opening = 0
        self.refused = 0

    async def watch(self, camera_id: str, stream: str | None, asker: Asker, raw_offer: bytes) -> tuple[str, str]:
        """Answer a viewer's offer.

        Returns:
            The session's name and the answer.

        Raises:
            LiveProblemError: what is wrong, with its HTTP status.
        """
        offer = check_video_offer(raw_offer)
        index, camera, name = self._find(camera_id, stream)
        if len(self._viewers) + self._opening >= self._most_viewers:
            self.refused += 1
            raise TooManyViewersError(self._most_viewers)
        self._opening += 1
        try:
            source = self._sources.open(camera, name, self._paths.media_socket(shard_of(index, self._shard_count)))
            await source.wait_until_live(SOURCE_TIMEOUT_S)
            viewer = Viewer(asker.user, source, self._pacer, self._clock, self._on_viewer_closed, asker.sign_in)
            answer = await _answer_or_close(viewer, offer)
            self._viewers[viewer.id] = viewer
        finally:
            self._opening -= 1
        _log.info("viewer opened camera_id=%s stream=%s user=%s", camera_id, name.value, asker.user)
        return viewer.id, answer

    async def subscribe(self, asker: Asker, units: frozenset[str], raw_offer: bytes) -> tuple[str, str]:
        """Answer a page's data-channel offer; returns and raises like `watch`."""
        offer = check_channel_offer(raw_offer)
        if len(self._subscribers) >= MOST_SUBSCRIBERS:
            self.refused += 1
            raise TooManyViewersError(MOST_SUBSCRIBERS)
        subscriber = Subscriber(asker.user, units, self._on_subscriber_closed, asker.sign_in)
        answer = await _answer_or_close(subscriber, offer)
        self._subscribers[subscriber.id] = subscriber
        self._push.add(subscriber)
        return subscriber.id, answer

    async def end_viewer(self, session_id: str, camera_id: str, user: str) -> None:
        """End a viewer at its user's wish.

        Raises:
            UnknownSessionError: none of that name, or of another camera or user.
        """
        viewer = self._viewers.get(session_id)
        if viewer is None or viewer.user != user or viewer.source.camera_id != camera_id:
            raise UnknownSessionError
        viewer.close_reason = "ended by the page"
        await viewer.close()

    async def end_subscriber(self, session_id: str, user: str) -> None:
        """End a data channel at its user's wish; raises like `end_viewer`."""
        subscriber = self._subscribers.get(session_id)
        if subscriber is None or subscriber.user != user:
            raise UnknownSessionError
        await subscriber.close()

    @property
    def sign_ins(self) -> frozenset[str]:
        """Keys of the sign-ins that have sessions here."""
        return frozenset(peer.sign_in for peer in self._peers() if peer.sign_in)

    async def end_sign_in(self, sign_in: str) -> int:
        """End every session of a sign-in that has ended; returns how many there were."""
        return await self._end([peer for peer in self._peers() if peer.sign_in == sign_in])

    async def end_user(self, user: str, but_sign_in: str = "") -> int:
        """End every session of a user, except for those of the sign-in `but_sign_in`; returns how many there were."""
        return await self._end([peer for peer in self._peers() if peer.user == user and peer.sign_in != but_sign_in])

    async def close_dead_viewers(self) -> None:
        """Close viewers that vanished without a word, for ever."""
        while True:
            for viewer in list(self._viewers.values()):
                if viewer.is_dead():
                    viewer.end("no reports from the browser")
            await asyncio.sleep(LOOK_FOR_DEAD_EVERY_S)

    async def close(self) -> None:
        """End everything."""
        peers = self._peers()
        for peer in peers:
            peer.close_reason = "gateway stops"
        await asyncio.gather(*(peer.close() for peer in peers))
        await self._sources.close()
        await wait_for_background()

    def status(self) -> dict[str, Any]:
        """Body of `GET /status`."""
        return {
            "viewers": [viewer.status() for viewer in self._viewers.values()],
            "subscribers": [subscriber.status() for subscriber in self._subscribers.values()],
            "sources": self._sources.status(),
            "limits": {"viewers": self._most_viewers, "subscribers": MOST_SUBSCRIBERS},
            "refused": self.refused,
        }

    def _peers(self) -> list[Peer]:
        return [*self._viewers.values(), *self._subscribers.values()]

    async def _end(self, peers: list[Peer]) -> int:
        for peer in peers:
            peer.close_reason = "the sign-in has ended"
        await asyncio.gather(*(peer.close() for peer in peers))
        return len(peers)

    def _find(self, camera_id: str, stream: str | None) -> tuple[int, CameraConfig, StreamName]:
        if camera_id not in self._cameras:
            raise UnknownCameraError(camera_id)
        index, camera = self._cameras[camera_id]
        if stream is None:
            name = camera.streams.name_for(StreamRole.LIVE) or StreamName.MAIN
        elif stream in {known.value for known in camera.streams.by_name()}:
            name = StreamName(stream)
        else:
            raise UnknownCameraError(f"{camera_id}/{stream}")
        if not camera.enabled:
            raise CameraOfflineError(camera_id, "out of service")
        return index, camera, name

    def _on_viewer_closed(self, peer: Peer) -> None:
        viewer = self._viewers.pop(peer.id, None)
        if viewer is not None:
            _log.info(
                "viewer closed camera_id=%s user=%s reason=%s", viewer.source.camera_id, viewer.user, peer.close_reason
            )

    def _on_subscriber_closed(self, peer: Peer) -> None:
        subscriber = self._subscribers.pop(peer.id, None)
        if subscriber is not None:
            self._push.discard(subscriber)


async def _answer_or_close(peer: Peer, offer: str) -> str:
    async with AsyncExitStack() as undo:
        undo.push_async_callback(peer.close)
        answer = await peer.answer(offer)
        undo.pop_all()
    return answer
