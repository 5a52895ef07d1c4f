"""Areas on the earth: told of once, by the circle that somebody stands in; and against the truth of a short flight."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, Polygon

from detect.rules import CameraRules, Picture, Trigger
from detect.rules.disc import share_inside
from detect.tracking import Track
from kernel.config.camera import CameraConfig
from kernel.config.earth import Datum
from kernel.event_base import GeoPoint
from kernel.events import AlertKind, GroundSighting, SightsUpdate
from kernel.geodesy import from_wgs84
from scripts.rule_exam.area import AREAS, depth, flown

HERE, START = (41.7664, 109.9718), datetime(2026, 11, 23, 4, tzinfo=UTC)
NORTH_DEG, EAST_DEG = 1 / 111_320.0, 1 / (111_320.0 * math.cos(math.radians(41.7664)))
SQUARE = [(-20.0, -20.0), (-20.0, 20.0), (20.0, 20.0), (20.0, -20.0)]
PICTURE = Picture(640, 360)
WELL_IN, ERROR_M = (0.0, 0.0), 3.0


def place_of(east_m: float, north_m: float) -> tuple[float, float]:
    return HERE[0] + north_m * NORTH_DEG, HERE[1] + east_m * EAST_DEG


class Watch:
    """A drone's camera with one rule about a square of 40 m, five frames a second."""

    def __init__(self, datum: Datum = Datum.WGS84, **rule: object) -> None:
        corners = [from_wgs84(*place_of(*corner), datum) for corner in SQUARE]
        settings = {"id": "r", "kind": "area_intrusion", "datum": datum, "points": corners, "hold_s": 1.0, **rule}
        stream = {"main": {"url": "rtsp://127.0.0.1/1"}}
        camera = {"id": "uav-1-cam", "name": "n", "unit": "u", "streams": stream, "rules": [settings]}
        self.rules = CameraRules(CameraConfig.model_validate(camera), ("person", "car"))
        self.now_s = START.timestamp()

    def see(
        self, seconds_s: float, *who: tuple[int, tuple[float, float] | None], error_m: float = ERROR_M
    ) -> list[Trigger]:
        """Frames with these tracks at these places (east, north; None: without a place)."""
        fired = []
        for _ in range(round(seconds_s / 0.2)):
            self.now_s += 0.2
            tracks = [_track(number) for number, _ in who]
            sights = _sights(self.now_s, who, error_m)
            fired += self.rules.evaluate(tracks, PICTURE, self.now_s, None, sights)
        return fired


def _track(number: int) -> Track:
    return Track(
        track_id=number, class_id=0, class_lead=9.0, confidence=0.9, recent_confidence=0.9, is_confirmed=True,
        box_xyxy=(100.0, 100.0, 120.0, 150.0), velocity_px_s=(0.0, 0.0), frames_seen=9,
    )  # fmt: skip


def _sights(now_s: float, who: Sequence[tuple[int, tuple[float, float] | None]], error_m: float) -> SightsUpdate:
    sightings = []
    for number, place in who:
        lat, lon = place_of(*place) if place is not None else (0.0, 0.0)
        sightings.append(
            GroundSighting(
                track_id=number,
                class_name="person",
                confidence=0.9,
                place=None if place is None else GeoPoint(lat=lat, lon=lon),
                error_m=None if place is None else error_m,
                unplaced="" if place is not None else "grazing",
            )
        )
    at = datetime.fromtimestamp(now_s, UTC)
    return SightsUpdate(camera_id="uav-1-cam", drone_id="uav-1", captured_at=at, sightings=tuple(sightings))


@pytest.mark.parametrize("datum", list(Datum))
def test_somebody_inside_is_told_of_once_whatever_the_datum_of_the_area(datum: Datum) -> None:
    watch = Watch(datum)
    assert watch.see(0.8, (1, WELL_IN)) == []
    fired = watch.see(20.0, (1, WELL_IN))
    assert [(one.kind, one.track_id, one.rule_id) for one in fired] == [(AlertKind.AREA_INTRUSION, 1, "r")]


@pytest.mark.parametrize(
    ("east_m", "error_m", "told"),
    [
        (19.0, 1.0, True),  # a metre inside, known within two
        (19.0, 3.0, True),  # a little more than half of the circle is inside
        (21.0, 1.0, False),
        (21.0, 3.0, False),  # it may be inside, and more likely is not
        (40.0, 3.0, False),
        (0.0, 9.0, True),  # the circle fits in
        (0.0, 15.5, True),  # it does not, most of it does
        (0.0, 20.0, False),  # in an area smaller than the circle nobody can be said to stand
    ],
)
def test_inside_is_where_at_least_half_of_the_circle_is(east_m: float, error_m: float, told: bool) -> None:
    assert bool(Watch().see(5.0, (1, (east_m, 0.0)), error_m=error_m)) is told


