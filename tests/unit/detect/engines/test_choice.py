from __future__ import annotations

import logging
import os
from pathlib import Path

import numpy as np
import pytest

from detect.engines.choice import choose_engine, measure
from detect.engines.openvino_engine import OpenVinoEngine, cpu_has_bf16
from detect.models.model import load_model
from kernel.config.sections import Backend, DetectConfig, Precision
from kernel.errors import BadInputError
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
    speed = measure(engine, model.card.input, for_s=0.2)
    assert speed.pictures_per_s > 0
    assert 0 < speed.cpu_s_per_picture < 0.2
    assert speed.pictures_per_s * speed.cpu_s_per_picture <= 1.5 * (os.cpu_count() or 1)
