from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ingest.session_state import SessionState, Transition
from kernel.events import CameraState, OfflineCause

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds_s: float) -> datetime:
    return START + timedelta(seconds=seconds_s)


def streaming() -> SessionState:
    session = SessionState()
    session.opening(at(0))
    session.packet(at(1))
    return session


def test_first_packet_makes_an_opening_session_online() -> None:
    session = SessionState()
    assert session.opening(at(0)) == Transition(CameraState.CONNECTING, OfflineCause.NONE, "", at(0))
    assert session.packet(at(1)) == Transition(CameraState.STREAMING, OfflineCause.NONE, "", at(1))
    assert session.packet(at(2)) is None
    assert session.last_packet_at == at(2)


def test_stalling_is_dated_by_the_last_packet() -> None:
    session = streaming()
    session.packet(at(10))
    transition = session.quiet(at(16))
    assert transition is not None
    assert (transition.state, transition.cause) == (CameraState.STALLED, OfflineCause.NO_PACKETS)
    assert transition.changed_at == at(10)


def test_a_clock_that_was_set_back_dates_nothing_into_the_future() -> None:
    session = streaming()
    session.packet(at(3600))
    transition = session.quiet(at(10))
    assert transition is not None
    assert transition.changed_at == at(10)


def test_a_broken_session_is_dated_by_the_last_packet_only_while_it_was_online() -> None:
    session = streaming()
    session.packet(at(3))
    first = session.failed(at(5), OfflineCause.CLOSED_BY_CAMERA, "gone")
    assert first is not None
    assert first.changed_at == at(3)
    assert session.opening(at(6)) == Transition(CameraState.CONNECTING, OfflineCause.CLOSED_BY_CAMERA, "gone", at(6))
    second = session.failed(at(7), OfflineCause.REFUSED, "refused")
    assert second is not None
    assert second.changed_at == at(7)


def test_a_session_that_ran_dry_leaves_the_stream_stalled_until_the_next_try() -> None:
    for told_by_watchdog in (True, False):
        session = streaming()
        session.packet(at(10))
        stalled = session.quiet(at(20)) if told_by_watchdog else None
        failed = session.failed(at(21), OfflineCause.NO_PACKETS, "nothing")
        (transition,) = [found for found in (stalled, failed) if found]
        assert (transition.state, transition.changed_at) == (CameraState.STALLED, at(10))
        opening = session.opening(at(22))
        assert opening is not None
        assert (opening.state, opening.cause) == (CameraState.CONNECTING, OfflineCause.NO_PACKETS)


def test_a_stalled_stream_whose_session_breaks_otherwise_goes_to_backoff_at_that_time() -> None:
    session = streaming()
    session.quiet(at(20))
    transition = session.failed(at(21), OfflineCause.CLOSED_BY_CAMERA, "gone")
    assert transition == Transition(CameraState.BACKOFF, OfflineCause.CLOSED_BY_CAMERA, "gone", at(21))


def test_a_try_without_packets_is_a_failed_try() -> None:
    session = SessionState()
    session.opening(at(0))
    transition = session.failed(at(5), OfflineCause.NO_PACKETS, "nothing")
    assert transition == Transition(CameraState.BACKOFF, OfflineCause.NO_PACKETS, "nothing", at(5))


def test_packets_bring_a_stalled_stream_back() -> None:
    session = streaming()
    session.quiet(at(20))
    assert session.packet(at(21)) == Transition(CameraState.STREAMING, OfflineCause.NONE, "", at(21))


def test_degraded_is_entered_and_left_once() -> None:
    session = streaming()
    entered = session.assessed(at(5), "4.0 frames/s instead of about 15")
    assert entered is not None
    assert entered.state is CameraState.DEGRADED
    assert session.assessed(at(6), "4.1 frames/s instead of about 15") is None
    left = session.assessed(at(9), "")
    assert left is not None
    assert left.state is CameraState.STREAMING


@pytest.mark.parametrize("offline", [CameraState.STALLED, CameraState.BACKOFF, CameraState.CONNECTING])
def test_judging_a_picture_does_not_bring_an_offline_stream_online(offline: CameraState) -> None:
    session = streaming()
    if offline is CameraState.STALLED:
        session.quiet(at(20))
    else:
        session.failed(at(20), OfflineCause.REFUSED, "")
    if offline is CameraState.CONNECTING:
        session.opening(at(21))
    assert session.assessed(at(22), "") is None
    assert session.state is offline


def test_quiet_says_nothing_of_a_stream_that_never_was_online() -> None:
    session = SessionState()
    session.opening(at(0))
    assert session.quiet(at(100)) is None


def test_disabled_is_said_once() -> None:
    session = SessionState()
    assert session.disabled(at(0)) == Transition(CameraState.DISABLED, OfflineCause.NONE, "", at(0))
    assert session.disabled(at(1)) is None


def test_out_of_service_ends_with_an_opening_alone() -> None:
    session = streaming()
    assert session.disabled(at(10), OfflineCause.DRONE_ON_GROUND) == Transition(
        CameraState.DISABLED, OfflineCause.DRONE_ON_GROUND, "", at(10)
    )
    late = [
        session.packet(at(11)),
        session.failed(at(12), OfflineCause.CLOSED_BY_CAMERA, "gone"),
        session.quiet(at(30)),
        session.assessed(at(31), "no pictures"),
    ]
    assert late == [None] * 4
    assert session.last_packet_at == at(1)
    assert session.opening(at(60)) == Transition(CameraState.CONNECTING, OfflineCause.NONE, "", at(60))
