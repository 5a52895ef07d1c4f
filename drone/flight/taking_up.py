"""What a controller that was started anew makes of the flight it finds: what the vehicle does, and what was on disk.

It never starts anything again. A mode that is not known to be ours is somebody else's. What was flown by hand, an
errand, goes on where the aircraft is on its way, by the same points; else it is held, and a person told.
"""

from __future__ import annotations

from drone.flight import attention, reasons
from drone.flight.core import CONTROLLER, VEHICLE, Core
from drone.flight.errand import Errand, Leg
from kernel.drone_events import DispatchStage, FlightOutcome, FlightState, ReasonText
from kernel.events import AlertKind

_ASTRAY_M = 30.0
_BY_HAND = frozenset({FlightState.DISPATCHED, FlightState.RETURNING})


def take_up(core: Core, is_same: bool, now_s: float) -> None:
    """Go on with a recalled flight.

    Args:
        is_same: the vehicle has this flight's mission.
    """
    mode, modes, known = core.seen.mode, core.modes, core.ours
    was = core.state
    core.ours = frozenset({mode})
    if was is not FlightState.PAUSED and core.left is None and not core.is_ordered_anew:
        core.ordered_by = ""  # what holds it now, if anything, is not that order
    core.errand, core.left = core.errand or core.left, None
    if not is_same:
        _watch(core, now_s, CONTROLLER, reasons.MISSION_DIFFERS)
    elif core.is_ordered_anew and core.was_airborne and mode in known and mode not in modes.returning:
        core.enter(was, now_s)  # while the mission was read back; it is carried out from here on
    elif mode == modes.auto and core.mission_started:
        _in_mission(core, was is FlightState.RETURNING and mode in known, now_s)
    elif mode in modes.returning:
        _drop(core, DispatchStage.BROKEN_OFF, reasons.VEHICLE_RETURNS)
        core.ended_by = core.ended_by or FlightOutcome.RETURNED
        core.enter(FlightState.RETURNING, now_s, VEHICLE, reasons.VEHICLE_RETURNS)
    elif (
        was is not FlightState.TAKEN_OVER
        and core.was_airborne
        and mode in known
        and mode in (*modes.holds, modes.guided)
    ):
        _by_hand(core, was, now_s)
    else:
        why = reasons.TAKEN_OVER if core.was_airborne else reasons.RESTARTED_STARTING
        _watch(core, now_s, VEHICLE, why)


def _watch(core: Core, now_s: float, actor: str, why: ReasonText) -> None:
    _drop(core, DispatchStage.BROKEN_OFF, why)
    core.ended_by = FlightOutcome.TAKEN_OVER
    if core.state is not FlightState.TAKEN_OVER:  # else that was told when it was taken over
        core.alarm(AlertKind.DRONE_TAKEN_OVER, why)
    core.enter(FlightState.TAKEN_OVER, now_s, actor, why)


def _in_mission(core: Core, was_ordered_home: bool, now_s: float) -> None:
    """The mission flies. Of an order taken and not carried out yet: home it is still sent, elsewhere it is not."""
    errand = core.errand
    if was_ordered_home and core.ended_by is not None:
        core.enter(FlightState.RETURNING, now_s)
        return
    is_over = errand is not None and errand.leg is Leg.OVER
    _drop(core, DispatchStage.RESUMED if is_over else DispatchStage.BROKEN_OFF, reasons.RESTARTED_IN_MISSION)
    core.has_target = False
    state = FlightState.RETURNING if core.progress.is_past_last else FlightState.PATROLLING
    core.enter(state if core.was_airborne else FlightState.TAKING_OFF, now_s)


def _by_hand(core: Core, was: FlightState, now_s: float) -> None:
    errand = core.errand
    if was is FlightState.RETURNING and errand is None and core.ended_by is not None:
        core.enter(FlightState.RETURNING, now_s)
    elif errand is not None and was in _BY_HAND and errand.is_on_way(core.seen, _ASTRAY_M):
        core.way_back = ()
        core.enter(was, now_s)
    else:
        _hold(core, errand, now_s)


def _hold(core: Core, errand: Errand | None, now_s: float) -> None:
    """Stand still: in guided mode it may still fly to the point that it was told last."""
    if errand is not None:
        attention.tell(core, attention.Topic.RESTART, reasons.RESTARTED_HELD)
        _drop(core, DispatchStage.BROKEN_OFF, reasons.RESTARTED_HELD)
    core.enter(FlightState.PAUSED, now_s)


def _drop(core: Core, stage: DispatchStage, why: ReasonText) -> None:
    if core.errand is not None:
        core.drop_errand(stage, *(() if stage is DispatchStage.RESUMED else (why,)))
