"""What `lookout patrol` shows: rows of patrols and plans, plans as JSON, maps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.cells import cell_len

from drone.areas.frame import LocalFrame
from drone.areas.zones import zones_of
from drone.checks.judge import Judgement
from drone.map_picture import MapContents, draw, to_png, to_svg
from drone.mission.exact_points import STOP_S, stops_of
from drone.mission.from_plan import plan_to_mission
from drone.plan.model import FlightPlan
from drone.plan.timeline import ACCELERATION_M_S2
from kernel.config.cron import parsed_cron
from kernel.config.lookout import LookoutConfig
from kernel.config.patrols import PatrolConfig
from kernel.drone_events import ReasonText
from kernel.errors import BadInputError
from kernel.geodesy import to_wgs84
from supervisor.listing import shown

Row = dict[str, Any]


def patrol_rows(config: LookoutConfig, now: datetime) -> list[Row]:
    """The patrols, one row each."""
    return [
        {
            "id": patrol.id,
            "name": patrol.label,
            "drones": list(patrol.drones),
            "route": patrol.route.kind,
            "altitude_m": patrol.altitude_m,
            "launch": patrol.launch.value,
            "schedule": _schedule(patrol),
            "next": _next(config, patrol, now),
        }
        for patrol in config.patrols
    ]


def _schedule(patrol: PatrolConfig) -> str:
    if patrol.schedule is None:
        return ""
    if patrol.schedule.cron is not None:
        return patrol.schedule.cron
    sun, offset_min = patrol.schedule.sun, patrol.schedule.sun_offset_s / 60
    return f"{sun}" + (f" {offset_min:+.0f} min" if offset_min else "")


def _next(config: LookoutConfig, patrol: PatrolConfig, now: datetime) -> str:
    """When cron has it due next, on the site's clocks; windows and light are looked at when it is due."""
    if patrol.schedule is None or patrol.schedule.cron is None:
        return ""
    zone = ZoneInfo(patrol.schedule.timezone or config.site.timezone)
    due = parsed_cron(patrol.schedule.cron).next_after(now, zone)
    return due.astimezone(ZoneInfo(config.site.timezone)).isoformat(timespec="minutes") if due else ""


