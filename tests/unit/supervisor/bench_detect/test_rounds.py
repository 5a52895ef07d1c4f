from __future__ import annotations

from collections.abc import Callable

import pytest

from supervisor.bench_detect.rounds import (
    Contender,
    Spell,
    cpu_ms_per_picture,
    pictures_per_s,
    speed_ratio,
    take_turns,
)


class Machine:
    """Does pictures at a speed that changes from round to round, as where other programs come and go."""

    def __init__(self, speeds: tuple[float, ...]) -> None:
        self.speeds = speeds
        self.order: list[str] = []

    def contender(self, name: str, pictures_per_s: float) -> Contender:
        turns = iter((1.0, *self.speeds))

        def run(for_s: float) -> Spell:
            self.order.append(name)
            return Spell(round(pictures_per_s * next(turns) * for_s), for_s, for_s * 1.5)

        return Contender(name, run)


def silent() -> Callable[[str], None]:
    return lambda line: None


def test_a_machine_that_slows_down_for_a_round_changes_no_ratio() -> None:
    machine = Machine((1.0, 0.3, 0.9))
    record = take_turns([machine.contender("a", 900), machine.contender("b", 1000)], 3, 2.0, silent())
    ratio = speed_ratio(record["a"], record["b"])
    assert ratio.median == pytest.approx(0.9, abs=0.01)
    assert ratio.low == pytest.approx(0.9, abs=0.01)
    assert pictures_per_s(record["b"]) == pytest.approx(900)
    assert cpu_ms_per_picture(record["b"]) == pytest.approx(1500 / 900, abs=0.01)


def test_nobody_always_goes_first() -> None:
    machine = Machine((1.0, 1.0))
    take_turns([machine.contender(name, 100) for name in "ab"], 2, 1.0, silent())
    assert machine.order == ["a", "b", "a", "b", "b", "a"]


def test_one_disturbed_round_shows_in_the_spread_alone() -> None:
    steady = [Spell(100, 1.0, 1.0)] * 5
    disturbed = [*steady[:4], Spell(40, 1.0, 1.0)]
    ratio = speed_ratio(disturbed, steady)
    assert (ratio.median, ratio.low, ratio.high) == (1.0, 0.4, 1.0)
