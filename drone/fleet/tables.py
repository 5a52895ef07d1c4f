"""What the service leaves in hashes for those who draw it: zones, plans, next runs."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from drone.areas.zones import drawing_of
from drone.flight.prepare import Prepared, prepared
from drone.plan.model import FlightPlan
from drone.weather_source import Observation
from kernel.bus.names import DRONE_FLEET, DRONE_ZONES, PATROL_PLANS, PATROL_RUNS_NEXT
from kernel.config.airspace import AirspaceZoneConfig
from kernel.config.hours import within
from kernel.config.lookout import LookoutConfig
from kernel.drone_tables import NextRuns, PlanPicture, PlanPicturePoint, ZonePicture, plan_field
from kernel.errors import BadInputError

LOG = logging.getLogger(__name__)
Keep = Callable[[str, str, str], None]
_LISTED_RUNS = 3


class Tables:
    """Keeps the hashes up to date.

    Args:
        keep: sets a field of a hash: (hash, field, JSON).
    """

    def __init__(self, config: LookoutConfig, keep: Keep) -> None:
        self._config, self._keep = config, keep
        self._told: dict[tuple[str, str], str] = {}

    def fleet(self) -> None:
        """The drones of the config, for commands that fly one of them."""
        for drone in self._config.fleet:
            self._tell(DRONE_FLEET, drone.id, json.dumps({"name": drone.label}, ensure_ascii=False))

    def zones(self, now: datetime) -> None:
        """Every zone, and whether it counts now; told again when one turns."""
        local = now.astimezone(ZoneInfo(self._config.site.timezone))
        for zone in self._config.airspace:
            active = not zone.active or within(zone.active, local)
            known = self._told.get((DRONE_ZONES, zone.id))
            if known is not None and ZonePicture.model_validate_json(known).active_now == active:
                continue
            picture = _zone_picture(zone, active)
            if picture is not None:
                self._tell(DRONE_ZONES, zone.id, picture.model_dump_json())

    def next_runs(self, next_of: Callable[[str, int], tuple[datetime, ...]]) -> None:
        """When each patrol is due."""
        for patrol in self._config.patrols:
            runs = NextRuns(next=next_of(patrol.id, _LISTED_RUNS))
            self._tell(PATROL_RUNS_NEXT, patrol.id, runs.model_dump_json())

    def plans(self, now: datetime, weather: Observation) -> None:
        """How every drone would fly every patrol now; takes up to a second for each."""
        for patrol in self._config.patrols:
            for drone_id in patrol.drones:
                plan = prepared(self._config, patrol, self._config.drone(drone_id), now, weather)
                self._told.pop((PATROL_PLANS, plan_field(patrol.id, drone_id)), None)
                picture = _plan_picture(patrol.id, drone_id, plan, now)
                self._tell(PATROL_PLANS, plan_field(patrol.id, drone_id), picture.model_dump_json())

    def _tell(self, table: str, field: str, text: str) -> None:
        if self._told.get((table, field)) != text:
            self._told[table, field] = text
            self._keep(table, field, text)


def _zone_picture(zone: AirspaceZoneConfig, active: bool) -> ZonePicture | None:
    """The first polygon's outer ring stands for the zone; the checks use all of it."""
    try:
        outer = drawing_of(zone).polygons[0].outer
    except BadInputError as error:
        LOG.error("zone not drawn zone=%s reason=%s", zone.id, error)
        return None
    return ZonePicture(
        id=zone.id,
        name=zone.label,
        kind=zone.kind,
        points=tuple((corner[0], corner[1]) for corner in outer),
        active_now=active,
        active=zone.active,
        floor_m=zone.floor_m,
        ceiling_m=zone.ceiling_m,
    )


def _plan_picture(patrol_id: str, drone_id: str, plan: Prepared, now: datetime) -> PlanPicture:
    flown: FlightPlan | None = plan.plan
    points = (
        ()
        if flown is None
        else tuple(
            PlanPicturePoint(
                lat=point.lat,
                lon=point.lon,
                alt_ground_m=point.alt_ground_m,
                kind=point.kind.value,
                arrive_s=point.arrive_s,
            )
            for point in flown.points
        )
    )
    return PlanPicture(
        patrol_id=patrol_id,
        drone_id=drone_id,
        points=points,
        distance_m=round(flown.distance_m, 1) if flown is not None else None,
        duration_s=round(flown.duration_s, 1) if flown is not None else None,
        energy_share=round(flown.energy.used, 4) if flown is not None else None,
        problems=plan.reasons,
        planned_at=now,
    )


def timetable_of(
    next_runs: Mapping[str, tuple[datetime, ...]], drones: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[datetime, str]]:
    """When each drone flies next, and which patrol.

    Args:
        next_runs: by patrol.
        drones: of each patrol, the preferred one first: that one is expected to fly.
    """
    found: dict[str, tuple[datetime, str]] = {}
    for patrol_id, instants in next_runs.items():
        drone_id = drones[patrol_id][0]
        if instants and (drone_id not in found or instants[0] < found[drone_id][0]):
            found[drone_id] = (instants[0], patrol_id)
    return found
