"""Places on the earth as a config writes them: degrees, and always the datum they are meant in."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from kernel.config.base import Section, described
from kernel.config.earth import DATUM as DATUM
from kernel.config.earth import Datum, Latitude, Longitude
from kernel.config.earth import EarthPoint as EarthPoint

Metres = Annotated[float, Field(ge=0, le=100_000)]
PositiveMetres = Annotated[float, Field(gt=0, le=100_000)]
Speed = Annotated[float, Field(gt=0, le=60)]


class SpotConfig(Section):
    """A place on the ground."""

    lat: Latitude = described("Latitude in degrees.")
    lon: Longitude = described("Longitude in degrees.")
    datum: Datum = described(DATUM)
