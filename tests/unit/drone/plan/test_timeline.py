"""Times and energy of a flight, reckoned by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drone.plan.timeline import Waypoint, Wind, ground_speed, timeline
from kernel.config.fleet import DroneConfig

DRONE = DroneConfig.model_validate(
    {
        "id": "u",
        "link": "tcp:127.0.0.1:5760",
        "home": {"lat": 41.0, "lon": 110.0, "datum": "wgs84"},
        "endurance_s": 1000,
        "cruise_m_s": 8,
        "airspeed_max_m_s": 15,
        "climb_m_s": 2,
        "descent_m_s": 1,
    }
)
OUT = [
    Waypoint((0, 0), 60, 8, 0),
    Waypoint((800, 0), 60, 8, 10),
    Waypoint((0, 0), 0, 8, 0),
]


def test_in_calm_air() -> None:
    found = timeline(OUT, DRONE, Wind(0, None))
    assert found.arrive_s[0] == pytest.approx(30), "60 m at 2 m/s"
    assert found.arrive_s[1] == pytest.approx(30 + 100 + 8), "800 m at 8 m/s, and coming to a stop"
    assert found.leave_s[1] == found.arrive_s[1] + 10
    assert found.duration_s == pytest.approx(found.leave_s[1] + 108 + 60 + 20), "60 m down at 1 m/s, the last metres"
    spent_s = 30 * 1.3 + 108 + 10 + 108 + 80
    assert found.used == pytest.approx(spent_s / 1000)


def test_a_head_wind_slows_what_cannot_be_made_up_for_and_costs() -> None:
    calm, windy = timeline(OUT, DRONE, Wind(0, None)), timeline(OUT, DRONE, Wind(10, 90))
    out_s, back_s = windy.arrive_s[1] - windy.leave_s[0], windy.arrive_s[2] - windy.leave_s[1]
    assert out_s == pytest.approx(800 / 5 + 5), "15 m/s through the air against 10"
    assert back_s == pytest.approx(100 + 8), "a tail wind makes it no faster than asked"
    assert windy.used > calm.used


def test_the_worst_direction_where_none_is_known() -> None:
    unknown = timeline(OUT, DRONE, Wind(10, None))
    known = [timeline(OUT, DRONE, Wind(10, turn)) for turn in range(0, 360, 45)]
    assert unknown.used == max(one.used for one in known)
    assert unknown.wind_from_deg is None


@pytest.mark.parametrize("from_deg", [0.0, 90.0, None])
def test_more_wind_than_it_can_fly_against(from_deg: float | None) -> None:
    assert timeline(OUT, DRONE, Wind(15.5, from_deg)).is_windbound
    assert not timeline(OUT, DRONE, Wind(8, from_deg)).is_windbound


turns = st.floats(0, 6.28)


@given(turns, turns, st.floats(0, 14.9), st.floats(1, 12))
def test_ground_speed_is_what_the_air_allows(turn: float, blows: float, wind_m_s: float, wanted_m_s: float) -> None:
    wind_x, wind_y = wind_m_s * math.cos(blows), wind_m_s * math.sin(blows)
    end = (100 * math.cos(turn), 100 * math.sin(turn))
    over_m_s, air_m_s = ground_speed((0, 0), end, wanted_m_s, (wind_x, wind_y), 15.0)
    assert 0 <= over_m_s <= wanted_m_s
    assert air_m_s <= 15.0 + 1e-6 or over_m_s == 0
    if over_m_s > 0:
        through = (over_m_s * math.cos(turn) - wind_x, over_m_s * math.sin(turn) - wind_y)
        assert math.hypot(*through) == pytest.approx(air_m_s)


def test_climbing_takes_the_time_where_it_is_steep() -> None:
    steep = [Waypoint((0, 0), 20, 8, 0), Waypoint((8, 0), 120, 8, 0), Waypoint((0, 0), 0, 8, 0)]
    found = timeline(steep, DRONE, Wind(0, None))
    assert found.arrive_s[1] - found.leave_s[0] >= 50, "100 m at 2 m/s"
