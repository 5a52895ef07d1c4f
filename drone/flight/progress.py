"""Which points of a patrol were reached: told by the vehicle, or concluded because it flew on to a later one.

MISSION_ITEM_REACHED is sent once and may be lost; MISSION_CURRENT is repeated. An autopilot flies its items in order:
a current item that moved from n to m, in the air and in its mission mode, means that what lies between was flown,
unless it moved too fast for that: then somebody jumped.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from drone.flight.snapshot import Snapshot
from drone.mission.items import Mission

_SHORTEST_LEG_S = 1.0


@dataclass(slots=True)
class Progress:
    """Progress of one flight.

    Attributes:
        told: sequence numbers the vehicle reported.
        concluded: sequence numbers it must have passed.
        current: the item it flies to, as last seen in flight.
        is_ours: the vehicle flies this mission; what it flies else is not counted.
        seen_s: when, by the monotonic clock; it runs on over a restart of the controller, not over one of the machine.
    """

    mission: Mission
    told: set[int] = field(default_factory=set)
    concluded: set[int] = field(default_factory=set)
    current: int | None = None
    seen_s: float | None = None
    is_ours: bool = True

    @property
    def total(self) -> int:
        """Points of the patrol."""
        return len(self.mission.counted)

    @property
    def reached(self) -> int:
        """Points reached so far."""
        return len(self.told | self.concluded)

    @property
    def is_complete(self) -> bool:
        """Whether every point was reached."""
        return self.reached == self.total

    @property
    def is_past_last(self) -> bool:
        """Whether it flies to what comes after the last point: its way home."""
        counted = self.mission.counted
        return self.current is not None and bool(counted) and self.current > counted[-1]

    def look(self, seen: Snapshot, flies_mission: bool, now_s: float) -> bool:
        """Take in what was heard; says whether anything changed.

        Args:
            flies_mission: armed, and in the mode in which it flies the mission.
        """
        if not self.is_ours:
            return False
        before = (self.reached, self.current)
        self.told |= seen.reached & set(self.mission.counted)
        if flies_mission and seen.mission_current is not None:
            self._move_to(seen.mission_current, now_s)
        return (self.reached, self.current) != before

    def disown(self, seqs: frozenset[int]) -> None:
        """It flies another mission: those points, and what comes now, are not ours."""
        self.told -= seqs
        self.concluded -= seqs
        self.is_ours = False

    def jumped_to(self, seq: int, now_s: float) -> None:
        """We ourselves had it fly to another item: nothing between was flown by that."""
        self.current, self.seen_s = seq, now_s

    def _move_to(self, current: int, now_s: float) -> None:
        if self.current is not None and self.seen_s is not None and current > self.current:
            passed = [seq for seq in self.mission.counted if self.current <= seq < current]
            shortest_s = _SHORTEST_LEG_S * len(passed) if len(passed) > 1 else 0.0
            if now_s - self.seen_s >= shortest_s:  # never so where it was seen before the machine was switched on
                self.concluded.update(passed)
        self.current, self.seen_s = current, now_s
