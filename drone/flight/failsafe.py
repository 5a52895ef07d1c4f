"""Which parameters are read before a flight and what they have to say. Nothing is ever written.

Source: ArduCopter parameters FS_GCS_ENABLE, FS_OPTIONS (from 4.0), SYSID_MYGCS (from 4.7 MAV_GCS_SYSID), MIS_RESTART,
RTL_ALT and RTL_ALT_FINAL (in centimetres; from 4.7 RTL_ALT_M and RTL_ALT_FINAL_M in metres); PX4 parameters
NAV_DLL_ACT, COM_DLL_EXCEPT (failsafe.cpp), RTL_RETURN_ALT (metres), RTL_TYPE, RTL_LAND_DELAY (rtl_params.c).
"""

from __future__ import annotations

from collections.abc import Mapping

from drone.flight.brief import Brief
from drone.flight.own_fence import PX4_FENCE, fence_names, fence_reasons, px4_fence_reasons
from drone.flight.reasons import lands_not, options_unread, parameter_differs, parameter_unread
from drone.flight.snapshot import Snapshot
from kernel.drone_events import ReasonText

_GCS, _OPTIONS, _RESTART = "FS_GCS_ENABLE", "FS_OPTIONS", "MIS_RESTART"
_OUR_ID = ("SYSID_MYGCS", "MAV_GCS_SYSID")
_RETURN_ALT = {"RTL_ALT": 0.01, "RTL_ALT_M": 1.0}  # metres in its unit
_STAYS_AT = {"RTL_ALT_FINAL": 0.01, "RTL_ALT_FINAL_M": 1.0}
_OPTIONS_SINCE = (4, 0, 0)
_BEFORE_4 = (3, 0, 0)
_RENAMED_SINCE = (4, 7, 0)
_PX4_LOSS, _PX4_EXCEPT = "NAV_DLL_ACT", "COM_DLL_EXCEPT"
_PX4_EXCEPT_SINCE = (1, 16, 0)  # flown with it; 1.14 has none
_PX4_WAY_HOME = _PX4_RETURN_ALT, _PX4_RETURN_TYPE, _PX4_LAND_DELAY = "RTL_RETURN_ALT", "RTL_TYPE", "RTL_LAND_DELAY"
_RETURNS = frozenset({1, 3, 6})  # RTL; SmartRTL or RTL; mission landing or RTL
_OFF, _CONTINUES_BEFORE_4 = 0, 2
_GOES_ON_IN_AUTO = 1 << 1
_PX4_OFF, _PX4_RETURN = 0, 2
_PX4_IN_MISSION, _PX4_IN_HOLD = 1, 2
_PX4_BACK_ALONG_THE_MISSION = frozenset({2, 4})
_TOLERANCE = 1e-4


def parameter_names(
    brief: Brief, version: tuple[int, int, int] | None = None, read: Mapping[str, float] | None = None
) -> tuple[str, ...]:
    """What to read, each once; an autopilot that told its version is not asked for what it cannot have.

    It does not answer for a parameter that it does not have, and each costs seconds of waiting. What calls itself 4.7
    may have the old names or the new: one of October 2025 had MAV_GCS_SYSID, and RTL_ALT in centimetres.

    Args:
        version: of the firmware, where it told it.
        read: what it has told so far; some of it makes more worth asking.
    """
    if brief.autopilot == "px4":
        own: tuple[str, ...] = (_PX4_LOSS, _PX4_EXCEPT, *_PX4_WAY_HOME, *PX4_FENCE)
    elif version is None or version >= _RENAMED_SINCE:
        own = (_GCS, _OPTIONS, _RESTART, *_OUR_ID, *_RETURN_ALT, *_STAYS_AT)
    else:
        options = (_OPTIONS,) if version >= _OPTIONS_SINCE else ()
        own = (_GCS, *options, _RESTART, _OUR_ID[0], next(iter(_RETURN_ALT)), next(iter(_STAYS_AT)))
    fence = fence_names(read or {}, version) if brief.autopilot != "px4" else ()
    return tuple(dict.fromkeys((*own, *fence, *(name for name, _ in brief.parameters))))


def parameter_reasons(
    brief: Brief, values: Mapping[str, float], version: tuple[int, int, int] | None = None
) -> list[ReasonText]:
    """Everything that the parameters say against the flight.

    Args:
        values: those that the autopilot has; one that is absent although it matters is a reason of its own.
        version: of the firmware, where it told it.
    """
    found = _px4(brief, values, version) if brief.autopilot == "px4" else _ardupilot(brief, values, version)
    for name, wanted in brief.parameters:
        if name not in values:
            found.append(parameter_unread(name))
        elif abs(values[name] - wanted) > _TOLERANCE * max(1.0, abs(wanted)):
            found.append(parameter_differs(name, values[name], f"{wanted:g}", "parameters"))
    return found


def _ardupilot(brief: Brief, values: Mapping[str, float], version: tuple[int, int, int] | None) -> list[ReasonText]:
    found = _link_loss(brief, values, version)
    if values.get(_RESTART, 0.0) != 0:
        found.append(parameter_differs(_RESTART, values[_RESTART], "0", "resuming at the same item"))
    if brief.return_altitude_m and not any(name in values for name in _RETURN_ALT):
        found.append(parameter_unread(next(iter(_RETURN_ALT))))
    for name, unit_m in _RETURN_ALT.items():
        if name in values and values[name] * unit_m < brief.return_altitude_m - _TOLERANCE:
            least = f"at least {brief.return_altitude_m / unit_m:g}"
            found.append(parameter_differs(name, values[name], least, "return_altitude_m"))
        if values.get(name, 0.0) * unit_m > brief.ceiling_m + _TOLERANCE:
            found.append(parameter_differs(name, values[name], f"at most {brief.ceiling_m / unit_m:g}", "ceiling_m"))
    stays = ((name, values.get(name, 0.0) * unit_m) for name, unit_m in _STAYS_AT.items())
    found += [lands_not(name, height_m) for name, height_m in stays if height_m > 0]
    return [*found, *fence_reasons(brief, values)]


