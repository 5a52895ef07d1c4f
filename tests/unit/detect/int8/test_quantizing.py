"""Int8 of a real network by NNCF, kept or not; and what is said before NNCF is asked."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import cv2
import numpy as np
import openvino as ov
import pytest

from detect.engines.openvino_engine import OpenVinoEngine
from detect.int8.footage import Footage, from_folder
from detect.int8.quantizing import CannotJudge, NotRightEnough, check_can_quantize, decide, quantize, says_the_same
from detect.models.card import Int8Accuracy, Layout, Measure, ModelInput
from detect.models.importing import ImportOptions, import_model
from detect.models.model import load_model
from kernel.config.sections import Precision
from kernel.errors import BadInputError, CannotRunError, ExitCode
from tests.unit.detect.int8_bundle import mean_colour_bundle
from tests.unit.detect.tiny_models import layered_walker_model, mean_colour_model

MODELS = Path(__file__).resolve().parents[4] / "models"


def answers(layout: Layout, scores: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Two pictures with 8 boxes of coordinates up to 640 px each, and these scores."""
    coordinates = np.linspace(0, 640, 2 * 8 * 4, dtype=np.float32).reshape(2, 8, 4)
    rows = np.concatenate([coordinates, np.full((2, 8, 2), scores, np.float32)], axis=2)
    return rows.transpose(0, 2, 1) if layout is Layout.ULTRALYTICS_NMS else rows


@pytest.mark.parametrize("layout", list(Layout))
def test_a_score_is_not_compared_by_the_measure_of_pixels(layout: Layout) -> None:
    """Regression: the bound was a hundredth of the largest number, 6 px, and scores could be anything."""
    alone = answers(layout, 0.9)
    assert says_the_same(alone, alone, layout)
    assert says_the_same(alone, answers(layout, 0.895), layout)
    assert not says_the_same(alone, answers(layout, 0.85), layout)
    assert says_the_same(alone, alone + np.where(alone > 600, np.float32(4.0), np.float32(0.0)), layout)
    assert not says_the_same(alone, alone + np.where(alone > 600, np.float32(8.0), np.float32(0.0)), layout)


def accuracy(int8: float, boxes: int = 200) -> Int8Accuracy:
    return Int8Accuracy(measure=Measure.MAP50, pictures=40, boxes=boxes, fp32=0.9, int8=int8)


def test_int8_within_the_bound_or_better_is_kept() -> None:
    decide("yard", accuracy(0.885), 0.02)
    decide("yard", accuracy(0.92), 0.0)


def test_int8_that_loses_too_much_is_not_and_both_figures_are_said() -> None:
    said = r"yard: int8 loses 0\.100 of mAP50 \(0\.900 -> 0\.800\), more than the 0\.02 allowed; it is not kept"
    with pytest.raises(NotRightEnough, match=said) as refused:
        decide("yard", accuracy(0.8), 0.02)
    assert refused.value.exit_code is ExitCode.ANSWER_IS_NO


def test_pictures_that_show_next_to_nothing_judge_nothing() -> None:
    with pytest.raises(CannotJudge, match=r"show 49 boxes, too few .* \(50 are needed\)") as refused:
        decide("yard", accuracy(0.9, boxes=49), 1.0)
    assert refused.value.exit_code is ExitCode.CANNOT_TELL


def test_int8_is_not_kept_where_fp32_finds_nothing_it_could_lose() -> None:
    """Labels of other pictures: fp32 found nothing of them, so int8 lost nothing and was kept."""
    nothing = Int8Accuracy(measure=Measure.MAP50, pictures=40, boxes=200, fp32=0.02, int8=0.0)
    with pytest.raises(CannotJudge, match=r"fp32 itself has 0\.020 of mAP50, .* the labels"):
        decide("yard", nothing, 0.02)
    with pytest.raises(NotRightEnough):
        decide("yard", nothing, 0.01)


def not_told(what: str, done: int, of: int) -> None:
    """Nobody looks how far it is."""


