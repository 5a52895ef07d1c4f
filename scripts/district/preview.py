"""Stills of every camera, to look at."""

from __future__ import annotations

from pathlib import Path

import cv2

from scripts.district.background import make_background
from scripts.district.light import LIGHTS
from scripts.district.render import FrameRenderer
from scripts.district.scenes import SCENES
from scripts.district.schedule import parked_actors, schedule
from scripts.district.truth import FPS


def draw_previews(out: Path, seed: int, at_s: float) -> list[Path]:
    """Writes CAMERA.png for each camera at a loop time; returns the paths."""
    out.mkdir(parents=True, exist_ok=True)
    paths = []
    for scene in SCENES:
        background = make_background(scene, scene.camera, LIGHTS[scene.light], 7)
        renderer = FrameRenderer(background, parked_actors(scene, seed), scene.osd, seed)
        picture, _ = renderer.frame(schedule(scene, seed), at_s, round(at_s * FPS))
        path = out / f"{scene.id}.png"
        cv2.imwrite(str(path), picture)
        paths.append(path)
    return paths
