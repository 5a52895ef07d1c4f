"""What our side holds by itself: the cameras of one core, and how it behaves when far too much is asked."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from kernel.errors import CannotRunError
from scripts.numbered.loops import LOOP_FRAMES
from scripts.numbered.sent_numbers import read_sent_numbers
from supervisor.bench_stream.command import StreamBench, cores_used, fresh_folder, measure_room, numbered_cameras, tell
from supervisor.bench_stream.figures import SideFigures, growth_per_minute, side_figures, spread
from supervisor.bench_stream.room import RoomOptions, Spent, on_cores

CORE_CAMERA_FPS = 15
CORE_WANTED_FPS = 5.0
_FIRST_TRY = 4
_MOST_CAMERAS = 40
_ENOUGH_SHARE = 0.95
_OLDEST_MS = 2 * 1000 / CORE_WANTED_FPS
_LEFT_OUT_SHARE = 0.25  # of the time, before memory is watched
BATCH_MAX = 8


@dataclass(frozen=True, slots=True)
class Trial:
    """So many cameras, and how it went."""

    cameras: int
    figures: SideFigures
    spent: Spent

    @property
    def holds(self) -> bool:
        """Whether every camera got what it wants, fresh."""
        figures = self.figures
        return figures.camera_fps_least >= _ENOUGH_SHARE * CORE_WANTED_FPS and figures.age_p95_ms <= _OLDEST_MS


def cameras_of_one_core(options: StreamBench) -> dict[str, Any]:
    """The most busy cameras of 720p at 15 frames a second, a zone and a line each, that one core analyses at 5.

    Ingest, detection and the bus run on the last core of this machine; the cameras and the bench on the others.

    Raises:
        CannotRunError: not even one camera, or a machine of one core.
    """
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise CannotRunError("bench stream --one-core: needs a second core for the cameras")
    folder, options = fresh_folder(options.var), replace(options, fps=CORE_CAMERA_FPS)
    with on_cores(frozenset(cores[:-1])):
        first = _trial(options, _FIRST_TRY, folder, cores[-1])
        cameras = min(_MOST_CAMERAS, max(1, int(_FIRST_TRY / max(0.05, sum(_ours(first.spent).values())))))
        tried = {_FIRST_TRY: first}
        while True:
            trial = tried[cameras] = tried.get(cameras) or _trial(options, cameras, folder, cores[-1])
            step = 1 if trial.holds else -1
            beyond = tried.get(cameras + step)
            if beyond is not None and beyond.holds != trial.holds:
                best = trial if trial.holds else beyond
                break
            cameras += step
            if not 1 <= cameras <= _MOST_CAMERAS:
                raise CannotRunError(f"bench stream --one-core: no limit found from 1 to {_MOST_CAMERAS} cameras")
    used = _ours(best.spent)
    return {
        "cameras": best.cameras,
        "camera_fps": CORE_CAMERA_FPS,
        "wanted_fps": CORE_WANTED_FPS,
        "ours": asdict(best.figures),
        "cores_used": used,
        "largest_share": max(used, key=lambda name: used[name]),
        "tried": {str(count): one.holds for count, one in sorted(tried.items())},
    }


def overload(options: StreamBench) -> dict[str, Any]:
    """Every frame of every camera wanted, far more than can be analysed: ages, memory, and how even it is.

    The age to be held is two frame intervals of the camera and one batch.
    """
    folder, cameras = fresh_folder(options.var), max(options.cameras)
    tell(f"{cameras} cameras, every frame wanted, {options.seconds_s:g} s")
    with numbered_cameras(options, cameras, folder) as served:
        room = RoomOptions(
            served.urls, options.fps, options.fps, options.models_dir.resolve(), options.model, "auto", LOOP_FRAMES
        )
        known, spent = measure_room(room, options.seconds_s, served.log_file)
    sent = read_sent_numbers(served.sent_file)
    figures = side_figures(sent, known, list(served.urls), spent.from_s, spent.to_s)
    watched_from_s = spent.from_s + _LEFT_OUT_SHARE * (spent.to_s - spent.from_s)
    memory = [sample for sample in spent.memory_mb if sample[0] >= watched_from_s]
    batch_ms = 1000 * BATCH_MAX / figures.analysed_fps if figures.analysed_fps else float("nan")
    return {
        "cameras": cameras,
        "camera_fps": options.fps,
        "times_too_much": round(cameras * options.fps / figures.analysed_fps, 2) if figures.analysed_fps else None,
        "ours": asdict(figures),
        "age_limit_ms": round(2000 / options.fps + batch_ms, 1),
        "rate_spread": spread(figures),
        "memory_mb": round(memory[-1][1], 1),
        "memory_growth_mb_per_minute": growth_per_minute(memory),
        "cores_used": cores_used(spent),
    }


def _trial(options: StreamBench, cameras: int, folder: Path, core: int) -> Trial:
    """So many cameras on one core."""
    with numbered_cameras(options, cameras, folder) as served:
        room = RoomOptions(
            served.urls,
            options.fps,
            CORE_WANTED_FPS,
            options.models_dir.resolve(),
            options.model,
            "auto",
            LOOP_FRAMES,
            has_rules=True,
            cores=frozenset((core,)),
        )
        known, spent = measure_room(room, options.seconds_s, served.log_file)
    sent = read_sent_numbers(served.sent_file)
    trial = Trial(cameras, side_figures(sent, known, list(served.urls), spent.from_s, spent.to_s), spent)
    figures = trial.figures
    print(
        f"{cameras} cameras on core {core}: {figures.camera_fps_least} to {figures.camera_fps_most} analysed frames/s "
        f"a camera, age p95 {figures.age_p95_ms:.0f} ms: {'holds' if trial.holds else 'too many'}",
        file=sys.stderr,
        flush=True,
    )
    return trial


def _ours(spent: Spent) -> dict[str, float]:
    """Cores used by the services alone."""
    return {name: used for name, used in cores_used(spent).items() if name.startswith(("ingest", "detect", "bus"))}