def frames(folder: Path, target: ModelInput, count: int) -> Footage:
    """Pictures more and more of which is white."""
    folder.mkdir()
    for index in range(count):
        picture = np.zeros((32 * 64, 3), np.uint8)
        picture[: (1 + index) * 32 * 64 // count] = 255
        cv2.imwrite(str(folder / f"{index:03}.png"), picture.reshape(32, 64, 3))
    return from_folder(folder, None, 1, target, count)


def test_without_nncf_one_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = load_model("yard", mean_colour_bundle(tmp_path / "yard").parent)
    monkeypatch.setitem(sys.modules, "nncf", None)
    footage = frames(tmp_path / "frames", model.card.input, 6)
    with pytest.raises(CannotRunError, match=r"nncf is not installed, .* with the extra int8"):
        quantize(model, footage, 0.02, not_told)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["frames", "yard"]


def test_a_bare_file_has_no_place_for_int8(tmp_path: Path) -> None:
    metadata = {"names": "{0: 'person'}", "imgsz": "[32, 64]", "end2end": "True"}
    model = load_model(str(mean_colour_model(tmp_path / "a.onnx", metadata=metadata)), tmp_path)
    with pytest.raises(BadInputError, match=r"a\.onnx: a bare file, .* bring it in by lookout models import"):
        quantize(model, frames(tmp_path / "frames", model.card.input, 6), 0.02, not_told)


@pytest.mark.parametrize("shape", ["640x384", "160x128"])
def test_a_model_in_a_shape_is_not_the_model_itself(shape: str) -> None:
    """In its own shape it went through, and the bundle's card was written with the shape in its name."""
    with pytest.raises(BadInputError, match="quantize the model itself, without @WIDTHxHEIGHT"):
        check_can_quantize(load_model(f"district-n@{shape}", MODELS))


@pytest.mark.skipif(importlib.util.find_spec("nncf") is None, reason="nncf is not installed: make test EXTRAS=int8")
def test_a_bundle_gets_int8_that_was_judged_and_keeps_all_else(tmp_path: Path) -> None:
    models = tmp_path / "models"
    source = layered_walker_model(tmp_path / "walker.onnx")
    before = import_model(source, models, ImportOptions("walker"), tmp_path / "cache", lambda _: None).card
    model = load_model("walker", models)
    with pytest.raises(CannotJudge):
        quantize(model, frames(tmp_path / "few", before.input, 30), 1.0, not_told)
    assert load_model("walker", models).card == before
    footage = frames(tmp_path / "frames", before.input, 180)
    steps: list[tuple[str, int, int]] = []

    def told(what: str, done: int, of: int) -> None:
        steps.append((what, done, of))

    made = quantize(model, footage, 0.05, told)
    again = load_model("walker", models)
    assert again.card == made.card
    assert again.card.model_copy(update={"int8": None}) == before
    int8 = again.card.int8
    assert int8 is not None
    assert (int8.calibration_pictures, int8.calibration_sha256) == (120, footage.sha256())
    assert (int8.accuracy.measure, int8.accuracy.pictures, int8.accuracy.boxes) == (Measure.AGREEMENT, 60, 60)
    assert ("calibrating", 120, 120) in steps
    assert {("judging fp32", 60, 60), ("judging int8", 60, 60)} <= set(steps)
    assert sorted(path.name for path in (models / "walker").iterdir()) == [
        "card.json",
        "int8.bin",
        "int8.xml",
        "model.onnx",
    ]
    assert [path.name for path in models.iterdir()] == ["walker"]
    graph = ov.Core().read_model(models / "walker" / "int8.xml")
    (entry,) = graph.inputs[0].get_target_inputs()
    assert entry.get_node().get_type_name() == "FakeQuantize"
    assert entry.get_node().input_value(2).get_node().data.item() == 255.0
    batch = np.stack([one.pixels for one in footage.held_out[:8]])
    exact, coarse = (OpenVinoEngine(again, one, (1, 4)).infer(batch) for one in (Precision.FP32, Precision.INT8))
    assert 0 < np.abs(exact - coarse).max() < 1.0
