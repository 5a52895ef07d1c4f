"""The bundled network as PyTorch calls, against ONNX Runtime on the same numbers; and single operations by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper, save

from detect.models.card import Layout, ModelInput

torch = pytest.importorskip("torch", reason="the extra yolo is not installed")

from detect.boxes.device_boxes import candidates  # noqa: E402
from detect.engines.onnx_torch import OnnxNetwork  # noqa: E402
from detect.engines.onnx_torch_ops import UnknownOperation  # noqa: E402

DISTRICT = Path(__file__).resolve().parents[4] / "models" / "district-n" / "model.onnx"


def answers(path: Path, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """ONNX Runtime's and PyTorch's."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    expected = session.run(None, {session.get_inputs()[0].name: pictures})[0]
    with torch.inference_mode():
        program = OnnxNetwork(path).specialised(pictures.shape, torch.device("cpu"), torch.float32)
        return np.asarray(expected), np.asarray(program(torch.from_numpy(pictures)).numpy())


@pytest.mark.parametrize("shape", [(1, 3, 64, 96), (3, 3, 96, 64)])
def test_the_bundled_network_answers_as_in_onnx_runtime_in_any_shape(shape: tuple[int, ...]) -> None:
    expected, found = answers(DISTRICT, np.random.default_rng(2).random(shape, np.float32))
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)


def test_boxes_of_a_narrow_number_format_are_computed_in_float32() -> None:
    with torch.inference_mode():
        program = OnnxNetwork(DISTRICT).specialised((1, 3, 64, 96), torch.device("cpu"), torch.bfloat16)
        answer = program(torch.zeros((1, 3, 64, 96), dtype=torch.bfloat16))
    assert answer.dtype == torch.float32


def test_a_run_on_a_device_reads_no_value_and_stays_there() -> None:
    """As a CUDA graph demands: tensors without values cannot be read, nor mixed with the processor's."""
    shape, meta = (4, 3, 384, 640), torch.device("meta")
    with torch.inference_mode():
        program = OnnxNetwork(DISTRICT).specialised(shape, meta, torch.float16)
        answer = program(torch.zeros(shape, dtype=torch.float16, device=meta))
        rows = candidates(answer, Layout.ULTRALYTICS_NMS, ModelInput(width_px=640, height_px=384))
    assert rows.device == meta
    assert rows.shape == (4, 5040, 6)
    assert rows.dtype == torch.float32


def one_node(path: Path, operation: str, constants: list[np.ndarray], **attributes: Any) -> Path:
    names = [f"c{index}" for index in range(len(constants))]
    outputs = ["answer", "places"] if operation == "TopK" else ["answer"]
    graph = helper.make_graph(
        [helper.make_node(operation, ["pictures", *names], outputs, **attributes)],
        "one",
        [helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["n", 3, "h", "w"])],
        [helper.make_tensor_value_info("answer", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in zip(names, constants, strict=True)],
    )
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return path


def whole(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


@pytest.mark.parametrize(
    ("operation", "constants", "attributes"),
    [
        ("Slice", [whole(0, 5), whole(2**63 - 1, 1), whole(2, 3), whole(2, 1)], {}),
        ("Slice", [whole(-3), whole(-1), whole(3)], {}),
        ("Gather", [whole(2, -3)], {"axis": 1}),
        ("Gather", [np.array(-1, np.int64)], {"axis": 3}),
        ("Conv", [np.ones((2, 3, 3, 2), np.float32), whole(3, 4).astype(np.float32)], {"pads": [1, 0, 0, 2]}),
        ("MaxPool", [], {"kernel_shape": [3, 3], "strides": [2, 1], "pads": [1, 1, 1, 1]}),
        ("Reshape", [whole(0, -1, 2)], {}),
        ("ReduceMax", [], {"axes": [1, 3], "keepdims": 0}),
        ("TopK", [whole(5)], {"axis": 3}),
        ("TopK", [whole(2)], {"axis": 1, "largest": 0}),
        ("GatherElements", [np.arange(12).reshape(1, 1, 2, 6) % 6], {"axis": 2}),
        ("Unsqueeze", [whole(-1, 0)], {}),
        ("Flatten", [], {"axis": 2}),
        ("Expand", [whole(4, 1, 1, 1, 1)], {}),
        ("Mod", [np.array(0.3, np.float32)], {"fmod": 1}),
    ],
)
def test_single_operations_do_as_the_specification_says(
    tmp_path: Path, operation: str, constants: list[np.ndarray], attributes: dict[str, Any]
) -> None:
    pictures = np.random.default_rng(4).normal(size=(1, 3, 6, 8)).astype(np.float32)
    expected, found = answers(one_node(tmp_path / "one.onnx", operation, constants, **attributes), pictures)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_an_unknown_operation_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownOperation, match="operation Erf is not known to the PyTorch engine"):
        answers(one_node(tmp_path / "one.onnx", "Erf", []), np.zeros((1, 3, 4, 4), np.float32))
