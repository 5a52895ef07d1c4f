from __future__ import annotations

import pytest

from detect.batching.schedule import Lane, Schedule
from detect.batching.served import Served


def test_capacity_follows_what_was_served_while_there_was_always_more_to_do() -> None:
    lane = Lane(185.0, 4)
    for second in range(30):
        served = Served(float(second))
        for _ in range(25):
            served.batch("m", 4, 0.08)
        served.tell("m", lane, second + 1.0)
    assert lane.capacity_fps == pytest.approx(100, abs=1)


def test_time_left_over_means_that_the_capacity_is_more_than_what_was_served() -> None:
    lane, served = Lane(60.0, 4), Served(0.0)
    for _ in range(18):
        served.batch("m", 4, 0.04)
    served.idle(0.4)
    served.tell("m", lane, 1.0)
    assert lane.capacity_fps == pytest.approx(72 * 1.2)


def test_a_slow_spell_is_not_believed_for_ever() -> None:
    """Turns are given out by the capacity: measured too low once, it left the engine idle and stayed too low."""
    names = [f"cam-{index:02}" for index in range(16)]
    turns = Lane(50.0, 4, batch_most=4)
    schedule = Schedule({"m": turns}, 25.0, 8, 0.06)
    schedule.add(dict.fromkeys(names, "m"), 0.0)
    now_s, done_s, served = 0.0, 0.0, Served(0.0)
    for second in range(1, 31):
        schedule.share_out(names)
        while now_s < second:
            batch = schedule.batch(schedule.due(now_s), now_s)
            for camera_id in batch:
                schedule.taken(camera_id, now_s)
            if batch:
                done_s = now_s + len(batch) / 150
                served.batch("m", len(batch), len(batch) / 150)
            else:
                served.idle(0.002)
            now_s = done_s if batch else now_s + 0.002
        served.tell("m", turns, now_s)
        served = Served(now_s)
    assert turns.capacity_fps == pytest.approx(150, rel=0.05)


def test_a_second_with_nothing_to_do_tells_nothing_of_the_capacity() -> None:
    lane, served = Lane(185.0, 4), Served(0.0)
    served.batch("m", 4, 0.04)
    served.idle(0.5)
    served.tell("m", lane, 1.0)
    assert lane.capacity_fps == 185.0


def test_two_models_share_the_machine_by_the_time_their_batches_took() -> None:
    fast, slow, served = Lane(10.0, 2), Lane(10.0, 2), Served(0.0)
    for _ in range(10):
        served.batch("fast", 4, 0.05)
        served.batch("slow", 4, 0.15)
    served.tell("fast", fast, 1.0)
    served.tell("slow", slow, 1.0)
    assert fast.capacity_fps == pytest.approx(10 + 0.2 * (40 / 0.25 - 10))
    assert slow.capacity_fps == pytest.approx(10 + 0.2 * (40 / 0.75 - 10))
