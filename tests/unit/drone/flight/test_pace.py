"""Heartbeats of ours come at one rate in the vehicle's seconds, however fast its clock runs."""

from __future__ import annotations

import pytest

from drone.flight.pace import BEAT_S, Pace


def settled(pace: Pace, rate_hz: float, from_s: float = 0.0, extra: int = 0) -> float:
    """What it says after ten seconds of heartbeats at a rate, with so many extra ones in the last second."""
    beat_s = BEAT_S
    for tick in range(200):
        now_s = from_s + tick * 0.05
        beats = int((now_s - from_s) * rate_hz) + (extra if tick > 180 else 0)
        beat_s = pace.beat_s(beats, now_s)
    return beat_s


@pytest.mark.parametrize("rate_hz", [0.5, 1.0, 1.5])
def test_a_vehicle_at_the_pace_of_the_world_hears_us_at_our_rate(rate_hz: float) -> None:
    assert settled(Pace(), rate_hz) == BEAT_S


def test_the_extra_heartbeat_of_a_change_of_mode_changes_nothing() -> None:
    assert settled(Pace(), 1.0, extra=1) == BEAT_S


@pytest.mark.parametrize("rate_hz", [2.0, 5.0, 10.0])
def test_a_simulator_that_runs_fast_hears_us_as_often_in_its_own_seconds(rate_hz: float) -> None:
    assert settled(Pace(), rate_hz) == pytest.approx(BEAT_S / rate_hz, rel=0.15)


def test_a_link_that_loses_two_packets_of_five_keeps_the_failsafe_asleep() -> None:
    """ArduCopter's acts after five seconds without us: all of so many heartbeats on end would have to be lost."""
    on_end = int(5.0 / (BEAT_S + 0.05))  # the loop turns every 0.05 s
    assert 0.4**on_end * 120.0 / BEAT_S < 0.02  # in a flight of two minutes
    assert 0.2**on_end * 1200.0 / BEAT_S < 1e-3


def test_a_vehicle_fallen_silent_is_no_fast_one() -> None:
    pace = Pace()
    assert settled(pace, 5.0) < 0.3
    last = int(199 * 0.05 * 5.0)
    assert [pace.beat_s(last, 10.0 + after_s) for after_s in (2.0, 60.0)] == [BEAT_S, BEAT_S]
