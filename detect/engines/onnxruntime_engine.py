"""ONNX Runtime on the CPU: the fallback where OpenVINO does not run; same pictures in, same answers out."""

from __future__ import annotations

import concurrent.futures

import numpy as np
import onnxruntime

from detect.engines.engine import ANSWER_WITHIN_S, Bytes, Floats, Running, check_batch, pixels_shape
from detect.engines.running_task import RunningTask, reason
from detect.errors import EngineError
from detect.models.card import PixelScale
from detect.models.model import Model
from detect.models.onnx_file import ORT_ERRORS

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
        self.slot_shape = pixels_shape(self._input)
        self.full_batch = 1
        self.parallel = 1
        self.name = f"onnxruntime fp32 {self._input.height_px}x{self._input.width_px}"
        options = onnxruntime.SessionOptions()
        options.log_severity_level = _WARNINGS
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # idle threads leave the CPU to others
        try:
            self._session = onnxruntime.InferenceSession(str(model.path), options, providers=["CPUExecutionProvider"])
        except ORT_ERRORS as error:
            raise EngineError(self.name, f"cannot load {model.path} ({reason(error)})") from error
        self._input_name = self._session.get_inputs()[0].name
        self._output_name = self._session.get_outputs()[0].name
        self._thread = concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="onnxruntime")

    def start(self, batch: Bytes) -> Running[Floats]:
        """See `Engine.start`."""
        check_batch(batch, self.slot_shape)
        return RunningTask(self.name, self._thread.submit(self._run, batch), self._answer_within_s, ORT_ERRORS)

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
