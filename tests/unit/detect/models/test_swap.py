"""What a watch makes of a config and of models that change; the models are small and run for real."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from detect.alerts.incidents import IncidentBook
from detect.batching.lane import AnalysisLane
from detect.batching.schedule import Schedule
from detect.boxes.detections import Detections
from detect.build import engine_cache, open_lanes
from detect.camera_analysis import CameraAnalysis
from detect.models.change import ModelChange, WatchedCamera
from detect.models.choice import ModelChoice
from detect.models.swap import ModelWatch
from detect.models.trial import Trial
from detect.pulse import CameraPulse
from kernel.config import load_config
from kernel.config.lookout import LookoutConfig
from kernel.config.sections import Language
from kernel.errors import BadInputError
from tests.unit.detect.tiny_models import bright_walker_model

CAMERAS = "".join(
    f"  - {{id: {name}, name: n, unit: u, streams: {{main: {{url: 'rtsp://127.0.0.1:1/{name}'}}}}}}\n"
    for name in ("gate", "yard")
)


class Room:
    """Two cameras, models of which some may be broken, and what a loop would hold."""

    def __init__(self, folder: Path, default: str, data_dir: Path) -> None:
        self.folder, self.data_dir = folder, data_dir
        self.file = folder / "lookout.yaml"
        self.now_s = 0.0
        self.configure(default)
        config = load_config(self.file)
        choice = ModelChoice.of(config, ("gate", "yard"))
        self.watch = ModelWatch(self.file, config, choice.by_camera, engine_cache(config))
        self.lanes = open_lanes(config, choice.names)
        self.schedule = Schedule({name: lane.turns for name, lane in self.lanes.items()}, 5.0, 8, 0.06)
        by_id = {camera.id: camera for camera in config.cameras}
        book = IncidentBook({}, str)

        def begin(camera_id: str, lane: AnalysisLane) -> CameraAnalysis:
            return CameraAnalysis(by_id[camera_id], lane.model.card.classes, lane.model.card.input, book)

        self.change = ModelChange(self.watch, begin, lambda cards: "", Language.EN)
        self.cameras = {
            camera_id: WatchedCamera(name, begin(camera_id, self.lanes[name]), CameraPulse())
            for camera_id, name in choice.by_camera.items()
        }
        self.schedule.add({camera_id: camera.lane for camera_id, camera in self.cameras.items()}, 0.0)

    def configure(self, default: str, cameras: str = CAMERAS) -> None:
        self.file.write_text(f"data_dir: {self.data_dir}\nmodels: {{dir: ., default: {default}}}\ncameras:\n{cameras}")

    def seconds(self, count: int) -> bool:
        """Let so many seconds pass, and what is begun come to its end; whether anything was taken over."""
        taken = False
        for _ in range(count):
            self.now_s += 1.0
            swap = self.change.ready(self.lanes)
            if swap is not None:
                self.change.take_over(swap, self.cameras, self.lanes, self.schedule, self.now_s)
                taken = True
            if self.watch.at_work is not None:
                self.watch.at_work.join()
        return taken


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared, so that the engine is measured once."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def room(tmp_path: Path, data_dir: Path) -> Room:
    bright_walker_model(tmp_path / "old.onnx")
    return Room(tmp_path, "old.onnx", data_dir)


def lane_names(room: Room) -> set[str]:
    return {Path(camera.lane).name for camera in room.cameras.values()}


def test_nothing_happens_while_nothing_changes(room: Room) -> None:
    assert not room.seconds(5)


def test_broken_model_is_told_once_and_the_old_one_goes_on(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    (room.folder / "odd.onnx").write_bytes(b"not a model")
    room.configure("odd.onnx")
    running = dict(room.lanes)
    assert room.seconds(6)
    assert room.lanes == running
    assert lane_names(room) == {"old.onnx"}
    assert "odd.onnx" in room.change.warning
    assert "\n" not in room.change.warning
    assert len(caplog.records) == 1
    room.configure("old.onnx")
    assert room.seconds(3)
    assert room.change.warning == ""


def test_model_that_crashes_its_trial_is_not_opened_here(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def crashed(trial: Trial, stop: threading.Event) -> None:
        tried.append(Path(trial.name).name)
        raise BadInputError("it ended the process")

    monkeypatch.setattr("detect.models.swap.try_out", crashed)
    bright_walker_model(room.folder / "new.onnx")
    room.configure("new.onnx")
    assert room.seconds(3)
    assert tried == ["new.onnx"]
    assert lane_names(room) == {"old.onnx"}
    assert "it ended the process" in room.change.warning


def test_broken_config_leaves_the_models_alone(room: Room) -> None:
    room.file.write_text("cameras: [\n")
    assert room.seconds(3)
    assert "lookout.yaml:" in room.change.warning
    assert lane_names(room) == {"old.onnx"}


def test_file_that_is_still_being_written_is_left_in_peace(room: Room) -> None:
    """A model copied over a slow network grows for a while: half of it is no broken model."""
    for step in range(4):
        (room.folder / "old.onnx").write_bytes(b"x" * (step + 1))
        assert not room.seconds(1)
    assert room.change.warning == ""


def test_new_model_of_one_camera_runs_beside_the_old_and_replaces_it_for_all(room: Room) -> None:
    bright_walker_model(room.folder / "new.onnx")
    room.configure("old.onnx", CAMERAS.replace("name: n", "name: n, model: ./new.onnx", 1))
    assert room.seconds(3)
    assert Path(room.cameras["gate"].lane).name == "new.onnx"
    assert Path(room.cameras["yard"].lane).name == "old.onnx"
    assert len(room.lanes) == len(room.schedule.lanes) == 2
    room.schedule.share_out(("gate", "yard"))
    fast, slow = (room.lanes[room.cameras[name].lane].turns for name in ("gate", "yard"))
    fast.capacity_fps, slow.capacity_fps = 300.0, 100.0
    assert room.schedule.capacity_fps == pytest.approx(150.0), "half of the pictures by each: 1 / (0.5/300 + 0.5/100)"
    room.configure("new.onnx")
    assert room.seconds(3)
    assert lane_names(room) == {"new.onnx"}
    assert len(room.lanes) == len(room.schedule.lanes) == 1


def test_class_map_of_a_camera_is_taken_over_and_one_that_cannot_be_is_told(room: Room) -> None:
    room.configure("old.onnx", CAMERAS.replace("name: n", "name: n, class_map: {person: dog}", 1))
    assert room.seconds(3)
    assert room.change.warning == ""
    room.configure("old.onnx", CAMERAS.replace("name: n", "name: n, class_map: {people: dog}", 1))
    assert room.seconds(3)
    assert "camera gate, model old: class_map: the model has no class 'people'" in room.change.warning


def test_touched_file_is_no_other_model(room: Room) -> None:
    lane = room.lanes[room.cameras["gate"].lane]
    os.utime(room.folder / "old.onnx", (1, 1))
    assert room.seconds(3)
    assert room.lanes[room.cameras["gate"].lane] is lane


def test_model_replaced_by_one_that_a_cameras_class_map_does_not_fit_is_left_as_it_was(room: Room) -> None:
    """The camera went on by its old classes and its old input on the answers of the new model."""
    mapped = CAMERAS.replace("name: n", "name: n, class_map: {person: dog}", 1)
    room.configure("old.onnx", mapped)
    assert room.seconds(3)
    running = dict(room.lanes)
    bright_walker_model(room.folder / "old.onnx", "walker")
    assert room.seconds(4)
    assert "camera gate, model old: class_map: the model has no class 'person'" in room.change.warning
    assert room.lanes == running
    room.configure("old.onnx", mapped.replace("person", "walker"))
    assert room.seconds(4)
    assert room.change.warning == ""
    assert [lane.model.card.classes for lane in room.lanes.values()] == [("walker",)]


def test_camera_that_is_gone_from_the_config_goes_on_by_its_model_renewed(room: Room) -> None:
    """It is analysed until the next start; by the new answers, it has to be told what they mean."""
    room.configure("old.onnx", CAMERAS.splitlines(keepends=True)[1])
    bright_walker_model(room.folder / "old.onnx", "walker")
    assert room.seconds(4)
    assert room.change.warning == ""
    analysis = room.cameras["gate"].analysis
    assert analysis is not None
    assert analysis.named(Detections.of([(1, 1, 9, 9)], [0.9], [0])).class_id.tolist() == [1], "no person any more"


def test_config_written_again_while_it_is_read_is_read_again(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written between reading and looking at the files counted as read."""
    for name in ("new", "newer"):
        bright_walker_model(room.folder / f"{name}.onnx")

    def read(path: Path) -> LookoutConfig:
        config = load_config(path)
        monkeypatch.undo()
        room.configure("newer.onnx")
        return config

    monkeypatch.setattr("detect.models.swap.load_config", read)
    room.configure("new.onnx")
    assert room.seconds(8)
    assert lane_names(room) == {"newer.onnx"}
