"""Zones of the airspace, as polygons in local metres, and when each of them counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from shapely import MultiPolygon, Polygon, union_all
from shapely.geometry.base import BaseGeometry

from drone.areas.drawing import Drawing, DrawnPolygon, read_drawing
from drone.areas.frame import LocalFrame
from kernel.config.airspace import AirspaceKind, AirspaceZoneConfig
from kernel.config.hours import within
from kernel.errors import BadInputError

_DECIMALS = 3  # to the millimetre: corners that differ by less make buffers of the area unusable
_STEP = timedelta(minutes=1)  # windows begin and end on whole minutes


@dataclass(frozen=True, slots=True)
class Zone:
    """One zone.

    Attributes:
        area: polygon or polygons in local metres.
        clearance_m: to keep from its edge.
        floor_m, ceiling_m: heights above ground it counts between; None: without end.
        active: windows in the site's time zone; empty: always.
    """

    id: str
    label: str
    kind: AirspaceKind
    area: BaseGeometry
    clearance_m: float
    floor_m: float
    ceiling_m: float | None
    active: tuple[str, ...]
    timezone: ZoneInfo

    @property
    def is_timed(self) -> bool:
        """Whether it counts only at some times."""
        return bool(self.active)

    def counts_between(self, lowest_m: float, highest_m: float) -> bool:
        """Whether it counts anywhere between two heights above ground."""
        return highest_m >= self.floor_m and (self.ceiling_m is None or lowest_m <= self.ceiling_m)

    def counts_during(self, start: datetime, end: datetime) -> bool:
        """Whether it counts at any instant of a span of time."""
        if not self.active:
            return True
        instant = start
        while instant < end:
            if within(self.active, instant.astimezone(self.timezone)):
                return True
            instant = min(end, instant.replace(second=0, microsecond=0) + _STEP)
        return within(self.active, end.astimezone(self.timezone))


def zones_of(airspace: Sequence[AirspaceZoneConfig], frame: LocalFrame, timezone: str) -> tuple[Zone, ...]:
    """The zones of a config in local metres.

    Raises:
        BadInputError: a file cannot be read, or holds no polygon, or one whose edges cross.
    """
    zone_info = ZoneInfo(timezone)
    return tuple(
        Zone(
            id=zone.id,
            label=zone.label,
            kind=zone.kind,
            area=_area(zone, frame),
            clearance_m=zone.clearance_m,
            floor_m=zone.floor_m,
            ceiling_m=zone.ceiling_m,
            active=zone.active,
            timezone=zone_info,
        )
        for zone in airspace
    )


def drawing_of(zone: AirspaceZoneConfig) -> Drawing:
    """The polygons of a zone in WGS-84.

    Raises:
        BadInputError: the file cannot be read or holds none.
    """
    drawing = Drawing((DrawnPolygon(zone.points),)) if zone.points is not None else read_drawing(_file(zone))
    if not drawing.polygons:
        raise BadInputError(f"{zone.file}: holds no polygon; zone '{zone.id}' needs one")
    return drawing.converted(zone.datum)


def _file(zone: AirspaceZoneConfig) -> Path:
    if zone.file is None:
        raise BadInputError(f"zone '{zone.id}' has neither points nor file; give one")
    return zone.file


def _area(zone: AirspaceZoneConfig, frame: LocalFrame) -> BaseGeometry:
    return area_of(drawing_of(zone), frame, f"zone '{zone.id}'")


def area_of(drawing: Drawing, frame: LocalFrame, what: str) -> Polygon | MultiPolygon:
    """The polygons of a drawing (WGS-84) as one area in local metres.

    Raises:
        BadInputError: edges cross, or there is no area.
    """
    polygons = [local_polygon(one, frame) for one in drawing.polygons]
    for polygon in polygons:
        if not polygon.is_valid or polygon.area <= 0:
            raise BadInputError(f"{what}: a polygon's edges cross or enclose nothing; list corners in walking order")
    area = union_all(polygons)
    if not isinstance(area, Polygon | MultiPolygon) or area.is_empty:
        raise BadInputError(f"{what}: encloses nothing; give a polygon")
    return area


def local_polygon(drawn: DrawnPolygon, frame: LocalFrame) -> Polygon:
    """A drawn polygon (WGS-84) in local metres."""
    rings = [np.round([frame.to_local(*corner) for corner in ring], _DECIMALS) for ring in (drawn.outer, *drawn.holes)]
    return Polygon(rings[0], rings[1:])
