"""Frames to detections on the device, against the CPU's way with the same network."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from detect.boxes.decode import Decoder, Thresholds
from detect.boxes.detections import Detections
from detect.boxes.nms import pairwise_iou
from detect.engines.devices import gpus
from detect.engines.onnxruntime_engine import OnnxRuntimeEngine
from detect.models.model import Model, load_model
from detect.pictures.frames import FrameCopy
from detect.pictures.letterbox import Letterbox
from detect.pictures.preprocess import Preprocessor
from scripts.district.background import make_background
from scripts.district.light import LIGHTS
from scripts.district.render import FrameRenderer
from scripts.district.scene import Scene
from scripts.district.schedule import parked_actors, schedule
from scripts.rule_exam.watching import scene_of
from tests.unit.detect.tiny_models import bright_walker_model

torch = pytest.importorskip("torch", reason="the extra yolo is not installed")

from detect.batching.device_path import DevicePath  # noqa: E402
from detect.engines.torch_engine import TorchNetwork  # noqa: E402

MODELS = Path(__file__).resolve().parents[4] / "models"
THRESHOLDS = Thresholds(min_confidence=0.05, nms_iou=0.6)
SIZES = [(1280, 720), (640, 360), (768, 576)]


@pytest.fixture(params=["cpu", "cuda:0"])
def device(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if name != "cpu" and name not in gpus():
        pytest.skip("no CUDA device here: frames were analysed by the reference on the CPU only")
    return name


def path_of(model: Model, device: str, batch_max: int = 4) -> DevicePath:
    return DevicePath(TorchNetwork(model, device), model.card.layout, THRESHOLDS, batch_max)


@cache
def renderer_of(scene: Scene) -> FrameRenderer:
    background = make_background(scene, scene.camera, LIGHTS[scene.light], 7)
    return FrameRenderer(background, parked_actors(scene, 7), scene.osd, 7)


def street(width_px: int, height_px: int, seed: int) -> FrameCopy:
    """A street of the simulated district, which the bundled network knows."""
    scene = scene_of("cam-01")
    drawn = renderer_of(scene).frame(schedule(scene, 7), 10.0 + 12 * seed, seed)[0]
    picture = np.asarray(cv2.resize(drawn, (width_px, height_px), interpolation=cv2.INTER_AREA), np.uint8)
    packed = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), np.uint8)
    flat, luma = packed.reshape(-1), width_px * height_px
    half = (height_px // 2, width_px // 2)
    return FrameCopy(packed[:height_px], flat[luma : luma * 5 // 4].reshape(half), flat[luma * 5 // 4 :].reshape(half))


def box_of(frame: FrameCopy, model: Model) -> Letterbox:
    return Letterbox.fit(frame.y.shape[1], frame.y.shape[0], model.card.input)


def started(path: DevicePath, frames: list[FrameCopy], model: Model) -> Any:
    staging = path.next_staging()
    for frame in frames:
        staging.put(frame, box_of(frame, model))
    return path.start(staging)


def on_the_cpus_way(frames: list[FrameCopy], model: Model) -> list[Detections]:
    engine, decoder = OnnxRuntimeEngine(model), Decoder(model.card.layout, model.card.input, THRESHOLDS)
    slot = np.empty((1, model.card.input.height_px, model.card.input.width_px, 3), np.uint8)
    found = []
    for frame in frames:
        preprocessor = Preprocessor(model.card.input, frame.y.shape[1], frame.y.shape[0])
        preprocessor.fill(frame, slot[0])
        found.append(decoder.decode(engine.infer(slot)[0], preprocessor.letterbox))
    engine.close()
    return found


def test_frames_of_mixed_sizes_give_the_boxes_of_the_cpus_way(device: str) -> None:
    model = load_model("district-n", MODELS)
    frames = [street(*size, seed) for seed, size in enumerate(SIZES)]
    expected = on_the_cpus_way(frames, model)
    found = started(path_of(model, device), frames, model).answers()
    assert sum(map(len, expected)) >= 10
    limit = 0.02 if device == "cpu" else 0.05
    for one, other in zip(expected, found, strict=True):
        sure = one.select(one.confidence >= THRESHOLDS.min_confidence + limit)
        overlaps = pairwise_iou(sure.boxes_xyxy, other.boxes_xyxy)
        overlaps[sure.class_id[:, None] != other.class_id[None, :]] = 0
        assert (overlaps.max(axis=1, initial=0.0) >= 0.95).all()
        nearest = overlaps.argmax(axis=1)
        assert np.abs(sure.confidence - other.confidence[nearest]).max(initial=0.0) <= limit


def test_float16_moves_no_box() -> None:
    """A GPU's number format, computed by the processor: what it costs in accuracy needs no GPU to be seen.

    Of two boxes that are equally sure of one object the other may stay: one in twenty, and over the same object.
    """
    model = load_model("district-n", MODELS)
    network = TorchNetwork(model, "cpu")
    network.dtype = torch.float16
    paths = path_of(model, "cpu", batch_max=1), DevicePath(network, model.card.layout, THRESHOLDS, 1)
    overlaps, differences = [], []
    for seed in range(4):
        (expected,), (found,) = (started(path, [street(1280, 720, seed)], model).answers() for path in paths)
        sure = expected.select(expected.confidence >= THRESHOLDS.min_confidence + 0.02)
        overlap = pairwise_iou(sure.boxes_xyxy, found.boxes_xyxy)
        overlaps.append(overlap.max(axis=1))
        differences.append(np.abs(sure.confidence - found.confidence[overlap.argmax(axis=1)]))
    overlap, difference = np.concatenate(overlaps), np.concatenate(differences)
    assert len(overlap) >= 20
    assert difference.max() <= 0.01
    assert np.quantile(overlap, 0.05) >= 0.99
    assert overlap.min() >= 0.9


def walkers(tmp_path: Path) -> Model:
    return load_model(str(bright_walker_model(tmp_path / "walker.onnx")), tmp_path)


def plain(luma: int) -> FrameCopy:
    return FrameCopy(np.full((36, 64), luma, np.uint8), *(np.full((18, 32), 128, np.uint8) for _ in range(2)))


def test_two_batches_in_flight_keep_their_own_pictures(tmp_path: Path, device: str) -> None:
    """The walker's place is the picture's brightness: a batch that read the other's pictures would show it."""
    model = walkers(tmp_path)
    path = path_of(model, device, batch_max=1)
    running = [started(path, [plain(luma)], model) for luma in (60, 200)]
    for _ in range(3):
        (dark,), (bright,) = running[0].answers(), running[1].answers()
        assert dark.boxes_xyxy[0, 0] + 20 < bright.boxes_xyxy[0, 0]
        running = [started(path, [plain(luma)], model) for luma in (60, 200)]


