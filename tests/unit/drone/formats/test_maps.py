"""GeoJSON and KML of a plan: read back by our own readers, the zones where they were drawn."""

from __future__ import annotations

import json

import pytest

from drone.areas.drawing import Drawing, parse_geojson, parse_kml
from drone.areas.zones import drawing_of
from drone.formats.maps import to_geojson, to_kml
from drone.formats.patrol_text import patrol_of_drawing
from drone.plan import FlightPlan, Weather, plan_patrol
from kernel.config.camera import Datum
from kernel.config.lookout import LookoutConfig
from kernel.errors import BadInputError
from tests.unit.drone.patrol_configs import NOON, config, route, square, zone


@pytest.fixture(scope="module")
def found() -> LookoutConfig:
    return config(route("waypoints", [(0.0, 400.0)]), [zone(square((0, 200), 50), name="<民爆库>")])


@pytest.fixture(scope="module")
def plan(found: LookoutConfig) -> FlightPlan:
    return plan_patrol(found, found.patrols[0], found.fleet[0], NOON, Weather(0.0, 15.0, NOON))


def test_both_hold_the_route_the_points_and_the_zones(found: LookoutConfig, plan: FlightPlan) -> None:
    zones = [(one, drawing_of(one)) for one in found.airspace]
    for drawing in (parse_geojson(to_geojson(plan, zones), "x"), parse_kml(to_kml(plan, zones), "x")):
        flown = tuple((point.lat, point.lon) for point in plan.points)
        assert drawing.lines == (flown,)
        assert drawing.points == flown
        assert drawing.polygons == zones[0][1].polygons


def test_geojson_says_what_each_point_is(found: LookoutConfig, plan: FlightPlan) -> None:
    features = json.loads(to_geojson(plan, []))["features"]
    assert [one["properties"]["kind"] for one in features][:2] == ["route", "takeoff"]
    assert features[1]["geometry"]["coordinates"][2] == 60.0
    assert "&lt;民爆库&gt;" in to_kml(plan, [(one, drawing_of(one)) for one in found.airspace])


def test_what_is_drawn_becomes_a_patrol_in_its_own_datum() -> None:
    line = ((41.77, 109.97), (41.78, 109.97))
    found = patrol_of_drawing(Drawing(lines=(line,)), Datum.GCJ02, "p", "uav-1", "flat", "x")
    assert found.patrol["route"] == {
        "kind": "waypoints",
        "datum": "gcj02",
        "points": [[41.77, 109.97], [41.78, 109.97]],
    }
    with pytest.raises(BadInputError, match="2 lines"):
        patrol_of_drawing(Drawing(lines=(line, line)), Datum.WGS84, "p", "uav-1", "flat", "x")
    with pytest.raises(BadInputError, match="holds no line"):
        patrol_of_drawing(Drawing(), Datum.WGS84, "p", "uav-1", "flat", "x")
