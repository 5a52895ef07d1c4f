"""What a controller tells the others of its drones, and hears of theirs.

drones in hand -> files (`presence`) <- other controllers; looked at twice a second in flight, and once at a launch
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Protocol

from drone.fleet.aloft import Aloft, Flier, aloft_of
from drone.fleet.neighbours import Neighbours, neighbours
from drone.fleet.presence import Presence, PresenceBook
from drone.flight.brief import Brief
from drone.flight.lock import LaunchBusy, launch_lock
from drone.flight.prepare import Prepared
from drone.flight.record import open_flights
from drone.plan.model import FlightPlan
from drone.reasons import reason
from kernel.clock import Clock
from kernel.drone_events import ReasonText

LOG = logging.getLogger(__name__)
LAUNCH_BUSY = reason(
    "launch_busy",
    "另一控制程序正在决定放飞，稍后再试；若一直如此，结束那个程序",
    "another controller is deciding about a launch; try again, or end that program if it hangs",
)


class InHand(Flier, Protocol):
    """A drone that a controller may have in hand, with what it flies."""

    @property
    def brief(self) -> Brief | None:
        """What is being flown."""
        ...

    @property
    def plan(self) -> FlightPlan | None:
        """Its plan, for as long as it flies like that."""
        ...


class Air:
    """One controller's share of the air over a data directory.

    Attributes:
        heard: what other controllers told last.
        open: drones with a flight whose end nobody has seen; None before the disk was looked at.

    Args:
        fliers: the drones it may have in hand, by id.
        on_bus: whether it tells of them on the installation's bus.
    """

    def __init__(
        self,
        data_dir: Path,
        clock: Clock,
        fliers: Mapping[str, InHand],
        on_bus: Callable[[], bool] = lambda: False,
    ) -> None:
        self._data_dir, self._clock, self._fliers = data_dir, clock, fliers
        self._book = PresenceBook(data_dir)
        self._left: set[str] = set()
        self._on_bus = on_bus
        self.heard: tuple[Presence, ...] = ()
        self.boot = self._book.boot
        self.open: frozenset[str] | None = None
        self._is_mute = False

    def others_of(self, drone_id: str) -> Neighbours:
        """Drones of other controllers, for a flight of that drone. Reads the disk."""
        now, now_s = self._clock.now(), self._clock.monotonic_s()
        return neighbours(self._data_dir, self._book, {*self._served(), drone_id}, now, now_s)

    def decide(
        self,
        drone_id: str,
        plan: Callable[[tuple[FlightPlan, ...]], Prepared],
        brief: Callable[[FlightPlan], Brief],
    ) -> tuple[Prepared, Brief | None]:
        """Plan a flight around everybody else's and tell them of it, while nobody else does so; blocks for seconds.

        Args:
            plan: plans with the flights of other controllers.
            brief: makes the flight of a plan that may be flown.

        Returns:
            What was planned; and the flight, which others keep away from by now, where it may begin.
        """
        try:
            with launch_lock(self._data_dir):
                around = self.others_of(drone_id)
                if around.reasons:
                    return Prepared(None, around.reasons), None
                found = plan(around.plans)
                if found.plan is None or not found.may_fly:
                    return found, None
                flight = brief(found.plan)
                try:
                    self._book.intend(self._presence(drone_id, flight.flight_id, None, keeps_plan=True), found.plan)
                except OSError as error:
                    return Prepared(found.plan, (untold(error),)), None
                return found, flight
        except LaunchBusy:
            return Prepared(None, (LAUNCH_BUSY,)), None

    def is_told_elsewhere(self, drone_id: str) -> bool:
        """Whether another controller tells of that drone on the bus."""
        now_s = self._clock.monotonic_s()
        return any(one.drone_id == drone_id and one.on_bus and one.is_fresh(self.boot, now_s) for one in self.heard)

    def leave(self, drone_id: str) -> None:
        """That drone flies no more, or did not begin to."""
        self._book.leave(drone_id)

    async def exchange(self) -> None:
        """Tell of the drones in hand, hear of the others."""
        told, gone = [], []
        for drone_id in self._served():
            flier = self._fliers[drone_id]
            aloft = aloft_of(flier)
            if flier.brief is None and aloft is None:
                gone.append(drone_id)
            else:
                flight_id = flier.brief.flight_id if flier.brief is not None else ""
                told.append(self._presence(drone_id, flight_id, aloft, keeps_plan=flier.plan is not None))
        self.heard = await asyncio.to_thread(self._exchange, told, gone)

    def _exchange(self, told: Collection[Presence], gone: Collection[str]) -> tuple[Presence, ...]:
        for drone_id in gone:
            if drone_id not in self._left:
                self._book.leave(drone_id)
        self._left = set(gone)
        try:
            self._book.tell(tuple(told))
            self._is_mute = False
        except OSError as error:
            if not self._is_mute:
                LOG.error("presence not told: other controllers cannot see our drones reason=%s", error.strerror)
            self._is_mute = True
        self.open = frozenset(one.drone_id for one in open_flights(self._data_dir))
        return tuple(self._book.read())

    def _served(self) -> list[str]:
        return [drone_id for drone_id, flier in self._fliers.items() if flier.vehicle_state is not None]

    def _presence(self, drone_id: str, flight_id: str, aloft: Aloft | None, *, keeps_plan: bool) -> Presence:
        return Presence(
            drone_id=drone_id,
            flight_id=flight_id,
            pid=os.getpid(),
            boot=self._book.boot,
            told_s=self._clock.monotonic_s(),
            told_at=self._clock.now(),
            keeps_plan=keeps_plan,
            aloft=aloft,
            on_bus=self._on_bus(),
        )


def untold(error: OSError) -> ReasonText:
    """The launch cannot be told to other controllers."""
    why = error.strerror or str(error)
    return reason(
        "not_recorded",
        f"放飞意图无法写入磁盘（{why}），不起飞",
        f"the launch cannot be told to other controllers: {why}",
    )
