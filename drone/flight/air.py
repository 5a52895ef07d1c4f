"""In the air: patrol, pause, dispatch, return, and watching what somebody else flies."""

from __future__ import annotations

from drone.flight import reasons
from drone.flight.core import Core
from drone.flight.errand import Errand, Leg, Then
from drone.flight.outputs import ErrandChanged
from drone.flight.steps import Disarm, Goto, SetCurrent, SetMode, SetSpeed, Step, Verdict
from kernel.drone_events import DispatchStage, FlightState

_RETRY_S = 5.0
_SPEED_TRIES = 3


def patrolling(core: Core, now_s: float) -> None:
    """The autopilot flies; watch it."""
    if core.seen.armed is False:
        core.end_on_the_ground(now_s)
    elif core.progress.is_past_last:
        core.enter(FlightState.RETURNING, now_s)
    elif core.speed_owed_m_s is not None:
        _ask_for_speed(core, core.speed_owed_m_s, now_s)


def _ask_for_speed(core: Core, speed_m_s: float, now_s: float) -> None:
    result = core.last_result if isinstance(core.last_step, SetSpeed) else None
    is_settled = result is not None and (result.verdict is not Verdict.NO_ANSWER or core.tries >= _SPEED_TRIES)
    if is_settled:
        core.speed_owed_m_s = None
    elif core.seen.mode == core.modes.auto and core.is_free and _may_try(core, now_s):
        core.do(SetSpeed(speed_m_s), now_s)


def paused(core: Core, now_s: float) -> None:
    """Stand still, in the first mode that the autopilot takes.

    In guided mode it flies on to the point that it was told last: there it stands only once it was told to stay here.
    """
    if core.seen.armed is False:
        core.end_on_the_ground(now_s)
        return
    if core.errand is not None:
        _fly_errand(core, now_s)
        return
    result, holds = core.last_result, core.modes.holds
    if isinstance(core.last_step, Goto) and _went_well(core):
        core.has_target = False  # told to stay where it was
        core.last_step = None
    if core.doing is None and not core.stands:
        refused = result is not None and not result.is_done
        hold = holds[min(core.tries, len(holds) - 1)] if refused else holds[0]
        step = _holding(core, hold)
        if step is not None and core.is_mode_ours and _may_try(core, now_s, at_once=core.tries < len(holds)):
            core.do(step, now_s)


def _holding(core: Core, hold: str) -> Step | None:
    """The mode, or where it is in that mode already the place; None while that is old: it would fly back to it."""
    seen = core.seen
    if seen.mode != hold or seen.place is None or seen.alt_home_m is None:
        return SetMode(hold)
    if seen.is_place_old:
        return None
    return Goto(*seen.place, seen.alt_home_m)


def returning(core: Core, now_s: float) -> None:
    """On its way home: by itself, by the mission's last item, or by order."""
    if core.seen.armed is False:
        core.end_on_the_ground(now_s)
        return
    if core.errand is not None:
        _fly_errand(core, now_s)
        return
    is_by_order = core.ended_by is not None and not _goes_home(core)
    if is_by_order and core.is_free and core.is_mode_ours and _may_try(core, now_s):
        core.do(SetMode(core.modes.land if core.lands_here else core.modes.come_back), now_s)
    elif _stands(core, now_s) and core.is_free and _may_try(core, now_s):
        core.do(Disarm(), now_s)


def _stands(core: Core, now_s: float) -> bool:
    """Whether it has been on the ground for long, and still turns its rotors."""
    return core.landed_since_s is not None and now_s - core.landed_since_s > core.brief.limits.landing_s


def _goes_home(core: Core) -> bool:
    """Whether its mode brings it down by itself."""
    if core.lands_here:
        return core.seen.mode == core.modes.land
    is_at_the_end = core.progress.is_past_last and core.seen.mode == core.modes.auto
    return core.seen.mode in core.modes.returning or is_at_the_end


def dispatched(core: Core, now_s: float) -> None:
    """Flown by hand to a place."""
    if core.seen.armed is False:
        core.end_on_the_ground(now_s)
    elif core.errand is not None:
        _fly_errand(core, now_s)


