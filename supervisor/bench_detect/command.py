"""The measurement from beginning to end, and how it is told."""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from detect.batching.lane import AnalysisLane
from detect.models.model import Model, load_model
from kernel.config.sections import Backend, DetectConfig, Precision
from kernel.errors import ExitCode
from supervisor.bench_detect.bare import BareLoops, Setting, bare_loops
from supervisor.bench_detect.cameras import cameras_in_ring, frames_file
from supervisor.bench_detect.peer_side import peer
from supervisor.bench_detect.pipeline import Pipeline
from supervisor.bench_detect.rounds import (
    Contender,
    Record,
    cpu_ms_per_picture,
    pictures_per_s,
    speed_ratio,
    take_turns,
)
from supervisor.exam.processor_time import processor_model, read_machine_busy_s

BATCHES = (8, 1)
_SPELL_S = 2.0
_BUSY_SHARE = 0.05
_TAKEN_TOGETHER = 4  # half of detect.batch_max: one part of it for each of two streams
_WHAT_IS_MEASURED = (
    "ratio_bare_bN: frames a second of the detector (resize, inference, box decode, tracking; decoded 720p frames of "
    "16 cameras) over a plain OpenVINO asynchronous loop of the same model file on random tensors of the same shape, "
    "precision and streams; ratio_own_graph_bN: over the same loop on the detector's own graph of that file, which is "
    "what is left before and after inference; b8: batches of 8; b1: every picture a request of its own, four of them "
    "taken together, as for any model exported for single pictures; one_by_one: taken singly too; "
    "ratio_ultralytics_b8: over ultralytics.YOLO(openvino model).predict on lists of 8 of the same frames; medians of "
    "the rounds"
)


@dataclass(frozen=True, slots=True)
class DetectBench:
    """What to measure.

    Attributes:
        model: a folder of models/, or a file.
        var: where the frames are kept once they are drawn.
    """

    model: str
    models_dir: Path
    var: Path
    rounds: int


def run_detect_bench(options: DetectBench, as_json: bool) -> int:
    """Measure, and print.

    Raises:
        BadInputError: the model cannot be used.
        CannotRunError: there are no frames.
    """
    cv2.setNumThreads(1)  # as the detector does
    model = load_model(options.model, options.models_dir)
    _tell("frames of the simulated district (drawn once, about 20 s)")
    file = frames_file(options.var)
    with (
        tempfile.TemporaryDirectory(prefix="lookout-bench-") as name,
        peer(model, file, BATCHES[0], Path(name)) as rival,
    ):
        if rival.contender is None:
            _tell(f"without ultralytics: {rival.why_not}")
        _tell("engine")
        lanes = _Lanes(model, Path(name))
        with cameras_in_ring(np.load(file, mmap_mode="r")) as views, closing(lanes):
            setting = lanes.setting
            seen = Pipeline(lanes.of(model, BATCHES[0]), views)
            singles = replace(model, max_batch=1)
            bare = {batch: bare_loops(model, setting, batch) for batch in BATCHES}
            ours = {
                8: Contender("detector, batch 8", seen.run),
                1: Contender("detector, batch 1", Pipeline(lanes.of(singles, _TAKEN_TOGETHER), views).run),
            }
            one_by_one = Contender("detector, batch 1, one by one", Pipeline(lanes.of(singles, 1), views).run)
            contenders = [*bare[8].each(), ours[8], *bare[1].each(), ours[1], one_by_one]
            contenders += [rival.contender] if rival.contender else []
            load_before, others = os.getloadavg()[0], _OtherWork()
            record = take_turns(contenders, options.rounds, _SPELL_S, _tell)
            busy_share = others.share(record)
    answer: dict[str, Any] = {}
    for batch in BATCHES:
        answer |= _against_bare(record, batch, ours[batch].name, bare[batch])
    plain = record[bare[1].plain.name]
    answer["ratio_bare_b1_one_by_one"] = speed_ratio(record[one_by_one.name], plain).median
    answer["ratio_ultralytics_b8"] = None
    if rival.contender:
        answer["ratio_ultralytics_b8"] = speed_ratio(record[ours[8].name], record[rival.contender.name]).median
    answer |= {
        "is_quiet": busy_share <= _BUSY_SHARE,
        "other_programs_share": round(busy_share, 3),
        "load_before": round(load_before, 2),
        "load_after": round(os.getloadavg()[0], 2),
        "what": _WHAT_IS_MEASURED,
        "without_ultralytics": rival.why_not,
        "figures": _figures(record),
        "frames": {"cameras": len(views), "size": "1280x720", "boxes": round(seen.boxes / seen.landed, 1)},
        "model": {
            "name": model.card.name,
            "sha256": model.card.sha256,
            "engine": lanes.engine_name,
            "streams": setting.streams,
        },
        "machine": {"processor": processor_model(), "cores": os.cpu_count(), "python": platform.python_version()},
        "versions": _versions() | {"ultralytics": rival.version},
        "rounds": options.rounds,
    }
    _print_table(answer)
    if as_json:
        print(json.dumps(answer), flush=True)
    return int(ExitCode.OK)


