"""A few cameras of the simulated district: `python -m tests.e2e.district_server VAR CAMERA…` renders and serves them.

The first seconds of each loop are enough for these tests: everything happens once in them, 9.4 to 10.6 s from the
beginning. They are kept in var/browser-tests; what changes in a run (password, what was sent) goes to VAR. The cameras
begin one after the other, so that a test waits for the next alert as short as can be.
"""

from __future__ import annotations

import asyncio
import os
import sys
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from kernel.process import die_with_parent
from scripts.district.library import loops_dir, missing, render_camera
from scripts.district.scenes import SCENES
from scripts.district.serving import serve
from scripts.district.truth import FPS

ROOT = Path(__file__).parents[2]

SEED = 1
FRAMES = 13 * FPS
KEPT = ROOT / "var" / "browser-tests" / f"{FRAMES}-frames"


def render(camera_ids: list[str]) -> Path:
    """Render what is missing of these cameras; returns the folder of the loops."""
    folder = loops_dir(KEPT, SEED)
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [scene.id for scene in missing(KEPT, SEED) if scene.id in camera_ids]
    if wanted:
        os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
        with get_context("spawn").Pool(min(len(wanted), os.cpu_count() or 1)) as pool:
            pool.map(partial(render_camera, folder, SEED, frames=FRAMES), wanted, 1)
    return folder


def main() -> None:
    """Render, then serve until SIGTERM or until the test has ended."""
    die_with_parent()
    var, camera_ids = Path(sys.argv[1]), sys.argv[2:]
    folder = render(camera_ids)
    scenes = tuple(scene for scene in SCENES if scene.id in camera_ids)
    apart_s = FRAMES / FPS / len(scenes)
    asyncio.run(serve(folder, var, SEED, "127.0.0.1", 0, scenes, apart_s))


if __name__ == "__main__":
    main()
