"""The bad radio: shares, order and silence; deterministic by seed."""

import random

from hypothesis import given
from hypothesis import strategies as st

from scripts.vehicle.radio import Quality, Radio


def passed(quality: Quality, count: int = 2000, seed: int = 1) -> list[bytes]:
    radio = Radio(quality, random.Random(seed))
    heard = []
    for number in range(count):
        radio.push(number.to_bytes(4, "big"), number * 0.01)
        heard += radio.due(number * 0.01)
    return heard + radio.due(count * 0.01 + 10)


def test_a_good_radio_changes_nothing() -> None:
    assert passed(Quality()) == [number.to_bytes(4, "big") for number in range(2000)]


def test_the_share_lost_is_the_share_asked_for() -> None:
    assert 0.77 < len(passed(Quality(loss=0.2))) / 2000 < 0.83


def test_duplicates_come_twice_and_late_ones_out_of_order() -> None:
    assert 2300 < len(passed(Quality(duplicate=0.2))) < 2500
    shuffled = passed(Quality(reorder=0.2))
    assert shuffled != sorted(shuffled)
    assert sorted(shuffled) == passed(Quality())


@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 50))
def test_a_seed_is_a_run(loss: float, duplicate: float, seed: int) -> None:
    quality = Quality(loss=loss, duplicate=duplicate, reorder=0.3, delay_s=0.05, jitter_s=0.05)
    assert passed(quality, 50, seed) == passed(quality, 50, seed)


def test_nothing_arrives_before_its_delay() -> None:
    radio = Radio(Quality(delay_s=0.2), random.Random(0))
    radio.push(b"x", 1.0)
    assert radio.due(1.19) == []
    assert radio.next_s == 1.2
    assert radio.due(1.2) == [b"x"]


def test_a_silent_radio_loses_everything_and_counts_it() -> None:
    radio = Radio(Quality(), random.Random(0), silent=True)
    radio.push(b"x", 0.0)
    assert radio.due(1.0) == []
    assert (radio.sent, radio.lost) == (1, 1)
