"""Who is in the air, told among the controllers that share a data directory: a file a drone, replaced twice a second.

<data_dir>/flights/air/<drone_id>.json        where it is and where it flies, from the launch to the landing
                       <drone_id>.plan.json   what it was launched with; fsynced before it starts

A file is believed while it is fresh: told within FRESH_S, on this machine since it booted. A crash leaves one behind,
which is no more than the last that was known; that a flight is open stands elsewhere (`flight.record`).
Instants are of CLOCK_MONOTONIC, which all processes of a machine share.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from drone.fleet.aloft import Aloft
from drone.flight.record import replace_file
from drone.plan.model import FlightPlan

LOG = logging.getLogger(__name__)
FRESH_S = 3.0
_AHEAD_S = 0.5
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Presence:
    """One drone under a controller, from its launch to its landing.

    Attributes:
        flight_id: of its flight; empty: in the air without one.
        told_s: when this was written, on the monotonic clock; `boot` says of which start of the machine.
        keeps_plan: it flies as its plan says.
        aloft: where it is; None: on the ground.
        on_bus: its controller tells of it on the installation's bus.
    """

    drone_id: str
    flight_id: str
    pid: int
    boot: str
    told_s: float
    told_at: datetime
    keeps_plan: bool
    aloft: Aloft | None
    on_bus: bool = False

    def is_fresh(self, boot: str, now_s: float) -> bool:
        """Whether its controller told this just now."""
        return self.boot == boot and -_AHEAD_S <= now_s - self.told_s <= FRESH_S


_PRESENCE: TypeAdapter[Presence] = TypeAdapter(Presence)
_PLAN: TypeAdapter[FlightPlan] = TypeAdapter(FlightPlan)


def boot_id() -> str:
    """Which start of this machine it is."""
    return _BOOT_ID.read_text(encoding="ascii").strip()


class PresenceBook:
    """The files of one data directory. Every method reads or writes the disk."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "flights" / "air"
        self.boot = boot_id()
        self._bad: set[str] = set()

    def intend(self, presence: Presence, plan: FlightPlan) -> None:
        """A flight is about to begin: on disk before anything is sent to the vehicle.

        Raises:
            OSError: it cannot be written.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        text = _PLAN.dump_json(plan).decode()
        replace_file(self._plan_file(presence.drone_id), f"{presence.flight_id}\n{text}")
        replace_file(self._file(presence.drone_id), _PRESENCE.dump_json(presence).decode())

    def tell(self, presences: Sequence[Presence]) -> None:
        """Replace the files of drones in hand; whole, but not forced to the disk: old ones are of no use.

        Raises:
            OSError: one cannot be written.
        """
        if presences:
            self._folder.mkdir(parents=True, exist_ok=True)
        for presence in presences:
            beside = self._folder / f"{presence.drone_id}.new"
            beside.write_bytes(_PRESENCE.dump_json(presence))
            beside.replace(self._file(presence.drone_id))

    def leave(self, drone_id: str) -> None:
        """It has landed."""
        for path in (self._file(drone_id), self._plan_file(drone_id)):
            with suppress(FileNotFoundError):
                path.unlink()

    def read(self) -> list[Presence]:
        """Everything that was told, fresh or not; what is damaged is left out."""
        try:
            files = sorted(self._folder.glob("*.json"))
        except OSError:
            return []
        return [found for path in files if ".plan." not in path.name and (found := self._read(path)) is not None]

    def plan_of(self, presence: Presence) -> FlightPlan | None:
        """What it was launched with, for as long as it flies like that; None where that cannot be told."""
        if not presence.keeps_plan:
            return None
        try:
            flight_id, _, text = self._plan_file(presence.drone_id).read_text(encoding="utf-8").partition("\n")
            return _PLAN.validate_json(text) if flight_id == presence.flight_id else None
        except (OSError, ValidationError):
            return None

    def _read(self, path: Path) -> Presence | None:
        try:
            found = _PRESENCE.validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            if not isinstance(error, FileNotFoundError):
                self._complain(path, error)
            return None
        if found.drone_id != path.stem or (found.aloft is not None and not _is_sane(found.aloft)):
            self._complain(path, None)
            return None
        return found

    def _complain(self, path: Path, error: Exception | None) -> None:
        if path.name not in self._bad:
            self._bad.add(path.name)
            LOG.warning(
                "presence not readable file=%s reason=%s", path.name, type(error).__name__ if error else "sense"
            )

    def _file(self, drone_id: str) -> Path:
        return self._folder / f"{drone_id}.json"

    def _plan_file(self, drone_id: str) -> Path:
        return self._folder / f"{drone_id}.plan.json"


def _is_sane(aloft: Aloft) -> bool:
    points = (*(aloft.way or ()), *(aloft.way_on or ()))
    numbers = [aloft.lat, aloft.lon, aloft.alt_home_m, aloft.home_amsl_m, *aloft.velocity_m_s, aloft.at_s]
    numbers += [aloft.separation_m, aloft.speed_m_s, *(aloft.levels_m or ())]
    numbers += [value for one in points for value in (one.lat, one.lon, one.alt_home_m, one.hold_s)]
    return all(map(math.isfinite, numbers)) and abs(aloft.lat) <= 90 and abs(aloft.lon) <= 180
