"""Running a mission: navigation items one after the other, the DO items between two of them on the way to the second.

STOPPED --enter AUTO--> RUNNING --last item done--> COMPLETE (hovers there, armed)
   ^---leave AUTO: the item is kept---|
disarm: back to STOPPED at item 0.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import Protocol

from scripts.vehicle import mission_items as mi
from scripts.vehicle.controllers import Controller, FlyTo, Hold, LandThere, Orbit, ReturnHome, TakeOff
from scripts.vehicle.guidance import corner_speed
from scripts.vehicle.helm import Helm
from scripts.vehicle.mission_items import StoredItem
from scripts.vehicle.vector import Vector

_MOST_JUMPS = 100


class RunState(Enum):
    STOPPED = auto()
    RUNNING = auto()
    COMPLETE = auto()


class MissionEvents(Protocol):
    """What the mission asks of the vehicle around it."""

    def item_started(self, seq: int, item: StoredItem) -> None: ...

    def item_reached(self, seq: int) -> None: ...

    def do_item(self, item: StoredItem) -> None: ...

    def no_terrain(self) -> None: ...


class MissionRun:
    """Which item is flown, and by what."""

    def __init__(
        self, helm: Helm, items: Callable[[], list[StoredItem]], events: MissionEvents, cuts_corners: bool = False
    ) -> None:
        self._helm, self._items, self._events, self._cuts_corners = helm, items, events, cuts_corners
        self.state = RunState.STOPPED
        self.current_seq = 0
        self._loaded = False
        self._controller: Controller | None = None
        self._pending_do: list[tuple[int, StoredItem]] = []
        self._condition_s = 0.0
        self._held_s = 0.0
        self._jumped: dict[int, int] = {}

    @property
    def count(self) -> int:
        """Items stored, home among them."""
        return len(self._items())

    @property
    def controller(self) -> Controller | None:
        """What flies the current item."""
        return self._controller

    @property
    def running(self) -> bool:
        return self.state is RunState.RUNNING

    @property
    def starts_with_takeoff(self) -> bool:
        """The first navigation item is a take-off."""
        for item in self._items()[1:]:
            if item.is_navigation:
                return item.command == mi.TAKEOFF
        return False

    def start_or_resume(self) -> None:
        """Go on at the kept item, or from the beginning when there is none, it was complete, or MIS_RESTART says so."""
        restart = self._helm.parameters["MIS_RESTART"] == 1
        if self.state is RunState.COMPLETE or restart or self.current_seq == 0:
            self.reset()
            self.state = RunState.RUNNING
            self._advance()
            return
        self.state = RunState.RUNNING
        items = self._items()
        if self.current_seq < len(items):
            self._begin(self.current_seq, items[self.current_seq])
        else:
            self._complete()

    def stop(self) -> None:
        """AUTO was left: keep the place in the list."""
        if self.state is RunState.RUNNING:
            self.state = RunState.STOPPED

    def reset(self) -> None:
        """Forget the place in the list."""
        self.state = RunState.STOPPED
        self.current_seq, self._loaded = 0, False
        self._pending_do.clear()
        self._jumped.clear()

    def rewind(self) -> None:
        """On disarming: back to the start. In AUTO it goes on "running" on the ground, at the first item."""
        running = self.running
        self.reset()
        first = self._next_navigation(1)
        if running and first is not None:
            self.state, self.current_seq = RunState.RUNNING, first
            self._events.item_started(first, self._items()[first])

    def set_current(self, seq: int) -> bool:
        """Go to (or, when not running, resume at) the first navigation item from `seq` on."""
        items = self._items()
        if not 0 <= seq < len(items) or len(items) < 2:
            return False
        was_running = self.running
        self._pending_do.clear()
        found = self._next_navigation(max(seq, 1))
        if found is None:
            return False
        self.current_seq = found
        if was_running:
            self._begin(found, items[found])
        elif self.state is RunState.COMPLETE:
            self.state = RunState.STOPPED
        return True

    def wanted(self, dt_s: float) -> Vector:
        """Fly the current item for `dt_s`, and step on when it is done."""
        if self._controller is None:
            self._controller = Hold(self._helm)
        velocity = self._controller.wanted(dt_s)
        if self.running:
            self._run_do_items(dt_s)
            if self._loaded and self._is_done(dt_s):
                self._events.item_reached(self.current_seq)
                self._advance()
        return velocity

    def _advance(self) -> None:
        """Queue the DO items that follow and load the next navigation item."""
        items, seq, jumps = self._items(), self.current_seq + 1, 0
        self._loaded = False
        while seq < len(items):
            item = items[seq]
            if item.is_navigation:
                self._begin(seq, item)
                return
            if item.command == mi.DO_JUMP and jumps < _MOST_JUMPS:
                jumps += 1
                seq = self._jump(seq, item)
                continue
            self._pending_do.append((seq, item))
            seq += 1
        self._complete()

    def _jump(self, seq: int, item: StoredItem) -> int:
        done, times = self._jumped.get(seq, 0), item.params[1]
        if 0 <= times <= done:
            return seq + 1
        self._jumped[seq] = done + 1
        return max(1, int(item.params[0]))

    def _complete(self) -> None:
        self.state = RunState.COMPLETE
        self._controller = Hold(self._helm)

    def _begin(self, seq: int, item: StoredItem) -> None:
        self.current_seq, self._loaded, self._held_s = seq, True, 0.0
        self._events.item_started(seq, item)
        target = self._helm.place_of(item) if item.command in mi.LOCATED else self._helm.position
        if target is None:
            self._controller = Hold(self._helm)
            self._events.no_terrain()
            return
        self._controller = self._controller_of(seq, item, target)

    def _controller_of(self, seq: int, item: StoredItem, target: Vector) -> Controller:
        nowhere = item.lat_e7 == 0 and item.lon_e7 == 0
        match item.command:
            case mi.TAKEOFF:
                return TakeOff(self._helm, target.up)
            case mi.RTL:
                return ReturnHome(self._helm)
            case mi.LAND:
                return LandThere(self._helm, None if nowhere else target)
            case mi.LOITER_TURNS:
                centre = self._helm.position if nowhere else target
                radius_m = abs(item.params[2]) or self._helm.parameters["CIRCLE_RADIUS"] / 100
                rate = self._helm.parameters["CIRCLE_RATE"]
                return Orbit(self._helm, centre, radius_m, -rate if item.params[2] < 0 else rate)
            case mi.LOITER_UNLIM | mi.LOITER_TIME if nowhere:
                return FlyTo(self._helm, self._helm.position._replace(up=target.up))
            case mi.DELAY | mi.GUIDED_ENABLE:
                return Hold(self._helm)
        return FlyTo(self._helm, target, self._speed_through(seq, item, target), self._early_m(seq, item))

    def _early_m(self, seq: int, item: StoredItem) -> float:
        """The leash of ArduCopter before 4.1: measured 30 m at 8 m/s. A waypoint with a hold is flown to."""
        if not self._cuts_corners or item.command != mi.WAYPOINT or item.params[0] >= 1:
            return 0.0
        following = self._next_navigation(seq + 1)
        if following is None or self._items()[following].command not in (mi.WAYPOINT, mi.SPLINE, mi.RTL):
            return 0.0  # it comes to a stop there
        speeds = self._helm.speeds
        return speeds.accel / 2 + speeds.horizontal**2 / (2 * speeds.accel)

    def _speed_through(self, seq: int, item: StoredItem, target: Vector) -> float:
        """A waypoint without a hold is flown through when another follows."""
        items = self._items()
        following = self._next_navigation(seq + 1)
        if item.command != mi.WAYPOINT or item.params[0] > 0 or following is None:
            return 0.0
        after = self._helm.place_of(items[following]) if items[following].command == mi.WAYPOINT else None
        if after is None:
            return 0.0
        return corner_speed(self._helm.position, target, after, self._helm.speeds.horizontal)

    def _next_navigation(self, seq: int) -> int | None:
        items = self._items()
        return next((i for i in range(seq, len(items)) if items[i].is_navigation), None)

    def _is_done(self, dt_s: float) -> bool:
        items, controller = self._items(), self._controller
        if self.current_seq >= len(items):
            return True
        item = items[self.current_seq]
        if item.command in (mi.RTL, mi.LAND, mi.LOITER_UNLIM):
            return False  # ends by disarming, or never
        if isinstance(controller, FlyTo) and not controller.reached:
            return False
        if isinstance(controller, Orbit):
            return controller.turns >= max(1.0, item.params[0])
        holds = item.command in (mi.WAYPOINT, mi.SPLINE, mi.LOITER_TIME, mi.DELAY)
        self._held_s += dt_s
        return not holds or self._held_s >= item.params[0]

    def _run_do_items(self, dt_s: float) -> None:
        self._condition_s -= dt_s
        while self._pending_do and self._condition_s <= 0:
            seq, item = self._pending_do.pop(0)
            if item.command == mi.CONDITION_DELAY:
                self._condition_s = item.params[0]
            else:
                self._events.do_item(item)
            self._events.item_reached(seq)
