"""The server's own record of what it sent and when: sent.jsonl, the truth behind the online rate.

Lines: `epoch` (a camera's loop began), `run` (a session's uninterrupted sending, rewritten as it grows: the last line
of a run counts), `fault` (the failing camera's fault began, to_s Infinity, or ended). Instants are epoch seconds.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

RUN_GAP_S = 1.0


@dataclass(frozen=True)
class SendingRun:
    """Packets went to one session without a gap from `first_s` to `last_s`; `number` tells runs of a session apart."""

    camera_id: str
    stream: str
    session: str
    user_agent: str
    number: int
    first_s: float
    last_s: float


@dataclass(frozen=True)
class SentRecord:
    """Everything sent.jsonl says."""

    epochs: dict[str, float]
    seed: int
    runs: tuple[SendingRun, ...]
    faults: tuple[tuple[str, str, float, float], ...]


def sent_file(var: Path) -> Path:
    """Where the server of an installation writes."""
    return var / "truth" / "sent.jsonl"


class SentLog:
    """Appends lines and flushes each."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: TextIO = path.open("w", encoding="utf-8")

    def epoch(self, camera_id: str, epoch_s: float, seed: int, loop_s: float, fps: int) -> None:
        self._write(
            {"type": "epoch", "camera_id": camera_id, "epoch_s": epoch_s, "seed": seed, "loop_s": loop_s, "fps": fps}
        )

    def run(self, run: SendingRun) -> None:
        self._write({"type": "run", **asdict(run)})

    def fault(self, camera_id: str, fault: str, from_s: float, to_s: float) -> None:
        self._write({"type": "fault", "camera_id": camera_id, "fault": fault, "from_s": from_s, "to_s": to_s})

    def close(self) -> None:
        self._file.close()

    def _write(self, record: dict[str, object]) -> None:
        self._file.write(json.dumps(record, ensure_ascii=False) + "\n")
        self._file.flush()


def read_sent(path: Path) -> SentRecord:
    """Reads the record; a last line cut short by a kill is left out.

    Raises:
        FileNotFoundError: no server wrote there.
    """
    epochs: dict[str, float] = {}
    runs: dict[tuple[str, int], SendingRun] = {}
    faults: dict[tuple[str, float], tuple[str, str, float, float]] = {}
    seed = 0
    for line in path.read_text(encoding="utf-8").split("\n")[:-1]:
        record = json.loads(line)
        kind = record.pop("type")
        if kind == "epoch":
            epochs[record["camera_id"]] = record["epoch_s"]
            seed = record["seed"]
        elif kind == "run":
            run = SendingRun(**record)
            runs[(run.session, run.number)] = run
        elif kind == "fault":
            faults[(record["camera_id"], record["from_s"])] = (
                record["camera_id"],
                record["fault"],
                record["from_s"],
                record["to_s"],
            )
    return SentRecord(epochs, seed, tuple(runs.values()), tuple(faults.values()))
