"""The plans a vehicle holds: mission, fence and rally lists, and home, which answers for mission item 0."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

from scripts.vehicle.mission_items import ABSOLUTE, WAYPOINT, StoredItem

_FENCE_CAPACITY, _RALLY_CAPACITY = 84, 10


class PlanType(IntEnum):
    """MAV_MISSION_TYPE."""

    MISSION = 0
    FENCE = 1
    RALLY = 2
    ALL = 255


@dataclass(frozen=True)
class Home:
    """Where the vehicle was armed, as it says; altitude above sea level."""

    lat_deg: float
    lon_deg: float
    amsl_altitude_m: float

    def as_item(self) -> StoredItem:
        """Mission item 0: home whatever was uploaded there, with an altitude above the sea."""
        return StoredItem(
            WAYPOINT, ABSOLUTE, (0.0, 0.0, 0.0, 0.0), round(self.lat_deg * 1e7), round(self.lon_deg * 1e7),
            round(self.amsl_altitude_m, 2),
        )  # fmt: skip


@dataclass
class Plan:
    """One list; `staged` is set while an upload is kept apart until it is whole (fences of ArduCopter 4)."""

    capacity: int
    items: list[StoredItem] = field(default_factory=list)
    staged: list[StoredItem] | None = None


class PlanStore:
    """All plans. A mission is changed in place while it arrives, so that half an upload leaves a mixture."""

    def __init__(self, mission_capacity: int, home: Callable[[], Home]) -> None:
        self._home = home
        self._plans = {
            PlanType.MISSION: Plan(mission_capacity),
            PlanType.FENCE: Plan(_FENCE_CAPACITY),
            PlanType.RALLY: Plan(_RALLY_CAPACITY),
        }
        self.fence_changed = 0

    @property
    def mission(self) -> list[StoredItem]:
        return self._plans[PlanType.MISSION].items

    @property
    def fence(self) -> list[StoredItem]:
        return self._plans[PlanType.FENCE].items

    @property
    def rally(self) -> list[StoredItem]:
        return self._plans[PlanType.RALLY].items

    def capacity(self, kind: PlanType) -> int:
        return self._plans[kind].capacity

    def count(self, kind: PlanType) -> int:
        return len(self._plans[kind].items)

    def item(self, kind: PlanType, seq: int) -> StoredItem | None:
        """What a download of `seq` shows."""
        items = self._plans[kind].items
        if kind is PlanType.MISSION and seq == 0:
            return self._home().as_item()  # home can be read even of an empty mission
        return items[seq] if 0 <= seq < len(items) else None

    def begin(self, kind: PlanType, count: int) -> None:
        """An upload starts: a mission or rally list is cut to the new length at once, a fence waits to be whole."""
        plan = self._plans[kind]
        if kind is PlanType.FENCE:
            plan.staged = []
        else:
            del plan.items[count:]

    def put(self, kind: PlanType, seq: int, item: StoredItem) -> bool:
        """Replace or append one item; false when it would leave a hole."""
        plan = self._plans[kind]
        items = plan.items if plan.staged is None else plan.staged
        if seq > len(items):
            return False
        items[seq : seq + 1] = [item]
        return True

    def finish(self, kind: PlanType) -> None:
        """The upload is whole."""
        plan = self._plans[kind]
        if plan.staged is not None:
            plan.items, plan.staged = plan.staged, None
        self.fence_changed += kind is PlanType.FENCE

    def abandon(self, kind: PlanType) -> None:
        """The upload broke off: what was staged is forgotten, what was changed in place stays changed."""
        self._plans[kind].staged = None

    def clear(self, kind: PlanType) -> None:
        self._plans[kind].items.clear()
        self.fence_changed += kind is PlanType.FENCE
