"""A flight on disk: its brief and memory (for the controller that comes after a crash), its decisions, its tlog.

<data_dir>/flights/<flight_id>/flight.json       brief, memory, figures; replaced as a whole, fsynced
                               decisions.jsonl   one line for every change, step and result
                               link.tlog         every MAVLink frame
<data_dir>/flights/open/<drone_id>               id of the flight that is not over
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from drone.flight.brief import Brief, Limits
from kernel.errors import CannotRunError

_BRIEF: TypeAdapter[Brief] = TypeAdapter(Brief)
_FOLDER, _OPEN = "flights", "open"


class RecordUnreadable(CannotRunError):
    """A flight's file is damaged."""

    def __init__(self, path: Path, why: str) -> None:
        self.path = path
        super().__init__(f"{path}: {why}; look at the aircraft, then move the file away")


class RecordUnwritable(CannotRunError):
    """A flight cannot be written down, so it is not flown."""

    def __init__(self, path: Path, why: str) -> None:
        self.path = path
        super().__init__(f"{path}: {why}; a flight is only flown where it can be recorded")


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A flight that an earlier controller left."""

    record: FlightRecord
    brief: Brief
    memory: dict[str, Any]
    started_at: datetime
    change: int
    figures: dict[str, Any] = field(default_factory=dict)


class FlightRecord:
    """The folder of one flight."""

    def __init__(self, data_dir: Path, flight_id: str, drone_id: str) -> None:
        self.folder = data_dir / _FOLDER / flight_id
        self._open = data_dir / _FOLDER / _OPEN / drone_id
        self._flight_id = flight_id

    @property
    def tlog(self) -> Path:
        """Where every MAVLink frame goes."""
        return self.folder / "link.tlog"

    def create(self) -> None:
        """Make the folder and note the flight as open.

        Raises:
            RecordUnwritable: it cannot.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._open.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self._open, self._flight_id)
        except OSError as error:
            raise RecordUnwritable(self.folder, error.strerror or str(error)) from error

    def write(
        self, brief: Brief, memory: dict[str, Any], started_at: datetime, change: int, figures: dict[str, Any]
    ) -> None:
        """Replace flight.json; once this returns it survives a crash of the machine.

        Raises:
            RecordUnwritable: it cannot.
        """
        whole = {
            "brief": _BRIEF.dump_python(brief, mode="json"),
            "memory": memory,
            "started_at": started_at.isoformat(),
            "change": change,
            "figures": figures,
        }
        try:
            replace_file(self.folder / "flight.json", json.dumps(whole, ensure_ascii=False, allow_nan=False))
        except OSError as error:
            raise RecordUnwritable(self.folder, error.strerror or str(error)) from error

    def note(self, at: datetime, what: str, **fields: Any) -> None:
        """One line into decisions.jsonl.

        Raises:
            RecordUnwritable: it cannot.
        """
        line = json.dumps({"at": at.isoformat(), "what": what, **fields}, ensure_ascii=False, default=str)
        try:
            with (self.folder / "decisions.jsonl").open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        except OSError as error:
            raise RecordUnwritable(self.folder, error.strerror or str(error)) from error

    def close(self) -> None:
        """The flight is over."""
        if self._open.exists() and self._open.read_text(encoding="utf-8").strip() == self._flight_id:
            self._open.unlink()


def unfinished(data_dir: Path, drone_id: str) -> Unfinished | None:
    """The flight that an earlier controller of this drone did not see the end of.

    Raises:
        RecordUnreadable: there is one, and its file is damaged.
    """
    mark = data_dir / _FOLDER / _OPEN / drone_id
    try:
        flight_id = mark.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    record = FlightRecord(data_dir, flight_id, drone_id)
    path = record.folder / "flight.json"
    try:
        whole = json.loads(path.read_text(encoding="utf-8"))
        return Unfinished(
            record,
            _BRIEF.validate_python(whole["brief"]),
            whole["memory"],
            datetime.fromisoformat(whole["started_at"]),
            int(whole["change"]),
            dict(whole.get("figures") or {}),
        )
    except FileNotFoundError:
        record.close()  # it died before the first word of the flight: nothing was sent
        return None
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        raise RecordUnreadable(path, f"no record of a flight ({type(error).__name__})") from error


@dataclass(frozen=True, slots=True)
class OpenFlight:
    """A flight that nobody has seen the end of yet.

    Attributes:
        started: it was, or may have been, armed.
        watch_s: longest it can be in the air.
        told_at: the last word on disk.
    """

    drone_id: str
    flight_id: str
    started: bool
    watch_s: float
    told_at: datetime


def open_flights(data_dir: Path) -> list[OpenFlight]:
    """Every flight that is open, whoever flies it; one whose record is damaged counts as started. Changes nothing."""
    marks = sorted((data_dir / _FOLDER / _OPEN).glob("*"))
    return [found for mark in marks if mark.suffix != ".new" and (found := _open_flight(data_dir, mark)) is not None]


def _open_flight(data_dir: Path, mark: Path) -> OpenFlight | None:
    try:
        flight_id, marked_s = mark.read_text(encoding="utf-8").strip(), mark.stat().st_mtime
    except FileNotFoundError:
        return None  # it has just ended
    path = data_dir / _FOLDER / flight_id / "flight.json"
    started, watch_s = False, Limits().watch_s
    try:
        marked_s = max(marked_s, path.stat().st_mtime)
        whole = json.loads(path.read_text(encoding="utf-8"))
        started, watch_s = bool(whole["memory"]["started"]), float(whole["brief"]["limits"]["watch_s"])
    except FileNotFoundError:
        pass  # not a word of it yet: nothing was sent
    except (ValueError, KeyError, TypeError):
        started = True
    return OpenFlight(mark.name, flight_id, started, watch_s, datetime.fromtimestamp(marked_s, UTC))


def replace_file(path: Path, text: str) -> None:
    """Write a file as a whole, safe from a crash half-way."""
    beside = path.with_name(f"{path.name}.new")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
