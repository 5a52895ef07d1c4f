"""The gate before a flight: every reason against it at once, and which of them time may heal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from drone.flight import reasons
from drone.flight.brief import Brief
from drone.flight.modes import modes_of
from drone.flight.snapshot import COMPLAINTS, STALE_S, Snapshot
from drone.mission.exact_points import cuts_corners, stops_of
from drone.reasons import reason
from kernel.drone_events import ReasonText
from kernel.geodesy import distance_m

_FIX_3D = 3
_COMPLAINTS_TOLD = 3
_REPEATED_S = 31.0  # ArduCopter repeats its complaints every 30 s
_UNWELL = frozenset({"critical", "emergency", "poweroff", "termination"})
_HEALS = frozenset(
    {
        "no_heartbeat",
        "gps",
        "ekf",
        "ekf_unknown",
        "position_unknown",
        "home_unknown",
        "battery_unknown",
        "booting",
        "prearm",
        "version_unknown",
        "system_status",  # ArduCopter is critical since the last ground station left, until it hears the next
    }
)
_SOFT = frozenset({"ekf_unknown", "home_unknown"})  # some autopilots never tell; their own arming checks still count
_VERSION_UNKNOWN = reason(
    "version_unknown",
    "飞控没有报告版本，无法确认是否用本系统飞过；确认后可设 untested_autopilot: allow",
    "the autopilot does not tell its version: it may be one never flown with Lookout; untested_autopilot: allow takes "
    "the responsibility for it",
)
_BOOTING = reason("booting", "飞控正在启动或校准", "the autopilot is still booting or calibrating")
_FLOWN_PX4 = frozenset({(1, 16)})
"""Versions of PX4 that were flown with Lookout (see the README); of ArduCopter it takes whatever comes."""


@dataclass(frozen=True, slots=True)
class GateFindings:
    """What speaks against a flight now.

    Attributes:
        final: waiting does not help.
        healing: may pass by itself within `Limits.ready_s`.
        soft: like healing, but only waited for during `Limits.soft_s`.
    """

    final: tuple[ReasonText, ...]
    healing: tuple[ReasonText, ...]
    soft: tuple[ReasonText, ...]

    @property
    def all(self) -> tuple[ReasonText, ...]:
        """Every reason."""
        return (*self.final, *self.healing, *self.soft)


def look_over(brief: Brief, seen: Snapshot) -> GateFindings:
    """Everything about the vehicle that speaks against the flight."""
    found = list(_findings(brief, seen))
    return GateFindings(
        final=tuple(one for one in found if one.code not in _HEALS),
        healing=tuple(one for one in found if one.code in _HEALS - _SOFT),
        soft=tuple(one for one in found if one.code in _SOFT),
    )


def _findings(brief: Brief, seen: Snapshot) -> Iterator[ReasonText]:
    if not seen.link_up:
        yield reasons.other_sysid(seen.other_sysids) if seen.other_sysids else reasons.NO_HEARTBEAT
        return
    if seen.duplicate_sysid is not None:
        yield reasons.duplicate_sysid(seen.duplicate_sysid)
    yield from _autopilot(brief, seen)
    if seen.armed:
        yield reasons.ALREADY_ARMED
    if seen.system_status in _UNWELL:
        yield reasons.system_status(seen.system_status)
    elif seen.system_status in ("boot", "calibrating"):
        yield _BOOTING
    if not seen.armed and _complains(brief, seen):
        yield reasons.prearm(_complaints(seen.texts))
    yield from _place(brief, seen)
    yield from _battery(brief, seen)


def _autopilot(brief: Brief, seen: Snapshot) -> Iterator[ReasonText]:
    if seen.autopilot and seen.autopilot != brief.autopilot:
        yield reasons.wrong_autopilot(seen.autopilot, brief.autopilot)
    told = seen.autopilot or brief.autopilot
    if brief.allows_untested:
        return
    if told not in ("ardupilot", "px4"):
        yield reasons.untested_autopilot(told)
    elif seen.is_copter is False:
        yield reasons.untested_autopilot(f"{told} (not a multicopter)")
    elif told == "px4" and seen.version is None:
        yield _VERSION_UNKNOWN
    elif told == "px4" and seen.version is not None and seen.version[:2] not in _FLOWN_PX4:
        yield reasons.untested_autopilot(f"{told} {'.'.join(map(str, seen.version))}")


def _complains(brief: Brief, seen: Snapshot) -> bool:
    """Whether its own checks fail: as SYS_STATUS tells from ArduCopter 4.0 on, before that only in words."""
    modes = modes_of(brief.autopilot)
    if modes.tells_of_its_mode and seen.mode not in modes.arm_in:
        return False  # it is put into a mode to arm in first; what speaks against arming there it will say
    if seen.prearm_ok is not None:
        return not seen.prearm_ok
    return seen.prearm_text_age_s is not None and seen.prearm_text_age_s < _REPEATED_S


def _complaints(texts: tuple[str, ...]) -> str:
    """What the autopilot says against arming, the newest of it; each once."""
    told = dict.fromkeys(text.partition(":")[2].strip() for text in texts if text.startswith(COMPLAINTS))
    return "; ".join(tuple(told)[-_COMPLAINTS_TOLD:])


def _place(brief: Brief, seen: Snapshot) -> Iterator[ReasonText]:
    if seen.gps_fix is None or seen.gps_fix < _FIX_3D:
        yield reasons.NO_GPS
    if seen.ekf_ok is None:
        yield reasons.EKF_UNKNOWN
    elif not seen.ekf_ok:
        yield reasons.NO_EKF
    away_m = seen.distance_to_m(brief.home) if seen.position_age_s <= STALE_S else None
    has_settled = (seen.gps_fix or 0) >= _FIX_3D and seen.ekf_ok is not False
    if away_m is None:
        yield reasons.NO_POSITION
    elif has_settled and away_m > brief.limits.home_m:
        yield reasons.home_far(away_m, brief.limits.home_m)
    if seen.home is None:
        yield reasons.NO_HOME
    elif (home_m := distance_m(*seen.home, *brief.home)) > brief.limits.home_m:
        yield reasons.home_elsewhere(home_m, brief.limits.home_m)


def _battery(brief: Brief, seen: Snapshot) -> Iterator[ReasonText]:
    if seen.battery_percent is None:
        yield reasons.BATTERY_UNKNOWN
        return
    stops = stops_of(brief.mission) if cuts_corners(brief.autopilot, seen.version) else ()
    needed_percent = brief.battery_needed_percent + brief.stop_percent * len(stops)
    if seen.battery_percent < needed_percent:
        yield reasons.battery_low(seen.battery_percent, needed_percent)
