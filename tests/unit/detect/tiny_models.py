"""Small ONNX models of every layout whose answers can be worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

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


def convolved_colour_model(path: Path, weights: npt.NDArray[np.floating]) -> Path:
    """Answers [n, 1, 6]: the means of the three channels times a weight each, twice; a 1x1 convolution comes first."""
    kernel = np.diag(weights).reshape(3, 3, 1, 1)
    nodes = [
        helper.make_node("Cast", ["kernel"], ["wide"], to=TensorProto.FLOAT),
        helper.make_node("Conv", ["images", "wide"], ["weighted"]),
        helper.make_node("GlobalAveragePool", ["weighted"], ["means"]),
        helper.make_node("Concat", ["means", "means"], ["six"], axis=1),
        helper.make_node("Reshape", ["six", "shape"], ["output0"]),
    ]
    return _saved(path, nodes, {"kernel": kernel, "shape": np.array([-1, 1, 6])}, "n", ["n", 1, 6], None)


SILU = (
    helper.make_node("Sigmoid", ["convolved"], ["gate"]),
    helper.make_node("Mul", ["convolved", "gate"], ["active"]),
)
HARDSWISH = (helper.make_node("HardSwish", ["convolved"], ["active"]),)


def first_layers_model(
    path: Path,
    weights: npt.NDArray[np.floating],
    attributes: Mapping[str, list[int]] | None = None,
    activation: Sequence[NodeProto] = SILU,
) -> Path:
    """Answers [n, 1, out * h * w]: a convolution, bias 0.1, 0.2, …, with stride 2, padding 1 and SiLU unless told."""
    convolved: dict[str, Any] = {"strides": [2, 2], "pads": [1, 1, 1, 1], **(attributes or {})}
    nodes = [
        helper.make_node("Conv", ["images", "weights", "bias"], ["convolved"], **convolved),
        *activation,
        helper.make_node("Conv", ["active", "same"], ["kept"]),
        helper.make_node("Reshape", ["kept", "shape"], ["output0"]),
    ]
    out = len(weights)
    constants: dict[str, npt.NDArray[np.generic]] = {
        "weights": weights.astype(np.float32),
        "bias": np.arange(1, out + 1, dtype=np.float32) / 10,
        "same": np.eye(out, dtype=np.float32)[:, :, None, None],
        "shape": np.array([0, 1, -1]),
    }
    return _saved(path, nodes, constants, "n", ["n", 1, "row"], None)


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


def bright_walker_model(path: Path, class_name: str = "person") -> Path:
    """Sees one person whose place is the picture's brightness: left edge at 50 px times it, none in the dark.

    The box is 10 px wide and spans rows 8 to 28 of the 64x32 px input. End-to-end layout with one row.
    """
    weights = np.zeros((3, 6), np.float32)
    weights[:, [0, 2]] = 50 / 3  # the mean of three channels
    weights[:, 4] = 20 / 3
    bias = np.array([0, 8, 10, 28, -1, 0], np.float32)
    highest = np.array([64, 32, 64, 32, 0.9, 0], np.float32)
    lowest = np.zeros(6, np.float32)
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["means"], axes=[2, 3], keepdims=0),
        helper.make_node("MatMul", ["means", "weights"], ["moved"]),
        helper.make_node("Add", ["moved", "bias"], ["row"]),
        helper.make_node("Max", ["row", "lowest"], ["positive"]),
        helper.make_node("Min", ["positive", "highest"], ["bounded"]),
        helper.make_node("Reshape", ["bounded", "shape"], ["output0"]),
    ]
    constants = {
        "weights": weights,
        "bias": bias,
        "lowest": lowest,
        "highest": highest,
        "shape": np.array([-1, 1, 6]),
    }
    metadata = {"names": f"{{0: {class_name!r}}}", "end2end": "True", "imgsz": "[32, 64]", "task": "detect"}
    return _saved(path, nodes, constants, 1, [1, 1, 6], metadata)


def layered_walker_model(path: Path) -> Path:
    """As `bright_walker_model`, sure of its box in any light, by two layers of convolutions, which can be made int8."""
    average, same = np.full((4, 3, 1, 1), 1 / 3, np.float32), np.zeros((4, 4, 3, 3), np.float32)
    same[range(4), range(4), 1, 1] = 1.0
    weights = np.zeros((4, 6), np.float32)
    weights[:, [0, 2]] = 50 / 4  # the mean of four channels
    bias = np.array([0, 8, 10, 28, 0.9, 0], np.float32)
    nodes = [
        helper.make_node("Conv", ["images", "average"], ["grey"]),
        helper.make_node("Relu", ["grey"], ["light"]),
        helper.make_node("Conv", ["light", "same"], ["kept"], pads=[1, 1, 1, 1]),
        helper.make_node("GlobalAveragePool", ["kept"], ["means"]),
        helper.make_node("Reshape", ["means", "four"], ["rows"]),
        helper.make_node("MatMul", ["rows", "weights"], ["moved"]),
        helper.make_node("Add", ["moved", "bias"], ["row"]),
        helper.make_node("Reshape", ["row", "shape"], ["output0"]),
    ]
    constants = {
        "average": average,
        "same": same,
        "four": np.array([-1, 4]),
        "weights": weights,
        "bias": bias,
        "shape": np.array([-1, 1, 6]),
    }
    metadata = {"names": "{0: 'person'}", "end2end": "True", "imgsz": "[32, 64]", "task": "detect"}
    return _saved(path, nodes, constants, "n", ["n", 1, 6], metadata)


def fails_when_bright_model(path: Path) -> Path:
    """Finds nothing, and fails at run time on a picture brighter than 95%: it looks up row 1 of one row."""
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], axes=[0, 1, 2, 3], keepdims=0),
        helper.make_node("Add", ["mean", "margin"], ["shifted"]),
        helper.make_node("Cast", ["shifted"], ["index"], to=TensorProto.INT64),
        helper.make_node("Gather", ["rows", "index"], ["row"], axis=0),
        helper.make_node("Reshape", ["row", "shape"], ["output0"]),
    ]
    constants = {
        "margin": np.array(0.05, np.float32),
        "rows": np.zeros((1, 6), np.float32),
        "shape": np.array([1, 1, 6]),
    }
    metadata = {"names": "{0: 'person'}", "end2end": "True", "imgsz": "[32, 64]", "task": "detect"}
    return _saved(path, nodes, constants, 1, [1, 1, 6], metadata)


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
