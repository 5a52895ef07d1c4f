from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from detect.batching.lane import AnalysisLane
from detect.errors import EngineError
from detect.models.model import load_model
from detect.pictures.letterbox import Letterbox
from detect.pulse import NotAnalysed
from kernel.config.sections import Backend, DetectConfig, Precision
from tests.unit.detect.tiny_models import HEIGHT_PX, WIDTH_PX, bright_walker_model, fails_when_bright_model

DARK, BRIGHT = 40, 255


@pytest.fixture
def lane(tmp_path: Path) -> AnalysisLane:
    model = load_model(str(fails_when_bright_model(tmp_path / "m.onnx")), tmp_path)
    return AnalysisLane(model, DetectConfig(backend=Backend.ONNXRUNTIME), tmp_path)


def slots_of(lane: AnalysisLane) -> np.ndarray:
    assert isinstance(lane.slots, np.ndarray)
    return lane.slots


def analysed(lane: AnalysisLane, level: int, now_s: float, pictures: int = 1) -> list[int]:
    slots_of(lane)[:pictures] = level
    box = Letterbox.fit(WIDTH_PX, HEIGHT_PX, lane.model.card.input)
    return [len(found) for found in lane.analyse([box] * pictures, now_s)]


def test_each_picture_has_its_own_answer_and_nothing_found_is_an_answer(lane: AnalysisLane) -> None:
    assert analysed(lane, DARK, 0.0, pictures=3) == [0, 0, 0]
    assert lane.problem is None


def test_failing_engine_is_an_error_and_closes_the_lane(lane: AnalysisLane) -> None:
    """A failed inference must never look like a frame on which nothing was found."""
    with pytest.raises(EngineError) as caught:
        analysed(lane, BRIGHT, 0.0)
    assert "\n" not in str(caught.value)
    assert lane.problem is NotAnalysed.ENGINE_FAILED
    assert not lane.turns.is_open


def test_failed_engine_is_tried_again_after_a_wait_that_grows(lane: AnalysisLane) -> None:
    now_s = 0.0
    for wait_s in (1.0, 2.0, 4.0):
        with pytest.raises(EngineError):
            analysed(lane, BRIGHT, now_s)
        lane.reopen(now_s + wait_s - 0.1)
        assert not lane.turns.is_open
        lane.reopen(now_s + wait_s)
        assert lane.turns.is_open
        assert lane.problem is None
        now_s += wait_s
    assert analysed(lane, DARK, now_s) == [0]
    with pytest.raises(EngineError):
        analysed(lane, BRIGHT, now_s)
    lane.reopen(now_s + 1.0)
    assert lane.turns.is_open, "after a success the wait starts small again"


def test_class_that_the_card_does_not_name_is_no_detection(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    model = load_model(str(bright_walker_model(tmp_path / "m.onnx")), tmp_path)
    lane = AnalysisLane(model, DetectConfig(backend=Backend.ONNXRUNTIME), tmp_path)
    assert analysed(lane, BRIGHT, 0.0) == [1]
    nameless = replace(model, card=model.card.model_copy(update={"classes": ()}))
    lane = AnalysisLane(nameless, DetectConfig(backend=Backend.ONNXRUNTIME), tmp_path)
    assert analysed(lane, BRIGHT, 0.0) == [0]
    assert "correct its card.json" in caplog.text


def test_slots_have_room_for_the_largest_batch(lane: AnalysisLane) -> None:
    assert slots_of(lane).shape == (DetectConfig().batch_max, HEIGHT_PX, WIDTH_PX, 3)
    assert slots_of(lane).dtype == np.uint8


def test_batches_side_by_side_lie_in_slots_of_their_own(tmp_path: Path) -> None:
    model = load_model(str(bright_walker_model(tmp_path / "m.onnx")), tmp_path)
    lane = AnalysisLane(model, DetectConfig(backend=Backend.OPENVINO, precision=Precision.FP32), tmp_path)
    assert lane.stations * lane.turns.batch_most <= DetectConfig().batch_max
    assert lane.first_slot(lane.stations - 1) == (lane.stations - 1) * lane.turns.batch_most
    box = Letterbox.fit(WIDTH_PX, HEIGHT_PX, lane.model.card.input)
    lane.slots[0][:] = lane.slots[lane.first_slot(lane.stations - 1)][:] = BRIGHT
    first = lane.start(0, [box], 0.0)
    last = lane.start(lane.first_slot(lane.stations - 1), [box], 0.0)
    assert [len(found) for found in lane.finish(last, 0.0)] == [1]
    assert [len(found) for found in lane.finish(first, 0.0)] == [1]
