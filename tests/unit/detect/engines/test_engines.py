"""One contract, every engine: real runtimes on models whose answers can be worked out by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from detect.engines.devices import gpus
from detect.engines.engine import Engine
from detect.engines.onnxruntime_engine import OnnxRuntimeEngine
from detect.engines.openvino_engine import OpenVinoEngine, cpu_has_bf16, pieces
from detect.errors import EngineError, EngineStalled
from detect.models.card import Layout, ModelCard, ModelInput, PixelScale
from detect.models.model import Model, load_model
from kernel.config.sections import Precision
from tests.unit.detect.int8_bundle import mean_colour_bundle
from tests.unit.detect.tiny_models import (
    ANCHORS,
    HEIGHT_PX,
    WIDTH_PX,
    constant_model,
    convolved_colour_model,
    mean_colour_model,
)

Make = Callable[[Model], Engine]


def openvino_bf16(model: Model) -> Engine:
    if not cpu_has_bf16():
        pytest.skip("this CPU has no bf16")
    return OpenVinoEngine(model, Precision.BF16)


def torch_on(device: str, precision: Precision = Precision.AUTO) -> Make:
    def make(model: Model) -> Engine:
        pytest.importorskip("torch", reason="the extra yolo is not installed")
        from detect.engines.torch_engine import TorchEngine

        if device != "cpu" and device not in gpus():
            pytest.skip("no CUDA device here: the PyTorch engine was tested on the CPU only")
        return TorchEngine(model, device, precision, batch_max=4)

    return make


ENGINES: dict[str, Make] = {
    "openvino fp32": lambda model: OpenVinoEngine(model, Precision.FP32),
    "openvino fp32 in pieces of four": lambda model: OpenVinoEngine(model, Precision.FP32, (1, 2, 4)),
    "openvino bf16": openvino_bf16,
    "onnxruntime": OnnxRuntimeEngine,
    "torch on the CPU": torch_on("cpu"),
    "torch on a GPU": torch_on("cuda:0"),
    "torch on a GPU, fp32": torch_on("cuda:0", Precision.FP32),
}


def mean_model(folder: Path, batch: int | str, scale: PixelScale = PixelScale.UNIT) -> Model:
    path = mean_colour_model(folder / "mean.onnx", batch)
    card = ModelCard(
        name="mean",
        layout=Layout.ULTRALYTICS_END2END,
        classes=("thing",),
        input=ModelInput(width_px=WIDTH_PX, height_px=HEIGHT_PX, scale=scale),
        sha256="0" * 64,
    )
    return Model(path, card, batch if isinstance(batch, int) else None)


@pytest.fixture(params=ENGINES)
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    opened: list[Engine] = []

    def opener(model: Model) -> Engine:
        opened.append(ENGINES[request.param](model))
        return opened[-1]

    yield opener
    for engine in opened:
        engine.close()


def plain_colours(count: int) -> np.ndarray:
    """Pictures of one colour each: channel c of picture i is 10 * i + 60 * c + 1."""
    colours = 10 * np.arange(count)[:, None] + 60 * np.arange(3)[None, :] + 1
    return np.broadcast_to(colours[:, None, None, :], (count, HEIGHT_PX, WIDTH_PX, 3)).astype(np.uint8)


@pytest.mark.parametrize("batch", [1, "n"])
@pytest.mark.parametrize("count", [1, 2, 3, 7, 8])
def test_every_picture_gets_its_own_answer_in_order(make: Make, tmp_path: Path, batch: int | str, count: int) -> None:
    pictures = plain_colours(count)
    answers = make(mean_model(tmp_path, batch)).infer(pictures)
    assert answers.shape == (count, 1, 6)
    assert answers.dtype == np.float32
    expected = pictures.mean(axis=(1, 2)) / 255.0
    np.testing.assert_allclose(answers[:, 0, :3], expected, rtol=0.01)


def test_byte_scale_is_not_normalised(make: Make, tmp_path: Path) -> None:
    pictures = plain_colours(1)
    answers = make(mean_model(tmp_path, 1, PixelScale.BYTE)).infer(pictures)
    np.testing.assert_allclose(answers[0, 0, :3], [1, 61, 121], rtol=0.01)


def test_answers_stay_when_the_next_batch_runs(make: Make, tmp_path: Path) -> None:
    engine = make(mean_model(tmp_path, 1))
    first = engine.infer(plain_colours(2))
    kept = first.copy()
    engine.infer(255 - plain_colours(2))
    np.testing.assert_array_equal(first, kept)


def test_batch_may_be_a_part_of_a_larger_array(make: Make, tmp_path: Path) -> None:
    pictures = plain_colours(8)
    engine = make(mean_model(tmp_path, 1))
    np.testing.assert_allclose(engine.infer(pictures[3:5]), engine.infer(pictures[3:5].copy()))


def test_batches_run_while_others_do_and_each_gets_its_own_answers(make: Make, tmp_path: Path) -> None:
    engine = make(mean_model(tmp_path, "n"))
    batches = [plain_colours(count) + index for index, count in enumerate((8, 1, 3, 8))]
    running = [engine.start(batch.astype(np.uint8)) for batch in batches]
    for batch, one in zip(batches, running, strict=True):
        assert one.wait(30.0)
        answers = one.answers()
        assert len(answers) == len(batch)
        expected = batch.mean(axis=(1, 2)) / 255.0
        np.testing.assert_allclose(np.stack(answers)[:, 0, :3], expected, rtol=0.01)
    assert 1 <= engine.parallel <= engine.full_batch


@pytest.mark.parametrize("weights_type", [np.float32, np.float16])
def test_a_first_convolution_takes_bytes_as_it_would_take_fractions(
    make: Make, tmp_path: Path, weights_type: type[np.floating]
) -> None:
    """OpenVINO's engine divides the weights by 255 instead of every pixel."""
    path = convolved_colour_model(tmp_path / "convolved.onnx", np.array([1.0, 2.0, 4.0], weights_type))
    card = mean_model(tmp_path, 1).card
    pictures = plain_colours(3)
    answers = make(Model(path, card, None)).infer(pictures)
    weighted = pictures.mean(axis=(1, 2)) / 255.0 * [1.0, 2.0, 4.0]
    np.testing.assert_allclose(answers[:, 0, :3], weighted, rtol=0.01)


