"""A model's graph fed with I420 planes in blocks (`detect.pictures.blocks`): colours folded into its first convolution.

    RGB of 0-1 -> 3x3, stride 2  becomes  blocks of 2x2 pixels, 4 y, u, v -> 2x2, stride 1

The weights are multiplied by OpenCV's matrix for BT.601 of limited range and by the normalisation, the bias takes what
is subtracted from y, u and v. The edge that padding gave is in the slots. Differs from RGB by its rounding to whole
numbers and by colours outside of 0-255, which OpenCV cuts off.

Where a vector of the processor holds two pixels' channels (16), two blocks side by side are one place of 12 channels in
and twice the channels out, and in memory that is the same as before: no lane of a vector stays empty. The graph is
recognised by its first layers: convolution, bias, and for places SiLU or hardswish. Any other is fed with RGB.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import openvino as ov
from openvino import opset13 as ops

from detect.engines.openvino_graph import LARGEST, constant_shape, constant_weights
from detect.models.card import ColourOrder, ModelInput, PixelScale
from detect.pictures.blocks import BLACK_Y, BLOCK_BYTES, NEUTRAL_UV

Doubles = npt.NDArray[np.float64]

_TO_RGB = np.array([[1220542, 0, 1673527], [1220542, -409993, -852492], [1220542, 2116026, 0]]) / (1 << 20)
"""OpenCV's whole numbers: rows R, G, B of y - 16, u - 128, v - 128."""
_SUBTRACTED = np.array([BLACK_Y] * 4 + [NEUTRAL_UV] * 2, np.float64)
_VECTOR = 16


@dataclass(frozen=True, slots=True)
class _First:
    """The first layers of a graph.

    Attributes:
        entry: where the picture comes in.
        weights: of the convolution, (out, 3, 3, 3).
        bias: what is added to its answer, (out,).
        biased: node of the sum.
        activated: node of the sum's activation, where one follows that is known.
        activate: makes such a node.
    """

    entry: Any
    weights: Doubles
    bias: Doubles
    biased: Any
    activated: Any | None
    activate: Callable[[Any], Any]

    @property
    def across(self) -> int:
        """Blocks side by side that are one place."""
        return 2 if self.activated is not None and 2 * len(self.weights) <= _VECTOR else 1


