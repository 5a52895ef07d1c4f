"""OpenVINO on the CPU: static shapes, uint8 in, normalisation inside the graph, one stream a core up to two.

A batch is cut into pieces of the sizes the model was compiled for, and the pieces run side by side on the streams.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from time import monotonic
from typing import Any

import numpy as np
import numpy.typing as npt
import openvino as ov

from detect.engines.engine import ANSWER_WITHIN_S, Bytes, Floats, Running, check_batch, pixels_shape
from detect.engines.openvino_blocks import read_block_graph
from detect.engines.openvino_graph import read_graph
from detect.errors import EngineError, EngineStalled
from detect.models.model import Model
from detect.pictures.blocks import BLOCK_BYTES
from kernel.config.sections import Precision

_MOST_STREAMS = 2
_MOST_PLACES = 32
_Kind = tuple[int, bool]
"""Pictures in a piece, and whether they are in blocks."""
_HINTS = {Precision.BF16: "bf16", Precision.FP32: "f32", Precision.INT8: "f32"}


def cpu_has_bf16() -> bool:
    """Whether this CPU multiplies bf16 itself (AVX512-BF16 or AMX)."""
    return "BF16" in ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def cpu_name() -> str:
    """The CPU as OpenVINO names it."""
    return str(ov.Core().get_property("CPU", "FULL_DEVICE_NAME"))


def pieces(batch_size: int, sizes: Sequence[int], parallel: int) -> list[int]:
    """How a batch is cut: largest piece first, none so large that a stream would stay idle.

    Args:
        batch_size: pictures in the batch.
        sizes: sizes the model is compiled for, 1 among them.
        parallel: streams.
    """
    share = max(1, -(-batch_size // parallel))
    fitting = sorted((size for size in sizes if size <= share), reverse=True)
    cut: list[int] = []
    left = batch_size
    while left:
        size = next(size for size in fitting if size <= left)
        cut.append(size)
        left -= size
    return cut


class OpenVinoEngine:
    """One model compiled for the CPU.

    Args:
        model: what to run.
        precision: bf16, fp32, or int8 where the model has it.
        sizes: batch sizes to compile for, 1 among them; each is compiled at its first use.
        answer_within_s: longest wait for an inference.

    Raises:
        EngineError: OpenVINO cannot compile the model, or nobody made int8 of it.
    """

    def __init__(
        self,
        model: Model,
        precision: Precision,
        sizes: Sequence[int] = (1,),
        answer_within_s: float = ANSWER_WITHIN_S,
    ) -> None:
        self._input = model.card.input
        self._precision = precision
        self._sizes = tuple(sizes) if model.max_batch is None else (1,)
        self._answer_within_s = answer_within_s
        self._core = ov.Core()
        self.streams = min(_MOST_STREAMS, len(os.sched_getaffinity(0)))
        self.parallel = self.streams
        self.full_batch = self.streams * max(self._sizes)
        self.name = f"openvino {precision.value} {self._input.height_px}x{self._input.width_px}"
        path = model.int8_path if precision is Precision.INT8 else model.path
        if path is None:
            raise EngineError(self.name, f"{model.card.name} has no int8; make it by lookout models quantize")
        self._path = path
        self._models: dict[_Kind, Any] = {}
        self._free: dict[_Kind, list[_Request]] = {}
        self._running: list[_Running] = []
        self.slot_shape = self._slot_shape()
        self._compiled((1, self.slot_shape[2] == BLOCK_BYTES))

    def start(self, batch: Bytes) -> Running[Floats]:
        """See `Engine.start`; a batch is spread over the streams that have nothing to do."""
        in_blocks = batch.shape[1:] == self.slot_shape and self.slot_shape[2] == BLOCK_BYTES
        check_batch(batch, self.slot_shape if in_blocks else pixels_shape(self._input))
        rows = batch.reshape(len(batch), batch.shape[1], -1)
        idle = self.streams - sum(running.pieces_left for running in self._running)
        answer_by_s = monotonic() + self._answer_within_s
        running = _Running(self, answer_by_s)
        at = 0
        try:
            for size in pieces(len(batch), self._sizes, max(1, idle)):
                request = self._request((size, in_blocks))
                request.start(rows[at : at + size])
                running.requests.append(request)
                at += size
        except RuntimeError as error:
            raise EngineError(self.name, _reason(error)) from error
        self._running.append(running)
        return running

    def infer(self, batch: Bytes) -> Floats:
        """See `Engine.infer`."""
        return np.stack(self.start(batch).answers())

    def close(self) -> None:
        """See `Engine.close`."""
        self._running.clear()
        self._free.clear()
        self._models.clear()

    def collect(self, running: _Running) -> list[Floats]:
        """The answers of a batch; its requests are free again."""
        self._running.remove(running)
        answers: list[Floats] = []
        for request in running.requests:
            answers.extend(request.output())
            self._free[request.kind].append(request)
        return answers

    def stalled(self) -> EngineStalled:
        """The error of an inference that does not return."""
        return EngineStalled(self.name, self._answer_within_s)

    def _request(self, kind: _Kind) -> _Request:
        """A free request for such pieces."""
        free = self._free.setdefault(kind, [])
        return free.pop() if free else _Request(kind, self._compiled(kind).create_infer_request())

    def _compiled(self, kind: _Kind) -> Any:
        """The model for such pieces, compiled when first asked for."""
        if kind not in self._models:
            options = {"NUM_STREAMS": self.streams, "INFERENCE_PRECISION_HINT": _HINTS[self._precision]}
            try:
                self._models[kind] = self._core.compile_model(self._graph(*kind), "CPU", options)
            except RuntimeError as error:
                raise self._unreadable(error) from error
        return self._models[kind]

    def _slot_shape(self) -> tuple[int, int, int]:
        """Of blocks where the graph can be fed with them, else of pixels; int8 was made for pixels."""
        try:
            graph = None if self._precision is Precision.INT8 else self._graph(1, in_blocks=True)
        except RuntimeError as error:
            raise self._unreadable(error) from error
        if graph is None:
            return pixels_shape(self._input)
        _, rows, row_bytes = graph.input().shape
        return int(rows), int(row_bytes) // BLOCK_BYTES, BLOCK_BYTES

    def _graph(self, size: int, in_blocks: bool) -> ov.Model | None:
        """The graph for such pieces; None where it cannot be fed with blocks."""
        if in_blocks:
            as_bf16 = self._precision is Precision.BF16
            return read_block_graph(self._core, self._path, self._input, size, as_bf16)
        is_int8 = self._precision is Precision.INT8
        return read_graph(self._core, self._path, self._input, size, takes_bytes=is_int8)

    def _unreadable(self, error: RuntimeError) -> EngineError:
        return EngineError(self.name, f"cannot compile {self._path} ({_reason(error)})")


class _Request:
    """One inference at a time, for pieces of one kind; remembers what OpenVINO takes long to make for each."""

    def __init__(self, kind: _Kind, handle: Any) -> None:
        self.kind = kind
        self.handle = handle
        self._inputs: dict[int, tuple[Bytes, Any]] = {}
        self._output: Floats | None = None

    def start(self, rows: Bytes) -> None:
        """Begin; the pictures are read where they are."""
        address = rows.ctypes.data
        if address not in self._inputs:
            if len(self._inputs) >= _MOST_PLACES:
                self._inputs.clear()
            self._inputs[address] = (rows, ov.Tensor(rows, shared_memory=True))  # kept, so the place stays theirs
        self.handle.set_input_tensor(self._inputs[address][1])
        self.handle.start_async()

    def output(self) -> Floats:
        """The answer of the inference that is done, as long as no other is started."""
        if self._output is None:
            output: npt.NDArray[Any] = self.handle.get_output_tensor(0).data
            is_fixed = self.handle.model_outputs[0].get_partial_shape().is_static
            if output.dtype != np.float32 or not is_fixed:
                return output.astype(np.float32)
            self._output = output
        return self._output


class _Running:
    """A batch in pieces, each with its request; see `Running`."""

    def __init__(self, engine: OpenVinoEngine, answer_by_s: float) -> None:
        self.requests: list[_Request] = []
        self._engine = engine
        self._answer_by_s = answer_by_s
        self._done = 0

    @property
    def pieces_left(self) -> int:
        """Pieces that are not known to be done."""
        with suppress(RuntimeError):  # told by the batch's own `wait`
            self._look(0.0)
        return len(self.requests) - self._done

    def wait(self, at_most_s: float) -> bool:
        """See `Running.wait`."""
        try:
            self._look(at_most_s)
        except RuntimeError as error:
            raise EngineError(self._engine.name, _reason(error)) from error
        if self._done < len(self.requests) and monotonic() > self._answer_by_s:
            raise self._engine.stalled()
        return self._done == len(self.requests)

    def answers(self) -> list[Floats]:
        """See `Running.answers`."""
        while not self.wait(max(0.0, self._answer_by_s - monotonic())):
            pass
        return self._engine.collect(self)

    def _look(self, at_most_s: float) -> None:
        """Count the pieces that are done, waiting for them at most that long.

        The last one first: when that is done the others nearly always are, and each wait that ends costs a wake-up.
        """
        until_s = monotonic() + at_most_s
        if at_most_s and self._done < len(self.requests) and not self._wait_for(self.requests[-1], until_s):
            return
        while self._done < len(self.requests):
            if not self._wait_for(self.requests[self._done], until_s):
                return
            self._done += 1

    @staticmethod
    def _wait_for(request: _Request, until_s: float) -> bool:
        return bool(request.handle.wait_for(max(0, round((until_s - monotonic()) * 1000))))


def _reason(error: RuntimeError) -> str:
    """The last line of OpenVINO's message that says something; the first ones name its source files."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][:160] if lines else type(error).__name__
