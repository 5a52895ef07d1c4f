"""An ONNX file as a straight line of PyTorch calls for one static input shape.

The file that the CPU engines run is the GPU's model file too: its card's SHA-256 covers it, and unlike a .pt file it is
no pickle. Everything that depends on shapes alone is worked out beforehand, so a run neither branches nor waits
for the device and can be captured as a CUDA graph.

Convolutions and matrix products run in the number format asked for. Other constants stay float32, and PyTorch widens
what meets them: boxes, which are computed with such constants, come out in float32 also from a float16 network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from detect.engines.onnx_torch_ops import OPERATIONS, Silu, UnknownOperation


@dataclass(frozen=True, slots=True)
class _Node:
    operation: str
    attributes: dict[str, Any]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Step:
    """One call.

    Attributes:
        call: takes the values that depend on the picture.
        inputs, outputs: their names.
        freed: names that nothing needs afterwards.
    """

    call: Callable[..., Any]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    freed: tuple[str, ...]


class TorchProgram:
    """What a network does with an input of one shape.

    Call it with a tensor (n, 3, height, width) of that shape on the device; gives the first output.
    """

    def __init__(self, entry: str, exit_: str, steps: list[_Step]) -> None:
        self._entry = entry
        self._exit = exit_
        self._steps = steps

    def __call__(self, pictures: Tensor) -> Tensor:
        values: dict[str, Any] = {self._entry: pictures}
        for step in self._steps:
            result = step.call(*(values[name] for name in step.inputs))
            if len(step.outputs) == 1:
                values[step.outputs[0]] = result
            else:
                values.update(zip(step.outputs, result, strict=True))
            for name in step.freed:
                del values[name]
        return values[self._exit]


class OnnxNetwork:
    """A network read from an ONNX file.

    Args:
        path: the file.

    Raises:
        OSError: it cannot be read.
        onnx.checker.ValidationError, google.protobuf.message.DecodeError: it is no ONNX file.
    """

    def __init__(self, path: Path) -> None:
        graph = onnx.load(path).graph
        self._constants = {entry.name: torch.tensor(numpy_helper.to_array(entry)) for entry in graph.initializer}
        self._entry = next(entry.name for entry in graph.input if entry.name not in self._constants)
        self._exit = graph.output[0].name
        self._nodes = _with_silu([_read(node) for node in graph.node])

    def specialised(self, shape: tuple[int, ...], device: torch.device, dtype: torch.dtype) -> TorchProgram:
        """The network for one input shape.

        Args:
            shape: (n, 3, height, width).
            device: where it runs.
            dtype: number format of its convolutions.

        Raises:
            UnknownOperation: the network does what is not known here.
            RuntimeError: it does not fit the shape.
        """
        known = dict(self._constants)
        live: dict[str, Tensor] = {
            self._entry: torch.zeros(shape, dtype=dtype, device=device).to(memory_format=torch.channels_last)
        }
        steps: list[_Step] = []
        for node in self._nodes:
            operation = OPERATIONS.get(node.operation)
            if operation is None:
                raise UnknownOperation(node.operation)
            if not any(name in live for name in node.inputs) or node.operation == "Shape":
                inputs = [live.get(name, known.get(name)) for name in node.inputs]
                _put(known, node.outputs, operation.work_out(inputs, node.attributes))
                continue
            fixed = [None if name in live else known.get(name) for name in node.inputs]
            call = operation.prepared(fixed, node.attributes, device, dtype)
            names = tuple(name for name in node.inputs if name in live)
            _put(live, node.outputs, call(*(live[name] for name in names)))
            steps.append(_Step(call, names, node.outputs, ()))
        if self._exit not in live:
            raise UnknownOperation("an output that does not depend on the picture")
        return TorchProgram(self._entry, self._exit, _freeing(steps, keep=self._exit))


def _read(node: Any) -> _Node:
    attributes = {entry.name: onnx.helper.get_attribute_value(entry) for entry in node.attribute}
    return _Node(node.op_type, attributes, tuple(node.input), tuple(node.output))


def _put(values: dict[str, Any], names: tuple[str, ...], result: Any) -> None:
    values.update(zip(names, result if isinstance(result, tuple | list) else (result,), strict=False))


def _with_silu(nodes: list[_Node]) -> list[_Node]:
    """x * sigmoid(x) as the one call that it is."""
    readers: dict[str, list[_Node]] = {}
    for node in nodes:
        for name in node.inputs:
            readers.setdefault(name, []).append(node)
    gates: dict[str, str] = {}
    for node in nodes:
        if node.operation == "Sigmoid" and len(readers.get(node.outputs[0], ())) == 1:
            (reader,) = readers[node.outputs[0]]
            if reader.operation == "Mul" and node.inputs[0] in reader.inputs:
                gates[node.outputs[0]] = node.inputs[0]
    fused = []
    for node in nodes:
        gate = next((name for name in node.inputs if name in gates), None)
        if node.operation == "Mul" and gate is not None:
            fused.append(_Node(Silu.NAME, {}, (gates[gate],), node.outputs))
        elif not (node.operation == "Sigmoid" and node.outputs[0] in gates):
            fused.append(node)
    return fused


def _freeing(steps: list[_Step], keep: str) -> list[_Step]:
    """The steps, each letting go of what it is the last to need."""
    seen = {keep}
    freed_backwards = []
    for step in reversed(steps):
        names = dict.fromkeys((*step.inputs, *step.outputs))
        freed_backwards.append(tuple(name for name in names if name not in seen))
        seen.update(names)
    return [
        _Step(step.call, step.inputs, step.outputs, freed)
        for step, freed in zip(steps, reversed(freed_backwards), strict=True)
    ]
