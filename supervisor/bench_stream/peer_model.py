"""The same ONNX model as a folder that `ultralytics.YOLO` runs with OpenVINO, at a static batch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openvino as ov

from detect.models.model import Model
from detect.models.onnx_file import describe_onnx
from kernel.errors import BadInputError


def write_peer_model(model: Model, batch: int, folder: Path) -> Path:
    """Write `<folder>/<name>-<batch>_openvino_model`: weights in fp32, as the ONNX file has them.

    Args:
        model: exported by ultralytics, so that its file says what it is.
        batch: pictures it is compiled for, one of each camera.
        folder: where to write.

    Raises:
        BadInputError: the model was not exported by ultralytics, or only for single pictures.
    """
    metadata: dict[str, Any] = dict(describe_onnx(model.path).metadata)
    if "names" not in metadata:
        raise BadInputError(f"{model.path}: not exported by ultralytics, so it cannot be compared with ultralytics")
    if model.max_batch is not None and model.max_batch < batch:
        raise BadInputError(f"{model.path}: exported for batches of {model.max_batch}; {batch} are wanted")
    target = folder / f"{model.card.name}-{batch}_openvino_model"
    target.mkdir(parents=True, exist_ok=True)
    size = [model.card.input.height_px, model.card.input.width_px]
    graph = ov.Core().read_model(model.path)
    graph.reshape([batch, 3, *size])
    ov.save_model(graph, target / f"{model.card.name}.xml", compress_to_fp16=False)
    metadata |= {"batch": batch, "imgsz": size, "dynamic": False}
    # JSON is YAML
    (target / "metadata.yaml").write_text(json.dumps(metadata), encoding="utf-8")
    return target


def peer_precision(folder: Path) -> str:
    """The number format OpenVINO runs that model in where nobody asks for one, as ultralytics does: bf16 or fp32."""
    compiled = ov.Core().compile_model(next(folder.glob("*.xml")), "CPU", {"PERFORMANCE_HINT": "LATENCY"})
    return "bf16" if compiled.get_property("INFERENCE_PRECISION_HINT") == ov.Type.bf16 else "fp32"
