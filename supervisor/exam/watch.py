"""The time an exam observes: waits for every camera, samples speed and processor use, kills when asked to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from kernel.errors import CannotRunError
from supervisor.exam.installation import Installation
from supervisor.exam.processor_time import ProcessorMeter, all_processes, family, read_machine_busy_s
from supervisor.exam.programs import Program
from supervisor.exam.room import RoomAnswerError
from supervisor.exam.scoring import Window

CAMERAS_READY_WITHIN_S = 150.0
SETTLE_S = 9.0
"""After the window: the last alerts arrive (3 s), and a camera that fell silent is known to have stalled."""
_SAMPLE_EVERY_S = 1.0
KILLED_SERVICE = "ingest-0"
OTHER_PROGRAMS = "other programs"
"""A name in the list of services: where it is large, the figures are those of a machine that was busy elsewhere."""

Say = Callable[[str], None]
Advance = Callable[[float, float], None]
"""Progress of a phase: what is done, of how much."""


class InterruptedExamError(CannotRunError):
    """Somebody stopped the exam."""

    def __init__(self) -> None:
        super().__init__("exam: stopped before it was over; nothing was judged")


@dataclass(slots=True)
class Observation:
    """What was seen of the installation while it was watched."""

    window: Window
    engine: str
    processor_s: dict[str, float] = field(default_factory=dict)
    killed: tuple[str, ...] = ()
    analysed_fps: dict[str, float] = field(default_factory=dict)


class Watch:
    """Observes one installation."""

    def __init__(self, installation: Installation, district: Program, stopping: threading.Event) -> None:
        self._installation = installation
        self._district = district
        self._stopping = stopping
        self._meter = ProcessorMeter()
        self._fps_samples: dict[str, list[float]] = {}

    def until_cameras_run(self, camera_ids: Sequence[str], advance: Advance) -> list[str]:
        """Wait until every camera was streaming and analysed once; returns those that never were.

        A camera that fails on schedule may be away all the time, so one in eight may be missing.

        Raises:
            CannotRunError: more than that are missing.
        """
        waiting = set(camera_ids)
        deadline_s = time.monotonic() + CAMERAS_READY_WITHIN_S
        while waiting and time.monotonic() < deadline_s:
            self._pause()
            views = self._installation.room.cameras()
            waiting -= {view.camera_id for view in views if view.is_streaming and view.is_analysed}
            advance(len(camera_ids) - len(waiting), len(camera_ids))
        if len(waiting) > max(1, len(camera_ids) // 8):
            raise CannotRunError(
                f"exam: {len(waiting)} of {len(camera_ids)} cameras were not analysed within "
                f"{CAMERAS_READY_WITHIN_S:.0f} s: {', '.join(sorted(waiting))}; see the logs in the data directory"
            )
        return sorted(waiting)

    def observe(self, seconds_s: float, with_kills: bool, say: Say, advance: Advance) -> Observation:
        """Watch for `seconds_s`, then let the last alerts arrive.

        Args:
            with_kills: SIGKILL an ingest worker after a third of the time, and the supervisor after two thirds.
            say: takes a line for the person who waits.
            advance: takes the seconds watched so far, of how many.
        """
        engine = self._installation.room.engine()
        start_s, begun_s, busy_s = time.time(), time.monotonic(), read_machine_busy_s()
        kills = [(1 / 3, self._kill_ingest), (2 / 3, self._kill_supervisor)] if with_kills else []
        killed: list[str] = []
        self._sample(tolerant=False)
        while (elapsed_s := time.monotonic() - begun_s) < seconds_s:
            if kills and elapsed_s >= kills[0][0] * seconds_s:
                killed.append(kills.pop(0)[1]())
                say(f"killed {killed[-1]} after {elapsed_s:.0f} s")
            self._pause(min(_SAMPLE_EVERY_S, max(0.01, seconds_s - elapsed_s)))
            self._sample(tolerant=bool(killed))
            advance(min(time.monotonic() - begun_s, seconds_s), seconds_s)
        window = Window(start_s, start_s + seconds_s)
        processor_s = self._meter.seconds()
        processor_s[OTHER_PROGRAMS] = max(0.0, read_machine_busy_s() - busy_s - sum(processor_s.values()))
        self._pause(SETTLE_S)
        means = {camera: sum(values) / len(values) for camera, values in self._fps_samples.items()}
        return Observation(window, engine, processor_s, tuple(killed), dict(sorted(means.items())))

    def _kill_ingest(self) -> str:
        if not self._installation.kill_service(KILLED_SERVICE):
            raise CannotRunError(f"exam: no {KILLED_SERVICE} runs that could be killed")
        return KILLED_SERVICE

    def _kill_supervisor(self) -> str:
        self._installation.kill_supervisor()
        return "supervisor"

    def _sample(self, tolerant: bool) -> None:
        """Note processor use and frame rates; while something was killed the page may fail to answer."""
        processes = all_processes()
        roots = (self._installation.program.pid, self._district.pid)
        self._meter.note([process for root in roots for process in family(processes, root)])
        try:
            views = self._installation.room.cameras()
        except RoomAnswerError:
            if not tolerant:
                raise
            return
        for view in views:
            if view.is_streaming:
                self._fps_samples.setdefault(view.camera_id, []).append(view.analysed_fps or 0.0)

    def _pause(self, seconds_s: float = 1.0) -> None:
        if self._stopping.wait(seconds_s):
            raise InterruptedExamError
        for program in (self._district, self._installation.program):
            if program.has_ended:
                raise CannotRunError(f"exam: {program.name} ended in the middle; see the logs")
