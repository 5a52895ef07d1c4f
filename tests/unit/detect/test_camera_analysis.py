"""One camera's way from detections to incidents, where its picture or the process changes in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from detect.aerial.pose_track import Mount, PoseTrack
from detect.aerial.sight import AerialSight
from detect.alerts.incidents import IncidentBook, IncidentChange, IncidentUpdate, field_of
from detect.boxes.detections import Detections
from detect.camera_analysis import CameraAnalysis
from detect.models.card import ModelInput
from kernel.config.camera import CameraConfig, Datum, PlaceConfig, StreamName
from kernel.config.rules import PictureLostRule
from kernel.drone_events import GimbalAttitude
from kernel.event_base import GeoPoint
from kernel.geodesy import bearing_deg, distance_m
from kernel.ring import FrameView, RingReader, RingWriter
from tests.unit.detect.aerial.poses import air_pose

CAMERA = CameraConfig.model_validate(
    {
        "id": "cam-01",
        "name": "Gate",
        "unit": "bureau",
        "streams": {"main": {"url": "rtsp://127.0.0.1/1"}},
        "zones": [{"id": "yard", "points": [[0.5, 0.0], [1.0, 0.0], [1.0, 1.0], [0.5, 1.0]]}],
        "rules": [{"id": "r", "kind": "zone_intrusion", "zone": "yard", "min_height_px": 0, "cooldown_s": 0.1}],
    }
)
TARGET = ModelInput(width_px=64, height_px=32)
START_S = 1_700_000_000.0


class Gate:
    """The camera's ring and its analysis; somebody stands at a fraction of the picture's width."""

    def __init__(self, path: Path) -> None:
        self.writer = RingWriter(path, [("cam-01", StreamName.MAIN)])
        self.reader = RingReader(path)
        self.sight: AerialSight | None = None
        self.camera = CAMERA
        self.analysis = self.restarted()
        self.now_s = START_S
        self.target = TARGET
        self.shown: dict[int, str] = {}

    def restarted(self) -> CameraAnalysis:
        numbers = iter(range(100))
        book = IncidentBook({field_of("cam-01", "r"): 0.1}, lambda: f"id-{next(numbers)}")
        return CameraAnalysis(self.camera, ("person", "truck"), TARGET, book, sight=self.sight)

    def view(self, width_px: int, height_px: int) -> FrameView:
        chroma = np.full(((height_px + 1) // 2, (width_px + 1) // 2), 128, np.uint8)
        slots = self.writer.slot_for("cam-01", StreamName.MAIN)
        slots.write(np.full((height_px, width_px), 90, np.uint8), chroma, chroma, 0, int(self.now_s * 1e6))
        view = self.reader.newest("cam-01", StreamName.MAIN)
        assert view is not None
        return view

    def updates(self, x: float, frames: int, size_px: tuple[int, int], class_id: int = 0) -> list[IncidentUpdate]:
        """What happens while somebody stands there for so many frames."""
        width_px, height_px = size_px
        box = ((x - 0.02) * width_px, 0.4 * height_px, (x + 0.02) * width_px, 0.7 * height_px)
        found = Detections.of([box], [0.9], [class_id])
        updates = []
        for _ in range(frames):
            self.now_s += 0.2
            slot = np.empty((self.target.height_px, self.target.width_px, 3), np.uint8)
            assert self.analysis.put_in(self.view(width_px, height_px), slot) is not None
            now = datetime.fromtimestamp(self.now_s, UTC)
            tracks, changes = self.analysis.found(found, int(self.now_s * 1e6), now)
            self.shown = {box.track_id: box.class_name for box in self.analysis.tracks_update(tracks, 0, now).tracks}
            updates += changes
        return updates

    def use_model(self, class_names: tuple[str, ...], target: ModelInput) -> None:
        self.target = target
        self.analysis.use_model(class_names, target)

    def opened(self, x: float, frames: int, size_px: tuple[int, int] = (640, 360)) -> int:
        """Alerts raised meanwhile."""
        return sum(update.change is IncidentChange.OPENED for update in self.updates(x, frames, size_px))


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    made = Gate(tmp_path / "r")
    with closing(made.writer), made.reader:
        yield made


def test_picture_that_changes_its_size_announces_nobody_again(gate: Gate) -> None:
    assert gate.opened(0.75, 5) == 1
    assert gate.opened(0.75, 5, (1280, 720)) == 0
    assert gate.opened(0.75, 5, (640, 360)) == 0


def test_somebody_else_after_a_change_of_size_is_announced(gate: Gate) -> None:
    assert gate.opened(0.55, 5) == 1
    assert gate.opened(0.95, 5, (1280, 720)) == 1


def test_stays_of_the_run_before_are_kept_until_there_is_a_frame(gate: Gate) -> None:
    """A detector killed twice before a camera delivered again had written over who stayed there."""
    assert gate.opened(0.75, 5) == 1
    stays = gate.analysis.stays()
    for _ in range(2):
        gate.analysis = gate.restarted()
        gate.analysis.resume(stays)
        stays = gate.analysis.stays()
    gate.now_s += 2.0
    assert gate.opened(0.75, 5) == 0


def test_an_alert_of_a_camera_that_flies_has_the_place_of_whom_it_is_about(gate: Gate) -> None:
    """From 50 m, straight down, nose to the north: 160 px to the right and 70 px down are 17.5 m east, 7.6 m south."""
    at = datetime.fromtimestamp(START_S + 0.2, UTC)
    looks = GimbalAttitude(pitch_deg=-90.0, roll_deg=0.0, yaw_deg=0.0, yaw_from_north=True, at=at)
    pose = air_pose(at, camera_id="cam-01", height_m=50.0, gimbal=looks)
    gate.sight = AerialSight("cam-01", "uav-1", 70.0, PoseTrack(Mount(has_gimbal=True)))
    gate.analysis = gate.restarted()
    gate.sight.poses.add(pose)
    [alert] = [u.alert for u in gate.updates(0.75, 5, (640, 360)) if u.change is IncidentChange.OPENED]
    place, error_m = alert.place, alert.place_error_m
    assert place is not None
    assert error_m is not None
    assert 3 < error_m < 15
    assert 15 < distance_m(41.77, 109.97, place.lat, place.lon) < 20
    assert bearing_deg(41.77, 109.97, place.lat, place.lon) == pytest.approx(113.5, abs=2)
    gate.now_s += 900.0  # nothing was told of the drone since
    [later] = [u.alert for u in gate.updates(0.95, 5, (640, 360)) if u.change is IncidentChange.OPENED]
    assert (later.place, later.place_error_m, later.unplaced) == (None, None, "pose_old")
    assert gate.analysis.sights is not None
    assert gate.analysis.sights.unplaced == "pose_old"


def test_an_alert_of_a_camera_that_stands_tells_its_place_and_no_error(gate: Gate) -> None:
    """Where its subject stands is not known: the place is the camera's, and no error of it is made up."""
    gate.camera = CAMERA.model_copy(update={"place": PlaceConfig(lat=41.77, lon=109.97, datum=Datum.WGS84)})
    gate.analysis = gate.restarted()
    [alert] = [u.alert for u in gate.updates(0.75, 5, (640, 360)) if u.change is IncidentChange.OPENED]
    assert alert.place == GeoPoint(lat=41.77, lon=109.97)
    assert (alert.place_error_m, alert.unplaced) == (None, "")


