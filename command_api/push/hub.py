"""Hands what happens to every open page that may see it.

    alert, camera, drone, flight, … --publish--> Hub --filter--> Mailbox (bounded) --> one page

A page that does not read fast enough loses its connection, not single messages: it comes back, asks for what it missed
by `seq`, and is whole again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from command_api.access.sign_in import Principal

MAILBOX_LIMIT = 512


class Topic(StrEnum):
    """Kinds of messages, as they are named on the wire."""

    ALERT = "alert"
    CAMERA = "camera"
    DETECTOR = "detector"
    TRACKS = "tracks"
    SIGHTS = "sights"
    HEALTH = "health"
    DRONE = "drone"
    FLIGHT = "flight"
    RUN = "run"
    DISPATCH = "dispatch"


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    Attributes:
        topic: what kind.
        body: JSON.
        camera_id: whose; empty where it concerns no single camera.
        seq: of alerts only.
        drone_ids: the drones it is about, for those who may see one of them; None where it is about none.
    """

    topic: Topic
    body: str
    camera_id: str = ""
    seq: int | None = None
    drone_ids: frozenset[str] | None = None


class Mailbox:
    """Messages waiting for one page.

    Args:
        principal: whose page it is.
        camera_ids: cameras, and drones that alert under their own id, that the user may see; None for all, also those
            no longer in the register.
        track_camera_ids: cameras whose tracks were asked for.
        limit: messages that may wait.
        drone_ids: drones the user may see; None for all.
    """

    def __init__(
        self,
        principal: Principal,
        camera_ids: frozenset[str] | None,
        track_camera_ids: frozenset[str] = frozenset(),
        limit: int = MAILBOX_LIMIT,
        drone_ids: frozenset[str] | None = frozenset(),
    ) -> None:
        self.principal = principal
        self.camera_ids = camera_ids
        self.drone_ids = drone_ids
        self.track_camera_ids = track_camera_ids
        self.is_closed = False
        self.has_overflowed = False
        self._limit = limit
        self._waiting: deque[Message] = deque()
        self._arrived = asyncio.Event()

    def wants(self, message: Message) -> bool:
        """Whether the message is for this page."""
        if message.topic is Topic.TRACKS:
            return message.camera_id in self.track_camera_ids and self._may_see(message.camera_id)
        if message.drone_ids is not None:
            return self.drone_ids is None or not message.drone_ids.isdisjoint(self.drone_ids)
        return not message.camera_id or self._may_see(message.camera_id)

    def put(self, message: Message) -> None:
        """Leave a message; too many, and the box closes."""
        if self.is_closed:
            return
        if len(self._waiting) >= self._limit:
            self.has_overflowed = True
            self.close()
            return
        self._waiting.append(message)
        self._arrived.set()

    async def take(self, timeout_s: float) -> list[Message]:
        """Everything that waits; an empty list when nothing came in time or the box is closed."""
        if not self._waiting and not self.is_closed:
            self._arrived.clear()
            try:
                async with asyncio.timeout(timeout_s):
                    await self._arrived.wait()
            except TimeoutError:
                return []
        taken = list(self._waiting)
        self._waiting.clear()
        return taken

    def close(self) -> None:
        """End the page's stream."""
        self.is_closed = True
        self._waiting.clear()
        self._arrived.set()

    def _may_see(self, camera_id: str) -> bool:
        return self.camera_ids is None or camera_id in self.camera_ids


class Hub:
    """Every open mailbox."""

    def __init__(self) -> None:
        self._mailboxes: set[Mailbox] = set()
        self._is_closed = False
        self.overflows = 0

    @property
    def mailboxes(self) -> frozenset[Mailbox]:
        """The open ones."""
        return frozenset(self._mailboxes)

    def wants_tracks(self, camera_id: str) -> bool:
        """Whether any page asked for the tracks of a camera."""
        return any(camera_id in mailbox.track_camera_ids for mailbox in self._mailboxes)

    def open(self, mailbox: Mailbox) -> None:
        """Start delivering to a mailbox."""
        if self._is_closed:
            mailbox.close()
            return
        self._mailboxes.add(mailbox)

    def forget(self, mailbox: Mailbox) -> None:
        """Stop delivering to a mailbox."""
        self._mailboxes.discard(mailbox)
        if mailbox.has_overflowed:
            self.overflows += 1

    def publish(self, message: Message) -> None:
        """Hand a message to everyone who may see it."""
        for mailbox in self._mailboxes:
            if mailbox.wants(message):
                mailbox.put(message)

    def close_user(self, user_name: str) -> None:
        """End the streams of a user whose rights changed; their pages come back with the new ones."""
        for mailbox in self._mailboxes:
            if mailbox.principal.name == user_name:
                mailbox.close()

    def close_session(self, token_sha256: str) -> None:
        """End the streams of a session that ended."""
        for mailbox in self._mailboxes:
            if mailbox.principal.token_sha256 == token_sha256:
                mailbox.close()

    def close(self) -> None:
        """End every stream, and those yet to come."""
        self._is_closed = True
        for mailbox in self._mailboxes:
            mailbox.close()
