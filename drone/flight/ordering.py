"""What becomes of a person's order, by the state of the flight."""

from __future__ import annotations

from dataclasses import replace

from drone.flight import reasons
from drone.flight.air import returning
from drone.flight.core import Core
from drone.flight.errand import Errand, Leg, Then, Waypoint
from drone.flight.orders import Order
from drone.flight.outputs import Changed, ErrandChanged
from drone.flight.start import stay_down
from kernel.drone_events import DispatchStage, DroneAction, FlightOutcome, FlightState, ReasonText

_ON_THE_GROUND = frozenset({FlightState.IDLE, FlightState.PRE_FLIGHT, FlightState.UPLOADING, FlightState.VERIFIED})
_HELD = frozenset({FlightState.PATROLLING, FlightState.PAUSED, FlightState.DISPATCHED})
_DOWN = {
    DroneAction.RETURN: (FlightOutcome.RETURNED, reasons.ORDERED_RETURN),
    DroneAction.LAND: (FlightOutcome.RETURNED, reasons.ORDERED_LAND),
    DroneAction.ABORT: (FlightOutcome.ABORTED, reasons.ORDERED_ABORT),
}


def give(core: Core, order: Order, now_s: float) -> tuple[ReasonText, ...]:
    """Carry out an order, or say why not; who gave it is remembered, also by whoever takes the flight up later."""
    before, refusal = core.ordered_by, _carried_out(core, order, now_s)
    if not refusal and not core.state.is_over:
        core.drop_left(reasons.RESTARTED_ORDERED)
        core.is_ordered_anew = True
        core.ordered_by = order.actor
        if before != order.actor and not any(isinstance(one, Changed) for one in core.out):
            core.tell(order.actor)
    return refusal


def _carried_out(core: Core, order: Order, now_s: float) -> tuple[ReasonText, ...]:
    if core.state.is_over:
        return (_refused(core, order),)
    if order.action in _DOWN:
        return _down(core, order, now_s)
    if core.state not in _HELD or not core.was_airborne:
        return (_refused(core, order),)
    if not core.seen.link_up:
        return (reasons.LINK_LOST,)
    if not core.is_mode_ours:
        return (reasons.TAKEN_OVER,)
    if order.action is DroneAction.PAUSE:
        return _pause(core, order, now_s)
    if order.action is DroneAction.RESUME:
        return _resume(core, order, now_s)
    if order.action is DroneAction.DISPATCH:
        return _dispatch(core, order, now_s)
    if order.action is DroneAction.ORBIT:
        return _orbit(core, order)
    return (_refused(core, order),)


def _refused(core: Core, order: Order) -> ReasonText:
    return reasons.order_refused(order.action.value, core.state.value)


def _down(core: Core, order: Order, now_s: float) -> tuple[ReasonText, ...]:
    """Return, land or abort: a person's order, so it also holds for what a pilot left behind; asked for once more it
    is repeated."""
    outcome, why = _DOWN[order.action]
    if core.state in _ON_THE_GROUND or (core.state is FlightState.ARMING and not core.started):
        core.end(FlightOutcome.ABORTED, now_s, why)
        return ()
    if not core.seen.link_up:
        return (reasons.LINK_LOST,)
    core.stop()
    core.ended_by = outcome
    core.lands_here = order.action is DroneAction.LAND
    if not core.was_airborne:
        core.add_reasons(why)
        core.tell(order.actor)
        stay_down(core, now_s)
        return ()
    if core.errand is not None:
        core.drop_errand(DispatchStage.BROKEN_OFF, why)
    core.ours = frozenset({core.seen.mode})
    core.add_reasons(why)
    is_walked = bool(order.path) and not core.lands_here
    core.errand = Errand(order.path, Then.RETURN) if is_walked else None
    core.enter(FlightState.RETURNING, now_s, order.actor)
    returning(core, now_s)
    return ()


def _pause(core: Core, order: Order, now_s: float) -> tuple[ReasonText, ...]:
    if core.state is FlightState.PAUSED and core.errand is None and order.errand is None:
        return ()
    core.stop()
    _remember_item(core)
    core.paused_percent = core.seen.battery_percent
    if core.errand is not None:
        if core.errand.then is not Then.HOLD:  # else it holds at another height: `way_back` begins at its own
            core.way_back = core.errand.way_back_now
        core.drop_errand(DispatchStage.BROKEN_OFF, reasons.order_refused("dispatch", "paused"))
    core.enter(FlightState.PAUSED, now_s, order.actor)
    if order.errand is not None:
        _hold_elsewhere(core, order.errand)
    return ()


def _hold_elsewhere(core: Core, errand: Errand) -> None:
    """Hold at another height; the way on begins at the one that it leaves."""
    seen = core.seen
    if seen.place is not None and seen.alt_home_m is not None and not core.way_back:
        core.way_back = (Waypoint(*seen.place, seen.alt_home_m),)
    core.errand = errand


def _resume(core: Core, order: Order, now_s: float) -> tuple[ReasonText, ...]:
    if core.state is FlightState.DISPATCHED and core.errand is not None:
        if core.errand.leg is not Leg.HOLDING:
            return (_refused(core, order),)
        if core.errand.then is not Then.RESUME:
            return (_refused(core, order),)
        core.errand.end_hold()
        core.keep()
        return ()
    if core.state is not FlightState.PAUSED:
        return (_refused(core, order),)
    core.stop()
    leg = Leg.GOING if core.way_back else Leg.OVER
    core.errand = Errand(core.way_back, Then.RESUME, leg=leg)
    core.tries, core.tried_s, core.last_step, core.last_result = 0, None, None, None
    return ()


def _dispatch(core: Core, order: Order, now_s: float) -> tuple[ReasonText, ...]:
    if order.errand is None or not order.errand.points:
        return (_refused(core, order),)
    core.stop()
    _remember_item(core)
    way_back = core.way_back if core.errand is None else core.errand.way_back_now
    if core.errand is not None:
        core.drop_errand(DispatchStage.BROKEN_OFF, reasons.order_refused("dispatch", "dispatched"))
    resumes = order.errand.then is Then.RESUME
    core.errand = replace(order.errand, back=(*order.errand.back, *way_back)) if resumes else order.errand
    core.sent_to = core.errand.alert_id
    core.enter(FlightState.DISPATCHED, now_s, order.actor)
    if core.errand.alert_id is not None:
        core.out.append(ErrandChanged(core.errand.alert_id, DispatchStage.EN_ROUTE, core.errand.place))
    return ()


def _orbit(core: Core, order: Order) -> tuple[ReasonText, ...]:
    if core.state is not FlightState.DISPATCHED or core.errand is None or core.errand.leg is not Leg.HOLDING:
        return (_refused(core, order),)
    core.errand.circle(order.path)
    core.keep()
    return ()


def _remember_item(core: Core) -> None:
    """Where the patrol goes on later; a dispatch out of a pause keeps what the pause remembered.

    At a point just reached the autopilot is on its way to the next already, and has not said so: it goes on by itself.
    """
    if core.state is FlightState.PATROLLING:
        current = core.progress.current
        core.resume_seq = None if current in core.progress.told else current
