"""Small ONNX models of every layout whose answers can be worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

WIDTH_PX, HEIGHT_PX = 64, 32
ANCHORS = 8 * 4 + 4 * 2 + 2 * 1


def mean_colour_model(path: Path, batch: int | str = 1, metadata: Mapping[str, str] | None = None) -> Path:
    """Answers [n, 1, 6]: the means of the three channels, twice. Shaped like an end-to-end head with one box."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["images"], ["means"]),
        helper.make_node("Concat", ["means", "means"], ["six"], axis=1),
        helper.make_node("Reshape", ["six", "shape"], ["output0"]),
    ]
    return _saved(path, nodes, {"shape": np.array([-1, 1, 6])}, batch, [batch, 1, 6], metadata)


def constant_model(
    path: Path, output: npt.NDArray[np.float32], batch: int = 1, metadata: Mapping[str, str] | None = None
) -> Path:
    """Answers `output` whatever the picture."""
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
        helper.make_node("Add", ["nothing", "constant"], ["output0"]),
    ]
    constants = {"zero": np.zeros((), np.float32), "constant": output}
    return _saved(path, nodes, constants, batch, list(output.shape), metadata)


def _saved(
    path: Path,
    nodes: list[onnx.NodeProto],
    constants: Mapping[str, npt.NDArray[np.generic]],
    batch: int | str,
    output_shape: list[int | str],
    metadata: Mapping[str, str] | None,
) -> Path:
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [batch, 3, HEIGHT_PX, WIDTH_PX])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, output_shape)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    helper.set_model_props(model, dict(metadata or {}))
    onnx.save(model, path)
    return path
