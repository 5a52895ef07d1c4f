from __future__ import annotations

import pytest

from detect.batching.schedule import Lane
from detect.batching.served import Served


def test_capacity_follows_what_was_served_while_there_was_always_more_to_do() -> None:
    lane = Lane(185.0, 4)
    for second in range(30):
        served = Served(float(second))
        for _ in range(25):
            served.batch("m", 4, 0.08)
        served.tell("m", lane, second + 1.0)
    assert lane.capacity_fps == pytest.approx(100, abs=1)


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