def test_end_to_end_boxes_come_back_in_source_pixels(tmp_path: Path, device: str) -> None:
    model = walkers(tmp_path)
    (expected,) = on_the_cpus_way([plain(150)], model)
    (found,) = started(path_of(model, device, batch_max=1), [plain(150)], model).answers()
    np.testing.assert_allclose(found.boxes_xyxy, expected.boxes_xyxy, atol=0.2)
    assert found.class_id.tolist() == [0]


def test_a_picture_put_over_a_torn_one_takes_its_place(tmp_path: Path, device: str) -> None:
    model = walkers(tmp_path)
    path = path_of(model, device, batch_max=1)
    staging = path.next_staging()
    staging.put(plain(20), box_of(plain(20), model))
    staging.keep(0)
    staging.put(plain(150), box_of(plain(150), model))
    (found,) = path.start(staging).answers()
    (expected,) = on_the_cpus_way([plain(150)], model)
    np.testing.assert_allclose(found.boxes_xyxy, expected.boxes_xyxy, atol=0.2)


def test_pictures_larger_than_expected_get_room(tmp_path: Path, device: str) -> None:
    model = walkers(tmp_path)
    path = path_of(model, device, batch_max=1)
    large = FrameCopy(np.full((2160, 3840), 150, np.uint8), *(np.full((1080, 1920), 128, np.uint8) for _ in range(2)))
    (before,) = started(path, [plain(150)], model).answers()
    (found,) = started(path, [large], model).answers()
    np.testing.assert_allclose(found.boxes_xyxy, 60 * before.boxes_xyxy, atol=20)
    (again,) = started(path, [plain(150)], model).answers()
    np.testing.assert_allclose(again.boxes_xyxy, before.boxes_xyxy)
