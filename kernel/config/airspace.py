"""Where drones may fly and where not."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import model_validator

from kernel.config.base import Identifier, Section, described
from kernel.config.camera import Datum
from kernel.config.hours import HoursText
from kernel.config.place import DATUM, EarthPoint, Metres


class AirspaceKind(StrEnum):
    """What a zone of the airspace is for."""

    NO_FLY = "no_fly"
    KEEP_IN = "keep_in"


class AirspaceZoneConfig(Section):
    """A polygon on the ground that drones keep out of, or keep within."""

    id: Identifier = described("Stable id of the zone; routes and messages name it.")
    name: str = described("Name shown to operators; empty: its id.", "")
    kind: AirspaceKind = described(
        "no_fly: no drone comes nearer than clearance_m. keep_in: no drone leaves it; of several, none of them."
    )
    datum: Datum = described(DATUM)
    points: tuple[EarthPoint, ...] | None = described(
        "Corners in order, each [lat, lon]; at least three, edges must not cross. Or give file.", None, min_length=3
    )
    file: Path | None = described(
        "GeoJSON (.geojson, .json; lon before lat, as its standard says) or KML (.kml) whose polygons are the zone.",
        None,
    )
    active: tuple[HoursText, ...] = described(
        "When it counts, in site.timezone: '14:00-15:30' for blasting, 'mon-fri 08:00-18:00'; empty for always.", ()
    )
    clearance_m: Metres = described("Distance to keep from its edge.", 10.0)
    floor_m: Metres = described("Lowest height above ground it counts at.", 0.0)
    ceiling_m: Metres | None = described(
        "Highest height above ground it counts at; empty: as high as drones fly.", None
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ceiling_m is not None and self.ceiling_m <= self.floor_m:
            raise ValueError("ceiling_m is not above floor_m; swap them")
        return self

    @property
    def label(self) -> str:
        """What operators read."""
        return self.name or self.id
