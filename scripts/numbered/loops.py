"""Numbered loops of the district's scenes on disk, made once for a frame rate and kept."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.codeccontext import VideoCodecContext

from scripts.district.background import make_background
from scripts.district.encode import BT601_LIMITED
from scripts.district.library import code_key
from scripts.district.light import LIGHTS
from scripts.district.render import FrameRenderer
from scripts.district.scenes import SCENES
from scripts.district.schedule import parked_actors, schedule
from scripts.district.video_file import AccessUnit, VideoHeader, write_video
from scripts.numbered.picture import draw_number
from scripts.worker_pool import worker_pool

SCENE_IDS = ("cam-02", "cam-05", "cam-01", "cam-07")
LOOP_FRAMES = 300
BEGIN_S = 5.0
BITRATE = 2_000_000
GOP_S = 2


def loops_dir(var: Path, seed: int, fps: int) -> Path:
    """Where the loops of a seed and frame rate lie."""
    return var / "numbered" / f"seed{seed}-{fps}fps-{code_key()}"


def make_loops(var: Path, seed: int, fps: int, workers: int, report: Callable[[str], None]) -> list[Path]:
    """The files of the loops; renders those that are missing.

    Args:
        var: folder they are kept in.
        seed: who appears when.
        fps: frames a second; motion is as fast at any rate.
        workers: processes.
        report: told how far it is.
    """
    folder = loops_dir(var, seed, fps)
    wanted = [scene_id for scene_id in SCENE_IDS if not (folder / f"{scene_id}.lkv").is_file()]
    if wanted:
        folder.mkdir(parents=True, exist_ok=True)
        started_s = time.monotonic()
        report(f"rendering {len(wanted)} loops of {LOOP_FRAMES} frames, once")
        with worker_pool(min(workers, len(wanted))) as pool:
            for done, scene_id in enumerate(pool.imap_unordered(partial(render_loop, folder, seed, fps), wanted), 1):
                report(f"{done}/{len(wanted)} {scene_id} after {time.monotonic() - started_s:.0f} s")
    return [folder / f"{scene_id}.lkv" for scene_id in SCENE_IDS]


def render_loop(folder: Path, seed: int, fps: int, scene_id: str, frames: int = LOOP_FRAMES) -> str:
    """Render, number and encode one scene's loop; its file appears whole or not at all."""
    cv2.setNumThreads(1)
    scene = next(scene for scene in SCENES if scene.id == scene_id)
    background = make_background(scene, scene.camera, LIGHTS[scene.light], 7)
    renderer = FrameRenderer(background, parked_actors(scene, seed), scene.osd, seed)
    moving = schedule(scene, seed)
    encoder = _encoder(scene.camera.width_px, scene.camera.height_px, fps)
    units: list[AccessUnit] = []
    for number in range(frames):
        picture, _ = renderer.frame(moving, BEGIN_S + number / fps, number)
        draw_number(picture, number)
        planes = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), np.uint8)
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts = number
        units += [AccessUnit(bytes(packet), packet.is_keyframe) for packet in encoder.encode(frame)]
    units += [AccessUnit(bytes(packet), packet.is_keyframe) for packet in encoder.encode(None)]
    unfinished = folder / f".{scene_id}.{os.getpid()}"
    write_video(unfinished, VideoHeader("h264", encoder.width, encoder.height, fps, len(units)), units)
    unfinished.rename(folder / f"{scene_id}.lkv")
    return scene_id


def _encoder(width_px: int, height_px: int, fps: int) -> VideoCodecContext:
    """As cameras come from their vendors: main profile, a keyframe every two seconds, no B-frames."""
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height, context.pix_fmt = width_px, height_px, "yuv420p"
    context.time_base, context.framerate = Fraction(1, fps), Fraction(fps)
    context.bit_rate, context.max_b_frames, context.thread_count = BITRATE, 0, 1
    context.colorspace, context.color_range = BT601_LIMITED
    gop = GOP_S * fps
    context.options = {
        "preset": "superfast",
        "tune": "zerolatency",
        "profile": "main",
        "maxrate": str(int(1.3 * BITRATE)),
        "bufsize": str(BITRATE),
        "x264-params": f"keyint={gop}:min-keyint={gop}:scenecut=0:repeat-headers=1:annexb=1:slices=1:threads=1",
    }
    return context
