"""What an ONNX file says about itself: shapes of its input and output, and the exporter's metadata."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as ort_state

from kernel.errors import BadInputError

ORT_ERRORS: tuple[type[Exception], ...] = (
    RuntimeError,
    ort_state.Fail,
    ort_state.InvalidArgument,
    ort_state.InvalidGraph,
    ort_state.InvalidProtobuf,
    ort_state.NoModel,
    ort_state.NoSuchFile,
    ort_state.NotImplemented,
    ort_state.RuntimeException,
)
_NCHW = 4


@dataclass(frozen=True, slots=True)
class OnnxSummary:
    """Shapes with None for an open dimension.

    Attributes:
        input_shape: batch, channels, height, width.
        output_shape: of the first output.
        metadata: the exporter's key-value pairs (ultralytics writes names, imgsz, task, …).
    """

    input_shape: tuple[int | None, ...]
    output_shape: tuple[int | None, ...]
    metadata: dict[str, str]

    @property
    def fixed_batch(self) -> int | None:
        """Batch size the file is bound to, None where it is open."""
        return self.input_shape[0]

    @property
    def input_size_px(self) -> tuple[int, int] | None:
        """Height and width of the input, None where they are open."""
        height_px, width_px = self.input_shape[2:]
        return (height_px, width_px) if height_px is not None and width_px is not None else None

    @property
    def shapes(self) -> str:
        """The output's shape, for messages."""
        return "[" + ", ".join("n" if side is None else str(side) for side in self.output_shape) + "]"


def describe_onnx(path: Path) -> OnnxSummary:
    """Open a model and tell what it is.

    Raises:
        BadInputError: the file is missing, empty, not ONNX, or does not take one picture.
    """
    try:
        size_bytes = path.stat().st_size
    except OSError as error:
        raise BadInputError(f"{path}: cannot read the model ({error.strerror}); check the path") from error
    if size_bytes == 0:
        raise BadInputError(f"{path}: the model file is empty (0 bytes); copy it again")
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except ORT_ERRORS as error:
        reason = str(error).splitlines()[0].removeprefix("[ONNXRuntimeError] : ")[:120]
        raise BadInputError(
            f"{path}: not an ONNX model ({size_bytes} bytes; {reason}); export the model to ONNX"
        ) from error
    inputs, outputs = session.get_inputs(), session.get_outputs()
    input_shape = _shape(inputs[0].shape)
    if len(inputs) != 1 or len(input_shape) != _NCHW or input_shape[1] != 3:
        raise BadInputError(
            f"{path}: takes {[entry.shape for entry in inputs]}, not one picture [n, 3, height, width]; "
            f"export a detection model with a plain picture input"
        )
    return OnnxSummary(input_shape, _shape(outputs[0].shape), dict(session.get_modelmeta().custom_metadata_map))


def _shape(sides: list[int | str | None]) -> tuple[int | None, ...]:
    """Sizes with every symbolic dimension as None."""
    return tuple(side if isinstance(side, int) else None for side in sides)
