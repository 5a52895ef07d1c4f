"""A patrol flown by the simulated vehicle: what its camera draws is placed by what its telemetry tells.

The boxes are those of the drawn picture, the poses come over MAVLink at the rates Lookout asks for, pictures come 0.2 s
late. How far each place is from where the actor truly stands is held against the error stated for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from detect.aerial.pose_track import Mount, PoseTrack
from detect.aerial.sight import AerialSight, Seen
from drone.flight.pose import pose_of
from drone.flight.translate import snapshot_of
from drone.mavlink.telemetry import Telemetry
from kernel.events import GroundSighting, SightsUpdate
from kernel.geodesy import distance_m
from scripts.district.light import LIGHTS
from scripts.vehicle.eye.camera_server import pose_of as eye_of
from scripts.vehicle.eye.ground_map import GroundMap
from scripts.vehicle.eye.traffic import Traffic
from scripts.vehicle.eye.view import HEIGHT_PX, WIDTH_PX, AirView, Sighting
from tests.unit.scripts.vehicle.ground import Ground, item

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATE_S = 0.2
BLANK = GroundMap(np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8, 3), np.uint8), np.full((8, 8), 128, np.uint8))


class Flight:
    """The vehicle, the link's view of it, and the poses made of that."""

    def __init__(self) -> None:
        self.ground = Ground()
        self.sight = AerialSight("uav-1-cam", "uav-1", 70.0, PoseTrack(Mount(has_gimbal=True), LATE_S))
        self._telemetry, self._read = Telemetry(), 0

    def begin(self) -> None:
        """Ask for telemetry as Lookout does, take off, look ahead and down."""
        self.ground.run(2.0)
        for number in (33, 30, 158, 285):
            self.ground.command(511, number, 250_000)
        for number in (24, 193):
            self.ground.command(511, number, 1_000_000)
        corners = [(70.0, 0.0), (70.0, 60.0), (-20.0, 60.0), (-20.0, -30.0)]
        way = [item(seq, 16, north, east, 45.0) for seq, (north, east) in enumerate(corners, 2)]
        self.ground.fly([item(0, 16), item(1, 22, alt_m=45.0), *way, item(6, 20)])
        assert self.ground.command(205, -55.0) == 0
        self.run(20.0)

    def run(self, seconds_s: float) -> None:
        """Let time pass; poses are told ten times a second."""
        for _ in range(round(seconds_s / 0.1)):
            self.ground.run(0.1)
            for message in self.ground.heard[self._read :]:
                self._telemetry.fold(message, self.ground.now_s)
            self._read = len(self.ground.heard)
            state, now_s = self._telemetry.state, self.ground.now_s
            seen = snapshot_of(state, True, now_s)
            pose = pose_of("uav-1", "uav-1-cam", state, seen, self.now, now_s, 0.0)
            if pose is not None:
                self.sight.poses.add(pose)

    @property
    def now(self) -> datetime:
        return START + timedelta(seconds=self.ground.now_s)


@dataclass(frozen=True)
class Judged:
    """A place beside the truth."""

    told: GroundSighting
    off_m: float | None


def flown() -> Iterator[tuple[SightsUpdate, list[Judged]]]:
    flight, view, traffic = Flight(), AirView(BLANK, LIGHTS["day"]), Traffic(7)
    flight.begin()
    frame = flight.ground.vehicle.helm.frame
    for _ in range(45):
        flight.run(0.7)
        captured_s = flight.now.timestamp() + LATE_S
        drawn = view.picture(eye_of(flight.ground.vehicle), traffic.at(flight.ground.now_s), "")[1]
        flight.run(0.3)
        whole = [one for one in drawn if _is_whole(one)]
        seen = [Seen(number, one.class_name, 0.9, one.box_xyxy) for number, one in enumerate(whole)]
        update = flight.sight.look(seen, (WIDTH_PX, HEIGHT_PX), captured_s)
        truth = [frame.to_global(one.north_m, one.east_m) for one in whole]
        yield (
            update,
            [
                Judged(told, distance_m(told.place.lat, told.place.lon, *there) if told.place else None)
                for told, there in zip(update.sightings, truth, strict=True)
            ],
        )


def _is_whole(one: Sighting) -> bool:
    left, top, right, _ = one.box_xyxy
    return left > 1 and top > 1 and right < WIDTH_PX - 1


@pytest.fixture(scope="module")
def judged() -> list[tuple[SightsUpdate, list[Judged]]]:
    return list(flown())


def test_true_places_lie_within_the_stated_error(judged: list[tuple[SightsUpdate, list[Judged]]]) -> None:
    placed = [one for _, of_frame in judged for one in of_frame if one.off_m is not None]
    assert len(placed) > 60
    off_m, error_m = np.array([one.off_m for one in placed]), np.array([one.told.error_m for one in placed])
    assert float(np.mean(off_m <= 2 * error_m)) >= 0.95
    assert float(np.median(off_m)) < 1.5
    assert float(error_m.max()) < 15


def test_what_is_not_placed_says_why(judged: list[tuple[SightsUpdate, list[Judged]]]) -> None:
    left_out = [one.told for _, of_frame in judged for one in of_frame if one.off_m is None]
    assert left_out
    assert {one.unplaced for one in left_out} <= {"cut_off", "grazing", "too_far"}


def test_the_ground_in_the_picture_is_told(judged: list[tuple[SightsUpdate, list[Judged]]]) -> None:
    assert all(len(update.footprint) == 4 and not update.unplaced for update, _ in judged)
