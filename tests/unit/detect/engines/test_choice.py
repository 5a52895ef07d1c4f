from __future__ import annotations

import logging
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from detect.engines.choice import best_format, best_piece, choose_engine, measure, why_chosen
from detect.engines.openvino_engine import OpenVinoEngine, cpu_has_bf16
from detect.engines.remembered import Measured, forget, recall, remember
from detect.models.model import load_model
from kernel.config.sections import Backend, DetectConfig, Precision
from kernel.errors import BadInputError
from tests.unit.detect.int8_bundle import mean_colour_bundle
from tests.unit.detect.tiny_models import ANCHORS, constant_model

NAMES = {"names": "{0: 'person', 1: 'car'}"}


def model_file(folder: Path) -> str:
    return str(constant_model(folder / "m.onnx", np.zeros((1, 6, ANCHORS), np.float32), metadata=NAMES))


def test_auto_measures_once_and_remembers(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    model = load_model(model_file(tmp_path), tmp_path)
    caplog.set_level(logging.INFO)
    first, first_fps = choose_engine(model, DetectConfig(), tmp_path / "cache")
    assert "measured" in caplog.text
    caplog.clear()
    second, second_fps = choose_engine(model, DetectConfig(), tmp_path / "cache")
    assert "measured" not in caplog.text
    assert (first.name, first_fps) == (second.name, second_fps)
    assert first_fps > 0


def test_damaged_memory_is_measured_again(tmp_path: Path) -> None:
    model = load_model(model_file(tmp_path), tmp_path)
    choose_engine(model, DetectConfig(), tmp_path / "cache")
    (remembered,) = (tmp_path / "cache").iterdir()
    remembered.write_text('{"precision": "fp32", "sizes": [1], "capacity_fps": -3}')
    _, capacity_fps = choose_engine(model, DetectConfig(), tmp_path / "cache")
    assert capacity_fps > 0
    assert "-3" not in remembered.read_text()


def test_directory_that_cannot_be_written_costs_only_the_memory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "cache").write_text("a file stands where the directory should be")
    engine, _ = choose_engine(
        load_model(model_file(tmp_path), tmp_path), DetectConfig(), tmp_path / "cache" / "engines"
    )
    assert engine.name.startswith("openvino")
    assert "cannot keep the engine's measurement" in caplog.text


@pytest.mark.parametrize("precision", [Precision.FP32, Precision.BF16])
def test_config_decides_the_number_format(tmp_path: Path, precision: Precision) -> None:
    if precision is Precision.BF16 and not cpu_has_bf16():
        pytest.skip("this CPU has no bf16")
    engine, _ = choose_engine(load_model(model_file(tmp_path), tmp_path), DetectConfig(precision=precision), tmp_path)
    assert engine.name.split()[1] == precision.value


def test_onnxruntime_on_request(tmp_path: Path) -> None:
    config = DetectConfig(backend=Backend.ONNXRUNTIME)
    engine, _ = choose_engine(load_model(model_file(tmp_path), tmp_path), config, tmp_path)
    assert engine.name.startswith("onnxruntime fp32")


def test_bf16_on_onnxruntime_is_bad_input(tmp_path: Path) -> None:
    config = DetectConfig(backend=Backend.ONNXRUNTIME, precision=Precision.BF16)
    with pytest.raises(BadInputError, match=r"detect\.precision: bf16 needs OpenVINO"):
        choose_engine(load_model(model_file(tmp_path), tmp_path), config, tmp_path)


def test_measurement_runs_full_batches_and_counts_their_pictures(tmp_path: Path) -> None:
    model = load_model(model_file(tmp_path), tmp_path)
    engine = OpenVinoEngine(model, Precision.FP32)
    speed = measure(engine, for_s=0.2)
    assert speed.pictures_per_s > 0
    assert 0 < speed.cpu_s_per_picture < 0.2
    assert speed.pictures_per_s * speed.cpu_s_per_picture <= 1.5 * (os.cpu_count() or 1)


BF16, FP32, INT8 = Precision.BF16, Precision.FP32, Precision.INT8


@pytest.mark.parametrize(
    ("cost", "best"),
    [
        ({BF16: 9.0, FP32: 16.0}, BF16),
        ({BF16: 16.0, FP32: 9.0}, FP32),
        ({FP32: 16.0, INT8: 8.0}, INT8),
        ({BF16: 9.0, FP32: 16.0, INT8: 8.0}, INT8),
        ({BF16: 9.0, FP32: 16.0, INT8: 8.5}, BF16),
    ],
)
def test_the_cheapest_format_is_taken_and_int8_only_where_it_is_worth_its_loss(
    cost: dict[Precision, float], best: Precision
) -> None:
    assert best_format(cost) is best


