"""Watching link and mode at every look: who changed what, and what that makes of the flight. Nobody is fought."""

from __future__ import annotations

from drone.flight import attention, reasons, same_mission
from drone.flight.air import go_home
from drone.flight.core import VEHICLE, Core
from drone.flight.outputs import Calm
from drone.flight.snapshot import Snapshot
from kernel.drone_events import DispatchStage, FlightOutcome, FlightState
from kernel.events import AlertKind

_SETTLE_S = 3.0
_OLD_S = 3.0
_AT_THE_END = frozenset({FlightState.PATROLLING, FlightState.RETURNING})
_COMMANDED = frozenset({FlightState.TAKING_OFF, FlightState.PATROLLING, FlightState.PAUSED, FlightState.DISPATCHED})


def take_in(core: Core, seen: Snapshot, now_s: float) -> None:
    """Remember what was heard, and draw the conclusions that hold in every state."""
    core.seen = seen
    _boots(core)
    _link(core, now_s)
    _ground(core, now_s)
    if core.state.may_be_airborne:
        _mode(core, now_s)
        is_flying_mission = bool(seen.armed) and seen.link_up and seen.mode == core.modes.auto and core.mission_started
        same_mission.settle(core, now_s)
        told_before = frozenset(core.progress.told)
        if core.progress.look(seen, is_flying_mission, now_s):
            core.tell(VEHICLE)
        same_mission.look(core, frozenset(core.progress.told) - told_before, now_s)
        _after_loss(core, now_s)
    attention.look(core, now_s)
    if seen.mode:
        core.mode = seen.mode


def _boots(core: Core) -> None:
    """An autopilot that starts anew in the air is told as what it is; what it does next is watched as ever."""
    seen, before = core.seen, core.boots
    core.boots = seen.boots
    if seen.armed and seen.link_up and seen.alt_home_m is not None:
        core.armed_height_m, core.is_height_old = seen.alt_home_m, seen.position_age_s > _OLD_S
    if before is not None and seen.boots > before and core.state.may_be_airborne and core.was_airborne:
        core.alarm(AlertKind.DRONE_FAILED, reasons.REBOOTED)
        core.add_reasons(reasons.REBOOTED)
        core.tell(VEHICLE)


def _link(core: Core, now_s: float) -> None:
    if not core.state.may_be_airborne:
        return
    if not core.seen.link_up and core.lost_since_s is None:
        core.lost_since_s = now_s
        core.alarm(AlertKind.DRONE_LINK_LOST, reasons.LINK_LOST)
    elif core.seen.link_up and core.lost_since_s is not None:
        core.was_lost_s, core.came_back_s = now_s - core.lost_since_s, now_s
        core.lost_since_s, core.is_height_old = None, True
        core.out.append(Calm(AlertKind.DRONE_LINK_LOST))
    elif core.lost_since_s is not None and now_s - core.lost_since_s > core.brief.limits.watch_s:
        core.end(FlightOutcome.FAILED, now_s, reasons.LINK_LOST, reasons.WATCH_ENDED)


def _ground(core: Core, now_s: float) -> None:
    """Off the ground once it is higher than a step; back on it when the autopilot or the height says so."""
    seen, airborne_m = core.seen, core.brief.limits.airborne_m
    if not seen.link_up or not seen.armed:
        return
    is_up = seen.is_landed is not True and seen.alt_home_m is not None and seen.alt_home_m > airborne_m
    if is_up and core.started:
        core.was_airborne = True
    is_down = seen.is_landed is True or (
        seen.is_landed is None and seen.alt_home_m is not None and abs(seen.alt_home_m) < airborne_m / 2
    )
    if is_down and core.was_airborne:
        core.landed_since_s = core.landed_since_s if core.landed_since_s is not None else now_s
    else:
        core.landed_since_s = None


def _mode(core: Core, now_s: float) -> None:
    """Tell our own changes of mode from everybody else's."""
    mode = core.seen.mode
    if not core.seen.link_up or not mode or mode == core.mode:
        return
    if mode in core.ours:
        return
    if core.seen.armed is False:
        return  # it is over: autopilots change their mode when they disarm
    modes = core.modes
    before, core.ours = core.mode, frozenset({mode})
    has_waited = bool(modes.waits_in) and before == modes.waits_in and core.state is FlightState.TAKEN_OVER
    core.lands_here = False  # whoever changed the mode decides from now on, until a person orders it again
    core.stop()
    if mode in modes.returning and core.state in _AT_THE_END:
        if core.progress.is_past_last:
            return  # the mission's own return
        if modes.leaves_mission_to_return and (before, mode) == (modes.auto, modes.come_back) and _is_flown(core):
            core.progress.look(core.seen, True, now_s)
            core.enter(FlightState.RETURNING, now_s)
            return
    changed = reasons.mode_changed(before or "?", mode)
    if not core.started:
        core.refuse(now_s, reasons.TAKEN_OVER, changed)
    elif mode == modes.auto and core.was_airborne:
        _given_back(core, now_s)
    elif mode in modes.returning:
        _drop(core)
        core.ended_by = FlightOutcome.RETURNED if has_waited else core.ended_by or FlightOutcome.RETURNED
        core.alarm(AlertKind.DRONE_TAKEN_OVER, reasons.VEHICLE_RETURNS, changed)
        core.enter(FlightState.RETURNING, now_s, VEHICLE, reasons.VEHICLE_RETURNS, changed)
    else:
        _drop(core)
        core.ended_by = FlightOutcome.TAKEN_OVER
        core.alarm(AlertKind.DRONE_TAKEN_OVER, reasons.TAKEN_OVER, changed)
        core.enter(FlightState.TAKEN_OVER, now_s, VEHICLE, reasons.TAKEN_OVER, changed)


def _is_flown(core: Core) -> bool:
    """Whether its last point was reached, or it flies to what comes after; this may be heard after its new mode."""
    counted, current = core.brief.mission.counted, core.seen.mission_current
    is_last_reached = bool(counted) and counted[-1] in core.progress.told | core.seen.reached
    return is_last_reached or (bool(counted) and current is not None and current > counted[-1])


def _drop(core: Core) -> None:
    core.drop_left(reasons.TAKEN_OVER)
    if core.errand is not None:
        core.drop_errand(DispatchStage.BROKEN_OFF, reasons.TAKEN_OVER)


def _given_back(core: Core, now_s: float) -> None:
    """Somebody else set the mission going again: the patrol goes on, and we watch it."""
    _drop(core)
    core.ended_by = None
    core.way_back = ()
    core.owe_speed()
    core.out.append(Calm(AlertKind.DRONE_TAKEN_OVER))
    core.enter(FlightState.PATROLLING, now_s, VEHICLE)


def _after_loss(core: Core, now_s: float) -> None:
    """Back after a long loss and still on its patrol, although it should have returned: send it home.

    Some firmwares have no failsafe in their mission mode, whatever their parameters say.
    """
    if core.came_back_s is None or now_s - core.came_back_s < _SETTLE_S or not core.seen.link_up:
        return
    core.came_back_s = None
    is_due = core.brief.returns_on_loss and core.was_lost_s > core.brief.limits.loss_s
    if is_due and core.state in _COMMANDED and core.was_airborne and core.is_mode_ours and core.seen.armed:
        if core.progress.is_past_last and core.seen.mode == core.modes.auto:
            return
        core.stop()
        _drop(core)
        core.ended_by = FlightOutcome.RETURNED
        core.add_reasons(reasons.LINK_LOST, reasons.LOSS_POLICY)
        go_home(core, now_s)
