"""Models as ultralytics exports them, against ultralytics' own answers (make test EXTRAS=yolo)."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from detect.boxes.decode import Decoder, Thresholds
from detect.boxes.nms import pairwise_iou
from detect.engines.engine import Engine
from detect.engines.onnxruntime_engine import OnnxRuntimeEngine
from detect.engines.openvino_engine import OpenVinoEngine
from detect.models.card import Layout
from detect.models.importing import ImportOptions, import_model
from detect.models.model import load_model
from detect.pictures.blocks import BLOCK_BYTES
from detect.pictures.preprocess import Preprocessor
from kernel.config.sections import Precision
from kernel.errors import BadInputError
from scripts.torchvision_nms import mend_torchvision
from tests.integration.clip_frames import planes_of_picture

pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("default"),
    pytest.mark.skipif(
        importlib.util.find_spec("ultralytics") is None, reason="ultralytics is not installed: make test EXTRAS=yolo"
    ),
]

HEIGHT_PX, WIDTH_PX = 384, 640


STRONGEST = 40


def exported(folder: Path, monkeypatch: pytest.MonkeyPatch, family: str, options: dict[str, Any]) -> tuple[Any, Path]:
    """A network with random weights, awake enough to see something, and its ONNX file."""
    monkeypatch.setenv("YOLO_OFFLINE", "1")
    monkeypatch.setenv("YOLO_CONFIG_DIR", str(folder / "settings"))
    monkeypatch.chdir(folder)
    torch = importlib.import_module("torch")
    torch.manual_seed(7)
    network = importlib.import_module("ultralytics").YOLO(f"{family}.yaml")
    with torch.no_grad():
        for name, tensor in network.model.named_parameters():
            if "cv3." in name and name.endswith("2.bias"):  # class scores: spread them around one half
                tensor.normal_(-2.0, 1.0)
    path = network.export(format="onnx", imgsz=(HEIGHT_PX, WIDTH_PX), simplify=False, **options)
    return importlib.import_module("ultralytics").YOLO(str(path), task="detect"), folder / path


@pytest.mark.parametrize(
    ("family", "options", "layout"),
    [
        ("yolov8n", {}, Layout.ULTRALYTICS_NMS),
        ("yolo11n", {}, Layout.ULTRALYTICS_NMS),
        ("yolo11n", {"dynamic": True}, Layout.ULTRALYTICS_NMS),
        ("yolo26n", {}, Layout.ULTRALYTICS_NMS),
        ("yolo26n", {"nms": False}, Layout.ULTRALYTICS_END2END),
        ("yolo26n", {"nms": False, "dynamic": True}, Layout.ULTRALYTICS_END2END),
    ],
)
def test_any_ultralytics_export_is_read_as_ultralytics_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, family: str, options: dict[str, Any], layout: Layout
) -> None:
    mend_torchvision()
    peer, path = exported(tmp_path, monkeypatch, family, options)
    model = load_model(str(path), tmp_path)
    assert model.card.layout is layout
    assert (model.card.input.height_px, model.card.input.width_px) == (HEIGHT_PX, WIDTH_PX)
    assert len(model.card.classes) == 80

    noise = np.random.default_rng(5).integers(0, 255, (45, 80, 3), np.uint8)
    picture = np.asarray(cv2.resize(noise, (1280, 720), interpolation=cv2.INTER_CUBIC), np.uint8)
    picture = np.asarray(cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), cv2.COLOR_YUV2BGR_I420), np.uint8)
    answer = peer.predict(picture, imgsz=[HEIGHT_PX, WIDTH_PX], conf=0.01, iou=0.6, device="cpu", verbose=False)[
        0
    ].boxes
    theirs_xyxy = answer.xyxy.numpy().astype(np.float32)[:STRONGEST]
    theirs_class = answer.cls.numpy().astype(np.int64)[:STRONGEST]
    assert len(theirs_xyxy) == STRONGEST

    decoder = Decoder(model.card.layout, model.card.input, Thresholds(0.01, 0.6))
    preprocessor = Preprocessor(model.card.input, 1280, 720)
    engines: list[Engine] = [OnnxRuntimeEngine(model), OpenVinoEngine(model, Precision.FP32)]
    if layout is not Layout.ULTRALYTICS_END2END:  # its scores are all alike without training: PyTorch takes other ones
        engines.append(importlib.import_module("detect.engines.torch_engine").TorchEngine(model))
    assert engines[1].slot_shape == (HEIGHT_PX // 2 + 1, WIDTH_PX // 2 + 1, BLOCK_BYTES)
    for engine in engines:
        slots = np.empty((1, *engine.slot_shape), np.uint8)
        preprocessor.fill(planes_of_picture(picture), slots[0])
        ours = decoder.decode(engine.infer(slots)[0], preprocessor.letterbox)
        same = pairwise_iou(theirs_xyxy, ours.boxes_xyxy) > 0.8
        same &= theirs_class[:, None] == ours.class_id[None, :]
        assert same.any(axis=1).mean() >= 0.9, (
            f"{engine.name}: {len(theirs_xyxy)} boxes, {same.any(axis=1).sum()} found"
        )
        engine.close()


def test_a_weights_file_of_ultralytics_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOLO_OFFLINE", "1")
    monkeypatch.setenv("YOLO_CONFIG_DIR", str(tmp_path / "settings"))
    monkeypatch.chdir(tmp_path)
    weights = tmp_path / "Yard.pt"
    importlib.import_module("ultralytics").YOLO("yolov8n.yaml").save(weights)
    said: list[str] = []
    options = ImportOptions("yard", width_px=320, height_px=192)
    imported = import_model(weights, tmp_path / "models", options, tmp_path / "cache", said.append)
    assert "pickle" in said[0]
    assert imported.card.layout is Layout.ULTRALYTICS_NMS
    assert (imported.card.input.width_px, imported.card.input.height_px) == (320, 192)
    assert len(load_model("yard", tmp_path / "models").card.classes) == 80
    assert [one.name for one in (tmp_path / "models").iterdir()] == ["yard"]
    (tmp_path / "words.pt").write_text("no weights")
    with pytest.raises(BadInputError, match=r"words\.pt: cannot be exported"):
        import_model(tmp_path / "words.pt", tmp_path / "models", ImportOptions("words"), tmp_path / "cache", print)