def test_who_has_no_place_changes_nothing() -> None:
    watch = Watch()
    assert watch.see(5.0, (1, None)) == []
    watch.see(0.6, (1, WELL_IN))
    watch.see(0.6, (1, None))
    assert len(watch.see(1.2, (1, WELL_IN))) == 1
    assert watch.see(3.0, (1, None)) + watch.see(3.0, (1, WELL_IN)) == []


def test_without_places_at_all_nothing_is_told() -> None:
    watch = Watch()
    assert watch.rules.evaluate([_track(1)], PICTURE, watch.now_s) == []


def test_it_is_told_of_again_after_it_left_and_not_at_the_edge() -> None:
    watch = Watch()
    assert len(watch.see(3.0, (1, WELL_IN))) == 1
    assert watch.see(3.0, (1, (21.0, 0.0))) + watch.see(3.0, (1, WELL_IN)) == []
    assert watch.see(3.0, (1, (30.0, 0.0))) == []
    assert len(watch.see(3.0, (1, WELL_IN))) == 1


def test_a_track_lost_and_found_again_close_by_is_the_same_and_another_one_is_not() -> None:
    watch = Watch()
    assert len(watch.see(3.0, (1, WELL_IN))) == 1
    watch.see(4.0)
    assert watch.see(3.0, (2, (5.0, 5.0))) == []
    assert len(watch.see(3.0, (2, (5.0, 5.0)), (3, (6.0, 5.0)))) == 1  # beside it, so not it
    watch.see(15.0)
    assert len(watch.see(3.0, (4, (5.0, 5.0)))) == 1  # nobody knows who was there meanwhile


def test_out_of_reach_is_somebody_else() -> None:
    watch = Watch()
    assert len(watch.see(3.0, (1, (-15.0, -15.0)), error_m=1.0)) == 1
    watch.see(1.0)
    assert len(watch.see(3.0, (2, (15.0, 15.0)), error_m=1.0)) == 1


def test_a_visit_interrupted_by_a_time_unseen_counts_from_the_beginning() -> None:
    watch = Watch(hold_s=2.0)
    watch.see(1.6, (1, WELL_IN))
    watch.see(3.0)
    assert watch.see(1.6, (1, WELL_IN)) == []
    assert len(watch.see(1.0, (1, WELL_IN))) == 1


def test_other_classes_and_unsure_ones_do_not_count() -> None:
    assert Watch(classes=["car"]).see(5.0, (1, WELL_IN)) == []
    assert Watch(min_height_px=60.0).see(5.0, (1, WELL_IN)) == []


CONVEX = [(-10.0, -5.0), (12.0, -8.0), (15.0, 9.0), (0.0, 14.0), (-12.0, 6.0)]
HOLLOW = [(0.0, 0.0), (20.0, 0.0), (20.0, 20.0), (10.0, 5.0), (0.0, 20.0)]


@given(st.sampled_from([CONVEX, HOLLOW, CONVEX[::-1]]), st.floats(-25, 30), st.floats(-25, 30), st.floats(0.05, 40.0))
def test_the_share_of_a_disc_is_that_of_shapely(
    polygon: list[tuple[float, float]], x: float, y: float, radius: float
) -> None:
    disc = Point(x, y).buffer(radius, quad_segs=64)
    expected = Polygon(polygon).intersection(disc).area / disc.area
    assert share_inside(polygon, (x, y), radius) == pytest.approx(expected, abs=2e-3)


def test_a_disc_without_size_is_a_point() -> None:
    assert share_inside(HOLLOW, (5.0, 5.0), 0.0) == 1.0
    assert share_inside(HOLLOW, (10.0, 15.0), 0.0) == 0.0


def test_the_exams_depth_is_that_of_shapely() -> None:
    corner = AREAS[1].points_m
    for place in ((-30.0, -30.0), (-50.0, -50.0), (-20.0, -45.0), (0.0, 0.0)):
        edge_m = Polygon(corner).exterior.distance(Point(place))
        assert depth(corner, place) == pytest.approx(edge_m if Polygon(corner).contains(Point(place)) else -edge_m)


def test_a_short_flight_over_a_yard_tells_of_all_that_walk_in_and_of_nobody_else() -> None:
    """The full exam is `python -m scripts.evaluate_rules --rule area_intrusion`."""
    short = replace(AREAS[0], stops=(replace(AREAS[0].stops[0], hold_s=22.0),))
    tally = flown(short, 1)
    print(tally)
    assert tally.incidents >= 4
    assert tally.found == tally.incidents
    assert tally.wrong == 0