@pytest.mark.parametrize("use_s", [None, 30])
def test_a_covered_lens_is_told_of_by_the_frames_put_in(tmp_path: Path, use_s: int | None) -> None:
    """Also after a change to a model of another input, which shows the rule pictures of another size."""
    camera = CAMERA.model_copy(update={"rules": (PictureLostRule(id="r", kind="picture_lost"),)})
    book = IncidentBook({field_of("cam-01", "r"): 20.0}, lambda: "id-1")
    analysis, target = CameraAnalysis(camera, ("person",), TARGET, book), TARGET
    bars = np.repeat(np.tile(np.array([60, 180], np.uint8), 40), 8)[None].repeat(360, 0)
    chroma, nothing = np.full((180, 320), 128, np.uint8), Detections.of([], [], [])
    opened, covered_from = [], 60 if use_s is None else 5 * use_s + 60
    with (
        closing(RingWriter(tmp_path / "r", [("cam-01", StreamName.MAIN)])) as writer,
        RingReader(tmp_path / "r") as ring,
    ):
        for step in range(covered_from + 40):
            if use_s is not None and step == 5 * use_s:
                target = ModelInput(width_px=96, height_px=64)
                analysis.use_model(("person",), target)
            luma = bars if step < covered_from else np.full_like(bars, 70)
            at_us = int((START_S + 0.2 * step) * 1e6)
            writer.slot_for("cam-01", StreamName.MAIN).write(luma, chroma, chroma, 0, at_us)
            view = ring.newest("cam-01", StreamName.MAIN)
            assert view is not None
            assert analysis.put_in(view, np.empty((target.height_px, target.width_px, 3), np.uint8)) is not None
            updates = analysis.found(nothing, at_us, datetime.fromtimestamp(at_us / 1e6, UTC))[1]
            opened += [(u.alert.class_name, step) for u in updates if u.change is IncidentChange.OPENED]
    assert [class_name for class_name, _ in opened] == ["covered"]
    assert covered_from + 20 <= opened[0][1] <= covered_from + 22