def read_block_graph(
    core: ov.Core, path: Path, target: ModelInput, batch: int, as_bf16: bool = False
) -> ov.Model | None:
    """The graph of a model's file, fed with blocks, uint8 [batch, height / 2 + 1, (width / 2 + left) * 6], or None.

    Args:
        core: reads it.
        path: an ONNX file.
        target: input of the model.
        batch: pictures.
        as_bf16: it will run in bf16, so what is subtracted is reckoned with weights rounded to that.

    Raises:
        RuntimeError: OpenVINO cannot read it, or not for that batch size.
    """
    graph = core.read_model(path)
    graph.reshape([batch, 3, target.height_px, target.width_px])
    first = _first_layers(graph)
    if first is None or target.height_px % 2 or target.width_px % (2 * first.across):
        return None
    half_height, places = target.height_px // 2, target.width_px // (2 * first.across)
    channels, out = BLOCK_BYTES * first.across, len(first.weights)
    kernel, bias = _folded(first, target, as_bf16)
    rows = ops.parameter([batch, half_height + 1, (places + 1) * channels], ov.Type.u8, name="blocks")
    wanted = first.entry.get_element_type()
    blocks: Any = ops.convert(rows, wanted)
    blocks = ops.reshape(blocks, constant_shape(batch, half_height + 1, places + 1, channels), special_zero=False)
    blocks = ops.transpose(blocks, constant_shape(0, 3, 1, 2))
    answer: Any = ops.convolution(blocks, ops.constant(kernel, wanted), [1, 1], [0, 0], [0, 0], [1, 1])
    answer = ops.add(answer, ops.constant(bias.reshape(1, -1, 1, 1), wanted))
    replaced = first.biased
    if first.across > 1:
        replaced = first.activated
        answer = ops.transpose(first.activate(answer), constant_shape(0, 2, 3, 1))
        answer = ops.reshape(answer, constant_shape(batch, half_height, target.width_px // 2, out), special_zero=False)
        answer = ops.transpose(answer, constant_shape(0, 3, 1, 2))
    for consumer in replaced.output(0).get_target_inputs():
        consumer.replace_source_output(answer.output(0))
    graph.remove_parameter(first.entry)
    graph.add_parameters([rows])
    graph.validate_nodes_and_infer_types()
    return graph


def _first_layers(graph: ov.Model) -> _First | None:
    """The layers that this knows to feed with blocks, None where they are others."""
    entry = graph.get_parameters()[0]
    taken = _taken_by(entry)
    weights = constant_weights(taken[0]) if len(taken) == 1 else None
    if weights is None or tuple(weights.shape) != (weights.shape[0], 3, 3, 3):
        return None
    convolution = taken[0].get_node()
    known = (convolution.get_attributes()[name] for name in ("strides", "pads_begin", "pads_end", "dilations"))
    if [list(one) for one in known] != [[2, 2], [1, 1], [1, 1], [1, 1]]:
        return None
    taken_from_it = _taken_by(convolution)
    biased = _only(taken_from_it, "Add")
    if biased is None:
        return None
    bias = _constant(biased.input_value(1 - taken_from_it[0].get_index()), weights.shape[0])
    if bias is None:
        return None
    for node in (entry, convolution, biased):
        _settle_shape(node)
    hardswish = _only(_taken_by(biased), "HSwish")
    activated, activate = (_silu(biased), ops.swish) if hardswish is None else (hardswish, ops.hswish)
    return _First(entry, np.asarray(weights.data, np.float64), bias, biased, activated, activate)


def _constant(value: Any, size: int) -> Doubles | None:
    """The numbers of a constant, whatever shape it is given; None where it is none, or has not so many."""
    node = value.get_node()
    while node.get_type_name() in ("Reshape", "Convert", "Unsqueeze"):
        node = node.input_value(0).get_node()
    is_known = node.get_type_name() == "Constant" and node.data.size == size
    return np.asarray(node.data, np.float64).reshape(-1) if is_known else None


def _settle_shape(node: Any) -> None:
    """Answer whoever asks for a node's shape, so that the node may go."""
    for asking in node.output(0).get_target_inputs():
        asked = asking.get_node()
        if asked.get_type_name() == "ShapeOf":
            shape = ops.constant(np.array(list(node.output(0).get_shape())), asked.get_output_element_type(0))
            for consumer in asked.output(0).get_target_inputs():
                consumer.replace_source_output(shape.output(0))


def _silu(biased: Any) -> Any | None:
    """The product of a value and its sigmoid, where nothing else takes the value."""
    after = _taken_by(biased)
    products = [one.get_node() for one in after if one.get_node().get_type_name() == "Multiply"]
    sigmoids = [one.get_node() for one in after if one.get_node().get_type_name() == "Sigmoid"]
    if len(after) != 2 or len(products) != 1 or len(sigmoids) != 1:
        return None
    product = _only(_taken_by(sigmoids[0]), "Multiply")
    is_same = product is not None and product.get_friendly_name() == products[0].get_friendly_name()
    return product if is_same else None


def _taken_by(node: Any) -> list[Any]:
    """The inputs that take a node's value; asking for its shape is none."""
    return [one for one in node.output(0).get_target_inputs() if one.get_node().get_type_name() != "ShapeOf"]


def _only(taken: list[Any], kind: str) -> Any | None:
    """The one node that takes a value, where there is one of that kind and no other."""
    return taken[0].get_node() if len(taken) == 1 and taken[0].get_node().get_type_name() == kind else None


def _folded(first: _First, target: ModelInput, as_bf16: bool) -> tuple[npt.NDArray[np.float32], Doubles]:
    """Weights over places, (across * out, across * 6, 2, 2), and the bias, with what is subtracted from y, u and v."""
    to_rgb = _TO_RGB if target.color is ColourOrder.RGB else _TO_RGB[::-1]
    scale = 1 / LARGEST if target.scale is PixelScale.UNIT else 1.0
    by_plane = np.einsum("ocij,ck->okij", first.weights * scale, to_rgb)
    out, across = len(first.weights), first.across
    kernel = np.zeros((across, out, across, BLOCK_BYTES, 2, 2))
    for j in range(across):  # block j of a place answers by its own pixels and those of the block before it
        for row in range(3):
            for column in range(3):
                before = j - 1 + (column + 1) // 2
                block = kernel[j, :, before % across, :, (row + 1) // 2, 1 + before // across]
                block[:, 2 * ((row + 1) % 2) + (column + 1) % 2] += by_plane[:, 0, row, column]
                block[:, 4:] += by_plane[:, 1:, row, column]
    weights = kernel.reshape(across * out, across * BLOCK_BYTES, 2, 2).astype(np.float32)
    exact = _rounded_to_bf16(weights) if as_bf16 else weights
    subtracted = np.einsum("ocij,c->o", exact.astype(np.float64), np.tile(_SUBTRACTED, across))
    return weights, np.tile(first.bias, across) - subtracted


def _rounded_to_bf16(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The nearest numbers that have 8 bits of mantissa, even ones of two as near."""
    bits = values.view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)).view(np.float32)