def resuming(core: Core, now_s: float) -> None:
    """Back into the mission at the item where it was left, out of a mode that is ours."""
    seq, was_set = core.resume_seq, isinstance(core.last_step, SetCurrent) and _went_well(core)
    if not core.is_free or not core.is_mode_ours or not _may_try(core, now_s, at_once=_went_well(core)):
        return
    if seq is not None and core.seen.mission_current != seq and not was_set:
        if core.do(SetCurrent(seq), now_s):
            core.progress.jumped_to(seq, now_s)
    else:
        core.do(SetMode(core.modes.auto), now_s)


def taken_over(core: Core, now_s: float) -> None:
    """Somebody else flies: only watch."""
    if core.seen.armed is False:
        core.end_on_the_ground(now_s)


def _fly_errand(core: Core, now_s: float) -> None:
    errand = core.errand
    if errand is None:
        return
    if core.seen.mode != core.modes.guided:
        if errand.leg is Leg.OVER:
            _after_errand(core, now_s)
        elif core.is_free and core.is_mode_ours and _may_try(core, now_s, at_once=core.tries == 0):
            core.do(SetMode(core.modes.guided), now_s)
        return
    before, was_next = errand.leg, errand.next
    leg = errand.look(core.seen, now_s, core.brief.limits.point_m)
    if (leg, errand.next) != (before, was_next):
        core.keep()
    if leg is not before:
        _tell_leg(core, before, leg)
    if leg is Leg.LATE:
        core.drop_errand(DispatchStage.BROKEN_OFF, reasons.DISPATCH_FAILED)
        go_home(core, now_s)
    elif leg is Leg.OVER:
        _after_errand(core, now_s)
    elif leg is not Leg.HOLDING:
        _ask_for_target(core, errand, now_s)


def _ask_for_target(core: Core, errand: Errand, now_s: float) -> None:
    """Send it to the next point, once; again where it did not take that."""
    target = errand.target
    is_refused = isinstance(core.last_step, Goto) and not _went_well(core) and _may_try(core, now_s)
    if target is None or (errand.asked == errand.next and not is_refused):
        return
    if core.do(Goto(target.lat, target.lon, target.alt_home_m, errand.speed_m_s), now_s):
        errand.asked = errand.next


def _tell_leg(core: Core, before: Leg, leg: Leg) -> None:
    """On the place; and looked at, when it leaves."""
    errand = core.errand
    if errand is None or errand.alert_id is None:
        return
    if leg is Leg.HOLDING:
        core.out.append(ErrandChanged(errand.alert_id, DispatchStage.ON_PLACE, errand.place, errand.arrival_m))
    elif before is Leg.HOLDING:
        away_m = core.seen.distance_to_m(errand.place)
        core.out.append(
            ErrandChanged(
                errand.alert_id, DispatchStage.LOOKED, errand.place, away_m, errand.drift_m, round(errand.held_s, 1)
            )
        )


def _after_errand(core: Core, now_s: float) -> None:
    """The way is flown: back to the patrol, or home."""
    errand = core.errand
    if errand is None:
        return
    core.way_back = ()
    if errand.then is Then.RESUME:
        if core.seen.mode == core.modes.auto:
            core.drop_errand(DispatchStage.RESUMED)
            core.owe_speed()
            core.enter(FlightState.PATROLLING, now_s)
        else:
            resuming(core, now_s)
    elif core.state is FlightState.RETURNING:
        core.drop_errand(None)
        core.tried_s = None
    else:
        core.drop_errand(DispatchStage.RETURNING)
        go_home(core, now_s)


def go_home(core: Core, now_s: float, actor: str = "controller") -> None:
    """Have it return now; `returning` sees to it."""
    core.enter(FlightState.RETURNING, now_s, actor)
    returning(core, now_s)


def _went_well(core: Core) -> bool:
    return core.last_result is not None and core.last_result.is_done


def _may_try(core: Core, now_s: float, at_once: bool = False) -> bool:
    return core.tried_s is None or at_once or now_s - core.tried_s >= _RETRY_S
