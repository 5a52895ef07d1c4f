"""Updates of one incident come to the same end in whatever order and however often they arrive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import reduce
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from command_api.alerts.merge import Incident, first, merge
from kernel.config.rules import Level
from kernel.event_base import GeoPoint
from kernel.events import AlertKind, AlertRaised

THERE = GeoPoint(lat=41.77, lon=109.97)
START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def _update(
    seen_s: int,
    *,
    ended: bool = False,
    triggers: int = 1,
    picture: str | None = None,
    place: GeoPoint | None = None,
) -> AlertRaised:
    seen_at = START + timedelta(seconds=seen_s)
    return AlertRaised(
        id="01JDA0T6J4Q2V0S3M8R7K5C9XN",
        camera_id="cam-01",
        rule_id="enters",
        kind=AlertKind.ZONE_INTRUSION,
        level=Level.RED,
        class_name="person",
        occurred_at=START,
        created_at=START,
        last_seen_at=seen_at,
        ended_at=seen_at + timedelta(seconds=10) if ended else None,
        triggers=triggers,
        snapshot_path=picture,
        snapshot_sha256=picture,
        place=place,
        unplaced="" if place is not None else "grazing",
        detail=f"seen {seen_s}",
    )


UPDATES = st.builds(
    _update,
    st.integers(0, 5),
    ended=st.booleans(),
    triggers=st.integers(1, 4),
    picture=st.sampled_from([None, "a", "b"]),
    place=st.sampled_from([None, THERE]),
)


def _fold(updates: list[AlertRaised]) -> Incident:
    return reduce(merge, updates[1:], first(updates[0]))


@given(st.lists(UPDATES, min_size=1, max_size=6), st.randoms())
def test_order_and_repetition_do_not_matter(updates: list[AlertRaised], random: Random) -> None:
    shuffled = updates + updates
    random.shuffle(shuffled)
    assert _fold(shuffled) == _fold(updates)


def test_progress_is_that_of_the_newest_update() -> None:
    merged = _fold([_update(3, triggers=4), _update(0), _update(3, ended=True, triggers=2)]).alert
    assert (merged.detail, merged.triggers, merged.ended_at) == ("seen 3", 4, START + timedelta(seconds=13))


def test_the_picture_is_that_of_the_opening_update() -> None:
    merged = _fold([_update(4, picture="later"), _update(1, picture="opening"), _update(9)]).alert
    assert merged.snapshot_path == "opening"


def test_what_was_known_leaves_the_incident_equal() -> None:
    known = _fold([_update(0, picture="a"), _update(3)])
    assert merge(known, _update(0, picture="a")) == known
    assert merge(known, _update(3, triggers=2)) != known


def test_a_place_that_came_late_stays_whatever_comes_after_it() -> None:
    merged = _fold([_update(0), _update(3, place=THERE), _update(1), _update(5)]).alert
    assert (merged.place, merged.unplaced, merged.last_seen_at) == (THERE, "", START + timedelta(seconds=5))
