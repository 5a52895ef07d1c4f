"""The GPU bench: without a GPU it says so; its contenders are run on the CPU, where their figures mean nothing."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from detect.bench_gpu_command import run
from detect.engines.devices import gpus
from detect.models.model import load_model
from tests.unit.detect.tiny_models import mean_colour_model


@pytest.mark.skipif(bool(gpus()), reason="there is a GPU here")
@pytest.mark.parametrize("as_json", [False, True])
def test_without_a_gpu_one_line_says_so(capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    assert run(None, "", as_json) == 3
    (line,) = capsys.readouterr().out.splitlines()
    said = json.loads(line)["problem"] if as_json else line
    assert said.startswith("no CUDA device: nothing was measured")


def test_every_contender_runs_and_every_figure_is_filled(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the extra yolo is not installed")
    from detect.bench_gpu import GpuBench, lines_of, measure_gpu

    bench = GpuBench((96, 64), 2, 1, (1,), many_streams=2, few_streams=1, stream_fps=40.0, measure_s=0.02)
    calls: list[int] = []
    metadata = {"names": "{0: 'person'}", "end2end": "True", "imgsz": "[32, 64]", "task": "detect"}
    model = load_model(str(mean_colour_model(tmp_path / "mean.onnx", "n", metadata)), tmp_path)
    figures = measure_gpu(model, "cpu", bench, calls.append)
    assert set(calls) == {1}
    said = "\n".join(lines_of(figures))
    for name, value in asdict(figures).items():
        if isinstance(value, float):
            assert value > 0 or name == "ratio_ultralytics", name  # that peer does nothing, in no time
            assert name in said
    (kernel,) = figures.kernel
    assert min(kernel.kernel_gb_s, kernel.copy_gb_s, kernel.ratio_copy, kernel.ratio_eager) > 0
