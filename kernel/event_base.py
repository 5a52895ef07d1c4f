"""What every event on the bus shares."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Event(BaseModel):
    """Root of all events."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def to_wire(self) -> bytes:
        """JSON as it travels."""
        return self.model_dump_json().encode()


class GeoPoint(BaseModel):
    """A WGS-84 position."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lat: float
    lon: float
