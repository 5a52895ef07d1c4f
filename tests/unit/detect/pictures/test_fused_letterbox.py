"""The GPU's way from planes to the batch: its reference against the CPU's way, its kernel against the reference."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from detect.engines.devices import gpus
from detect.models.card import ColourOrder, ModelInput, PadPosition, PixelScale
from detect.pictures.frames import FrameCopy
from detect.pictures.letterbox import Letterbox
from detect.pictures.preprocess import Preprocessor

torch = pytest.importorskip("torch", reason="the extra yolo is not installed")

from detect.pictures.fused_letterbox import (  # noqa: E402
    TABLE_COLUMNS,
    Planes,
    empty_batch,
    put_in,
    put_in_by_reference,
    table_row,
)

# Against the CPU's way, in levels of 255: its weights have 11 bits. Halves and thirds (720p, 1080p) are exact.
SIZES = [(1280, 720), (1920, 1080), (768, 576), (320, 240), (321, 241)]
EXACT, EXACTLY, MOST_LEVELS, MEAN_LEVELS = 2, 0.001, 4.001, 0.25


@dataclass(frozen=True)
class Pictures:
    """Frames of several sizes, packed into one buffer."""

    frames: list[FrameCopy]
    buffer: np.ndarray
    planes: list[Planes]


def frame(width_px: int, height_px: int, seed: int) -> FrameCopy:
    """Smooth shapes over noise."""
    random = np.random.default_rng(seed)

    def plane(wide: int, high: int) -> np.ndarray:
        coarse = random.integers(10, 245, (max(2, high // 24), max(2, wide // 24)), np.uint8)
        smooth = cv2.resize(coarse, (wide, high), interpolation=cv2.INTER_CUBIC).astype(np.int16)
        return np.asarray(np.clip(smooth + random.integers(-12, 13, (high, wide)), 0, 255), np.uint8)

    half = ((width_px + 1) // 2, (height_px + 1) // 2)
    return FrameCopy(plane(width_px, height_px), plane(*half), plane(*half))


def packed(sizes: list[tuple[int, int]], *, nv12: bool = False) -> Pictures:
    frames = [frame(*size, seed) for seed, size in enumerate(sizes)]
    pieces, planes, offset = [], [], 0
    for one, size in zip(frames, sizes, strict=True):
        planes.append((Planes.nv12 if nv12 else Planes.i420)(offset, *size))
        chroma = [np.stack([one.u, one.v], axis=2)] if nv12 else [one.u, one.v]
        pieces += [plane.reshape(-1) for plane in (one.y, *chroma)]
        offset = sum(map(len, pieces))
    return Pictures(frames, np.concatenate(pieces), planes)


def tables(pictures: Pictures, target: ModelInput, empty_rows: int = 0) -> Any:
    rows = [
        table_row(planes, Letterbox.fit(one.y.shape[1], one.y.shape[0], target))
        for one, planes in zip(pictures.frames, pictures.planes, strict=True)
    ]
    return torch.tensor(rows + [[0] * TABLE_COLUMNS] * empty_rows, dtype=torch.int32)


def by_reference(pictures: Pictures, target: ModelInput, empty_rows: int = 0) -> Any:
    batch = empty_batch(len(pictures.frames) + empty_rows, target, torch.float32, torch.device("cpu"))
    put_in(torch.from_numpy(pictures.buffer), tables(pictures, target, empty_rows), batch, target)
    return batch


@pytest.mark.parametrize("nv12", [False, True])
@pytest.mark.parametrize(
    "target",
    [
        ModelInput(width_px=640, height_px=384),
        ModelInput(
            width_px=320, height_px=320, color=ColourOrder.BGR, scale=PixelScale.BYTE, pad_position=PadPosition.TOP_LEFT
        ),
    ],
)
def test_mixed_sizes_in_one_batch_come_out_as_on_the_cpu(target: ModelInput, nv12: bool) -> None:
    pictures = packed(SIZES, nv12=nv12)
    batch = by_reference(pictures, target, empty_rows=1)
    levels = 255.0 if target.scale is PixelScale.UNIT else 1.0
    slot = np.empty((target.height_px, target.width_px, 3), np.uint8)
    for index, one in enumerate(pictures.frames):
        Preprocessor(target, one.y.shape[1], one.y.shape[0]).fill(one, slot)
        found = batch[index].permute(1, 2, 0).numpy() * levels
        difference = np.abs(found - slot.astype(np.float32))
        is_exact = index < EXACT and target.width_px == 640
        assert difference.max() <= (EXACTLY if is_exact else MOST_LEVELS), f"picture {index}"
        assert difference.mean() <= MEAN_LEVELS, f"picture {index}"
    np.testing.assert_allclose(batch[-1].numpy() * levels, target.pad_value, rtol=1e-6)


def kernel_under_the_interpreter(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The kernel's module, loaded beside the one that a GPU would use."""
    pytest.importorskip("triton", reason="Triton is not installed: the kernel was not run, only its reference")
    monkeypatch.setenv("TRITON_INTERPRET", "1")
    path = Path(__file__).resolve().parents[4] / "detect" / "pictures" / "fused_letterbox_triton.py"
    spec = importlib.util.spec_from_file_location("interpreted_letterbox", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.filterwarnings("default")  # Triton's own
@pytest.mark.parametrize("nv12", [False, True])
def test_the_kernel_computes_what_the_reference_does(monkeypatch: pytest.MonkeyPatch, nv12: bool) -> None:
    module = kernel_under_the_interpreter(monkeypatch)
    pictures = packed([(67, 51), (86, 64), (96, 62)], nv12=nv12)  # the last two begin at an odd column and row
    target = ModelInput(width_px=96, height_px=64, color=ColourOrder.BGR if nv12 else ColourOrder.RGB)
    expected = by_reference(pictures, target, empty_rows=1)
    batch = empty_batch(4, target, torch.float32, torch.device("cpu"))
    module.put_in_by_kernel(torch.from_numpy(pictures.buffer), tables(pictures, target, 1), batch, target)
    difference = (batch - expected).abs() * 255
    assert difference.max() <= 2.0
    assert difference.mean() <= 0.01


@pytest.mark.filterwarnings("default")  # Triton's own
@pytest.mark.parametrize("dtype", ["fp16", "fp32"])
def test_the_kernel_compiles_for_a_gpu_that_is_not_here(dtype: str) -> None:
    triton = pytest.importorskip("triton", reason="Triton is not installed: the kernel was not compiled")
    kernel = importlib.import_module("detect.pictures.fused_letterbox_triton")
    signature = {"buffer": "*u8", "table": "*i32", "batch": f"*{dtype}", "scale": "fp32"}
    signature |= dict.fromkeys(("height", "width", "pad"), "i32") | dict.fromkeys(("BGR", "BLOCK"), "constexpr")
    source = triton.compiler.ASTSource(kernel._letterbox, signature, {"BGR": False, "BLOCK": 64})
    target = importlib.import_module("triton.backends.compiler").GPUTarget("cuda", 90, 32)
    assert triton.compile(source, target=target).asm["cubin"]


@pytest.mark.skipif(not gpus(), reason="no CUDA device here: the kernel was not run on a GPU")
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_the_kernel_on_a_gpu_computes_what_the_reference_does(dtype: str) -> None:
    pictures = packed([(1280, 720), (768, 576), (321, 241), (638, 384)])
    target = ModelInput(width_px=640, height_px=384)
    expected = by_reference(pictures, target, empty_rows=1)
    batch = empty_batch(5, target, getattr(torch, dtype), torch.device("cuda"))
    buffer, table = torch.from_numpy(pictures.buffer).cuda(), tables(pictures, target, 1).cuda()
    put_in(buffer, table, batch, target)
    assert ((batch.float().cpu() - expected).abs() * 255).max() <= 2.5
    again = empty_batch(5, target, torch.float32, torch.device("cpu"))
    put_in_by_reference(buffer.cpu(), table.cpu(), again, target)
    assert torch.equal(again, expected)
