"""Our side: a bus, the ingest workers and the detector, started as `lookout up` starts them, on numbered cameras."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kernel.bus.embedded import EmbeddedServer
from kernel.config import load_config
from kernel.errors import CannotRunError
from kernel.ring import RingReader
from kernel.runtime import RuntimePaths, shard_count_for, shard_of
from supervisor.bench_stream.witness import Witness
from supervisor.exam.processor_time import ProcessorMeter, all_processes, family, service_name
from supervisor.exam.programs import Program
from supervisor.preflight import prepare_directories
from supervisor.services import service_specs
from supervisor.up import clear_leavings

ROOT = Path(__file__).resolve().parents[2]
_START_WITHIN_S = 60.0
_STOP_WITHIN_S = 8.0
_LOOK_AGAIN_S = 0.2
_SERVICES = ("ingest", "detect")
_PAGE_KB = os.sysconf("SC_PAGE_SIZE") / 1024
_RULES: dict[str, Any] = {
    "zones": [{"id": "ground", "name": "ground", "points": [[0.1, 0.4], [0.9, 0.4], [0.9, 0.95], [0.1, 0.95]]}],
    "rules": [
        {"id": "enters", "name": "enters", "kind": "zone_intrusion", "zone": "ground", "classes": ["person"]},
        {
            "id": "crosses",
            "name": "crosses",
            "kind": "line_crossing",
            "line": [[0.1, 0.6], [0.9, 0.6]],
            "classes": ["person", "car"],
        },
    ],
}


@dataclass(frozen=True, slots=True)
class RoomOptions:
    """What is asked of our side.

    Attributes:
        camera_urls: by camera id.
        camera_fps: frames a second the cameras send.
        wanted_fps: analysed frames a second wanted of each.
        models_dir, model: which model.
        precision: a value of detect.precision.
        has_rules: a zone and a line for each camera.
        cores: run on these only; empty: on all.
    """

    camera_urls: Mapping[str, str]
    camera_fps: int
    wanted_fps: float
    models_dir: Path
    model: str
    precision: str
    loop_frames: int
    has_rules: bool = False
    cores: frozenset[int] = frozenset()
    detect: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Spent:
    """What the processes used while measured.

    Attributes:
        seconds_by_service: processor seconds.
        memory_mb: (epoch seconds, resident megabytes by service).
    """

    from_s: float
    to_s: float
    seconds_by_service: dict[str, float]
    memory_mb: list[tuple[float, dict[str, float]]]


class Room:
    """Ingest and detection that run."""

    def __init__(self, witness: Witness, programs: Sequence[Program], log_file: Path) -> None:
        self.witness = witness
        self._programs = programs
        self._log_file = log_file

    def wait_for_all(self, camera_ids: Sequence[str]) -> None:
        """Wait until every camera was analysed once.

        Raises:
            CannotRunError: one was not, or a service ended.
        """
        deadline_s = time.monotonic() + _START_WITHIN_S
        while missing := set(camera_ids) - self.witness.cameras_heard():
            self._check()
            if time.monotonic() > deadline_s:
                raise CannotRunError(f"bench stream: not analysed within {_START_WITHIN_S:g} s: {sorted(missing)}")
            time.sleep(_LOOK_AGAIN_S)

    def watch(self, seconds_s: float) -> Spent:
        """Let it run and note what it uses.

        Raises:
            CannotRunError: a service ended.
        """
        meter, memory = ProcessorMeter(), []
        from_s = time.time()
        end_s = time.monotonic() + seconds_s
        while True:
            self._check()
            processes = family(all_processes(), os.getpid())
            meter.note(processes)
            ours = [process for process in processes if is_ours(service_name(process.argv))]
            memory.append((time.time(), {service_name(one.argv): resident_mb(one.pid) for one in ours}))
            left_s = end_s - time.monotonic()
            if left_s <= 0:
                return Spent(from_s, time.time(), meter.seconds(), memory)
            time.sleep(min(1.0, left_s))

    def _check(self) -> None:
        for program in self._programs:
            if program.has_ended:
                raise CannotRunError(f"bench stream: {program.name} ended; see {self._log_file}")


def is_ours(service: str) -> bool:
    """Whether a service's name is of our side, not of the cameras or the bench."""
    return service.startswith((*_SERVICES, "bus"))


def resident_mb(pid: int) -> float:
    """Resident memory of a process that is its own: pages shared with others (the frame ring) left out; 0 if gone."""
    try:
        _, resident, shared = Path(f"/proc/{pid}/statm").read_text().split()[:3]
    except OSError:
        return 0.0
    return (int(resident) - int(shared)) * _PAGE_KB / 1024


@contextmanager
def running_room(options: RoomOptions, log_file: Path) -> Iterator[Room]:
    """Start everything, listen to it, and stop it afterwards.

    Raises:
        CannotRunError: something does not start.
    """
    with (
        tempfile.TemporaryDirectory(prefix="lookout-bench-", ignore_cleanup_errors=True) as folder,
        _running_in(Path(folder), options, log_file) as room,
    ):
        yield room


@contextmanager
def _running_in(folder: Path, options: RoomOptions, log_file: Path) -> Iterator[Room]:
    config_file = folder / "lookout.yaml"
    config_file.write_text(json.dumps(room_config(options, folder / "data")), encoding="utf-8")
    config = load_config(config_file)
    paths = RuntimePaths.of(config)
    prepare_directories(paths)
    shards = shard_count_for(len(config.cameras))
    server = EmbeddedServer(paths)
    programs: list[Program] = []
    rings = [RingReader(paths.ring_file(shard)) for shard in range(shards)]
    try:
        with on_cores(options.cores):
            address = server.start()
            for spec in service_specs(config_file, shards):
                if spec.name.startswith(_SERVICES):
                    programs.append(Program(spec.argv[2:], {}, log_file, ROOT))
        readers = {camera.id: rings[shard_of(place, shards)] for place, camera in enumerate(config.cameras)}
        witness = Witness(address, readers, options.camera_fps, options.loop_frames)
        witness.start()
        try:
            yield Room(witness, programs, log_file)
        finally:
            witness.stop()
    finally:
        for program in programs:
            program.stop(_STOP_WITHIN_S)
        for ring in rings:
            ring.close()
        server.stop()
        clear_leavings(paths)


def room_config(options: RoomOptions, data_dir: Path) -> dict[str, Any]:
    """The config of the installation, as the YAML file says it."""
    cameras = [
        {"id": camera_id, "name": camera_id, "unit": "bureau", "streams": {"main": {"url": url}}}
        | (_RULES if options.has_rules else {})
        for camera_id, url in options.camera_urls.items()
    ]
    return {
        "data_dir": str(data_dir),
        "models": {"dir": str(options.models_dir), "default": options.model},
        "detect": {"fps": options.wanted_fps, "precision": options.precision, **options.detect},
        "cameras": cameras,
    }


@contextmanager
def on_cores(cores: frozenset[int]) -> Iterator[None]:
    """What is started within runs on these cores only; no cores mean all."""
    mine = os.sched_getaffinity(0)
    if cores:
        os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, mine)
