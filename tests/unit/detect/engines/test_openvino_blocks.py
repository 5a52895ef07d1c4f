"""Blocks of I420 in, the answer of the RGB graph out: with weights folded in exactly, to the very edge."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from detect.engines.openvino_engine import OpenVinoEngine, cpu_has_bf16
from detect.models.card import ColourOrder, Layout, ModelCard, ModelInput, PixelScale
from detect.models.model import Model, load_model
from detect.pictures.blocks import BLOCK_BYTES
from detect.pictures.frames import FrameCopy
from detect.pictures.preprocess import Preprocessor
from kernel.config.sections import Precision
from tests.unit.detect.tiny_models import HARDSWISH, HEIGHT_PX, WIDTH_PX, convolved_colour_model, first_layers_model

ROOT = Path(__file__).parents[4]
Floats = npt.NDArray[np.float64]


def random_weights(out: int, side: int = 3) -> npt.NDArray[np.float32]:
    return np.random.default_rng(out).normal(0, 0.5, (out, 3, side, side)).astype(np.float32)


def model_of(path: Path, color: ColourOrder = ColourOrder.RGB, scale: PixelScale = PixelScale.UNIT) -> Model:
    target = ModelInput(width_px=WIDTH_PX, height_px=HEIGHT_PX, color=color, scale=scale)
    card = ModelCard(name="first", layout=Layout.ULTRALYTICS_NMS, classes=("thing",), input=target, sha256="0" * 64)
    return Model(path, card, None)


def frame(width_px: int, height_px: int, seed: int = 0) -> FrameCopy:
    """A picture of blobs whose every colour is one of RGB's."""
    random = np.random.default_rng(seed)

    def blobs(width: int, height: int, low: int, high: int) -> npt.NDArray[np.uint8]:
        coarse = random.integers(low, high, (height // 4 + 1, width // 4 + 1), np.uint8)
        return np.asarray(cv2.resize(coarse, (width, height)), np.uint8)

    half = (width_px // 2, height_px // 2)
    return FrameCopy(blobs(width_px, height_px, 90, 160), blobs(*half, 110, 146), blobs(*half, 110, 146))


def reckoned(planes: FrameCopy, weights: npt.NDArray[np.floating], color: ColourOrder, scale: float) -> Floats:
    """What the convolution of `first_layers_model` answers if a picture fills the input; RGB not rounded to bytes."""
    y, u, v = planes.y.astype(float) - 16, planes.u.astype(float) - 128, planes.v.astype(float) - 128
    u, v = (plane.repeat(2, axis=0).repeat(2, axis=1) for plane in (u, v))
    luma = 1.164 * y
    rgb = np.stack([luma + 1.596 * v, luma - 0.391 * u - 0.813 * v, luma + 2.018 * u])
    rgb = np.pad((rgb if color is ColourOrder.RGB else rgb[::-1]) / scale, ((0, 0), (1, 1), (1, 1)))
    out = np.zeros((len(weights), HEIGHT_PX // 2, WIDTH_PX // 2))
    for row in range(3):
        for column in range(3):
            seen = rgb[:, row : row + HEIGHT_PX : 2, column : column + WIDTH_PX : 2]
            out += np.einsum("oc,chw->ohw", weights[:, :, row, column].astype(float), seen)
    out += np.arange(1, len(weights) + 1)[:, None, None] / 10
    return out


def silu(values: Floats) -> Floats:
    return np.asarray(values / (1 + np.exp(-values)))


def hardswish(values: Floats) -> Floats:
    return np.asarray(values * np.clip(values / 6 + 0.5, 0, 1))


def answers(engine: OpenVinoEngine, planes: FrameCopy, target: ModelInput, shape: tuple[int, int, int]) -> Floats:
    slots = np.full((2, *shape), 7, np.uint8)
    preprocessor = Preprocessor(target, planes.y.shape[1], planes.y.shape[0])
    for slot in slots:
        preprocessor.fill(planes, slot)
    both = engine.infer(slots).astype(float)
    np.testing.assert_array_equal(both[0], both[1])
    return np.asarray(both[0].reshape(-1, HEIGHT_PX // 2, WIDTH_PX // 2))


@pytest.mark.parametrize(("out", "left"), [(4, 2), (8, 2), (16, 1)])
@pytest.mark.parametrize("color", ColourOrder)
def test_blocks_answer_as_rgb_to_the_edge(tmp_path: Path, out: int, left: int, color: ColourOrder) -> None:
    weights = random_weights(out)
    model = model_of(first_layers_model(tmp_path / "m.onnx", weights), color)
    engine = OpenVinoEngine(model, Precision.FP32, (1, 2))
    assert engine.slot_shape == (HEIGHT_PX // 2 + 1, WIDTH_PX // 2 + left, BLOCK_BYTES)
    planes = frame(WIDTH_PX, HEIGHT_PX)
    expected = silu(reckoned(planes, weights, color, 255.0))
    np.testing.assert_allclose(answers(engine, planes, model.card.input, engine.slot_shape), expected, atol=2e-3)
    by_pixels = answers(engine, planes, model.card.input, (HEIGHT_PX, WIDTH_PX, 3))
    np.testing.assert_allclose(by_pixels, expected, atol=0.02)  # RGB in whole numbers


@pytest.mark.parametrize(("out", "left"), [(4, 2), (8, 2), (16, 1)])
def test_hardswish_is_known_as_silu_is(tmp_path: Path, out: int, left: int) -> None:
    """Two blocks side by side are one place, as with SiLU."""
    weights = random_weights(out)
    model = model_of(first_layers_model(tmp_path / "m.onnx", weights, activation=HARDSWISH))
    engine, planes = OpenVinoEngine(model, Precision.FP32), frame(WIDTH_PX, HEIGHT_PX)
    assert engine.slot_shape == (HEIGHT_PX // 2 + 1, WIDTH_PX // 2 + left, BLOCK_BYTES)
    expected = hardswish(reckoned(planes, weights, ColourOrder.RGB, 255.0))
    np.testing.assert_allclose(answers(engine, planes, model.card.input, engine.slot_shape), expected, atol=2e-3)


def test_bytes_are_taken_as_bytes_by_a_model_of_bytes(tmp_path: Path) -> None:
    weights = random_weights(8) / 255
    model = model_of(first_layers_model(tmp_path / "m.onnx", weights), scale=PixelScale.BYTE)
    engine, planes = OpenVinoEngine(model, Precision.FP32), frame(WIDTH_PX, HEIGHT_PX)
    expected = silu(reckoned(planes, weights, ColourOrder.RGB, 1.0))
    np.testing.assert_allclose(answers(engine, planes, model.card.input, engine.slot_shape), expected, atol=2e-3)


@pytest.mark.parametrize("out", [8, 16])
def test_bf16_is_about_as_exact_by_blocks_as_by_pixels(tmp_path: Path, out: int) -> None:
    """What is subtracted is reckoned with the weights that bf16 has: 1.8 times as inexact otherwise."""
    if not cpu_has_bf16():
        pytest.skip("this CPU has no bf16")
    weights = random_weights(out)
    model = model_of(first_layers_model(tmp_path / "m.onnx", weights))
    engine, planes = OpenVinoEngine(model, Precision.BF16), frame(WIDTH_PX, HEIGHT_PX)
    expected = silu(reckoned(planes, weights, ColourOrder.RGB, 255.0))
    by_blocks = answers(engine, planes, model.card.input, engine.slot_shape) - expected
    by_pixels = answers(engine, planes, model.card.input, (HEIGHT_PX, WIDTH_PX, 3)) - expected
    assert np.abs(by_blocks).mean() < 1.5 * np.abs(by_pixels).mean()


@pytest.mark.parametrize("size", [(128, 40), (100, 90), (46, 64)])
def test_letterboxed_picture_is_where_it_is_in_pixels(tmp_path: Path, size: tuple[int, int]) -> None:
    weights = random_weights(8)
    model = model_of(first_layers_model(tmp_path / "m.onnx", weights))
    engine, planes = OpenVinoEngine(model, Precision.FP32), frame(*size)
    by_blocks = answers(engine, planes, model.card.input, engine.slot_shape)
    by_pixels = answers(engine, planes, model.card.input, (HEIGHT_PX, WIDTH_PX, 3))
    np.testing.assert_allclose(by_blocks, by_pixels, atol=0.03)
    assert np.abs(by_blocks[:, :, 1:] - by_pixels[:, :, :-1]).max() > 0.3


@pytest.mark.parametrize(
    ("side", "attributes"),
    [(3, {"strides": [1, 1]}), (3, {"pads": [0, 0, 0, 0]}), (3, {"dilations": [2, 2]}), (6, {"pads": [2, 2, 2, 2]})],
)
def test_other_first_layers_are_fed_with_pixels(tmp_path: Path, side: int, attributes: dict[str, list[int]]) -> None:
    path = first_layers_model(tmp_path / "m.onnx", random_weights(8, side), attributes)
    assert OpenVinoEngine(model_of(path), Precision.FP32).slot_shape == (HEIGHT_PX, WIDTH_PX, 3)


def test_a_first_convolution_of_one_pixel_is_fed_with_pixels(tmp_path: Path) -> None:
    path = convolved_colour_model(tmp_path / "m.onnx", np.array([1.0, 2.0, 4.0], np.float32))
    assert OpenVinoEngine(model_of(path), Precision.FP32).slot_shape == (HEIGHT_PX, WIDTH_PX, 3)


def test_the_district_model_says_the_same_by_blocks() -> None:
    model = load_model("district-n", ROOT / "models")
    target, engine, planes = model.card.input, OpenVinoEngine(model, Precision.FP32), frame(1280, 720)
    preprocessor = Preprocessor(target, 1280, 720)
    blocks = np.empty((1, *engine.slot_shape), np.uint8)
    pixels = np.empty((1, target.height_px, target.width_px, 3), np.uint8)
    preprocessor.fill(planes, blocks[0])
    preprocessor.fill(planes, pixels[0])
    assert blocks.nbytes < 0.51 * pixels.nbytes
    by_blocks, by_pixels = engine.infer(blocks)[0], engine.infer(pixels)[0]
    # RGB is in whole numbers on the one side, and the blobs' colours are cut off
    differences = np.abs(by_blocks[4:] - by_pixels[4:])
    assert differences.max() < 0.03
    assert differences.mean() < 0.0005
    assert by_pixels[4:].max() > 0.4
