"""Drones that other controllers of this data directory have in the air, at the moment of a launch.

What is fresh is planned around. What is not known is refused: a flight that was left (its controller crashed) may be in
the air for as long as its battery lasts, 1.2 times its endurance from its last word, and no longer.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from drone.fleet.presence import Presence, PresenceBook
from drone.flight.lock import holder
from drone.flight.record import OpenFlight, open_flights
from drone.flight.snapshot import OLD_PLACE_S
from drone.plan.model import FlightPlan
from drone.reasons import reason
from kernel.drone_events import ReasonText


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Others in the air: plans to keep away from, and why nothing may be launched beside them."""

    plans: tuple[FlightPlan, ...] = ()
    reasons: tuple[ReasonText, ...] = ()


def neighbours(data_dir: Path, book: PresenceBook, own: Collection[str], now: datetime, now_s: float) -> Neighbours:
    """Look at the disk.

    Args:
        own: drones that the caller has in hand, and one that it is about to launch.
        now, now_s: wall clock and monotonic clock.
    """
    fresh = {one.drone_id: one for one in book.read() if one.is_fresh(book.boot, now_s)}
    left = {one.drone_id: one for one in open_flights(data_dir)}
    plans, reasons = [], []
    for drone_id in sorted((fresh.keys() | left.keys()) - set(own)):
        told, flight = fresh.get(drone_id), left.get(drone_id)
        plan = _plan(book, told, flight) if told is not None else None
        if told is not None and told.aloft is not None and now_s - told.aloft.at_s > OLD_PLACE_S:
            reasons.append(place_unknown(told.aloft.label))
        if plan is not None:
            plans.append(plan)
        elif told is not None:
            reasons.append(off_plan(drone_id))
        elif flight is not None and (why := _why_left(data_dir, flight, now)) is not None:
            reasons.append(why)
    return Neighbours(tuple(plans), tuple(reasons))


def _plan(book: PresenceBook, told: Presence, flight: OpenFlight | None) -> FlightPlan | None:
    """What it flies; None where it flies something else, or its files are not of one flight."""
    return book.plan_of(told) if flight is None or flight.flight_id == told.flight_id else None


def _why_left(data_dir: Path, flight: OpenFlight, now: datetime) -> ReasonText | None:
    if holder(data_dir, flight.drone_id) is not None:
        return silent(flight.drone_id)
    if not flight.started:
        return None  # its controller died before it was armed
    quiet_s = abs((now - flight.told_at).total_seconds())
    return left_in_the_air(flight.drone_id, (flight.watch_s - quiet_s) / 60) if quiet_s < flight.watch_s else None


def off_plan(drone_id: str) -> ReasonText:
    """It flies, and not as its plan says."""
    return reason(
        "separation_unknown",
        f"无人机“{drone_id}”由另一控制程序控制，正在空中且未按计划飞行；等它降落或恢复后再放飞",
        f"drone '{drone_id}' is in the air under another controller, not as planned; launch after it has landed",
    )


def place_unknown(label: str) -> ReasonText:
    """It is in the air and its position does not come any more."""
    return reason(
        "place_unknown",
        f"无人机“{label}”在空中，位置已停止更新，现在何处不明；等收到位置或它降落后再放飞",
        f"'{label}' is in the air and its position does not come any more: where it is is not known; launch once it "
        "is heard again or has landed",
    )


def silent(drone_id: str) -> ReasonText:
    """Its controller lives and tells nothing."""
    return reason(
        "separation_unknown",
        f"无人机“{drone_id}”的控制程序没有报告位置；检查该程序后再放飞",
        f"the controller of drone '{drone_id}' has a flight and tells nothing of it; look after that program first",
    )


def left_in_the_air(drone_id: str, left_min: float) -> ReasonText:
    """Its controller is gone; the aircraft may not be."""
    return reason(
        "left_in_the_air",
        f"无人机“{drone_id}”的控制程序已退出，飞机可能仍在空中；先用 lookout patrol fly 或 lookout up 接管，"
        f"否则 {left_min:.0f} 分钟后（超过续航）放行",
        f"the controller of drone '{drone_id}' ended in flight, the aircraft may still be in the air; take it up with "
        f"`lookout patrol fly` or `lookout up`, or wait {left_min:.0f} minutes: its battery lasts no longer",
    )
