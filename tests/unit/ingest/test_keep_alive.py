"""A session stays alive with cameras that take GET_PARAMETER, refuse it, ignore it, or want a new nonce each time."""

from __future__ import annotations

import pytest

from ingest.keep_alive import KeepAlive

BOTH = frozenset({"OPTIONS", "GET_PARAMETER"})


@pytest.mark.parametrize(("told_s", "every_s"), [(20, 10.0), (None, 30.0), (0, 2.0)])
def test_half_of_the_time_that_the_camera_gives(told_s: int | None, every_s: float) -> None:
    alive = KeepAlive(BOTH, told_s, 100.0)
    for number in range(1, 4):
        at_s = 100.0 + number * every_s
        assert alive.due(at_s - 0.01) == ""
        assert alive.due(at_s) == "GET_PARAMETER"
        assert alive.answered(200, at_s + 0.1, again=False) == ""


def test_options_where_nothing_else_is_named() -> None:
    alive = KeepAlive(frozenset({"OPTIONS", "PLAY"}), 60, 0.0)
    assert alive.due(30.0) == "OPTIONS"
    assert alive.answered(501, 30.1, again=False) == ""
    assert alive.due(46.0) == ""
    assert alive.due(60.0) == "OPTIONS"


@pytest.mark.parametrize("status", [400, 405, 451, 501])
def test_a_camera_that_refuses_what_it_named_is_asked_for_its_options(status: int) -> None:
    alive = KeepAlive(BOTH, 60, 0.0)
    assert alive.due(30.0) == "GET_PARAMETER"
    assert alive.answered(status, 30.1, again=False) == "OPTIONS"
    assert alive.answered(200, 30.2, again=False) == ""
    assert alive.due(60.2) == "OPTIONS"


def test_a_camera_that_ignores_what_it_named_is_asked_for_its_options_in_time() -> None:
    """ZLMediaKit #642: it names GET_PARAMETER, never answers it, and ends the session."""
    alive = KeepAlive(BOTH, 60, 0.0)
    assert alive.due(30.0) == "GET_PARAMETER"
    assert alive.due(44.9) == ""
    assert alive.due(45.0) == "OPTIONS"
    assert alive.due(60.0) == ""
    assert alive.due(75.0) == "OPTIONS"


def test_a_new_nonce_is_answered_at_once_but_not_for_ever() -> None:
    """An Axis M5525 wants a new one every 150 s (SharpRTSP #126); a camera that always wants one gets no flood."""
    alive = KeepAlive(BOTH, 60, 0.0)
    assert alive.due(30.0) == "GET_PARAMETER"
    assert alive.answered(401, 30.1, again=True) == "GET_PARAMETER"
    assert alive.answered(401, 30.2, again=True) == ""
    assert alive.due(45.3) == ""
    assert alive.due(60.1) == "GET_PARAMETER"
    assert alive.answered(401, 60.2, again=True) == "GET_PARAMETER"
    assert alive.answered(401, 60.3, again=False) == ""