def test_an_alert_is_told_what_its_track_turns_out_to_be_while_that_is_new(gate: Gate) -> None:
    [opened] = gate.updates(0.75, 3, (640, 360))
    assert (opened.change, opened.alert.class_name) == (IncidentChange.OPENED, "person")
    [corrected] = gate.updates(0.75, 6, (640, 360), class_id=1)
    assert (corrected.change, corrected.alert.id) == (IncidentChange.CONTINUED, opened.alert.id)
    assert (corrected.alert.class_name, corrected.alert.class_changes) == ("truck", 1)
    gate.updates(0.75, 10, (640, 360), class_id=1)
    assert gate.updates(0.75, 30, (640, 360), class_id=0) == []


def test_another_model_goes_on_with_tracks_and_incidents_however_it_numbers_its_classes(gate: Gate) -> None:
    """Who stands in the zone stays the same track, is not announced again, and is no truck all at once."""
    [opened] = gate.updates(0.75, 5, (640, 360))
    assert opened.alert.class_name == "person"
    [track_id] = gate.shown
    gate.use_model(("truck", "bus", "person"), ModelInput(width_px=96, height_px=64))
    assert gate.updates(0.75, 6, (640, 360), class_id=2) == []
    assert gate.shown == {track_id: "person"}
    gate.use_model(("person", "truck"), TARGET)
    assert gate.updates(0.75, 6, (640, 360), class_id=0) == []
    assert gate.shown == {track_id: "person"}


def test_a_rule_goes_on_watching_by_another_model(gate: Gate) -> None:
    gate.updates(0.2, 3, (640, 360))
    gate.use_model(("truck", "person"), ModelInput(width_px=96, height_px=64))
    [opened] = gate.updates(0.75, 5, (640, 360), class_id=1)
    assert (opened.change, opened.alert.class_name) == (IncidentChange.OPENED, "person")


def test_an_alert_is_told_of_a_class_that_only_the_new_model_knows(gate: Gate) -> None:
    [opened] = gate.updates(0.75, 3, (640, 360))
    gate.use_model(("bus", "person"), TARGET)
    [corrected] = gate.updates(0.75, 8, (640, 360), class_id=0)
    assert (corrected.alert.id, corrected.alert.class_name) == (opened.alert.id, "bus")
    assert set(gate.shown.values()) == {"bus"}
