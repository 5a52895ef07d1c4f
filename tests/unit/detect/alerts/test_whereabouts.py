"""Where an alert of a drone's camera is about, with an error that holds; else why that is not known."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from detect.aerial.ground import RMS_TO_95
from detect.alerts.whereabouts import Whereabouts, in_sight
from kernel.events import GeoPoint, GroundSighting, SightsUpdate

HERE = GeoPoint(lat=41.7701, lon=109.9702)


def sights(*seen: GroundSighting, unplaced: str = "") -> SightsUpdate:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    return SightsUpdate(camera_id="cam-01", drone_id="uav-1", captured_at=at, sightings=seen, unplaced=unplaced)


def seen(track_id: int, place: GeoPoint | None, error_m: float | None = None, unplaced: str = "") -> GroundSighting:
    return GroundSighting(
        track_id=track_id, class_name="person", confidence=0.9, place=place, error_m=error_m, unplaced=unplaced
    )


def test_its_own_track_and_no_other_gives_the_place_and_twice_its_error() -> None:
    update = sights(seen(6, GeoPoint(lat=1.0, lon=2.0), 1.0), seen(7, HERE, 4.13))
    assert in_sight(update, 7) == Whereabouts(HERE, error_m=8.3)


@pytest.mark.parametrize(
    ("update", "track_id", "why"),
    [
        (sights(seen(7, None, unplaced="grazing")), 7, "grazing"),
        (sights(unplaced="pose_old"), 7, "pose_old"),
        (sights(seen(7, HERE, 4.0)), 8, "no_track"),
        (sights(seen(7, HERE, 4.0)), None, "no_track"),
    ],
)
def test_what_has_no_place_says_why(update: SightsUpdate, track_id: int | None, why: str) -> None:
    assert in_sight(update, track_id) == Whereabouts(unplaced=why)


@pytest.mark.parametrize("minor_m", [0.0, 0.3, 1.0, 3.0, 6.0])
def test_95_of_a_hundred_lie_within_the_error_however_long_the_ellipse(minor_m: float) -> None:
    major_m = 6.0
    drawn = np.random.default_rng(7).normal(size=(40_000, 2)) * (major_m, minor_m)
    off_m = np.hypot(*drawn.T)
    assert np.mean(off_m <= RMS_TO_95 * np.hypot(major_m, minor_m)) >= 0.95
