"""What a person may tell a flight to do."""

from __future__ import annotations

from dataclasses import dataclass

from drone.flight.core import Core
from drone.flight.errand import Errand, Waypoint
from kernel.drone_events import DroneAction, FlightState

OFF_PLAN = frozenset({DroneAction.PAUSE, DroneAction.DISPATCH, DroneAction.ORBIT})
"""After these an aircraft is not where its plan says, also not when the patrol goes on."""
_AS_PLANNED = frozenset(
    {
        *(FlightState.IDLE, FlightState.PRE_FLIGHT, FlightState.UPLOADING, FlightState.VERIFIED, FlightState.ARMING),
        *(FlightState.TAKING_OFF, FlightState.PATROLLING, FlightState.RETURNING),
    }
)


@dataclass(frozen=True, slots=True)
class Order:
    """One order.

    Attributes:
        action: pause, resume, return, land, abort, dispatch or orbit.
        actor: who gives it.
        path: return: points to fly to before the autopilot's own return, where the straight way is not free;
            orbit: the points of the circle.
        errand: dispatch: where to, for how long, and back; pause: where to hold, right above or below where it is.
    """

    action: DroneAction
    actor: str
    path: tuple[Waypoint, ...] = ()
    errand: Errand | None = None


def keeps_plan(core: Core) -> bool:
    """Whether a flight goes as planned: nobody took it over, and it does not return before its end."""
    return core.state in _AS_PLANNED and core.ended_by is None
