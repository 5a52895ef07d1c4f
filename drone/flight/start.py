"""From the order to the first point: gate, upload, arming, take-off; called at every look at the vehicle."""

from __future__ import annotations

from drone.flight import reasons
from drone.flight.core import CONTROLLER, Core
from drone.flight.failsafe import lacks_options, parameter_names, parameter_reasons, version_shown
from drone.flight.fence_gate import areas_are_read, areas_crossed
from drone.flight.gate import look_over
from drone.flight.outputs import Changed
from drone.flight.reasons import options_unread
from drone.flight.steps import Arm, Disarm, ReadParameters, SetCurrent, SetMode, StartMission, Upload, Verdict
from drone.mission.exact_points import cuts_corners
from drone.mission.items import Command
from kernel.drone_events import FlightOutcome, FlightState, ReasonText

_TEXTS_TOLD = 3
_FIRST_ITEM = 1  # home is 0
_AGAIN_S = 5.0
_WAITING_S = 5.0
_WORDS_S = 1.0
_PARAMETER_TRIES, _PARAMETER_S = 3, 30.0


def pre_flight(core: Core, now_s: float) -> None:
    """Gather everything that speaks against the flight; begin when nothing does."""
    waited_s, limits = now_s - core.entered_s, core.brief.limits
    findings = look_over(core.brief, core.seen)
    doubts = (options_unread(True),) if _waits_for_version(core) else ()
    _tell_waiting(core, (*findings.healing, *findings.soft, *doubts), now_s)
    if not core.seen.link_up:
        if waited_s >= limits.contact_s:
            core.refuse(now_s, *core.brief.plan_reasons, *findings.all)
        return
    is_settled = bool(findings.final) and waited_s >= limits.soft_s  # whatever its parameters say
    if core.parameters is None:
        _read_parameters(core, now_s)
        if waited_s < limits.ready_s and not is_settled:
            return
    elif waited_s < limits.ready_s and not is_settled and not areas_are_read(core, now_s):
        return
    if core.seen.heartbeats < limits.heartbeats and waited_s < limits.ready_s:
        return
    if doubts and waited_s < limits.ready_s and not is_settled:
        return
    is_asked = core.parameters is not None or not is_settled
    spoken = parameter_reasons(core.brief, core.parameters or {}, version_shown(core.seen)) if is_asked else []
    final = (*core.brief.plan_reasons, *findings.final, *spoken, *areas_crossed(core, is_settled))
    is_patient = waited_s < limits.ready_s
    is_plain = bool(final) and (waited_s >= limits.soft_s or not findings.healing)
    if is_plain or (findings.healing and not is_patient):
        core.refuse(now_s, *final, *findings.healing)
    elif not final and not findings.healing and (not findings.soft or waited_s >= limits.soft_s):
        core.stops = cuts_corners(core.brief.autopilot, core.seen.version)
        core.enter(FlightState.UPLOADING, now_s)


def _tell_waiting(core: Core, waited_for: tuple[ReasonText, ...], now_s: float) -> None:
    """Say what is waited for, where that takes a while, and again when it changes."""
    waits_for = tuple(one.message_en for one in waited_for)
    last_s = core.entered_s if core.told_waiting_s is None else core.told_waiting_s
    if now_s - last_s >= _WAITING_S and waits_for and waits_for != core.waits_for:
        core.waits_for, core.told_waiting_s = waits_for, now_s
        core.out.append(Changed(core.state, CONTROLLER, waited_for))


def _read_parameters(core: Core, now_s: float) -> None:
    """Read them, and those that did not come again where one of them decides: it may be slow, or the link bad."""
    result, version, waited_s = core.last_result, core.seen.version, now_s - core.entered_s
    if result is not None and result.is_done:
        core.read.update(result.parameters)
    is_spent = core.tries >= _PARAMETER_TRIES and (bool(core.read) or waited_s >= _PARAMETER_S)
    if result is not None and (is_spent or (core.read and not _lacks_one(core))):
        core.parameters = core.read  # what it does not answer for now is a reason, not something to wait for
    elif core.is_free and (version is not None or waited_s >= core.brief.limits.version_s):
        names = tuple(name for name in parameter_names(core.brief, version, core.read) if name not in core.read)
        core.do(ReadParameters(names), now_s)


def _waits_for_version(core: Core) -> bool:
    """FS_OPTIONS was not read, and only the version says whether there is one: it is asked for again all the while."""
    is_told = version_shown(core.seen) is not None or core.brief.autopilot == "px4"
    return not is_told and "FS_GCS_ENABLE" in core.read and lacks_options(core.read, None)


def _lacks_one(core: Core) -> bool:
    return any(
        one.code == "parameter_unread" for one in parameter_reasons(core.brief, core.read, version_shown(core.seen))
    )


def uploading(core: Core, now_s: float) -> None:
    """Upload and verify; only a verified mission goes on."""
    if core.last_result is not None:
        if core.last_result.is_done:
            core.enter(FlightState.VERIFIED, now_s)
        else:
            core.refuse(now_s, _upload_reason(core))
    elif now_s - core.entered_s > core.brief.limits.upload_s:
        core.refuse(now_s, reasons.upload_failed(f"over {core.brief.limits.upload_s:g} s"), reasons.UPLOAD_UNVERIFIED)
    elif core.doing is None:
        core.do(Upload(core.mission), now_s)


