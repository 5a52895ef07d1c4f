"""What our side holds by itself: the cameras of one core, and how it behaves when far too much is asked."""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ingest.gop_ring import SPAN_S
from kernel.errors import CannotRunError
from scripts.numbered.loops import LOOP_FRAMES
from scripts.numbered.sent_numbers import read_sent_numbers
from supervisor.bench_stream.command import StreamBench, cores_used, fresh_folder, measure_room, numbered_cameras, tell
from supervisor.bench_stream.figures import SideFigures, growth_by_service, side_figures, spread, with_total
from supervisor.bench_stream.room import RoomOptions, Spent, is_ours, on_cores
from supervisor.bench_stream.search import largest_that_holds

CORE_CAMERA_FPS = 15
CORE_WANTED_FPS = 5.0
_FIRST_TRY = 8  # near the limit: what a camera costs falls with their number, so few of them tell too little
_MOST_CAMERAS = 40
_ENOUGH_SHARE = 0.95
_OLDEST_MS = 2 * 1000 / CORE_WANTED_FPS
_LEFT_OUT_S = SPAN_S + 5.0  # before memory is watched: until then the coded pictures kept for clips grow
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
        return not self.why_not

    @property
    def why_not(self) -> list[str]:
        """What was too little or too old."""
        figures, enough_fps = self.figures, _ENOUGH_SHARE * CORE_WANTED_FPS
        problems = []
        if not figures.camera_fps_least >= enough_fps:
            problems.append(f"a camera had {figures.camera_fps_least} analysed frames/s, {enough_fps} wanted")
        if not figures.age_p95_ms <= _OLDEST_MS:
            problems.append(f"frames were {figures.age_p95_ms} ms old at p95, {_OLDEST_MS:g} at most")
        return problems


def cameras_of_one_core(options: StreamBench) -> dict[str, Any]:
    """The most busy cameras of 720p at 15 frames a second, a zone and a line each, that one core analyses at 5.

    Ingest, detection and the bus run on the last core of this machine; the cameras and the bench on the others.

    Raises:
        CannotRunError: no number of cameras is a limit, or a machine of one core.
    """
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise CannotRunError("bench stream --one-core: needs a second core for the cameras")
    folder, options = fresh_folder(options.var), replace(options, fps=CORE_CAMERA_FPS)
    trials: dict[int, list[Trial]] = defaultdict(list)

    def holds(cameras: int) -> bool:
        trials[cameras].append(_trial(options, cameras, folder, cores[-1]))
        return trials[cameras][-1].holds

    with on_cores(frozenset(cores[:-1])):
        is_held = holds(_FIRST_TRY)
        guess = int(_FIRST_TRY / max(0.05, sum(_ours(trials[_FIRST_TRY][0].spent).values())))
        most, tried = largest_that_holds(guess, _MOST_CAMERAS, holds, {_FIRST_TRY: is_held})
    if most is None:
        raise CannotRunError(f"bench stream --one-core: no limit from 1 to {_MOST_CAMERAS}; tried {tried}")
    return {
        "cameras": most,
        "camera_fps": CORE_CAMERA_FPS,
        "wanted_fps": CORE_WANTED_FPS,
        "held": _told(next(trial for trial in trials[most] if trial.holds)),
        "too_many": _told(next(trial for trial in trials[most + 1] if not trial.holds)),
        "tried": {str(count): held for count, held in sorted(tried.items())},
    }


def _told(trial: Trial) -> dict[str, Any]:
    """A trial's figures, and what the core was used for."""
    used = _ours(trial.spent)
    return {
        "cameras": trial.cameras,
        "ours": asdict(trial.figures),
        "cores_used": used,
        "core_used": round(sum(used.values()), 2),
        "largest_share": max(used, key=lambda name: used[name]),
        "why_not": trial.why_not,
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
    last_half_from_s = (spent.from_s + spent.to_s) / 2
    batch_ms = 1000 * BATCH_MAX / figures.analysed_fps if figures.analysed_fps else float("nan")
    return {
        "cameras": cameras,
        "camera_fps": options.fps,
        "times_too_much": round(cameras * options.fps / figures.analysed_fps, 2) if figures.analysed_fps else None,
        "ours": asdict(figures),
        "age_limit_ms": round(2000 / options.fps + batch_ms, 1),
        "rate_spread": spread(figures),
        "memory_mb": {name: round(held, 1) for name, held in with_total(spent.memory_mb[-1][1]).items()},
        "memory_growth_mb_per_minute": growth_by_service(spent.memory_mb, spent.from_s + _LEFT_OUT_S),
        "memory_growth_mb_per_minute_last_half": growth_by_service(spent.memory_mb, last_half_from_s),
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
        f"a camera, age p95 {figures.age_p95_ms:.0f} ms: {'; '.join(trial.why_not) or 'holds'}",
        file=sys.stderr,
        flush=True,
    )
    return trial


def _ours(spent: Spent) -> dict[str, float]:
    """Cores used by the services alone."""
    return {name: used for name, used in cores_used(spent).items() if is_ours(name)}
