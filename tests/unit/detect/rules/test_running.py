from __future__ import annotations

from collections import deque

import numpy as np
import pytest

from detect.rules.ground import GroundMap
from detect.rules.running import Running, speed_m_s
from detect.rules.sighting import Picture, Sighting
from kernel.config.rules import RunningRule
from kernel.events import AlertKind
from tests.unit.detect.rules.walkers import PICTURE, fired_frames, standing

TEN_METRES_A_PICTURE = GroundMap([((0, 0), (0, 0)), ((1, 0), (10, 0)), ((1, 1), (10, 10)), ((0, 1), (0, 10))])


def rule_of(**changes: object) -> Running:
    settings = {"id": "r", "kind": "running", "min_speed_m_s": 3.0, "hold_s": 0.3, **changes}
    return Running("cam-01", RunningRule.model_validate(settings), TEN_METRES_A_PICTURE)


def going(speed_m_s: float, frames: int, start_m: float = 0.5, waver_px: float = 0.0) -> list[list[Sighting]]:
    """One person going east, 0.2 s a frame; a metre is 100 px."""
    rng = np.random.default_rng(3)
    return [
        [standing(100 * (start_m + speed_m_s * 0.2 * n) + rng.normal(0, waver_px), 500 + rng.normal(0, waver_px))]
        for n in range(frames)
    ]


def test_running_fires_once_and_walking_never() -> None:
    assert fired_frames(rule_of().evaluate, going(4.0, 12)) == [5]
    assert fired_frames(rule_of().evaluate, going(1.5, 30)) == []


def test_a_box_that_wavers_does_not_run() -> None:
    assert fired_frames(rule_of().evaluate, going(0.0, 60, start_m=5, waver_px=30)) == []
    assert fired_frames(rule_of().evaluate, going(1.5, 30, waver_px=10)) == []


def test_a_jump_of_the_box_is_no_run() -> None:
    frames = [[standing(300, 500)]] * 8 + [[standing(420, 500)]] * 8
    assert fired_frames(rule_of().evaluate, frames) == []


def test_running_again_after_a_walk_is_a_second_time() -> None:
    frames = [*going(4.0, 8, 0.0), *going(0.5, 20, 6.0), *going(4.0, 8, 8.0)]
    assert len(fired_frames(rule_of(hold_s=0.2).evaluate, frames)) == 2


def test_others_do_not_count() -> None:
    frames = [[standing(50 + 80 * n, 500, class_name="car")] for n in range(12)]
    assert fired_frames(rule_of().evaluate, frames) == []


def test_what_it_says() -> None:
    rule = rule_of()
    [trigger] = [t for n, frame in enumerate(going(4.0, 10)) for t in rule.evaluate(frame, PICTURE, 0.2 * n)]
    assert (trigger.kind, trigger.class_name, trigger.track_id) == (AlertKind.RUNNING, "person", 1)


def test_speed_is_that_of_the_line_through_the_places() -> None:
    east = deque((0.2 * n, (0.6 * n, 1.0)) for n in range(6))
    assert speed_m_s(east) == pytest.approx(3.0)
    assert speed_m_s(deque(list(east)[:3])) == 0.0
    there_and_back = deque((0.2 * n, (abs(n - 3.0), 0.0)) for n in range(7))
    assert speed_m_s(there_and_back) == 0.0


def test_a_map_in_perspective_puts_points_where_they_lie() -> None:
    """A camera 5 m up that looks down by 30 degrees: the picture's rows are distances."""
    picture = Picture(1000, 1000)

    def seen(east_m: float, north_m: float) -> tuple[float, float]:
        depth = north_m * 0.866 + 5 * 0.5
        return 0.5 + 0.8 * east_m / depth, 0.5 + 0.8 * (5 * 0.866 - north_m * 0.5) / depth

    corners = [(-4.0, 6.0), (4.0, 6.0), (5.0, 30.0), (-5.0, 30.0)]
    ground = GroundMap([(seen(*corner), corner) for corner in corners])
    for place in ((0.0, 10.0), (3.0, 25.0), (-8.0, 50.0)):
        u, v = seen(*place)
        assert ground.to_ground((u * 1000, v * 1000), picture) == pytest.approx(place, abs=1e-6)
    assert ground.to_ground((500, 20), picture) is None
