"""The command `lookout bench stream`: both sides in turn on the same cameras, then the figures.

Progress goes to standard error; the last line of standard output is one JSON object with --json.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from detect.models.model import load_model
from kernel.errors import BadInputError, CannotRunError, ExitCode
from scripts.numbered.loops import LOOP_FRAMES
from scripts.numbered.sent_numbers import read_sent_numbers
from supervisor.bench_stream.figures import Known, SideFigures, side_figures
from supervisor.bench_stream.peer_model import peer_precision, write_peer_model
from supervisor.bench_stream.room import ROOT, RoomOptions, Spent, running_room
from supervisor.exam.processor_time import processor_model
from supervisor.exam.programs import Program

_SERVER_READY_WITHIN_S = 300.0
_PEER_READY_WITHIN_S = 120.0
_SETTLE_S = 16.0  # ingest decides about the loop filter in twelve
_STOP_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True)
class StreamBench:
    """What to measure.

    Attributes:
        cameras: how many, one run for each number.
        seconds_s: how long each side is measured.
        fps: frames a second the cameras send; as many analysed ones are wanted.
        model: a folder in models_dir, or a file.
        var: folder that keeps the cameras' loops.
    """

    cameras: Sequence[int]
    seconds_s: float
    fps: int
    model: str
    models_dir: Path
    var: Path


def run_stream_bench(options: StreamBench, as_json: bool) -> int:
    """Measure, and print.

    Raises:
        BadInputError: the model cannot be used.
        CannotRunError: something does not start.
    """
    runs = []
    has_peer = importlib.util.find_spec("ultralytics") is not None
    if not has_peer:
        tell("ultralytics is not installed (make setup-dev EXTRAS=yolo): only our side is measured")
    folder = fresh_folder(options.var)
    for cameras in options.cameras:
        runs.append(_one_run(options, cameras, folder, has_peer))
        _print_run(runs[-1], sys.stderr if as_json else sys.stdout)
    answer = {"machine": processor_model(), "model": options.model, "camera_fps": options.fps, "runs": runs}
    if as_json:
        print(json.dumps(answer))
    return int(ExitCode.OK)


def fresh_folder(var: Path) -> Path:
    """An empty folder for the models, records and messages of this run; they are kept until the next.

    Raises:
        BadInputError: it cannot be written.
    """
    folder = (var / "stream").resolve()
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    except OSError as error:
        raise BadInputError(f"--var {var}: cannot be written ({error.strerror}); give another") from error
    return folder


def tell(line: str) -> None:
    """One line of progress."""
    print(line, file=sys.stderr, flush=True)


def _one_run(options: StreamBench, cameras: int, folder: Path, has_peer: bool) -> dict[str, Any]:
    """Both sides on so many cameras."""
    model = load_model(options.model, options.models_dir)
    peer_folder = write_peer_model(model, cameras, folder) if has_peer else None
    precision = peer_precision(peer_folder) if peer_folder else "auto"
    with numbered_cameras(options, cameras, folder) as served:
        room = RoomOptions(
            served.urls, options.fps, options.fps, options.models_dir.resolve(), options.model, precision, LOOP_FRAMES
        )
        tell(f"{cameras} cameras: ingest and detect")
        known, spent = measure_room(room, options.seconds_s, served.log_file)
        peer_known: list[Known] = []
        if peer_folder is not None:
            tell(f"{cameras} cameras: ultralytics' stream loader")
            size = (model.card.input.height_px, model.card.input.width_px)
            peer_known, peer_from_s = _measure_peer(peer_folder, size, served, options.seconds_s)
    sent = read_sent_numbers(served.sent_file)
    camera_ids = list(served.urls)
    ours = side_figures(sent, known, camera_ids, spent.from_s, spent.to_s)
    run: dict[str, Any] = {
        "cameras": cameras,
        "precision": precision,
        "ours": asdict(ours),
        "cores_used": cores_used(spent),
    }
    if peer_folder is not None:
        peer = side_figures(sent, peer_known, camera_ids, peer_from_s, peer_from_s + options.seconds_s)
        run |= {"ultralytics": asdict(peer), **_ratios(ours, peer)}
    return run


def _ratios(ours: SideFigures, peer: SideFigures) -> dict[str, float | None]:
    return {
        "ratio_analysed_fps": round(ours.analysed_fps / peer.analysed_fps, 2) if peer.analysed_fps else None,
        "ratio_age_p95": round(ours.age_p95_ms / peer.age_p95_ms, 3),
    }


def _print_run(run: dict[str, Any], to: TextIO) -> None:
    lines = [f"{run['cameras']} cameras, {run['precision']}"]
    for side in ("ours", "ultralytics"):
        if side in run:
            one = run[side]
            lines.append(
                f"  {side:12} {one['analysed_fps']:7.1f} analysed frames/s ({one['camera_fps_least']:.1f} to "
                f"{one['camera_fps_most']:.1f} a camera), age p50 {one['age_p50_ms']:.0f} ms, "
                f"p95 {one['age_p95_ms']:.0f} ms"
            )
    if "ultralytics" in run:
        lines.append(f"  ours/theirs  {run['ratio_analysed_fps']} in frames, {run['ratio_age_p95']} in p95 age")
    lines.append("  cores used   " + ", ".join(f"{name} {cores:.2f}" for name, cores in run["cores_used"].items()))
    print("\n".join(lines), file=to, flush=True)


@dataclass(frozen=True, slots=True)
class Served:
    """Numbered cameras that run: where they are, what they sent, and where messages go."""

    urls: dict[str, str]
    sent_file: Path
    log_file: Path


@contextmanager
def numbered_cameras(options: StreamBench, cameras: int, folder: Path) -> Iterator[Served]:
    """Cameras behind one RTSP server; after the block the record of what was sent is complete."""
    sent_file, log_file = folder / f"sent-{cameras}.csv", folder / "programs.log"
    arguments = ("--cameras", str(cameras), "--fps", str(options.fps), "--sent", str(sent_file))
    program = Program(("scripts.numbered", "--var", str(options.var.resolve()), *arguments), {}, log_file, ROOT)
    try:
        address = program.line("ready", _SERVER_READY_WITHIN_S).split()[1]
        urls = {f"cam-{index + 1:02d}": f"{address}/cam-{index + 1:02d}" for index in range(cameras)}
        yield Served(urls, sent_file, log_file)
    finally:
        program.stop(_STOP_WITHIN_S)


def measure_room(options: RoomOptions, seconds_s: float, log_file: Path) -> tuple[list[Known], Spent]:
    """Our side for so long, after it has settled."""
    with running_room(options, log_file) as room:
        room.wait_for_all(list(options.camera_urls))
        time.sleep(_SETTLE_S)
        spent = room.watch(seconds_s)
    return room.witness.known(), spent


def _measure_peer(model: Path, size: tuple[int, int], served: Served, seconds_s: float) -> tuple[list[Known], float]:
    """ultralytics' side for so long, after it has settled; and since when it counts."""
    streams = served.sent_file.with_suffix(".streams")
    streams.write_text("\n".join(served.urls.values()) + "\n", encoding="utf-8")
    arguments = ("supervisor.bench_stream.peer", str(model), str(streams), str(size[0]), str(size[1]))
    program = Program(arguments, {}, served.log_file, ROOT)
    try:
        program.line("ready", _PEER_READY_WITHIN_S)
        time.sleep(_SETTLE_S)
        from_s = time.time()
        time.sleep(seconds_s)
        if program.has_ended:
            raise CannotRunError(f"bench stream: ultralytics ended; see {served.log_file}")
    finally:
        program.stop(_STOP_WITHIN_S)
    camera_ids = list(served.urls)
    known = []
    for line in program.lines_so_far():
        words = line.split()
        if len(words) == 3:
            known.append(Known(camera_ids[int(words[0])], int(words[1]), float(words[2])))
    return known, from_s


def cores_used(spent: Spent) -> dict[str, float]:
    """Processor time by service over time."""
    wall_s = spent.to_s - spent.from_s
    return {name: round(seconds / wall_s, 3) for name, seconds in spent.seconds_by_service.items()}
