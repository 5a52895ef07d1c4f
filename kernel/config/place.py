"""Places on the earth as a config writes them: degrees, and always the datum they are meant in."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from kernel.config.base import Section, described
from kernel.config.camera import Datum

Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
EarthPoint = tuple[Latitude, Longitude]
Metres = Annotated[float, Field(ge=0, le=100_000)]
PositiveMetres = Annotated[float, Field(gt=0, le=100_000)]
Speed = Annotated[float, Field(gt=0, le=60)]
DATUM = "Datum of the coordinates: wgs84, gcj02 (Amap, Tencent) or bd09 (Baidu). Required wherever coordinates stand."


class SpotConfig(Section):
    """A place on the ground."""

    lat: Latitude = described("Latitude in degrees.")
    lon: Longitude = described("Longitude in degrees.")
    datum: Datum = described(DATUM)