def _link_loss(brief: Brief, values: Mapping[str, float], version: tuple[int, int, int] | None) -> list[ReasonText]:
    """FS_OPTIONS is absent before ArduCopter 4.0: then FS_GCS_ENABLE alone decides. Absence alone shows no such age."""
    if _GCS not in values:
        return [parameter_unread(_GCS)]
    action, options = int(values[_GCS]), int(values.get(_OPTIONS, 0.0))
    goes_on, is_unread = bool(options & _GOES_ON_IN_AUTO), lacks_options(values, version)
    if brief.returns_on_loss:
        found = []
        if action not in _RETURNS:
            found.append(parameter_differs(_GCS, action, "1 (RTL)", "link_loss: return"))
        if goes_on:
            found.append(parameter_differs(_OPTIONS, options, "bit 1 cleared", "link_loss: return"))
        if is_unread:
            found.append(options_unread(version is None))
        return found + _heard(brief, values)
    if action == _OFF or goes_on or (action == _CONTINUES_BEFORE_4 and _OPTIONS not in values and not is_unread):
        return []
    if is_unread:
        return [options_unread(version is None)]
    wanted = "0, or FS_OPTIONS with bit 1" if _OPTIONS in values else "0 or 2"
    return [parameter_differs(_GCS, action, wanted, "link_loss: continue")]


def version_shown(seen: Snapshot) -> tuple[int, int, int] | None:
    """The version that it told; else one before 4.0 where its SYS_STATUS has no place for its checks before arming.

    ArduCopter got that place in 2019, before FS_OPTIONS; None: nothing shows it.
    """
    return _BEFORE_4 if seen.version is None and seen.tells_prearm is False else seen.version


def lacks_options(values: Mapping[str, float], version: tuple[int, int, int] | None) -> bool:
    """Whether FS_OPTIONS was not read of an ArduCopter that may have it: one of 4.0 on, or of a version not told."""
    return _OPTIONS not in values and (version is None or version >= _OPTIONS_SINCE)


def _heard(brief: Brief, values: Mapping[str, float]) -> list[ReasonText]:
    """The failsafe counts the heartbeats of one ground station only: another's silence it never notices."""
    if not any(name in values for name in _OUR_ID):
        return [parameter_unread(" / ".join(_OUR_ID))]
    return [
        parameter_differs(name, values[name], f"{brief.gcs_sysid}", "gcs_sysid")
        for name in _OUR_ID
        if name in values and int(values[name]) != brief.gcs_sysid
    ]


def _px4(brief: Brief, values: Mapping[str, float], version: tuple[int, int, int] | None) -> list[ReasonText]:
    """The way home counts whatever the link does: each of its parameters has to be known."""
    found = _px4_loss(brief, values, version)
    found += [parameter_unread(name) for name in _PX4_WAY_HOME if name not in values]
    altitude_m = values.get(_PX4_RETURN_ALT, brief.return_altitude_m)
    if altitude_m < brief.return_altitude_m - _TOLERANCE:
        wanted = f"at least {brief.return_altitude_m:g}"
        found.append(parameter_differs(_PX4_RETURN_ALT, altitude_m, wanted, "return_altitude_m"))
    if altitude_m > brief.ceiling_m + _TOLERANCE:
        found.append(parameter_differs(_PX4_RETURN_ALT, altitude_m, f"at most {brief.ceiling_m:g}", "ceiling_m"))
    if int(values.get(_PX4_RETURN_TYPE, 0)) in _PX4_BACK_ALONG_THE_MISSION:
        found.append(parameter_differs(_PX4_RETURN_TYPE, values[_PX4_RETURN_TYPE], "0, 1 or 3", "straight way home"))
    if values.get(_PX4_LAND_DELAY, 0.0) < 0:
        found.append(parameter_differs(_PX4_LAND_DELAY, values[_PX4_LAND_DELAY], "at least 0", "landing at home"))
    return [*found, *px4_fence_reasons(brief, values)]


def _px4_loss(brief: Brief, values: Mapping[str, float], version: tuple[int, int, int] | None) -> list[ReasonText]:
    """Without COM_DLL_EXCEPT, which older ones do not have, NAV_DLL_ACT alone decides."""
    if _PX4_LOSS not in values:
        return [parameter_unread(_PX4_LOSS)]
    action, ignored_in = int(values[_PX4_LOSS]), int(values.get(_PX4_EXCEPT, 0.0))
    if brief.returns_on_loss:
        found = []
        if action != _PX4_RETURN:
            found.append(parameter_differs(_PX4_LOSS, action, f"{_PX4_RETURN}", "link_loss: return"))
        if ignored_in & (_PX4_IN_MISSION | _PX4_IN_HOLD):
            found.append(parameter_differs(_PX4_EXCEPT, ignored_in, "bits 0 and 1 cleared", "link_loss: return"))
        if _PX4_EXCEPT not in values and version is not None and version >= _PX4_EXCEPT_SINCE:
            found.append(parameter_unread(_PX4_EXCEPT))
        return found
    if action == _PX4_OFF or ignored_in & _PX4_IN_MISSION:
        return []
    wanted = f"{_PX4_OFF}, or {_PX4_EXCEPT} with bit 0" if _PX4_EXCEPT in values else f"{_PX4_OFF}"
    return [parameter_differs(_PX4_LOSS, action, wanted, "link_loss: continue")]
