"""ONNX operations as PyTorch calls, as far as YOLO networks use them.

An operation is prepared once: inputs that do not depend on the picture (`fixed`) are read, moved and cast then.
Source: ONNX operator specification, opsets 11 to 17.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from kernel.errors import LookoutError

Fixed = list[Any]  # Tensor where an input is fixed, None where it comes with the picture or is absent
Attributes = Mapping[str, Any]
_TYPES = {
    1: torch.float32, 6: torch.int32, 7: torch.int64, 9: torch.bool, 10: torch.float16, 11: torch.float64,
}  # fmt: skip
_LAST = 2**62  # what exporters write for "to the end" is larger still


class UnknownOperation(LookoutError):
    """A network has an operation that no PyTorch call is known for here."""

    def __init__(self, operation: str) -> None:
        self.operation = operation
        super().__init__(f"operation {operation} is not known to the PyTorch engine")


class Operation:
    """One kind of node.

    Args:
        make: from attributes and fixed parameters to a function of tensors (all of the node's inputs that are no
            parameters, in order).
        parameters: places of inputs that are read as numbers, never moved to the device.
        weights: places of inputs that are cast to the network's number format.
    """

    def __init__(
        self, make: Callable[..., Callable[..., Any]], parameters: tuple[int, ...] = (), weights: tuple[int, ...] = ()
    ) -> None:
        self._make = make
        self._parameters = parameters
        self._weights = weights

    def work_out(self, inputs: Fixed, attributes: Attributes) -> Any:
        """The result where all inputs are known."""
        call = self._make(attributes, [_numbers(inputs, place) for place in self._parameters])
        return call(*(value for place, value in enumerate(inputs) if place not in self._parameters))

    def prepared(self, fixed: Fixed, attributes: Attributes, device: torch.device, dtype: torch.dtype) -> Any:
        """A function of the inputs that come with the picture.

        Raises:
            UnknownOperation: one of those is a parameter.
        """
        call = self._make(attributes, [_numbers(fixed, place) for place in self._parameters])
        bound: list[Tensor | None] = []
        for place, value in enumerate(fixed):
            if place in self._parameters:
                continue
            if value is not None:
                wanted = dtype if place in self._weights and value.is_floating_point() else value.dtype
                value = value.to(device, wanted)
                if value.ndim == 4 and place in self._weights:
                    value = value.to(memory_format=torch.channels_last)
                if value.ndim <= 1 and value.numel() == 1 and place not in self._weights and value.is_floating_point():
                    value = value.reshape(())  # a number widens nothing
            bound.append(value)
        if all(value is None for value in bound):
            return call
        return partial(_bound_call, call, bound)


def _bound_call(call: Callable[..., Any], bound: list[Tensor | None], *live: Tensor) -> Any:
    """Fixed and live inputs in their places."""
    following = iter(live)
    return call(*(next(following) if value is None else value for value in bound))


class Silu:
    """x * sigmoid(x), which ONNX writes as two nodes."""

    NAME: ClassVar[str] = "lookout.Silu"


def _numbers(inputs: Fixed, place: int) -> Any:
    """A parameter as Python numbers, None where it is absent."""
    if place >= len(inputs) or inputs[place] is None:
        return None
    return inputs[place].tolist()


def _plain(call: Callable[..., Any]) -> Operation:
    return Operation(lambda attributes, parameters: call)


def _convolution(attributes: Attributes, _: list[Any]) -> Callable[..., Tensor]:
    pads = attributes.get("pads", [0, 0, 0, 0])
    if attributes.get("auto_pad", b"NOTSET") != b"NOTSET" or len(pads) != 4:
        raise UnknownOperation("Conv with auto_pad, or not of pictures")
    options = {
        "stride": tuple(attributes.get("strides", [1, 1])),
        "dilation": tuple(attributes.get("dilations", [1, 1])),
        "groups": attributes.get("group", 1),
    }
    even = (pads[0], pads[1]) == (pads[2], pads[3])

    def call(pictures: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        pictures = pictures.to(weight.dtype)
        if not even:
            pictures = functional.pad(pictures, (pads[1], pads[3], pads[0], pads[2]))
        return functional.conv2d(pictures, weight, bias, padding=(pads[0], pads[1]) if even else 0, **options)

    return call


def _max_pool(attributes: Attributes, _: list[Any]) -> Callable[..., Tensor]:
    pads = attributes.get("pads", [0, 0, 0, 0])
    if (pads[0], pads[1]) != (pads[2], pads[3]) or attributes.get("ceil_mode", 0):
        raise UnknownOperation("MaxPool with uneven pads")
    return partial(
        functional.max_pool2d,
        kernel_size=tuple(attributes["kernel_shape"]),
        stride=tuple(attributes.get("strides", [1, 1])),
        padding=(pads[0], pads[1]),
        dilation=tuple(attributes.get("dilations", [1, 1])),
    )


def _resize(attributes: Attributes, parameters: list[Any]) -> Callable[..., Tensor]:
    _, scales, sizes = parameters
    asymmetric = attributes.get("coordinate_transformation_mode", b"half_pixel") == b"asymmetric"
    if attributes.get("mode", b"nearest") != b"nearest" or not asymmetric:
        raise UnknownOperation("Resize other than to the nearest pixel")
    if sizes:
        return partial(functional.interpolate, size=tuple(sizes[2:]), mode="nearest")
    return partial(functional.interpolate, scale_factor=tuple(scales[2:]), mode="nearest")


def _reshape(attributes: Attributes, parameters: list[Any]) -> Callable[..., Tensor]:
    (shape,) = parameters
    if attributes.get("allowzero", 0):
        return lambda value: value.reshape(shape)
    return lambda value: value.reshape([value.shape[at] if side == 0 else side for at, side in enumerate(shape)])


def _slice(_: Attributes, parameters: list[Any]) -> Callable[..., Tensor]:
    starts, ends, axes, strides = parameters

    def call(value: Tensor) -> Tensor:
        cut: list[slice] = [slice(None)] * value.ndim
        for at, (start, end) in enumerate(zip(starts, ends, strict=True)):
            axis = axes[at] if axes else at
            cut[axis] = slice(start, None if end >= _LAST else end, strides[at] if strides else 1)
        return value[tuple(cut)]

    return call


def _split(attributes: Attributes, parameters: list[Any]) -> Callable[..., Any]:
    (sizes,) = parameters
    axis = attributes.get("axis", 0)
    if sizes is None:
        raise UnknownOperation("Split without sizes")
    return lambda value: torch.split(value, sizes, axis)


def _unsqueeze(_: Attributes, parameters: list[Any]) -> Callable[..., Tensor]:
    (axes,) = parameters

    def call(value: Tensor) -> Tensor:
        rank = value.ndim + len(axes)
        for axis in sorted(axis % rank for axis in axes):
            value = value.unsqueeze(axis)
        return value

    return call


def _gather(attributes: Attributes, _: list[Any]) -> Callable[..., Tensor]:
    axis = attributes.get("axis", 0)

    def call(value: Tensor, index: Tensor) -> Tensor:
        index = torch.where(index < 0, index + value.shape[axis], index)
        chosen = value.index_select(axis, index.reshape(-1))
        return chosen.reshape((*value.shape[:axis], *index.shape, *value.shape[axis:][1:]))

    return call


def _constant(attributes: Attributes, _: list[Any]) -> Callable[..., Tensor]:
    from onnx import numpy_helper

    if "value" not in attributes:
        raise UnknownOperation("Constant that is no tensor")
    return lambda: torch.tensor(numpy_helper.to_array(attributes["value"]))


def _constant_of_shape(attributes: Attributes, parameters: list[Any]) -> Callable[..., Tensor]:
    from onnx import numpy_helper

    (shape,) = parameters
    filling = numpy_helper.to_array(attributes["value"]) if "value" in attributes else None
    value = torch.tensor(filling).reshape(()) if filling is not None else torch.tensor(0.0)
    return lambda: value.expand(shape).clone()


def _division(value: Tensor, by: Tensor) -> Tensor:
    return value / by if value.is_floating_point() else torch.div(value, by, rounding_mode="trunc")


def _modulo(attributes: Attributes, _: list[Any]) -> Any:
    return torch.fmod if attributes.get("fmod", 0) else torch.remainder


def _reduction(call: Callable[..., Tensor]) -> Callable[..., Callable[..., Tensor]]:
    def make(attributes: Attributes, parameters: list[Any]) -> Callable[..., Tensor]:
        axes = parameters[0] if parameters[0] is not None else attributes.get("axes")
        keep = bool(attributes.get("keepdims", 1))
        return lambda value: call(value, dim=tuple(axes) if axes else tuple(range(value.ndim)), keepdim=keep)

    return make


def _top_k(attributes: Attributes, parameters: list[Any]) -> Callable[..., Any]:
    (count,) = parameters
    axis, largest = attributes.get("axis", -1), bool(attributes.get("largest", 1))
    return lambda value: torch.topk(value, count[0], dim=axis, largest=largest)


def _expand(_: Attributes, parameters: list[Any]) -> Callable[..., Tensor]:
    (shape,) = parameters
    return lambda value: value.expand(torch.broadcast_shapes(value.shape, tuple(shape)))


def _flatten(attributes: Attributes, _: list[Any]) -> Callable[..., Tensor]:
    axis = attributes.get("axis", 1)
    return lambda value: value.reshape((int(torch.Size(value.shape[:axis]).numel()), -1))


def _product(first: Tensor, second: Tensor) -> Tensor:
    return torch.matmul(first, second.to(first.dtype))


OPERATIONS: Mapping[str, Operation] = {
    Silu.NAME: _plain(functional.silu),
    "Add": _plain(torch.add),
    "Cast": Operation(lambda attributes, _: lambda value: value.to(_TYPES[attributes["to"]])),
    "Concat": Operation(lambda attributes, _: lambda *parts: torch.cat(parts, attributes["axis"])),
    "Constant": Operation(_constant),
    "ConstantOfShape": Operation(_constant_of_shape, parameters=(0,)),
    "Conv": Operation(_convolution, weights=(1, 2)),
    "Div": _plain(_division),
    "Equal": _plain(torch.eq),
    "Exp": _plain(torch.exp),
    "Expand": Operation(_expand, parameters=(1,)),
    "Flatten": Operation(_flatten),
    "Gather": Operation(_gather),
    "GatherElements": Operation(
        lambda attributes, _: lambda value, index: torch.gather(value, attributes.get("axis", 0), index)
    ),
    "GlobalAveragePool": _plain(lambda pictures: pictures.mean(dim=(2, 3), keepdim=True)),
    "HardSwish": _plain(functional.hardswish),
    "Identity": _plain(lambda value: value),
    "LeakyRelu": Operation(
        lambda attributes, _: partial(functional.leaky_relu, negative_slope=attributes.get("alpha", 0.01))
    ),
    "MatMul": Operation(lambda _, __: _product, weights=(1,)),
    "Max": _plain(torch.maximum),
    "MaxPool": Operation(_max_pool),
    "Min": _plain(torch.minimum),
    "Mod": Operation(_modulo),
    "Mul": _plain(torch.mul),
    "Pow": _plain(torch.pow),
    "Range": _plain(lambda start, limit, step: torch.arange(start.item(), limit.item(), step.item())),
    "ReduceMax": Operation(_reduction(torch.amax), parameters=(1,)),
    "ReduceMean": Operation(_reduction(torch.mean), parameters=(1,)),
    "ReduceSum": Operation(_reduction(torch.sum), parameters=(1,)),
    "Relu": _plain(functional.relu),
    "Reshape": Operation(_reshape, parameters=(1,)),
    "Resize": Operation(_resize, parameters=(1, 2, 3)),
    "Shape": _plain(lambda value: torch.tensor(value.shape, dtype=torch.int64)),
    "Sigmoid": _plain(torch.sigmoid),
    "Slice": Operation(_slice, parameters=(1, 2, 3, 4)),
    "Softmax": Operation(lambda attributes, _: partial(torch.softmax, dim=attributes.get("axis", -1))),
    "Split": Operation(_split, parameters=(1,)),
    "Sqrt": _plain(torch.sqrt),
    "Sub": _plain(torch.sub),
    "TopK": Operation(_top_k, parameters=(1,)),
    "Transpose": Operation(lambda attributes, _: lambda value: value.permute(attributes["perm"])),
    "Unsqueeze": Operation(_unsqueeze, parameters=(1,)),
    "Where": _plain(torch.where),
}
