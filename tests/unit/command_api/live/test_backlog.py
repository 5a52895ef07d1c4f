"""A viewer's backlog is bounded and never starts in the middle of a GOP."""

from __future__ import annotations

from command_api.live.backlog import Backlog
from command_api.live.fanout import Fanout
from command_api.live.gop import GopCache
from kernel.media import AccessUnit


def unit(index: int, *, keyframe: bool = False, size: int = 10, replayed: bool = False) -> AccessUnit:
    return AccessUnit(b"x" * size, index * 6000, index * 6000, index * 66_667, keyframe, replayed)


def taken(backlog: Backlog) -> list[int]:
    indices = []
    while (outgoing := backlog.take()) is not None:
        indices.append(outgoing.unit.pts // 6000)
    return indices


def test_nothing_is_sent_before_a_keyframe() -> None:
    backlog = Backlog()
    for index in range(3):
        backlog.offer(unit(index))
    backlog.offer(unit(3, keyframe=True))
    backlog.offer(unit(4))
    assert taken(backlog) == [3, 4]
    assert backlog.dropped == 3


def test_a_full_backlog_is_given_up_until_the_next_keyframe() -> None:
    backlog = Backlog(most_units=3)
    backlog.offer(unit(0, keyframe=True))
    for index in range(1, 6):
        backlog.offer(unit(index))
    backlog.offer(unit(6, keyframe=True))
    backlog.offer(unit(7))
    assert taken(backlog) == [6, 7]
    assert backlog.dropped == 6


def test_bytes_bound_it_too() -> None:
    backlog = Backlog(most_bytes=100)
    backlog.offer(unit(0, keyframe=True, size=80))
    backlog.offer(unit(1, size=30))
    assert taken(backlog) == []


def test_a_keyframe_that_overflows_starts_anew_at_once() -> None:
    backlog = Backlog(most_units=2)
    backlog.offer(unit(0, keyframe=True))
    backlog.offer(unit(1))
    backlog.offer(unit(2, keyframe=True))
    assert taken(backlog) == [2]


def test_a_replay_takes_the_place_of_what_waited() -> None:
    backlog = Backlog()
    backlog.offer(unit(0, keyframe=True))
    backlog.replay([unit(0, keyframe=True), unit(1)])
    backlog.offer(unit(2))
    assert backlog.is_replaying
    assert taken(backlog) == [0, 1, 2]


def test_an_empty_replay_changes_nothing() -> None:
    backlog = Backlog()
    backlog.offer(unit(0, keyframe=True))
    backlog.replay([])
    assert taken(backlog) == [0]


def test_the_cache_holds_the_newest_gop_only() -> None:
    cache = GopCache()
    for index in range(7):
        cache.add(unit(index, keyframe=index in (1, 4)))
    assert [one.pts // 6000 for one in cache.units] == [4, 5, 6]


def test_a_gop_too_large_to_replay_is_given_up_until_the_next_keyframe() -> None:
    cache = GopCache(largest_bytes=25)
    for index in range(4):
        cache.add(unit(index, keyframe=index == 0))
    assert cache.units == ()
    cache.add(unit(4, keyframe=True))
    assert cache.size_bytes == 10


def test_a_viewer_who_comes_late_gets_the_gop_and_then_the_rest() -> None:
    fanout, backlog = Fanout(), Backlog()
    for index in range(3):
        fanout.publish(unit(index, keyframe=index == 0), now_s=0.1 * index)
    fanout.attach(backlog, now_s=0.25)
    fanout.publish(unit(3), now_s=0.3)
    assert taken(backlog) == [0, 1, 2, 3]


def test_a_camera_that_has_stopped_is_not_replayed_until_it_runs_again() -> None:
    """A browser asks for a keyframe when pictures stop coming; old ones again made a stopped camera look live."""
    fanout, watching, late = Fanout(), Backlog(), Backlog()
    fanout.attach(watching, now_s=0.0)
    fanout.publish(unit(0, keyframe=True), now_s=0.0)
    assert taken(watching) == [0]
    fanout.replay_to(watching, now_s=3.0)
    fanout.attach(late, now_s=4.0)
    assert taken(watching) == []
    assert taken(late) == []
    fanout.publish(unit(1), now_s=5.0)
    assert taken(watching) == [0, 1]
    assert taken(late) == [0, 1]
    fanout.publish(unit(2), now_s=5.1)
    assert taken(late) == [2]


def test_what_ingest_replays_after_a_reconnect_goes_out_as_one_burst() -> None:
    fanout, backlog = Fanout(), Backlog()
    fanout.attach(backlog, now_s=0.0)
    fanout.publish(unit(0, keyframe=True, replayed=True), now_s=0.0)
    fanout.publish(unit(1, replayed=True), now_s=0.0)
    assert len(backlog) == 0
    fanout.publish(unit(2), now_s=0.0)
    outgoing = [backlog.take(), backlog.take(), backlog.take()]
    assert [one.replayed for one in outgoing if one is not None] == [True, True, True]


def test_a_viewer_who_left_gets_nothing() -> None:
    fanout, backlog = Fanout(), Backlog()
    fanout.attach(backlog, now_s=0.0)
    fanout.detach(backlog)
    fanout.publish(unit(0, keyframe=True), now_s=0.0)
    assert len(backlog) == 0
    assert fanout.sink_count == 0
