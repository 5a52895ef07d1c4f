"""What a person may tell a flight to do."""

from __future__ import annotations

from dataclasses import dataclass

from drone.flight.errand import Errand, Waypoint
from kernel.drone_events import DroneAction


@dataclass(frozen=True, slots=True)
class Order:
    """One order.

    Attributes:
        action: pause, resume, return, land, abort, dispatch or orbit.
        actor: who gives it.
        path: return: points to fly to before the autopilot's own return, where the straight way is not free;
            orbit: the points of the circle.
        errand: dispatch: where to, for how long, and back.
    """

    action: DroneAction
    actor: str
    path: tuple[Waypoint, ...] = ()
    errand: Errand | None = None
