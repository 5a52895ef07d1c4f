"""A model's graph as OpenVINO runs it: static batch, uint8 pictures in as they lie in memory, normalisation folded in.

Pictures lie row by row, pixel by pixel (NHWC), and so does the first convolution want them. Told of a transposition of
uint8 first and a division after it, OpenVINO transposes, divides and transposes back: 0.5 ms of 9 (see
docs/performance.md). So the division goes into the first convolution's weights, and the rows come in flat: the reshape
costs nothing, keeps the transposition behind the conversion, and there OpenVINO drops it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from detect.models.card import ModelInput, PixelScale

LARGEST = 255.0


def read_graph(core: ov.Core, path: Path, target: ModelInput, batch: int, takes_bytes: bool = False) -> ov.Model:
    """The graph of a model's file, fed with uint8 [batch, height, width * 3].

    Args:
        core: reads it.
        path: an ONNX file, or a graph of OpenVINO's.
        target: input of the model.
        batch: pictures.
        takes_bytes: the file takes 0-255 whatever `target.scale` says: it went through `take_bytes` before.

    Raises:
        RuntimeError: OpenVINO cannot read it, or not for that batch size.
    """
    graph = core.read_model(path)
    graph.reshape([batch, 3, target.height_px, target.width_px])
    if not takes_bytes:
        take_bytes(graph, target)
    entry = graph.get_parameters()[0]
    rows = ops.parameter([batch, target.height_px, target.width_px * 3], ov.Type.u8, name="pictures")
    pictures: Any = ops.convert(rows, entry.get_element_type())
    pictures = ops.reshape(pictures, constant_shape(batch, target.height_px, target.width_px, 3), special_zero=False)
    pictures = ops.transpose(pictures, constant_shape(0, 3, 1, 2))
    for consumer in entry.output(0).get_target_inputs():
        consumer.replace_source_output(pictures.output(0))
    graph.remove_parameter(entry)
    graph.add_parameters([rows])
    graph.validate_nodes_and_infer_types()
    return graph


def take_bytes(graph: ov.Model, target: ModelInput) -> None:
    """Have a graph take 0-255 where it takes 0-1: by its first convolution's weights, or by a division."""
    if target.scale is not PixelScale.UNIT:
        return
    entry = graph.get_parameters()[0]
    consumers = list(entry.output(0).get_target_inputs())
    weights = [constant_weights(consumer) for consumer in consumers]
    if None not in weights:
        for consumer, constant in zip(consumers, weights, strict=True):
            _divide_weights(consumer.get_node(), constant)
        return
    divided: Any = ops.divide(entry.output(0), ops.constant(LARGEST, entry.get_element_type()))
    for consumer in consumers:
        consumer.replace_source_output(divided.output(0))


def constant_shape(*numbers: int) -> Any:
    """The node of a shape, or of an order of axes."""
    return ops.constant(np.array(numbers, np.int64))


def constant_weights(consumer: Any) -> Any | None:
    """The constant weights of the convolution that takes the picture, None where it is none; maybe kept as float16."""
    node = consumer.get_node()
    if node.get_type_name() != "Convolution" or consumer.get_index() != 0:
        return None
    weights = node.input_value(1).get_node()
    if weights.get_type_name() == "Convert":
        weights = weights.input_value(0).get_node()
    return weights if weights.get_type_name() == "Constant" else None


def _divide_weights(convolution: Any, weights: Any) -> None:
    """Let a convolution take 0-255 for 0-1; zero padding stays zero."""
    wanted = convolution.get_input_element_type(1)
    divided = np.asarray(weights.data, np.float32) / np.float32(LARGEST)
    convolution.input(1).replace_source_output(ops.constant(divided, wanted).output(0))