def columns(rows: Sequence[Row]) -> str:
    """Rows in columns as wide as they need to be: an id that is cut off is of no use."""
    if not rows:
        return "none"
    lines = [list(rows[0]), *([shown(value) for value in row.values()] for row in rows)]
    widths = [max(cell_len(line[column]) for line in lines) for column in range(len(lines[0]))]
    padded = [
        "  ".join(text + " " * (width - cell_len(text)) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join(padded)


def point_rows(plan: FlightPlan) -> list[Row]:
    """The points of a plan, one row each; no is the point's number in the route."""
    return [
        {
            "at": f"{int(point.arrive_s // 60)}:{int(point.arrive_s % 60):02d}",
            "kind": point.kind.value,
            "no": point.number if point.number is not None else "",
            "lat": f"{point.lat:.7f}",
            "lon": f"{point.lon:.7f}",
            "home_m": f"{point.alt_home_m:.1f}",
            "ground_m": f"{point.alt_ground_m:.1f}",
            "hold_s": f"{point.hold_s:g}" if point.hold_s else "",
            "does": _does(plan, index),
        }
        for index, point in enumerate(plan.points)
    ]


def _does(plan: FlightPlan, index: int) -> str:
    point = plan.points[index]
    does = ["look"] if point.look_at else []
    does += ["photo"] if point.photo else []
    if point.photo_every_m is not None:
        does.append(f"photo every {point.photo_every_m:.0f} m" if point.photo_every_m else "no more photos")
    return ", ".join(does)


def summary(plan: FlightPlan) -> str:
    """A plan in one line."""
    energy = plan.energy
    wind = (
        f"{energy.wind_m_s:g} m/s from {energy.wind_from_deg:.0f}°"
        if energy.wind_from_deg is not None
        else (f"{energy.wind_m_s:g} m/s from the worst direction" if energy.wind_m_s else "no wind")
    )
    used = f"{energy.used:.0%}" if math.isfinite(energy.used) else "more than all"
    parts = [
        f"{plan.distance_m / 1000:.2f} km",
        f"{int(plan.duration_s // 60)}:{int(plan.duration_s % 60):02d} min",
        f"{used} of the battery of {energy.allowed:.0%} allowed ({wind})",
        f"{len(plan_to_mission(plan).items)} mission items",
    ]
    stops, stops_s = stops_before_4_1(plan)
    if stops:
        minutes = f"{int(stops_s // 60)}:{int(stops_s % 60):02d} min"
        parts.append(f"ArduCopter before 4.1 stops {stops} times, about {minutes} more")
    if plan.layer:
        parts.append(f"{plan.layer} layers higher than asked")
    if plan.coverage is not None:
        parts.append(f"camera sees {plan.coverage:.1%}")
    return ", ".join(parts)


def stops_before_4_1(plan: FlightPlan) -> tuple[int, float]:
    """Points where such a firmware is made to stop, and the seconds that takes at most, which are not in the plan."""
    fastest_m_s = max((point.speed_m_s for point in plan.points), default=0.0)
    stops = len(stops_of(plan_to_mission(plan)))
    return stops, stops * (STOP_S + fastest_m_s / ACCELERATION_M_S2)


def plan_json(plan: FlightPlan) -> Row:
    """A plan for programs."""
    energy, (stops, stops_s) = plan.energy, stops_before_4_1(plan)
    return {
        "patrol_id": plan.patrol_id,
        "drone_id": plan.drone_id,
        "start_at": plan.start_at.isoformat(),
        "layer": plan.layer,
        "home": {"lat": plan.home.lat, "lon": plan.home.lon, "ground_m": plan.home.ground_m},
        "distance_m": round(plan.distance_m, 2),
        "duration_s": round(plan.duration_s, 2),
        "energy": {
            "used": round(energy.used, 4) if math.isfinite(energy.used) else None,
            "allowed": energy.allowed,
            "wind_m_s": energy.wind_m_s,
            "wind_from_deg": energy.wind_from_deg,
        },
        "coverage": plan.coverage,
        "mission_items": len(plan_to_mission(plan).items),
        "arducopter_before_4_1": {"stops": stops, "more_s": round(stops_s, 1)},
        "notes": [{"message_zh": zh, "message_en": en} for zh, en in plan.notes],
        "points": [
            {
                "kind": point.kind.value,
                "number": point.number,
                "lat": point.lat,
                "lon": point.lon,
                "alt_home_m": round(point.alt_home_m, 3) if math.isfinite(point.alt_home_m) else None,
                "alt_ground_m": round(point.alt_ground_m, 3),
                "speed_m_s": point.speed_m_s,
                "hold_s": point.hold_s,
                "photo": point.photo,
                "arrive_s": round(point.arrive_s, 2),
                "leave_s": round(point.leave_s, 2),
            }
            for point in plan.points
        ],
    }


def reason_json(reasons: Sequence[ReasonText]) -> list[Row]:
    """Reasons for programs."""
    return [{"code": one.code, "message_zh": one.message_zh, "message_en": one.message_en} for one in reasons]


def judgement_json(patrol: PatrolConfig, drone_id: str, judgement: Judgement) -> Row:
    """One patrol with one drone, judged."""
    plan = judgement.plan
    return {
        "patrol_id": patrol.id,
        "drone_id": drone_id,
        "allowed": judgement.is_allowed,
        "reasons": reason_json(judgement.reasons),
        "notes": [{"message_zh": zh, "message_en": en} for zh, en in plan.notes] if plan else [],
    }


def write_map(file: Path, config: LookoutConfig, plan: FlightPlan, others: Sequence[FlightPlan] = ()) -> None:
    """Draw a plan.

    Raises:
        BadInputError: the file's name ends in neither .svg nor .png, or it cannot be written.
    """
    frame = LocalFrame(plan.home.lat, plan.home.lon)
    patrol = config.patrol(plan.patrol_id)
    places = [(camera.id, camera.name, camera.place) for camera in config.cameras if camera.place is not None]
    cameras = [(name, label, *to_wgs84(at.lat, at.lon, at.datum)) for name, label, at in places]
    title = f"{patrol.label} · {config.drone(plan.drone_id).label}"
    minutes = f"{int(plan.duration_s // 60)}:{int(plan.duration_s % 60):02d} min"
    contents = MapContents(
        title,
        f"{patrol.id}  {plan.drone_id}",
        f"{plan.distance_m / 1000:.2f} km   {minutes}   {patrol.altitude_m:g} m AGL",
        plan,
        zones_of(config.airspace, frame, config.site.timezone),
        cameras,
        others,
    )
    sheet = draw(contents)
    try:
        if file.suffix.lower() == ".svg":
            file.write_text(to_svg(sheet), encoding="utf-8")
        elif file.suffix.lower() == ".png":
            file.write_bytes(to_png(sheet))
        else:
            raise BadInputError(f"{file}: a map is .svg or .png")
    except OSError as error:
        raise BadInputError(f"{file}: cannot be written ({error.strerror}); choose another place") from error
