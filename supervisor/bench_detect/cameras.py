"""Sixteen cameras in a frame ring, each with a few decoded frames of the simulated district."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kernel.config.camera import StreamName
from kernel.errors import CannotRunError
from kernel.ring import FrameView, RingReader, RingWriter

Bytes = npt.NDArray[np.uint8]

_ROOT = Path(__file__).resolve().parents[2]
_SHARED_MEMORY = Path("/dev/shm")
_DRAWN_WITHIN_S = 240


def frames_file(var: Path) -> Path:
    """The district's frames, drawn where they are not there yet: uint8 [camera, frame, height * 3 / 2, width].

    Raises:
        CannotRunError: they cannot be drawn.
    """
    if not (_ROOT / "scripts" / "bench_frames.py").is_file():
        raise CannotRunError(f"bench detect: {_ROOT} holds no scripts/bench_frames.py; run it from a checkout")
    var = var.resolve()
    file = var / "frames-1.npy"
    if not file.is_file():
        var.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "scripts.bench_frames", "--out", str(file)]
        try:
            done = subprocess.run(command, cwd=_ROOT, stdout=subprocess.DEVNULL, timeout=_DRAWN_WITHIN_S, check=False)
        except subprocess.TimeoutExpired as error:
            raise CannotRunError(f"bench detect: no frames were drawn within {_DRAWN_WITHIN_S} s") from error
        if done.returncode != 0:
            raise CannotRunError(f"bench detect: drawing frames failed with exit code {done.returncode}")
    return file


def planes_of(packed: Bytes) -> tuple[Bytes, Bytes, Bytes]:
    """Y, U and V of an I420 picture, [height * 3 / 2, width]."""
    height_px, width_px = packed.shape[0] * 2 // 3, packed.shape[1]
    flat, luma = packed.reshape(-1), height_px * width_px
    chroma = (height_px // 2, width_px // 2)
    u, v = flat[luma : luma * 5 // 4].reshape(chroma), flat[luma * 5 // 4 :].reshape(chroma)
    return packed[:height_px], u, v


@contextmanager
def cameras_in_ring(frames: Bytes) -> Iterator[list[list[FrameView]]]:
    """The frames of every camera as the detector sees them: views into a ring, oldest first."""
    names = [f"cam-{index + 1:02}" for index in range(len(frames))]
    roomy = _SHARED_MEMORY.is_dir() and shutil.disk_usage(_SHARED_MEMORY).free > 2 * frames.nbytes
    with tempfile.TemporaryDirectory(dir=_SHARED_MEMORY if roomy else None, prefix="lookout-bench-") as folder:
        path = Path(folder) / "bench.ring"
        keys = [(name, StreamName.MAIN) for name in names]
        with closing(RingWriter(path, keys)) as writer, RingReader(path) as reader:
            yield [_views(writer, reader, name, clip) for name, clip in zip(names, frames, strict=True)]


def _views(writer: RingWriter, reader: RingReader, name: str, clip: Bytes) -> list[FrameView]:
    views = []
    for packed in clip:
        now_us = time.time_ns() // 1000
        writer.slot_for(name, StreamName.MAIN).write(*planes_of(packed), pts=0, captured_at_us=now_us)
        view = reader.newest(name, StreamName.MAIN)
        if view is not None:
            views.append(view)
    return views