def test_auto_tries_int8_too_and_says_what_was_measured(tmp_path: Path) -> None:
    model = load_model("yard", mean_colour_bundle(tmp_path / "yard").parent)
    config, cache = DetectConfig(), tmp_path / "cache"
    choose_engine(model, config, cache)
    measured = recall(model, config, cache)
    assert measured is not None
    assert set(measured.cpu_ms) == {FP32, INT8} | ({BF16} if cpu_has_bf16() else set())
    why = why_chosen(model, config, cache)
    assert why.startswith("ms of processor time a picture: ")
    assert f"fp32 {measured.cpu_ms[FP32]:.1f}" in why
    assert why.endswith("; int8 costs 0.013 of agreement and has to be 1.1 times as fast")
    forget(model, config, cache)
    assert recall(model, config, cache) is None


def test_int8_that_is_made_later_is_measured_although_the_model_was(tmp_path: Path) -> None:
    """The model's file is the same, so its old measurement was found again and int8 never tried."""
    with_int8 = load_model("yard", mean_colour_bundle(tmp_path / "yard").parent)
    card = with_int8.card.model_copy(update={"int8": None})
    without = replace(with_int8, card=card, int8_path=None)
    choose_engine(without, DetectConfig(), tmp_path / "cache")
    assert recall(with_int8, DetectConfig(), tmp_path / "cache") is None


def test_another_largest_batch_is_measured_anew(tmp_path: Path) -> None:
    """Pieces of four were never tried where batches of one had been allowed before."""
    model = load_model(model_file(tmp_path), tmp_path)
    measured = Measured(precision=Precision.FP32, sizes=(1,), capacity_fps=90.0)
    remember(model, DetectConfig(batch_max=1), tmp_path, measured)
    assert recall(model, DetectConfig(batch_max=1), tmp_path) == measured
    assert recall(model, DetectConfig(), tmp_path) is None


def test_what_was_measured_on_another_processor_of_a_family_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a processor's name 24 characters were kept, which many Xeons share, some with bf16 and some without."""
    model = load_model(model_file(tmp_path), tmp_path)
    measured = Measured(precision=BF16, sizes=(1,), capacity_fps=90.0)
    monkeypatch.setattr("detect.engines.remembered.cpu_name", lambda: "Intel(R) Xeon(R) Platinum 8480C")
    remember(model, DetectConfig(), tmp_path, measured)
    assert recall(model, DetectConfig(), tmp_path) == measured
    monkeypatch.setattr("detect.engines.remembered.cpu_name", lambda: "Intel(R) Xeon(R) Platinum 8168 CPU @ 2.70GHz")
    assert recall(model, DetectConfig(), tmp_path) is None


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (DetectConfig(precision=INT8), "has no int8; make it by lookout models quantize, or use auto"),
        (DetectConfig(precision=INT8, backend=Backend.ONNXRUNTIME), "int8 needs OpenVINO"),
        (DetectConfig(precision=INT8, backend=Backend.TORCH), "int8 needs OpenVINO"),
    ],
)
def test_int8_where_there_is_none_is_bad_input(tmp_path: Path, config: DetectConfig, said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        choose_engine(load_model(model_file(tmp_path), tmp_path), config, tmp_path)


def test_int8_on_request(tmp_path: Path) -> None:
    model = load_model("yard", mean_colour_bundle(tmp_path / "yard").parent)
    engine, _ = choose_engine(model, DetectConfig(precision=INT8), tmp_path / "cache")
    assert engine.name.startswith("openvino int8")


@pytest.mark.parametrize(
    ("costs_ms", "expected"),
    [
        ({1: 10.0}, 1),
        ({1: 10.0, 2: 9.1, 4: 9.3}, 2),
        ({1: 10.0, 2: 9.1, 4: 8.9}, 2),
        ({1: 10.0, 2: 9.1, 4: 8.0}, 4),
        ({1: 10.0, 2: 9.8, 4: 9.3}, 4),
        ({1: 10.0, 2: 9.8, 4: 9.7}, 1),
    ],
)
def test_larger_pieces_must_be_worth_the_wait_of_the_first_picture(costs_ms: dict[int, float], expected: int) -> None:
    """Pieces of four were all that was tried; on two cores with 1 MB of cache each, pieces of two are cheaper."""
    assert best_piece(costs_ms) == expected
