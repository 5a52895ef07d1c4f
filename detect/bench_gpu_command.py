"""`lookout bench gpu`: finds the device and the model, lets `detect.bench_gpu` measure, and says what came of it."""

from __future__ import annotations

import importlib.util
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from detect.engines.devices import gpus
from detect.models.importing import ImportOptions, exported
from detect.models.model import Model, load_model
from kernel.errors import ExitCode

_MODELS_DIR = Path(__file__).resolve().parents[1] / "models"
_ARCHITECTURE = "yolo26n.yaml"
_NO_DEVICE = "no CUDA device: nothing was measured; run this on a machine with an NVIDIA GPU and the extra yolo"


def run(weights: Path | None, device: str, as_json: bool) -> int:
    """Measure and print; the command `lookout bench gpu`.

    Args:
        weights: ultralytics' .pt file; None for YOLO26n with random weights, whose speed is that of trained ones.
        device: cuda:N, or empty for the first GPU.
        as_json: one object as the last line.

    Returns:
        The exit code: 3 where there is no such device.
    """
    found = gpus()
    if not found or (device and device not in found):
        problem = f"no {device}: PyTorch finds {', '.join(found)}" if found else _NO_DEVICE
        print(json.dumps({"device": None, "problem": problem}) if as_json else problem)
        return int(ExitCode.COULD_NOT_RUN)
    from detect.bench_gpu import GpuBench, lines_of, measure_gpu

    bench = GpuBench()
    chosen = device or found[0]
    with tempfile.TemporaryDirectory(prefix="lookout-bench-") as folder:
        model, theirs = _contenders(weights, Path(folder), chosen, bench.size_px)
        figures = measure_gpu(model, chosen, bench, theirs)
    if as_json:
        print(json.dumps(asdict(figures)))
    else:
        print("\n".join(lines_of(figures)))
    return int(ExitCode.OK)


def _contenders(
    weights: Path | None, folder: Path, device: str, size_px: tuple[int, int]
) -> tuple[Model, Callable[[int], object] | None]:
    """The model, and ultralytics' predict on the same weights; without ultralytics the bundled model alone."""
    if importlib.util.find_spec("ultralytics") is None:
        return load_model("district-n", _MODELS_DIR), None
    from ultralytics import YOLO

    network = YOLO(str(weights) if weights else _ARCHITECTURE)
    if weights is None:
        weights = folder / "random.pt"
        network.save(weights)
    options, work = ImportOptions("bench"), folder / "export"
    work.mkdir()
    onnx = exported(weights, work, options, lambda line: print(line, file=sys.stderr))
    picture = np.random.default_rng(0).integers(0, 256, (45, 80, 3), np.uint8)
    frames = [np.asarray(cv2.resize(np.roll(picture, one, axis=1), size_px)) for one in range(8)]
    predict = partial(
        network.predict, imgsz=[options.height_px, options.width_px], device=device, half=True, verbose=False
    )

    def theirs(count: int) -> Any:
        return predict([frames[index % len(frames)] for index in range(count)])

    return load_model(str(onnx), folder), theirs
