"""Processor seconds of a running installation, by service, read from /proc."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class ProcessSample:
    """One process at one instant: `started_ticks` tells two processes of the same pid apart."""

    pid: int
    parent_pid: int
    started_ticks: int
    seconds: float
    argv: tuple[str, ...]


def all_processes() -> list[ProcessSample]:
    """Every process of this machine that can be read."""
    found = []
    for folder in _PROC.iterdir():
        if folder.name.isdigit():
            sample = _sample(folder)
            if sample is not None:
                found.append(sample)
    return found


def _sample(folder: Path) -> ProcessSample | None:
    try:
        stat = (folder / "stat").read_text()
        argv = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None  # it ended while we looked
    fields = stat[stat.rindex(")") + 2 :].split()  # proc(5): the fields from the third on
    ticks = int(fields[11]) + int(fields[12])
    return ProcessSample(int(folder.name), int(fields[1]), int(fields[19]), ticks / _TICKS_PER_S, tuple(argv))


def family(processes: list[ProcessSample], root_pid: int) -> list[ProcessSample]:
    """A process and all its descendants."""
    members = {root_pid}
    grew = True
    while grew:
        children = {p.pid for p in processes if p.parent_pid in members} - members
        members |= children
        grew = bool(children)
    return [p for p in processes if p.pid in members]


def service_name(argv: tuple[str, ...]) -> str:
    """Which service a command line starts: ingest-0, detect, command_api, live, supervisor, bus, or other."""
    if argv and "redis" in Path(argv[0].split(" ")[0]).name:
        return "bus"
    if "-m" not in argv or argv.index("-m") + 1 >= len(argv):
        return "other"
    module = argv[argv.index("-m") + 1]
    if module == "ingest":
        shard = argv[argv.index("--shard") + 1] if "--shard" in argv else "0/1"
        return f"ingest-{shard.split('/')[0]}"
    return {"command_api.live": "live", "scripts.district": "district"}.get(module, module)


@dataclass(slots=True)
class ProcessorMeter:
    """Adds up processor seconds over samples; a restarted process goes on counting under its service's name."""

    _first: dict[tuple[int, int], float] = field(default_factory=dict)
    _last: dict[tuple[int, int], tuple[str, float]] = field(default_factory=dict)
    _has_begun: bool = False

    def note(self, processes: list[ProcessSample]) -> None:
        """Take a sample; what ran before the first one does not count."""
        for process in processes:
            key = (process.pid, process.started_ticks)
            self._first.setdefault(key, 0.0 if self._has_begun else process.seconds)
            self._last[key] = (service_name(process.argv), process.seconds)
        self._has_begun = True

    def seconds(self) -> dict[str, float]:
        """Processor seconds by service since the first sample."""
        total: dict[str, float] = {}
        for key, (name, seconds) in self._last.items():
            total[name] = total.get(name, 0.0) + seconds - self._first[key]
        return dict(sorted(total.items()))


def machine_busy_s(stat: str) -> float:
    """Processor seconds that everything on this machine has used, from the text of /proc/stat."""
    user, nice, system, _idle, _iowait, irq, softirq = (int(word) for word in stat.splitlines()[0].split()[1:8])
    return (user + nice + system + irq + softirq) / _TICKS_PER_S


def read_machine_busy_s() -> float:
    """The same, at this moment."""
    return machine_busy_s((_PROC / "stat").read_text())


def processor_model() -> str:
    """The processor's name as the kernel has it."""
    for line in (_PROC / "cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return "unknown"
