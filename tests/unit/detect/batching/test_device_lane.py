"""The device's way as lane and cameras use it, against the processor's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from detect.alerts.incidents import IncidentBook
from detect.batching.batch_path import HostPath
from detect.boxes.detections import Detections
from detect.camera_analysis import CameraAnalysis
from detect.engines.onnxruntime_engine import OnnxRuntimeEngine
from detect.errors import DeviceLost, EngineError
from detect.models.card import ModelInput
from detect.models.model import Model, load_model
from detect.pictures.frames import FrameCopy
from detect.pictures.preprocess import Polygons, Preprocessor
from kernel.config.camera import CameraConfig, StreamName
from kernel.config.sections import DetectConfig
from kernel.ring import RingReader, RingWriter
from tests.unit.detect.tiny_models import bright_walker_model, fails_when_bright_model

pytest.importorskip("torch", reason="the extra yolo is not installed")

from detect.batching.device_lane import DeviceLanePath, DevicePreprocessor

CONFIG = DetectConfig(batch_max=1, min_confidence=0.05)
LEFT_HALF: Polygons = (((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)),)
START = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def model(tmp_path: Path) -> Model:
    return load_model(str(bright_walker_model(tmp_path / "walker.onnx")), tmp_path)


def plain(luma: int, width_px: int = 128, height_px: int = 64) -> FrameCopy:
    half = (height_px // 2, width_px // 2)
    return FrameCopy(np.full((height_px, width_px), luma, np.uint8), *(np.full(half, 128, np.uint8) for _ in range(2)))


def analysed(path: HostPath | DeviceLanePath, target: ModelInput, masks: Polygons, *lumas: int) -> list[Detections]:
    """Plain pictures through a path, one preprocessor each as cameras have them."""
    boxes = []
    for index, luma in enumerate(lumas):
        picture = plain(luma)
        preprocessor = path.puts_in(target, picture.y.shape[1], picture.y.shape[0], masks)
        preprocessor.fill(picture, path.slots[index])
        boxes.append(preprocessor.letterbox)
    return path.begin(0, boxes).answers()


@pytest.fixture
def paths(model: Model) -> Iterator[tuple[HostPath, DeviceLanePath]]:
    host = HostPath(model, CONFIG, OnnxRuntimeEngine(model))
    yield host, DeviceLanePath.of(model, CONFIG, "cpu")
    host.close()


@pytest.mark.parametrize("masks", [(), LEFT_HALF])
def test_both_ways_see_the_same_masked_or_not(
    paths: tuple[HostPath, DeviceLanePath], model: Model, masks: Polygons
) -> None:
    """The walker's place is the picture's brightness, so a mask that is not burnt in moves it."""
    host, device = paths
    for expected, found in zip(
        analysed(host, model.card.input, masks, 200), analysed(device, model.card.input, masks, 200), strict=True
    ):
        np.testing.assert_allclose(found.boxes_xyxy, expected.boxes_xyxy, atol=2.0)
    (unmasked,) = analysed(host, model.card.input, (), 200)
    assert (abs(unmasked.boxes_xyxy[0, 0] - found.boxes_xyxy[0, 0]) > 20) == bool(masks)


def test_batches_follow_each_other_and_a_slot_filled_twice_counts_once(
    paths: tuple[HostPath, DeviceLanePath], model: Model
) -> None:
    _, device = paths
    for luma in (60, 120, 180):
        (expected,) = analysed(device, model.card.input, (), luma)
        device.slots[0].put(plain(250), Preprocessor(model.card.input, 128, 64).letterbox)
        (found,) = analysed(device, model.card.input, (), luma)
        np.testing.assert_allclose(found.boxes_xyxy, expected.boxes_xyxy)


def test_two_batches_begun_in_other_slots_keep_their_own_pictures(
    paths: tuple[HostPath, DeviceLanePath], model: Model
) -> None:
    """As the loop does: each in slots of its own, a torn picture before it left out, answered in their order."""
    _, device = paths
    preprocessor = DevicePreprocessor(model.card.input, 128, 64)
    expected = [analysed(device, model.card.input, (), luma)[0] for luma in (60, 200)]
    for torn in (False, True):
        underway = []
        for first, luma in ((0, 60), (1, 200)):
            if torn:
                preprocessor.fill(plain(250), device.slots[0])
            preprocessor.fill(plain(luma), device.slots[first])
            underway.append(device.begin(first, [preprocessor.letterbox]))
        for one, other in zip(expected, underway, strict=True):
            assert other.wait(5.0)
            (found,) = other.answers()
            np.testing.assert_allclose(found.boxes_xyxy, one.boxes_xyxy)


def test_luma_is_as_small_as_on_the_processors_way(paths: tuple[HostPath, DeviceLanePath], model: Model) -> None:
    _, device = paths
    picture = FrameCopy(np.random.default_rng(1).integers(0, 256, (64, 128), np.uint8), *(plain(0).u, plain(0).v))
    ours, theirs = DevicePreprocessor(model.card.input, 128, 64), Preprocessor(model.card.input, 128, 64)
    ours.fill(picture, device.slots[0])
    theirs.fill(picture, np.empty((32, 64, 3), np.uint8))
    np.testing.assert_array_equal(ours.luma, theirs.luma)


def test_a_cameras_frames_go_from_the_ring_to_tracks_also_when_their_size_changes(
    paths: tuple[HostPath, DeviceLanePath], model: Model, tmp_path: Path
) -> None:
    _, device = paths
    camera = CameraConfig.model_validate(
        {
            "id": "cam-01",
            "name": "c",
            "unit": "bureau",
            "streams": {"main": {"url": "rtsp://192.0.2.1/1"}},
            "rules": [{"id": "lost", "kind": "picture_lost"}],
        }
    )
    analysis = CameraAnalysis(camera, ("person",), model.card.input, IncidentBook({}, str), UTC, device.puts_in)
    writer = RingWriter(tmp_path / "ring", [("cam-01", StreamName.MAIN)])
    lefts = []
    with RingReader(tmp_path / "ring") as reader:
        for number, (width_px, height_px) in enumerate([(128, 64)] * 3 + [(256, 128)] * 3):
            at = START + timedelta(seconds=number / 5)
            picture = plain(150, width_px, height_px)
            writer.slot_for("cam-01", StreamName.MAIN).write(
                picture.y, picture.u, picture.v, number, int(at.timestamp() * 1e6)
            )
            view = reader.newest("cam-01", StreamName.MAIN)
            assert view is not None
            box = analysis.put_in(view, device.slots[0])
            assert box is not None
            (found,) = device.analyse([box])
            tracks, _ = analysis.found(found, int(at.timestamp() * 1e6), at)
            lefts += [track.box_xyxy[0] for track in tracks if track.is_confirmed]
    writer.close()
    assert lefts[-1] == pytest.approx(2 * lefts[0], rel=0.05)


@pytest.mark.parametrize("final", [False, True])
def test_a_failure_of_a_gpu_is_final_and_one_line(tmp_path: Path, final: bool) -> None:
    failing = load_model(str(fails_when_bright_model(tmp_path / "failing.onnx")), tmp_path)
    way = DeviceLanePath.of(failing, CONFIG, "cpu")
    path = DeviceLanePath(way._path, failures_are_final=final)
    assert [len(found) for found in analysed(path, failing.card.input, (), 60)] == [0]
    with pytest.raises(DeviceLost if final else EngineError) as caught:
        analysed(path, failing.card.input, (), 255)
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, DeviceLost) is final


def test_capacity_is_measured_from_planes_to_detections(model: Model) -> None:
    assert DeviceLanePath.of(model, CONFIG, "cpu").measured_fps(model.card.input) > 10
