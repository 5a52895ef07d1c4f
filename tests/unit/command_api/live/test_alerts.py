"""Who sees which alert."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

import pytest

from command_api.live.alerts import AlertPush, Subscriber
from kernel.clock import ManualClock


class Page(Subscriber):
    """A subscriber whose channel is a list."""

    def __init__(self, *units: str) -> None:
        super().__init__("op", frozenset(units), lambda _peer: None)
        self.texts: list[str] = []

    def send(self, text: str) -> None:
        self.texts.append(text)


def push_to(*pages: Page) -> AlertPush:
    push = AlertPush({"gate": "north", "pit": "mine"}, ManualClock(datetime(2026, 1, 1, tzinfo=UTC)))
    for page in pages:
        push.add(page)
    return push


async def test_an_alert_goes_to_those_who_may_see_its_camera() -> None:
    north, mine, everybody = Page("north"), Page("mine"), Page("*")
    push_to(north, mine, everybody).push(b'{"id": "1", "seq": 4, "camera_id": "gate"}')
    assert [json.loads(text) for text in north.texts] == [
        {"type": "alert", "alert": {"id": "1", "seq": 4, "camera_id": "gate"}}
    ]
    assert mine.texts == []
    assert everybody.texts == north.texts


async def test_an_alert_of_a_camera_no_longer_in_the_register_is_for_those_who_see_everything() -> None:
    north, everybody = Page("north"), Page("*")
    push_to(north, everybody).push(b'{"camera_id": "gone"}')
    assert north.texts == []
    assert len(everybody.texts) == 1


@pytest.mark.parametrize("raw", [b"no json", b"[]", b'{"id": 1}', b"3"])
async def test_what_is_no_alert_is_logged_and_sent_to_nobody(raw: bytes, caplog: pytest.LogCaptureFixture) -> None:
    page = Page("*")
    with caplog.at_level(logging.ERROR):
        push_to(page).push(raw)
    assert page.texts == []
    assert "is no alert" in caplog.text


async def test_a_page_that_left_gets_nothing() -> None:
    page = Page("*")
    push = push_to(page)
    push.discard(page)
    push.push(b'{"camera_id": "gate"}')
    assert page.texts == []
