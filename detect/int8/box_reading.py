"""Which operations of a detection model's graph turn what its last convolutions say into boxes."""

from __future__ import annotations

from typing import Any

import numpy as np
import openvino as ov

_CONVOLUTIONS = {"Convolution", "GroupConvolution", "ConvolutionBackpropData", "GroupConvolutionBackpropData"}
_NOTHING_DONE = {"Constant", "Parameter", "Result"}


def reads_boxes(graph: ov.Model) -> list[str]:
    """Names of the operations after the last convolutions, in order.

    YOLOv8 and 11 read a side of a box as the mean of 16 places, by a convolution with the weights 0, 1, … 15: that one
    belongs to them.
    """
    before: set[str] = set()
    after: list[str] = []
    for operation in reversed(graph.get_ordered_ops()):
        if _is_layer(operation) or any(one.get_name() in before for one in _followers(operation)):
            before.add(operation.get_name())
        elif operation.get_type_name() not in _NOTHING_DONE:
            after.append(operation.get_friendly_name())
    return after[::-1]


def _followers(operation: Any) -> list[Any]:
    return [target.get_node() for output in operation.outputs() for target in output.get_target_inputs()]


def _is_layer(operation: Any) -> bool:
    """Whether it is a convolution that learned something."""
    if operation.get_type_name() not in _CONVOLUTIONS:
        return False
    weights = operation.input_value(1).get_node()
    if weights.get_type_name() == "Convert":
        weights = weights.input_value(0).get_node()
    if weights.get_type_name() != "Constant":
        return True
    values = np.asarray(weights.data, np.float32)
    return not (
        values.shape[:1] == (1,) and np.array_equal(values.reshape(-1), np.arange(values.size)) and values.size > 1
    )
