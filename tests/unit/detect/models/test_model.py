from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from detect.engines.openvino_engine import OpenVinoEngine
from detect.engines.remembered import Measured, recall, remember
from detect.models.card import ColourOrder, Layout, PadPosition, PixelScale
from detect.models.model import load_model, model_files, sha256_of
from kernel.config.sections import DetectConfig, Precision
from kernel.errors import BadInputError
from scripts.train_model import DESCRIPTION
from tests.unit.detect.int8_bundle import mean_colour_bundle
from tests.unit.detect.tiny_models import ANCHORS, HEIGHT_PX, WIDTH_PX, constant_model, mean_colour_model

DISTRICT = Path(__file__).resolve().parents[4] / "models" / "district-n"
NAMES = {"names": "{0: 'person', 1: 'car'}", "imgsz": f"[{HEIGHT_PX}, {WIDTH_PX}]", "task": "detect"}


def bundle(folder: Path, **changes: Any) -> Path:
    folder.mkdir()
    model = mean_colour_model(folder / "model.onnx")
    card = {
        "name": "tiny",
        "layout": "ultralytics_end2end",
        "classes": ["person", "car"],
        "input": {"width_px": WIDTH_PX, "height_px": HEIGHT_PX},
        "sha256": sha256_of(model),
    }
    (folder / "card.json").write_text(json.dumps({**card, **changes}))
    return folder


def problem_with(name: str, models_dir: Path) -> str:
    with pytest.raises(BadInputError) as caught:
        load_model(name, models_dir)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_bundle_is_found_by_name_in_the_models_directory(tmp_path: Path) -> None:
    bundle(tmp_path / "tiny-n", district_only=True)
    model = load_model("tiny-n", tmp_path)
    assert model.path == tmp_path / "tiny-n" / "model.onnx"
    assert model.card.classes == ("person", "car")
    assert model.card.district_only
    assert model.max_batch == 1


def test_the_bundled_model_names_no_folder_of_the_machine_it_was_trained_on() -> None:
    """ultralytics writes the path of its training data into what it exports."""
    described = {entry.key: entry.value for entry in onnx.load(DISTRICT / "model.onnx").metadata_props}
    assert described["description"] == DESCRIPTION
    assert not [value for value in described.values() if value.startswith("/") or " /" in value]


@pytest.mark.parametrize(
    ("shape", "metadata", "layout"),
    [
        ((1, 6, ANCHORS), NAMES, Layout.ULTRALYTICS_NMS),
        ((1, 6, ANCHORS), {**NAMES, "end2end": "False"}, Layout.ULTRALYTICS_NMS),
        ((1, 300, 6), {**NAMES, "end2end": "True"}, Layout.ULTRALYTICS_END2END),
        ((1, 300, 6), {**NAMES, "end2end": "False", "args": "{'nms': True}"}, Layout.ULTRALYTICS_END2END),
        ((1, ANCHORS, 85), {}, Layout.YOLOX),
        ((1, 84, ANCHORS), {}, Layout.ULTRALYTICS_NMS),
    ],
)
def test_layout_of_a_bare_file_is_recognised(
    tmp_path: Path, shape: tuple[int, ...], metadata: dict[str, str], layout: Layout
) -> None:
    path = constant_model(tmp_path / "some.onnx", np.zeros(shape, np.float32), metadata=metadata)
    model = load_model(str(path), tmp_path)
    assert model.card.layout is layout
    assert (model.card.input.width_px, model.card.input.height_px) == (WIDTH_PX, HEIGHT_PX)
    assert model.card.sha256 == sha256_of(path)


def test_ultralytics_file_brings_its_names_and_takes_rgb_0_to_1(tmp_path: Path) -> None:
    path = constant_model(tmp_path / "y.onnx", np.zeros((1, 6, ANCHORS), np.float32), metadata=NAMES)
    card = load_model(str(path), tmp_path).card
    assert card.classes == ("person", "car")
    assert (card.input.color, card.input.scale) == (ColourOrder.RGB, PixelScale.UNIT)
    assert card.input.pad_position is PadPosition.CENTRE


def test_yolox_file_has_coco_names_and_takes_bgr_0_to_255_from_the_corner(tmp_path: Path) -> None:
    path = constant_model(tmp_path / "x.onnx", np.zeros((1, ANCHORS, 85), np.float32))
    card = load_model(str(path), tmp_path).card
    assert (card.classes[0], card.classes[79], len(card.classes)) == ("person", "toothbrush", 80)
    assert (card.input.color, card.input.scale) == (ColourOrder.BGR, PixelScale.BYTE)
    assert card.input.pad_position is PadPosition.TOP_LEFT


def test_unknown_layout_names_file_shape_and_remedy(tmp_path: Path) -> None:
    path = constant_model(tmp_path / "odd.onnx", np.zeros((1, 7, 11), np.float32))
    text = problem_with(str(path), tmp_path)
    assert "odd.onnx" in text
    assert "[1, 7, 11]" in text
    assert "export a detection model" in text


def test_model_for_another_task_is_refused(tmp_path: Path) -> None:
    path = constant_model(
        tmp_path / "seg.onnx", np.zeros((1, 38, ANCHORS), np.float32), metadata={**NAMES, "task": "segment"}
    )
    assert "'segment'" in problem_with(str(path), tmp_path)


def test_classes_without_names_are_refused(tmp_path: Path) -> None:
    path = constant_model(tmp_path / "nameless.onnx", np.zeros((1, ANCHORS, 8), np.float32))
    assert "3 classes without usable names" in problem_with(str(path), tmp_path)


