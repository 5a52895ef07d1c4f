"""Registration and airspace approval: on file and in date for the whole flight."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from drone.reasons import wording
from kernel.config.fleet import DroneConfig
from kernel.config.moment import begin, until
from kernel.drone_events import ReasonText

WITHOUT_APPROVAL_M = 120.0  # above ground, outside controlled airspace (无人驾驶航空器飞行管理暂行条例)


def paper_reasons(
    drone: DroneConfig, start_at: datetime, end_at: datetime, highest_m: float, zone: ZoneInfo
) -> list[ReasonText]:
    """What speaks against a flight in the drone's papers.

    Args:
        start_at, end_at: of the flight.
        highest_m: above ground.
        zone: of the site; days begin and end there.
    """
    reasons = []
    registration, approval = drone.registration, drone.approval
    if (
        registration is not None
        and registration.valid_until is not None
        and end_at > until(registration.valid_until, zone)
    ):
        reasons.append(wording.registration_expired(registration.number, _shown(registration.valid_until)))
    if approval is None:
        if highest_m > WITHOUT_APPROVAL_M:
            reasons.append(wording.approval_missing(highest_m, WITHOUT_APPROVAL_M))
        return reasons
    if start_at < begin(approval.valid_from, zone):
        reasons.append(wording.approval_early(approval.number, _shown(approval.valid_from)))
    if end_at > until(approval.valid_until, zone):
        reasons.append(wording.approval_expired(approval.number, _shown(approval.valid_until)))
    return reasons


def _shown(moment: date | datetime) -> str:
    return moment.isoformat(timespec="minutes") if isinstance(moment, datetime) else moment.isoformat()