@pytest.mark.parametrize(
    "batch",
    [
        np.zeros((1, WIDTH_PX, HEIGHT_PX, 3), np.uint8),
        np.zeros((1, 3, HEIGHT_PX, WIDTH_PX), np.uint8),
        np.zeros((1, HEIGHT_PX, WIDTH_PX, 3), np.float32),
        np.zeros((0, HEIGHT_PX, WIDTH_PX, 3), np.uint8),
    ],
)
def test_anything_else_than_a_batch_is_refused(make: Make, tmp_path: Path, batch: np.ndarray) -> None:
    with pytest.raises(ValueError, match="uint8"):
        make(mean_model(tmp_path, 1)).infer(batch)


def test_name_tells_backend_format_and_size(make: Make, tmp_path: Path) -> None:
    backend, number_format, size = make(mean_model(tmp_path, 1)).name.split()
    assert backend in ("openvino", "onnxruntime", "torch")
    assert number_format in ("fp32", "bf16", "fp16")
    assert size == f"{HEIGHT_PX}x{WIDTH_PX}"


def test_file_that_is_gone_is_an_engine_error(make: Make, tmp_path: Path) -> None:
    model = mean_model(tmp_path, 1)
    model.path.unlink()
    with pytest.raises(EngineError) as caught:
        make(model)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ENGINES)
def test_all_engines_agree(tmp_path: Path, name: str) -> None:
    output = np.random.default_rng(3).normal(size=(1, 6, ANCHORS)).astype(np.float32)
    names = {"names": "{0: 'person', 1: 'car'}"}
    model = load_model(str(constant_model(tmp_path / "c.onnx", output, metadata=names)), tmp_path)
    pictures = plain_colours(3)
    engine = ENGINES[name](model)
    np.testing.assert_allclose(engine.infer(pictures), np.repeat(output, 3, axis=0), rtol=0.01, atol=0.001)
    engine.close()


@pytest.mark.parametrize("kind", ["openvino", "onnxruntime", "torch"])
def test_an_answer_that_does_not_come_in_time_is_an_error(tmp_path: Path, kind: str) -> None:
    """An inference may hang inside the runtime (OpenVINO's asynchronous queue has): the detector must not."""
    model = mean_model(tmp_path, "n")
    engine: Engine
    if kind == "openvino":
        engine = OpenVinoEngine(model, Precision.FP32, (512,), answer_within_s=1e-9)
    elif kind == "onnxruntime":
        engine = OnnxRuntimeEngine(model, answer_within_s=1e-9)
    else:
        pytest.importorskip("torch", reason="the extra yolo is not installed")
        from detect.engines.torch_engine import TorchEngine

        engine = TorchEngine(model, answer_within_s=1e-9)
    batch = np.zeros((1024, HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    if kind != "openvino":  # its thread has so much to do first that no pause of ours lets it answer meanwhile
        for _ in range(10):
            engine.start(batch)
    with pytest.raises(EngineStalled, match="no answer within"):
        engine.infer(batch)
    engine.close()


@pytest.mark.parametrize(
    ("batch_size", "sizes", "streams", "expected"),
    [
        (1, (1,), 2, [1]),
        (3, (1,), 2, [1, 1, 1]),
        (8, (1, 4), 2, [4, 4]),
        (7, (1, 2, 4), 2, [4, 2, 1]),
        (2, (1, 2, 4), 2, [1, 1]),
        (9, (1, 4), 1, [4, 4, 1]),
    ],
)
def test_pieces_fill_the_streams(batch_size: int, sizes: tuple[int, ...], streams: int, expected: list[int]) -> None:
    assert pieces(batch_size, sizes, streams) == expected


@pytest.mark.parametrize("scale", list(PixelScale))
def test_int8_runs_the_other_graph_which_takes_bytes(tmp_path: Path, scale: PixelScale) -> None:
    model = load_model("yard", mean_colour_bundle(tmp_path / "yard", "n", scale).parent)
    batch = np.random.default_rng(3).integers(0, 256, (8, HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    engines = OpenVinoEngine(model, Precision.FP32), OpenVinoEngine(model, Precision.INT8, (1, 4))
    assert engines[1].name == f"openvino int8 {HEIGHT_PX}x{WIDTH_PX}"
    expected, found = (engine.infer(batch) for engine in engines)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_a_model_without_int8_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="has no int8; make it by lookout models quantize"):
        OpenVinoEngine(mean_model(tmp_path, 1), Precision.INT8)
