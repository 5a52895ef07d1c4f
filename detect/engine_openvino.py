"""OpenVINO on the CPU: static shapes, uint8 in, normalisation inside the graph, one stream a core up to two.

A batch is cut into pieces of the sizes the model was compiled for, and the pieces run side by side on the streams.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Sequence
from time import monotonic
from typing import Any

import numpy as np
import openvino as ov
from openvino.preprocess import PrePostProcessor

from detect.engine import ANSWER_WITHIN_S, Bytes, Floats, check_batch
from detect.errors import EngineError, EngineStalled
from detect.model import Model
from detect.model_card import PixelScale
from kernel.config.sections import Precision

_MOST_STREAMS = 2
_HINTS = {Precision.BF16: "bf16", Precision.FP32: "f32"}


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
        precision: bf16 or fp32.
        sizes: batch sizes to compile for, 1 among them; each is compiled at its first use.
        answer_within_s: longest wait for an inference.

    Raises:
        EngineError: OpenVINO cannot compile the model.
    """

    def __init__(
        self,
        model: Model,
        precision: Precision,
        sizes: Sequence[int] = (1,),
        answer_within_s: float = ANSWER_WITHIN_S,
    ) -> None:
        self._model = model
        self._input = model.card.input
        self._precision = precision
        self._sizes = tuple(sizes) if model.max_batch is None else (1,)
        self._answer_within_s = answer_within_s
        self._core = ov.Core()
        self.streams = max(1, min(_MOST_STREAMS, os.cpu_count() or 1))
        self.full_batch = self.streams * max(self._sizes)
        self.name = f"openvino {precision.value} {self._input.height_px}x{self._input.width_px}"
        self._requests: dict[int, deque[Any]] = {}
        self._requests_of(1)

    def infer(self, batch: Bytes) -> Floats:
        """See `Engine.infer`."""
        check_batch(batch, self._input)
        deadline_s = monotonic() + self._answer_within_s
        running: deque[Any] = deque()
        answers: list[Floats] = []
        start = 0
        try:
            for size in pieces(len(batch), self._sizes, self.streams):
                requests = self._requests_of(size)
                if len(running) == self.streams:
                    answers.append(self._collect(running.popleft(), deadline_s))
                request = requests[0]
                requests.rotate(-1)
                request.start_async({0: batch[start : start + size]}, share_inputs=True)
                running.append(request)
                start += size
            answers.extend(self._collect(request, deadline_s) for request in running)
        except RuntimeError as error:
            raise EngineError(self.name, _reason(error)) from error
        return answers[0] if len(answers) == 1 else np.concatenate(answers)

    def close(self) -> None:
        """See `Engine.close`."""
        self._requests.clear()

    def _collect(self, request: Any, deadline_s: float) -> Floats:
        """The answer of a running request, copied out of it."""
        if not request.wait_for(max(1, int((deadline_s - monotonic()) * 1000))):
            raise EngineStalled(self.name, self._answer_within_s)
        return np.array(request.get_output_tensor(0).data, np.float32)

    def _requests_of(self, size: int) -> deque[Any]:
        """The requests for pieces of that size, compiled when first asked for."""
        if size not in self._requests:
            try:
                compiled = self._compile(size)
            except RuntimeError as error:
                raise EngineError(self.name, f"cannot compile {self._model.path} ({_reason(error)})") from error
            self._requests[size] = deque(compiled.create_infer_request() for _ in range(self.streams))
        return self._requests[size]

    def _compile(self, size: int) -> Any:
        """The model for a static batch, fed with uint8 NHWC."""
        graph = self._core.read_model(self._model.path)
        graph.reshape([size, 3, self._input.height_px, self._input.width_px])
        steps = PrePostProcessor(graph)
        entry = steps.input()
        entry.tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
        entry.model().set_layout(ov.Layout("NCHW"))
        entry.preprocess().convert_element_type(ov.Type.f32)
        if self._input.scale is PixelScale.UNIT:
            entry.preprocess().scale(255.0)
        options = {"NUM_STREAMS": self.streams, "INFERENCE_PRECISION_HINT": _HINTS[self._precision]}
        return self._core.compile_model(steps.build(), "CPU", options)


def _reason(error: RuntimeError) -> str:
    """The last line of OpenVINO's message that says something; the first ones name its source files."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][:160] if lines else type(error).__name__