@pytest.mark.parametrize(
    ("content", "found"),
    [(b"", "0 bytes"), (b"<html>404</html>", "not an ONNX model (16 bytes"), (b"\x08\x09", "not an ONNX model")],
)
def test_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes, found: str) -> None:
    path = tmp_path / "weights.onnx"
    path.write_bytes(content)
    text = problem_with(str(path), tmp_path)
    assert str(path) in text
    assert found in text


def test_truncated_model_is_refused(tmp_path: Path) -> None:
    whole = constant_model(tmp_path / "whole.onnx", np.zeros((1, 84, ANCHORS), np.float32)).read_bytes()
    path = tmp_path / "half.onnx"
    path.write_bytes(whole[: len(whole) // 2])
    assert "not an ONNX model" in problem_with(str(path), tmp_path)


def test_missing_model_says_where_it_was_looked_for(tmp_path: Path) -> None:
    text = problem_with("yolo26n", tmp_path)
    assert "'yolo26n'" in text
    assert str(tmp_path) in text


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"sha256": "0" * 64}, "its card says 000000000000"),
        ({"classes": []}, "classes"),
        ({"colour": "rgb"}, "colour"),
        ({"input": {"width_px": 64, "height_px": 64}}, "64x32"),
        ({"input": {"width_px": 65, "height_px": 32}}, "input.width_px"),
    ],
)
def test_card_that_does_not_fit_is_refused(tmp_path: Path, changes: dict[str, Any], found: str) -> None:
    bundle(tmp_path / "tiny", **changes)
    assert found in problem_with("tiny", tmp_path)


def test_card_with_too_few_names_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "x"
    folder.mkdir()
    model = constant_model(folder / "model.onnx", np.zeros((1, ANCHORS, 85), np.float32))
    card = {
        "name": "x",
        "layout": "yolox",
        "classes": ["person"],
        "input": {"width_px": WIDTH_PX, "height_px": HEIGHT_PX},
        "sha256": sha256_of(model),
    }
    (folder / "card.json").write_text(json.dumps(card))
    assert "finds 80 classes, its card names 1" in problem_with("x", tmp_path)


def test_card_that_names_another_layout_is_refused(tmp_path: Path) -> None:
    """ultralytics exports YOLO26 without its end-to-end head unless told nms=False: the card must not hide that."""
    folder = tmp_path / "y"
    folder.mkdir()
    output = np.zeros((1, 6, ANCHORS), np.float32)
    model = constant_model(folder / "model.onnx", output, metadata={**NAMES, "end2end": "False"})
    card = {
        "name": "y",
        "layout": "ultralytics_end2end",
        "classes": ["person", "car"],
        "input": {"width_px": WIDTH_PX, "height_px": HEIGHT_PX},
        "sha256": sha256_of(model),
    }
    (folder / "card.json").write_text(json.dumps(card))
    assert "is ultralytics_nms, its card says ultralytics_end2end" in problem_with("y", tmp_path)


def test_folder_without_card_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    mean_colour_model(tmp_path / "bare" / "model.onnx")
    assert "card.json: cannot read the model card" in problem_with("bare", tmp_path)


def test_int8_is_found_beside_the_model(tmp_path: Path) -> None:
    folder = mean_colour_bundle(tmp_path / "yard")
    model = load_model("yard", tmp_path)
    assert model.int8_path == folder / "int8.xml"
    assert model.card.int8 is not None
    assert model.card.int8.accuracy.drop == pytest.approx(0.013)


@pytest.mark.parametrize(("file", "content"), [("int8.xml", b"<net/>"), ("int8.bin", b"changed"), ("int8.bin", None)])
def test_int8_that_is_not_what_its_card_says_is_refused(tmp_path: Path, file: str, content: bytes | None) -> None:
    folder = mean_colour_bundle(tmp_path / "yard")
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_bytes(content)
    said = problem_with("yard", tmp_path)
    assert str(folder / file) in said
    assert "run lookout models quantize again, or take int8 out of the card" in said


def test_a_name_may_ask_for_another_input_of_the_same_model(tmp_path: Path) -> None:
    """district-n's file is open: a camera of 4:3 has the whole input for its picture, and engines run it so."""
    base, shaped = (load_model(name, DISTRICT.parent) for name in ("district-n", "district-n@160x128"))
    assert (shaped.card.name, shaped.card.input.width_px, shaped.card.input.height_px) == (
        "district-n@160x128",
        160,
        128,
    )
    assert (shaped.path, shaped.card.sha256) == (base.path, base.card.sha256)
    answer = OpenVinoEngine(shaped, Precision.FP32).infer(np.zeros((2, 128, 160, 3), np.uint8))
    assert answer.shape == (2, 8, 20 * 16 + 10 * 8 + 5 * 4)
    assert model_files("district-n@160x128", DISTRICT.parent) == model_files("district-n", DISTRICT.parent)
    remember(base, DetectConfig(), tmp_path, Measured(precision=Precision.FP32, sizes=(1,), capacity_fps=1.0))
    assert recall(shaped, DetectConfig(), tmp_path) is None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("district-n@100x64", "the sides of an input are multiples of 32, from 32 to 4096"),
        ("district-n@64x0", "the sides of an input are multiples of 32"),
        ("absent@64x64", "model 'absent': neither a folder in"),
    ],
)
def test_an_input_that_cannot_be_is_refused(name: str, said: str) -> None:
    assert said in problem_with(name, DISTRICT.parent)


def test_a_file_with_a_fixed_input_takes_no_other(tmp_path: Path) -> None:
    mean_colour_bundle(tmp_path / "yard")
    assert "its input is fixed at 64x32; export it with an open one" in problem_with("yard@96x64", tmp_path)