class _Lanes:
    """The detector's lanes for batches of several sizes, all with the number format that is fastest for the model."""

    def __init__(self, model: Model, cache_dir: Path) -> None:
        self._cache_dir = cache_dir
        self._config = DetectConfig(device="cpu", backend=Backend.OPENVINO)
        self._opened = [AnalysisLane(model, self._config, cache_dir)]
        self.engine_name = self._opened[0].engine_name
        self.setting = Setting(self.engine_name.split()[1], self._opened[0].stations)

    def of(self, model: Model, batch: int) -> AnalysisLane:
        """The lane whose batches are of that size."""
        wanted = {"precision": Precision(self.setting.precision), "batch_max": batch * self.setting.streams}
        self._opened.append(AnalysisLane(model, self._config.model_copy(update=wanted), self._cache_dir))
        return self._opened[-1]

    def close(self) -> None:
        """Let go of the engines."""
        for lane in self._opened:
            lane.close()


def _against_bare(record: Record, batch: int, ours: str, bare: BareLoops) -> dict[str, Any]:
    """The ratios against both bare loops, with their spread."""
    plain, own_graph = (speed_ratio(record[ours], record[one.name]) for one in (bare.plain, bare.own_graph))
    return {
        f"ratio_bare_b{batch}": plain.median,
        f"ratio_own_graph_b{batch}": own_graph.median,
        f"bare_b{batch}": {bare.plain.name: asdict(plain), bare.own_graph.name: asdict(own_graph)},
    }


def _figures(record: Record) -> dict[str, dict[str, float]]:
    return {
        name: {
            "pictures_per_s": round(pictures_per_s(spells), 1),
            "cpu_ms_per_picture": round(cpu_ms_per_picture(spells), 2),
        }
        for name, spells in record.items()
    }


class _OtherWork:
    """What other programs take of the machine's processors meanwhile; what this run and its children take is known."""

    def __init__(self) -> None:
        self._busy_s = read_machine_busy_s()
        self._started_s = time.perf_counter()

    def share(self, record: Record) -> float:
        """Of all processors, from the beginning to now; what ours took to warm up counts as a spell."""
        elapsed_s = time.perf_counter() - self._started_s
        measured_s = sum(spell.elapsed_s for spells in record.values() for spell in spells)
        own_s = sum(spell.cpu_s for spells in record.values() for spell in spells) * elapsed_s / measured_s
        cores = os.cpu_count() or 1
        return max(0.0, (read_machine_busy_s() - self._busy_s - own_s) / (elapsed_s * cores))


def _versions() -> dict[str, str]:
    return {name: version(name) for name in ("openvino", "opencv-python-headless", "numpy")}


def _print_table(answer: Mapping[str, Any]) -> None:
    """What a person reads, on stderr."""
    _tell(f"\n{answer['model']['name']} on {answer['model']['engine']}, {answer['frames']['boxes']} boxes a picture")
    for name, figure in answer["figures"].items():
        _tell(f"{name:40} {figure['pictures_per_s']:7.1f} pictures/s {figure['cpu_ms_per_picture']:7.2f} ms CPU each")
    for batch in BATCHES:
        _tell(f"{f'over the bare engine, batch {batch}':40} {answer[f'ratio_bare_b{batch}']:7.2f}")
        _tell(f"{f'over the bare own graph, batch {batch}':40} {answer[f'ratio_own_graph_b{batch}']:7.2f}")
    if answer["ratio_ultralytics_b8"] is not None:
        _tell(f"{'over ultralytics predict, batch 8':40} {answer['ratio_ultralytics_b8']:7.2f}")
    if not answer["is_quiet"]:
        _tell(
            f"NOT QUIET: other programs took {answer['other_programs_share']:.0%} of the machine; "
            f"measure again where nothing else runs before you judge"
        )


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
