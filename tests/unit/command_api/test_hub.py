"""Mailboxes: who gets what, and what happens to a page that does not read."""

from __future__ import annotations

from datetime import UTC, datetime

from command_api.access.sign_in import Principal
from command_api.push.hub import Hub, Mailbox, Message, Topic
from command_api.roles import Role

LI = Principal("li", "Li", Role.OPERATOR, "bureau", False, "0" * 64, datetime(2026, 3, 2, tzinfo=UTC), "127.0.0.1")
ALERT = Message(Topic.ALERT, "{}", "cam-01", 1)


async def test_messages_go_to_those_who_may_see_the_camera() -> None:
    hub, everything, one = Hub(), Mailbox(LI, None), Mailbox(LI, frozenset({"cam-02"}))
    hub.open(everything)
    hub.open(one)
    hub.publish(ALERT)
    hub.publish(Message(Topic.HEALTH, "{}"))
    assert [message.topic for message in await everything.take(0)] == [Topic.ALERT, Topic.HEALTH]
    assert [message.topic for message in await one.take(0)] == [Topic.HEALTH]


async def test_tracks_come_on_request_only_and_not_of_foreign_cameras() -> None:
    hub = Hub()
    asked = Mailbox(LI, frozenset({"cam-01"}), frozenset({"cam-01", "cam-02"}))
    not_asked = Mailbox(LI, None)
    hub.open(asked)
    hub.open(not_asked)
    for camera_id in ("cam-01", "cam-02"):
        hub.publish(Message(Topic.TRACKS, "{}", camera_id))
    assert [message.camera_id for message in await asked.take(0)] == ["cam-01"]
    assert await not_asked.take(0) == []
    assert hub.wants_tracks("cam-01")
    assert not hub.wants_tracks("cam-03")


async def test_a_page_that_does_not_read_is_closed_not_thinned_out() -> None:
    hub, slow, well = Hub(), Mailbox(LI, None, limit=3), Mailbox(LI, None)
    hub.open(slow)
    hub.open(well)
    for _ in range(4):
        hub.publish(ALERT)
    assert slow.is_closed
    assert await slow.take(0) == []
    assert len(await well.take(0)) == 4
    hub.forget(slow)
    assert hub.overflows == 1


async def test_closing_a_session_a_user_or_everything_ends_their_streams() -> None:
    hub, mailboxes = Hub(), [Mailbox(LI, None) for _ in range(3)]
    hub.open(mailboxes[0])
    hub.close_session("1" * 64)
    assert not mailboxes[0].is_closed
    hub.close_session(LI.token_sha256)
    assert mailboxes[0].is_closed
    hub.open(mailboxes[1])
    hub.close_user("li")
    assert mailboxes[1].is_closed
    hub.close()
    hub.open(mailboxes[2])
    assert mailboxes[2].is_closed, "nothing opens once the service stops"
