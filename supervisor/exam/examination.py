"""One exam from start to end: district -> installation -> watch -> truth -> score -> report."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kernel.config.camera import CameraConfig, StreamName, StreamRole
from kernel.config.lookout import LookoutConfig
from kernel.ledger import Span
from kernel.runtime import RuntimePaths
from supervisor.exam.district_truth import DistrictTruth
from supervisor.exam.installation import Installation, Place
from supervisor.exam.observed import ledger_rows, observed_spans
from supervisor.exam.online_truth import OnlineTime, error_pp, online_time, together
from supervisor.exam.processor_time import processor_model
from supervisor.exam.programs import Program
from supervisor.exam.report import ExamReport, ProcessorUse, instant, score_figures
from supervisor.exam.scoring import RaisedAlert, score
from supervisor.exam.watch import Advance, InterruptedExamError, Observation, Watch

SERVING_WITHIN_S = 60.0
DISTRICT_STOP_S = 5.0


@dataclass(frozen=True, slots=True)
class ExamOptions:
    """What to examine, and how."""

    config_path: Path
    minutes: float
    seed: int
    var: Path
    with_kills: bool
    keep: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How an exam tells the person who waits: lines, and phases that advance."""

    say: Callable[[str], None]
    phase: Callable[[str], Advance]


def examine(options: ExamOptions, root: Path, progress: Progress, stopping: threading.Event) -> ExamReport:
    """Run an exam.

    Args:
        root: the checkout, from which the district and the services are started.
        stopping: set to give up early.

    Raises:
        BadInputError: the config cannot be examined.
        CannotRunError: the district or the installation did not run.
    """
    place = Place.prepare(root, options.var)
    config = place.examined_config(options.config_path)
    district_options = ("--var", str(place.district_dir), "--seed", str(options.seed))
    render(place, district_options, progress, stopping)
    serve = ("scripts.district", "serve", *district_options, "--port", str(place.district_port))
    district = Program(serve, place.environment(), place.log_dir / "district.log", root)
    try:
        progress.say(district.line("ready", SERVING_WITHIN_S))
        observation, alerts, health = run_room(options, place, config, district, progress, stopping)
    finally:
        district.stop(DISTRICT_STOP_S)
    truth = DistrictTruth.read(place.district_dir, options.seed, observation.window)
    report = judge(options, config, observation, alerts, health, truth)
    if not options.keep:
        shutil.rmtree(place.data_dir)
    return report


def render(place: Place, options: tuple[str, ...], progress: Progress, stopping: threading.Event) -> None:
    """Render the district's loops; those already there are kept."""
    progress.say("rendering the simulated district (kept for the next exam with this seed)")
    program = Program(
        ("scripts.district", "render", *options), place.environment(), place.log_dir / "render.log", place.root
    )
    try:
        while not program.ended_within(0.2):
            if stopping.is_set():
                raise InterruptedExamError
        program.finish()
    finally:
        program.stop(DISTRICT_STOP_S)


def run_room(
    options: ExamOptions,
    place: Place,
    config: LookoutConfig,
    district: Program,
    progress: Progress,
    stopping: threading.Event,
) -> tuple[Observation, list[RaisedAlert], dict[str, Any]]:
    """Start the installation, watch it, and take down what it has to say for itself."""
    installation = Installation(place, options.config_path)
    try:
        progress.say(f"lookout is up at {installation.url}")
        watch = Watch(installation, district, stopping)
        camera_ids = [camera.id for camera in examined_cameras(config)]
        absent = watch.until_cameras_run(camera_ids, progress.phase("cameras streaming and analysed"))
        if absent:
            progress.say(f"not seen running so far: {', '.join(absent)}")
        seconds_s = options.minutes * 60
        observation = watch.observe(seconds_s, options.with_kills, progress.say, progress.phase("observing"))
        health = installation.room.health(observation.window.start_s, observation.window.end_s)
        return observation, installation.room.alerts(), health
    finally:
        installation.stop()


def judge(
    options: ExamOptions,
    config: LookoutConfig,
    observation: Observation,
    alerts: list[RaisedAlert],
    health: dict[str, Any],
    truth: DistrictTruth,
) -> ExamReport:
    """Everything that was seen against everything that was true."""
    window = observation.window
    cooldowns_s = {(camera.id, rule.id): rule.cooldown_s for camera in config.cameras for rule in camera.rules}
    cameras = examined_cameras(config)
    scored = score(truth.triggers(streams_for(StreamRole.ANALYSE, cameras)), alerts, cooldowns_s, window)
    true_times = true_online_times(config, truth, Span(window.start_s, window.end_s))
    total = together(true_times.values())
    measured = {row["camera_id"]: row["online_rate"] for row in health["cameras"]}
    errors = [
        error_pp(measured.get(camera_id), time.rate) for camera_id, time in true_times.items() if time.rate is not None
    ]
    known = [error for error in errors if error is not None]
    fps = observation.analysed_fps
    return ExamReport(
        **score_figures(scored, len(cameras) * window.length_s / 3600),
        online_rate=health["online_rate"],
        online_rate_true=total.rate,
        online_rate_error_pp=error_pp(health["online_rate"], total.rate),
        online_rate_error_worst_pp=max(known) if known and len(known) == len(errors) else None,
        observed_share=total.observed_s / (len(cameras) * window.length_s),
        analysed_fps=fps,
        analysed_fps_mean=sum(fps.values()) / len(fps) if fps else None,
        analysed_fps_min=min(fps.values()) if fps else None,
        cameras=len(cameras),
        minutes=options.minutes,
        seed=options.seed,
        killed=observation.killed,
        started_at=instant(window.start_s),
        ended_at=instant(window.end_s),
        cpu=ProcessorUse(
            model=processor_model(),
            cores=len(os.sched_getaffinity(0)),
            engine=observation.engine,
            use_by_service={name: used / window.length_s for name, used in observation.processor_s.items()},
        ),
    )


def examined_cameras(config: LookoutConfig) -> list[CameraConfig]:
    """The cameras whose truth is known: in service, and on no drone. Drones stay on the ground in an exam."""
    return [camera for camera in config.cameras if camera.enabled and config.carrier_of(camera.id) is None]


def streams_for(role: StreamRole, cameras: Sequence[CameraConfig]) -> dict[str, StreamName]:
    """The stream that serves a role, by camera; cameras without one are left out."""
    named = {camera.id: camera.streams.name_for(role) for camera in cameras}
    return {camera_id: name for camera_id, name in named.items() if name is not None}


def true_online_times(config: LookoutConfig, truth: DistrictTruth, window: Span) -> dict[str, OnlineTime]:
    """True online and observed seconds by camera: from its packets, and from when the installation observed it."""
    cameras = {camera.id: camera for camera in examined_cameras(config)}
    streams = streams_for(StreamRole.LIVE, tuple(cameras.values()))
    observed = observed_spans(ledger_rows(RuntimePaths.of(config).database, window), streams)
    times = {}
    for camera_id, stream in streams.items():
        read_timeout_s = cameras[camera_id].streams.by_name()[stream].read_timeout_s
        online = truth.online(camera_id, stream, read_timeout_s)
        times[camera_id] = online_time(online, observed[camera_id], window)
    return times
