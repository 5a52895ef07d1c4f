from __future__ import annotations

from pathlib import Path

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from detect.int8.box_reading import reads_boxes

DISTRICT = Path(__file__).resolve().parents[4] / "models" / "district-n" / "model.onnx"


def test_the_bundled_models_boxes_are_read_behind_its_last_convolutions() -> None:
    graph = ov.Core().read_model(DISTRICT)
    names = set(reads_boxes(graph))
    behind = [node for node in graph.get_ordered_ops() if node.get_friendly_name() in names]
    kinds = {node.get_type_name() for node in behind}
    assert {"Sigmoid", "Concat", "Subtract", "Add", "Multiply"} <= kinds
    assert not {"Convolution", "GroupConvolution", "MaxPool", "Constant", "Result"} & kinds
    last = graph.get_results()[0].input_value(0).get_node().get_friendly_name()
    assert last in names
    assert len(names) < len(graph.get_ordered_ops()) / 3


def test_the_mean_of_places_belongs_to_the_reading_though_it_is_a_convolution() -> None:
    picture = ops.parameter([1, 3, 8, 8], ov.Type.f32, name="picture")
    learned = ops.constant(np.random.default_rng(1).normal(size=(4, 3, 1, 1)).astype(np.float32))
    ones = [1, 1], [0, 0], [0, 0], [1, 1]
    layer = ops.convolution(picture, learned, *ones)
    layer.set_friendly_name("layer")
    shares = ops.softmax(layer, 1)
    shares.set_friendly_name("shares")
    places = ops.constant(np.arange(4, dtype=np.float32).reshape(1, 4, 1, 1))
    mean = ops.convolution(shares, places, *ones)
    mean.set_friendly_name("mean")
    graph = ov.Model([mean], [picture], "dfl")
    assert reads_boxes(graph) == ["shares", "mean"]
