"""The failing camera's timetable."""

from __future__ import annotations

import itertools

import pytest

from scripts.district.faults import OFFLINE, Fault, fault_at, timetable


@pytest.mark.parametrize("seed", range(6))
def test_the_first_round_fits_into_a_short_exam(seed: int) -> None:
    spans = [span for span in timetable(seed, 3600) if span.to_s <= 180]
    assert [span.fault for span in spans] == [Fault.DROP, Fault.STALL, Fault.FREEZE, Fault.REFUSE]


@pytest.mark.parametrize("seed", range(6))
def test_a_half_hour_has_every_fault_none_at_once_and_enough_time_offline(seed: int) -> None:
    spans = timetable(seed, 3600)
    assert {span.fault for span in spans} == set(Fault)
    assert all(a.to_s < b.from_s for a, b in itertools.pairwise(spans))
    offline_s = sum(min(s.to_s, 1200) - s.from_s for s in spans if s.fault in OFFLINE and s.from_s < 1200)
    assert 0.15 <= offline_s / 1200 <= 0.30


def test_the_password_is_refused_only_late() -> None:
    refused = [span for span in timetable(3, 3600) if span.fault is Fault.PASSWORD]
    assert len(refused) == 1
    assert refused[0].from_s > 20 * 60


def test_the_same_seed_gives_the_same_timetable() -> None:
    assert timetable(4, 3600) == timetable(4, 3600) != timetable(5, 3600)


def test_a_fault_holds_from_its_beginning_to_before_its_end() -> None:
    spans = timetable(1, 600)
    first = spans[0]
    assert fault_at(spans, first.from_s) is first.fault
    assert fault_at(spans, first.from_s - 0.01) is None
    assert fault_at(spans, first.to_s) is None
