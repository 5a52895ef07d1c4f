"""ONNX Runtime on the CPU: the fallback where OpenVINO does not run; same pictures in, same answers out."""

from __future__ import annotations

import concurrent.futures
from time import monotonic

import numpy as np
import onnxruntime

from detect.engine import ANSWER_WITHIN_S, Bytes, Floats, Running, check_batch
from detect.errors import EngineError, EngineStalled
from detect.model import Model
from detect.model_card import PixelScale
from detect.onnx_file import ORT_ERRORS

_WARNINGS = 3


class OnnxRuntimeEngine:
    """One model in an ONNX Runtime session.

    Args:
        model: what to run.
        answer_within_s: longest wait for an inference.

    Raises:
        EngineError: the session cannot be made.
    """

    def __init__(self, model: Model, answer_within_s: float = ANSWER_WITHIN_S) -> None:
        self._input = model.card.input
        self._one_by_one = model.max_batch is not None
        self._answer_within_s = answer_within_s
        self.full_batch = 1
        self.parallel = 1
        self.name = f"onnxruntime fp32 {self._input.height_px}x{self._input.width_px}"
        options = onnxruntime.SessionOptions()
        options.log_severity_level = _WARNINGS
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # idle threads leave the CPU to others
        try:
            self._session = onnxruntime.InferenceSession(str(model.path), options, providers=["CPUExecutionProvider"])
        except ORT_ERRORS as error:
            raise EngineError(self.name, f"cannot load {model.path} ({str(error).splitlines()[0][:160]})") from error
        self._input_name = self._session.get_inputs()[0].name
        self._output_name = self._session.get_outputs()[0].name
        self._thread = concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="onnxruntime")

    def start(self, batch: Bytes) -> Running:
        """See `Engine.start`."""
        check_batch(batch, self._input)
        return _Running(self.name, self._thread.submit(self._run, batch), self._answer_within_s)

    def infer(self, batch: Bytes) -> Floats:
        """See `Engine.infer`."""
        return np.stack(self.start(batch).answers())

    def close(self) -> None:
        """See `Engine.close`."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _run(self, batch: Bytes) -> Floats:
        """Normalise and run, picture by picture where the file is bound to one."""
        pictures = np.ascontiguousarray(batch.transpose(0, 3, 1, 2), np.float32)
        if self._input.scale is PixelScale.UNIT:
            pictures /= 255.0
        parts = [pictures[index : index + 1] for index in range(len(pictures))] if self._one_by_one else [pictures]
        answers = [self._session.run([self._output_name], {self._input_name: part})[0] for part in parts]
        return np.concatenate(answers).astype(np.float32, copy=False)


class _Running:
    """A batch on the engine's thread; see `Running`."""

    def __init__(self, engine: str, task: concurrent.futures.Future[Floats], answer_within_s: float) -> None:
        self._engine = engine
        self._task = task
        self._answer_within_s = answer_within_s
        self._answer_by_s = monotonic() + answer_within_s

    def wait(self, at_most_s: float) -> bool:
        """See `Running.wait`."""
        concurrent.futures.wait((self._task,), at_most_s)
        if not self._task.done():
            if monotonic() > self._answer_by_s:
                raise EngineStalled(self._engine, self._answer_within_s)
            return False
        error = self._task.exception()
        if isinstance(error, ORT_ERRORS):
            raise EngineError(self._engine, str(error).splitlines()[0][:160]) from error
        return True

    def answers(self) -> list[Floats]:
        """See `Running.answers`."""
        while not self.wait(max(0.0, self._answer_by_s - monotonic())):
            pass
        return list(self._task.result())
