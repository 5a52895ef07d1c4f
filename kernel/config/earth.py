"""Places on the earth in the config's own terms: degrees, and the datum that they are meant in."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
EarthPoint = tuple[Latitude, Longitude]
DATUM = "Datum of the coordinates: wgs84, gcj02 (Amap, Tencent) or bd09 (Baidu). Required wherever coordinates stand."


class Datum(StrEnum):
    """Geodetic datum of a coordinate. Maps in China export GCJ-02 or BD-09, hundreds of metres off WGS-84."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"
