"""Training goes on from an exported file: with weights that answer as the file does (make test EXTRAS=yolo)."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from detect.engines.onnxruntime_engine import OnnxRuntimeEngine
from detect.models.model import load_model
from scripts.evaluate_drone_view import pictures as drawn_pictures
from scripts.onnx_start import weights_from_onnx
from scripts.train_model import write_layout
from scripts.vehicle.eye.view import WIDTH_PX

pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("default"),
    pytest.mark.skipif(
        importlib.util.find_spec("ultralytics") is None, reason="ultralytics is not installed: make test EXTRAS=yolo"
    ),
]
MODELS = Path(__file__).resolve().parents[2] / "models"


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    files = []
    for index, (bgr, _) in enumerate(drawn_pictures(6, 3, 60.0, -45.0, 16.0)):
        files.append(tmp_path / f"{index}.png")
        cv2.imwrite(str(files[-1]), bgr)
    return files


def network_of(work: Path, width: float, monkeypatch: pytest.MonkeyPatch) -> Any:
    work.mkdir()
    for name in ("YOLO_OFFLINE", "YOLO_AUTOINSTALL", "YOLO_CONFIG_DIR", "MPLCONFIGDIR"):
        monkeypatch.setenv(name, "")  # what is set from here on goes with the test
    layout = write_layout(work, "yolo26.yaml", width, "hardswish")
    return importlib.import_module("ultralytics.nn.tasks").DetectionModel(str(layout), ch=3, verbose=False)


def test_the_weights_answer_as_the_file_and_their_normalisation_is_that_of_the_pictures(
    tmp_path: Path, pictures: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = importlib.import_module("torch")
    model = load_model("district-n", MODELS)
    target = model.card.input
    network = network_of(tmp_path / "work", 0.125, monkeypatch)
    size_px = (target.width_px, target.height_px)
    written = weights_from_onnx(model.path, network, pictures, size_px, tmp_path / "start.pt")
    network = torch.load(written, weights_only=False)["model"].float()

    slot = np.full((1, target.height_px, target.width_px, 3), 114, np.uint8)
    bgr = np.asarray(cv2.imread(str(pictures[0])), np.uint8)
    slot[0, 12 : 12 + bgr.shape[0], :WIDTH_PX] = bgr[..., ::-1]
    expected = OnnxRuntimeEngine(model).infer(slot)[0]
    batch = torch.from_numpy(np.ascontiguousarray(slot.transpose(0, 3, 1, 2), np.float32) / 255)
    with torch.inference_mode():
        network.eval()
        answer = network(batch)[0].numpy()[0]
        inner: list[Any] = []
        network.model[5].bn.register_forward_hook(lambda _module, _arguments, value: inner.append(value))
        network(batch)
        network.train()
        network(batch)
    assert expected[4:].max() > 0.4
    np.testing.assert_allclose(answer[4:], expected[4:], atol=2e-3)
    by_file, by_batch = inner
    assert float((by_file - by_batch).abs().mean()) < 0.5 * float(by_file.abs().mean()), "training begins near by"


def test_a_file_of_another_layout_is_refused(
    tmp_path: Path, pictures: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    network = network_of(tmp_path / "work", 0.25, monkeypatch)
    with pytest.raises(SystemExit, match=r"is of another layout.*--width"):
        weights_from_onnx(MODELS / "district-n" / "model.onnx", network, pictures, (640, 384), tmp_path / "start.pt")
    assert not (tmp_path / "start.pt").exists()


def test_without_pictures_training_does_not_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = network_of(tmp_path / "work", 0.125, monkeypatch)
    with pytest.raises(SystemExit, match="no pictures in images/train"):
        weights_from_onnx(MODELS / "district-n" / "model.onnx", network, [], (640, 384), tmp_path / "start.pt")
