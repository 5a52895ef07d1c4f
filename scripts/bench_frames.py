"""Decoded frames of the simulated district for `lookout bench detect`: sixteen cameras, a few frames each.

    python -m scripts.bench_frames --out FILE.npy

Four streets of the district at four times each stand for sixteen cameras. Every picture went through H.264 and back, as
ingest gets it. The file holds uint8 [camera, frame, height * 3 / 2, width]: I420, frames a fifth of a second apart.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.codeccontext import VideoCodecContext
from numpy.typing import NDArray

from scripts.district.background import make_background
from scripts.district.dataset import print_progress
from scripts.district.encode import LoopEncoder
from scripts.district.library import MAIN_BITRATE
from scripts.district.light import LIGHTS
from scripts.district.render import FrameRenderer
from scripts.district.scene import Scene
from scripts.district.scenes import SCENES
from scripts.district.schedule import parked_actors, schedule
from scripts.district.truth import FPS
from scripts.worker_pool import worker_pool

SEED = 7
STREETS = ("cam-01", "cam-02", "cam-05", "cam-06")
AT_S = (10.0, 22.0, 34.0, 46.0)
FRAMES, STEP = 4, FPS // 5

Bytes = NDArray[np.uint8]


def main() -> int:
    """Draw, encode, decode and write."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench_frames", description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="the .npy file to write")
    out: Path = parser.parse_args().out
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    cameras: list[Bytes] = []
    with worker_pool(min(len(STREETS), os.cpu_count() or 1)) as pool:
        for done, clips in enumerate(pool.imap(street_clips, STREETS), start=1):
            cameras += clips
            print_progress(f"{done}/{len(STREETS)} streets drawn")
    unfinished = unfinished_name(out)
    np.save(unfinished, np.stack(cameras))
    unfinished.rename(out)
    return 0


def unfinished_name(out: Path) -> Path:
    """Where a file is written until it is whole."""
    return out.with_name(f".{os.getpid()}-{out.name}")


def street_clips(camera_id: str) -> list[Bytes]:
    """One clip for each time of a street, uint8 [frame, height * 3 / 2, width]."""
    cv2.setNumThreads(1)
    scene = replace(next(scene for scene in SCENES if scene.id == camera_id), codec="h264")
    background = make_background(scene, scene.camera, LIGHTS[scene.light], SEED)
    renderer = FrameRenderer(background, parked_actors(scene, SEED), scene.osd, SEED)
    return [_through_h264(scene, renderer, at_s) for at_s in AT_S]


def _through_h264(scene: Scene, renderer: FrameRenderer, at_s: float) -> Bytes:
    encoder = LoopEncoder(scene.codec, scene.camera.width_px, scene.camera.height_px, FPS // STEP, MAIN_BITRATE)
    moving = schedule(scene, SEED)
    for index in range(FRAMES):
        number = round(at_s * FPS) + index * STEP
        encoder.add(renderer.frame(moving, number / FPS, number)[0])
    encoder.finish()
    decoder = av.CodecContext.create("h264", "r")
    if not isinstance(decoder, VideoCodecContext):
        raise TypeError("h264 is no video decoder")
    frames = [frame for unit in encoder.units for frame in decoder.decode(av.Packet(unit.data))]
    frames += decoder.decode(None)
    return np.stack([frame.to_ndarray(format="yuv420p") for frame in frames])


if __name__ == "__main__":
    sys.exit(main())