def _upload_reason(core: Core) -> ReasonText:
    result = core.last_result
    if result is not None and result.detail:
        return reasons.upload_failed(result.detail)
    return reasons.UPLOAD_UNVERIFIED


def verified(core: Core, now_s: float) -> None:
    """Look once more, then arm."""
    findings = look_over(core.brief, core.seen)
    if findings.final:
        core.refuse(now_s, *findings.final)
    elif findings.healing:
        if now_s - core.entered_s > core.brief.limits.ready_s:
            core.refuse(now_s, *findings.healing)
    elif core.seen.mode:
        core.ours = frozenset({core.seen.mode})
        core.launch_place = core.seen.place
        core.enter(FlightState.ARMING, now_s)


def arming(core: Core, now_s: float) -> None:
    """Into a mode to arm in, arm once, and wait until the HEARTBEAT says armed: the answer alone means nothing."""
    result = core.last_result
    if core.seen.armed:
        if core.started:
            core.stop()  # its answer may be lost; it disarms by itself after ten seconds on the ground
            core.enter(FlightState.TAKING_OFF, now_s)
        else:
            core.refuse(now_s, reasons.ALREADY_ARMED)
    elif now_s - core.entered_s > core.brief.limits.arming_s:
        _give_up_arming(core, now_s)
    elif core.doing is not None:
        return
    elif result is not None and not result.is_done and result.verdict is not Verdict.NO_ANSWER:
        if core.tried_s is None or now_s - core.tried_s >= _WORDS_S:  # its words may come after its answer
            core.refuse(now_s, reasons.arming_refused(_words(core, result.detail)))
    elif not core.started and core.seen.mode in core.modes.arm_in:
        core.do(Arm(), now_s)
    elif not core.started and (core.tried_s is None or now_s - core.tried_s > _AGAIN_S):
        core.do(SetMode(core.modes.guided), now_s)


def _give_up_arming(core: Core, now_s: float) -> None:
    """Arming took too long: nothing that comes later must leave it armed."""
    was_told = isinstance(core.doing.step if core.doing is not None else core.last_step, Disarm)
    if not core.started or (was_told and core.doing is None) or not core.seen.link_up:
        core.end(FlightOutcome.FAILED if core.started else FlightOutcome.REFUSED, now_s, reasons.NOT_ARMED)
    elif not was_told:
        core.stop()
        core.do(Disarm(), now_s)


def taking_off(core: Core, now_s: float) -> None:
    """Mission mode, MISSION_START once, off the ground."""
    if core.seen.armed is False:
        core.end_on_the_ground(now_s)
    elif core.was_airborne:
        if core.progress.current is None or core.progress.current > _take_off_seq(core):
            core.enter(FlightState.PATROLLING, now_s)
    elif core.ended_by is not None:
        stay_down(core, now_s)
    elif now_s - core.entered_s > core.brief.limits.take_off_s + core.brief.limits.mode_s:
        core.ended_by = FlightOutcome.FAILED
        core.add_reasons(reasons.NO_TAKE_OFF)
        stay_down(core, now_s)
    elif core.doing is None:
        _begin_mission(core, now_s)


def _begin_mission(core: Core, now_s: float) -> None:
    result = core.last_result
    if result is not None and not result.is_done and result.verdict is not Verdict.NO_ANSWER:
        core.ended_by = FlightOutcome.FAILED
        core.add_reasons(reasons.start_refused(_words(core, result.detail)))
        stay_down(core, now_s)
    elif core.seen.mode != core.modes.auto:
        if core.is_mode_ours and not core.mission_started:
            core.do(SetCurrent(_FIRST_ITEM) if _is_in_the_middle(core) else SetMode(core.modes.auto), now_s)
    elif not core.mission_started:
        core.do(StartMission(), now_s)


def _is_in_the_middle(core: Core) -> bool:
    """Whether the mission mode would begin at an item left over from another flight of the same plan."""
    current, result = core.seen.mission_current, core.last_result
    was_set = isinstance(core.last_step, SetCurrent) and result is not None and result.is_done
    return core.modes.starts_where_it_was and not was_set and current is not None and current > _FIRST_ITEM


def stay_down(core: Core, now_s: float) -> None:
    """It is armed on the ground and must not go: disarm, without force."""
    is_told = isinstance(core.last_step, Disarm) and core.tried_s is not None and now_s - core.tried_s < _AGAIN_S
    if core.doing is None and not is_told:
        core.do(Disarm(), now_s)


def _take_off_seq(core: Core) -> int:
    items = core.brief.mission.items
    return next((seq for seq, item in enumerate(items) if item.command == Command.NAV_TAKEOFF), 0)


def _words(core: Core, detail: str) -> str:
    """The vehicle's own words on why not."""
    told = [text for text in core.seen.texts[-_TEXTS_TOLD:] if text]
    return "; ".join(part for part in (detail, *told) if part) or "no answer"
