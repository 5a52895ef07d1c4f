"""The real API over a real Redis, and what a drone service says: planned by the planner, told by the test."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from command_api.roles import Role
from drone.plan.model import FlightPlan
from drone.plan.planner import plan_patrol
from kernel.bus.address import connect_async
from kernel.bus.names import DRONE_ZONES, PATROL_PLANS, PATROL_RUNS_NEXT, sights_channel
from kernel.config.lookout import LookoutConfig
from kernel.drone_tables import NextRuns, PlanPicture, PlanPicturePoint, ZonePicture, plan_field
from kernel.events import (
    DroneTelemetry,
    FlightChanged,
    GeoPoint,
    GroundSighting,
    LinkState,
    SightsUpdate,
    VehiclePosition,
)
from tests.integration.airfield import HOME, spot
from tests.integration.api_room import Room, add_users, config_of, running
from tests.integration.drone_room import say, telemetry_of

TELL_EVERY_S = 0.5
METRES_A_DEGREE = 111_200.0
USERS = {"pilot": (Role.PILOT, "bureau"), "viewer": (Role.VIEWER, "bureau")}


def site_config(
    data_dir: Path, links: Sequence[str] = ("udpin:127.0.0.1:14551", "udpin:127.0.0.1:14552")
) -> LookoutConfig:
    """Three placed cameras, two drones, two patrols, a fence, a magazine, and blasting zones for now and for later."""
    hour = datetime.now(UTC).hour
    now_hours = f"{hour:02d}:00-{(hour + 2) % 24:02d}:00"
    later_hours = f"{(hour + 8) % 24:02d}:00-{(hour + 9) % 24:02d}:00"
    base = config_of(data_dir).model_dump(mode="json", exclude={"cameras", "site"})
    places = ((41.7706, 109.9668, 120.0), (41.7722, 109.9731, 215.0), (41.7676, 109.9744, 300.0))
    cameras = config_of(data_dir).cameras
    fields: dict[str, Any] = {
        **base,
        "site": {"name": "情指中心", "unit": "bureau", "timezone": "UTC"},
        "cameras": [
            {
                **camera.model_dump(mode="json", exclude={"password", "username", "place"}),
                "place": {"lat": lat, "lon": lon, "bearing_deg": bearing, "datum": "wgs84"},
            }
            for camera, (lat, lon, bearing) in zip(cameras, places, strict=True)
        ],
        "fleet": [_drone(1, "巡逻一号", links[0], camera="cam-02"), _drone(2, "巡逻二号", links[1])],
        "airspace": [
            _zone("district", "矿区", "keep_in", _box(41.7655, 109.9630, 41.7745, 109.9790)),
            _zone("magazine", "民爆库", "no_fly", _box(41.7704, 109.9696, 41.7714, 109.9712), ceiling_m=120.0),
            _zone("blast-west", "西采区", "no_fly", _box(41.7662, 109.9640, 41.7676, 109.9668), active=[now_hours]),
            _zone("blast-east", "东采区", "no_fly", _box(41.7728, 109.9758, 41.7740, 109.9784), active=[later_hours]),
        ],
        "patrols": [
            _patrol("north-loop", "北环巡逻", ["uav-1", "uav-2"], NORTH, schedule={"cron": "0 */2 * * *"}),
            _patrol("gate-round", "南门巡查", ["uav-2"], SOUTH, launch="auto", schedule={"cron": "30 8 * * *"}),
        ],
        "weather": {"source": "none"},
        "dispatch": {"hold_s": 3.0, "altitude_m": 40.0},
    }
    return LookoutConfig.model_validate(fields)


NORTH = [(41.7717, 109.9680), (41.7726, 109.9700), (41.7724, 109.9728), (41.7708, 109.9738), (41.7695, 109.9722)]
SOUTH = [(41.7688, 109.9690), (41.7672, 109.9704), (41.7670, 109.9736), (41.7686, 109.9744)]


def _drone(number: int, name: str, link: str, **more: Any) -> dict[str, Any]:
    lat, lon = dock(number)
    home = {"lat": lat, "lon": lon, "datum": "wgs84"}
    return {"id": f"uav-{number}", "name": name, "link": link, "sysid": number, "home": home, **more}


def dock(number: int) -> tuple[float, float]:
    """Where a drone stands, as `airfield.flying_vehicle` puts it."""
    return spot(0.0, -30.0 * (number - 1))


def _zone(zone_id: str, name: str, kind: str, points: list[tuple[float, float]], **more: Any) -> dict[str, Any]:
    return {"id": zone_id, "name": name, "kind": kind, "datum": "wgs84", "points": points, **more}


def _patrol(
    patrol_id: str, name: str, drones: list[str], points: list[tuple[float, float]], **more: Any
) -> dict[str, Any]:
    route = {"kind": "waypoints", "points": points, "datum": "wgs84"}
    return {"id": patrol_id, "name": name, "drones": drones, "route": route, "terrain": "flat", **more}


def _box(south: float, west: float, north: float, east: float) -> list[tuple[float, float]]:
    return [(south, west), (south, east), (north, east), (north, west)]


def picture_of(plan: FlightPlan) -> PlanPicture:
    """A plan as the drone service leaves it to be drawn."""
    points = tuple(
        PlanPicturePoint(
            lat=point.lat,
            lon=point.lon,
            alt_ground_m=point.alt_ground_m,
            kind=point.kind.value,
            arrive_s=point.arrive_s,
        )
        for point in plan.points
    )
    return PlanPicture(
        patrol_id=plan.patrol_id,
        drone_id=plan.drone_id,
        points=points,
        distance_m=plan.distance_m,
        duration_s=plan.duration_s,
        energy_share=plan.energy.used,
        planned_at=datetime.now(UTC),
    )


def plan_of(config: LookoutConfig, patrol_id: str, drone_id: str) -> FlightPlan:
    """A patrol as the planner plans it now."""
    patrol = next(patrol for patrol in config.patrols if patrol.id == patrol_id)
    drone = next(drone for drone in config.fleet if drone.id == drone_id)
    return plan_patrol(config, patrol, drone, datetime.now(UTC), None)


@dataclass
class PatrolRoom:
    """A running API, and the drone service's part in it.

    Attributes:
        room: the API.
        telling: telemetry told of each drone at 2 Hz; a drone that is not in it is silent.
    """

    room: Room
    config: LookoutConfig
    telling: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def tell(self, stop: asyncio.Event) -> None:
        """Tell the telemetry of every drone twice a second, as the drone service does."""
        while not stop.is_set():
            for drone_id, fields in list(self.telling.items()):
                await say(self.room, _now(drone_id, fields))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), TELL_EVERY_S)

    async def leave_tables(self) -> None:
        """Zones, plans and next runs, as the drone service leaves them."""
        config = self.config
        plans = [plan_of(config, patrol.id, drone_id) for patrol in config.patrols for drone_id in patrol.drones]
        rows = [(PATROL_PLANS, plan_field(plan.patrol_id, plan.drone_id), picture_of(plan)) for plan in plans]
        connection = connect_async(self.room.bus)
        try:
            for table, name, row in rows:
                await connection.hset(table, name, row.model_dump_json())
            for zone in config.airspace:
                await connection.hset(DRONE_ZONES, zone.id, _zone_row(zone, zone.id != "blast-east").model_dump_json())
            soon = datetime.now(UTC) + timedelta(minutes=38, seconds=12)
            for patrol, due in zip(config.patrols, (soon, soon + timedelta(hours=30)), strict=True):
                await connection.hset(PATROL_RUNS_NEXT, patrol.id, NextRuns(next=(due,)).model_dump_json())
        finally:
            await connection.aclose()

    def fly(self, drone_id: str, flight: FlightChanged, along: float = 0.4, **more: Any) -> None:
        """Put a drone onto the route of its flight, `along` of its points from the start."""
        points = plan_of(self.config, flight.patrol_id or "", drone_id).points
        at = along * (len(points) - 1)
        here, there = points[int(at)], points[min(int(at) + 1, len(points) - 1)]
        part = at - int(at)
        lat, lon = here.lat + (there.lat - here.lat) * part, here.lon + (there.lon - here.lon) * part
        self.telling[drone_id] = {
            "armed": True,
            "mode": "AUTO",
            "system_status": "active",
            "battery_percent": 71.0,
            "satellites": 15,
            "gps_fix": 3,
            "flight_state": flight.state,
            "flight_id": flight.flight_id,
            "patrol_id": flight.patrol_id,
            "items_total": flight.items_total,
            "items_reached": flight.items_reached,
            "distance_from_home_m": 268.0,
            "position": _position(lat, lon, 60.0, heading_deg=72.0, ground_speed_m_s=8.1),
            **more,
        }

    def park(self, drone_id: str, **more: Any) -> None:
        """A drone at its dock, ready."""
        lat, lon = dock(int(drone_id[-1]))
        self.telling[drone_id] = {
            "armed": False,
            "system_status": "standby",
            "battery_percent": 98.0,
            "satellites": 14,
            "gps_fix": 3,
            "distance_from_home_m": 0.3,
            "is_ready": True,
            "position": _position(lat, lon, 0.1, heading_deg=0.0, ground_speed_m_s=0.0),
            **more,
        }


def _position(lat: float, lon: float, alt_m: float, **more: Any) -> dict[str, Any]:
    return {"lat": lat, "lon": lon, "alt_home_m": alt_m, "alt_ground_m": alt_m, **more}


def _now(drone_id: str, fields: dict[str, Any]) -> DroneTelemetry:
    now = datetime.now(UTC)
    position = fields.get("position")
    lost = fields.get("link") is LinkState.LOST
    told = {**fields, "position": None if position is None else VehiclePosition(**{"at": now, **position})}
    if lost:
        told["heartbeat_age_s"] = (now - fields["heard_at"]).total_seconds()
        told.pop("heard_at")
    return telemetry_of(drone_id, home=GeoPoint(lat=HOME[0], lon=HOME[1]), **told)


def _zone_row(zone: Any, active_now: bool) -> ZonePicture:
    return ZonePicture(
        id=zone.id,
        name=zone.label,
        kind=zone.kind,
        points=zone.points,
        active_now=active_now,
        active=tuple(str(hours) for hours in zone.active),
        floor_m=zone.floor_m,
        ceiling_m=zone.ceiling_m,
    )


@contextlib.asynccontextmanager
async def patrol_room(data_dir: Path) -> AsyncIterator[PatrolRoom]:
    """The API with two parked drones, until the block ends."""
    config = site_config(data_dir)
    await add_users(config, USERS)
    async with running(config) as room:
        patrols = PatrolRoom(room, config)
        patrols.park("uav-1")
        patrols.park("uav-2")
        await patrols.leave_tables()
        stop = asyncio.Event()
        telling = asyncio.create_task(patrols.tell(stop))
        try:
            yield patrols
        finally:
            stop.set()  # a cancelled redis call may keep the cancellation to itself
            await telling


def sights_of(position: dict[str, Any], told: int = 0) -> SightsUpdate:
    """What uav-1's camera sees some way ahead of it: three people, a car, a truck, and one too far to be placed."""
    ahead = {1: (-30.0, 55.0), 2: (-38.0, 60.0), 3: (4.0, 88.0), 4: (30.0, 62.0), 5: (52.0, 96.0)}
    classes = {4: "car", 5: "truck"}
    placed = tuple(
        GroundSighting(
            track_id=number,
            class_name=classes.get(number, "person"),
            confidence=0.8,
            place=_away(position, north_m + (told if number < 3 else 0), east_m),
            error_m=round(0.06 * east_m, 1),
            major_m=round(0.055 * east_m, 1),
            minor_m=round(0.024 * east_m, 1),
            major_bearing_deg=75.0,
        )
        for number, (north_m, east_m) in ahead.items()
    )
    nowhere = GroundSighting(track_id=9, class_name="person", confidence=0.5, place=None, unplaced="grazing")
    corners = ((68.0, 120.0), (-60.0, 120.0), (-34.0, 34.0), (38.0, 34.0))
    return SightsUpdate(
        camera_id="cam-02",
        drone_id="uav-1",
        captured_at=datetime.now(UTC),
        sightings=(*placed, nowhere),
        footprint=tuple(_away(position, north_m, east_m) for north_m, east_m in corners),
    )


async def tell_sights(room: Room, sights: SightsUpdate) -> None:
    """Sights, as the detector tells them."""
    connection = connect_async(room.bus)
    try:
        await connection.publish(sights_channel(sights.camera_id), sights.to_wire())
    finally:
        await connection.aclose()


def _away(position: dict[str, Any], north_m: float, east_m: float) -> GeoPoint:
    lat = position["lat"] + north_m / METRES_A_DEGREE
    return GeoPoint(lat=lat, lon=position["lon"] + east_m / (METRES_A_DEGREE * math.cos(math.radians(lat))))
