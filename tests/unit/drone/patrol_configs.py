"""Configs with one drone and one patrol, drawn in metres around a home."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from drone.areas.frame import XY, LocalFrame
from kernel.config.lookout import LookoutConfig

HOME = (41.7664, 109.9718)
FRAME = LocalFrame(*HOME)
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


def places(points: Sequence[XY]) -> list[list[float]]:
    """[lat, lon] of points in metres east and north of home."""
    return [list(FRAME.to_wgs84(*point)) for point in points]


def square(middle: XY, half_m: float) -> list[XY]:
    """Corners of a square."""
    x, y = middle
    return [(x - half_m, y - half_m), (x + half_m, y - half_m), (x + half_m, y + half_m), (x - half_m, y + half_m)]


def zone(corners: Sequence[XY], **more: Any) -> dict[str, Any]:
    """A zone of the airspace."""
    return {"id": "zone", "kind": "no_fly", "datum": "wgs84", "points": places(corners), "clearance_m": 10.0} | more


def route(kind: str, points: Sequence[XY], **more: Any) -> dict[str, Any]:
    """A drawn route."""
    return {"kind": kind, "datum": "wgs84", "points": places(points)} | more


def config(
    route: dict[str, Any],
    zones: Sequence[dict[str, Any]] = (),
    drone: dict[str, Any] | None = None,
    patrol: dict[str, Any] | None = None,
    **more: Any,
) -> LookoutConfig:
    """One drone `uav-1` and one patrol `p`."""
    home = {"lat": HOME[0], "lon": HOME[1], "datum": "wgs84"}
    fleet = [{"id": "uav-1", "link": "tcp:127.0.0.1:5760", "home": home, "endurance_s": 3600} | (drone or {})]
    patrols = [{"id": "p", "drones": ["uav-1"], "terrain": "flat", "route": route} | (patrol or {})]
    data = {"fleet": fleet, "patrols": patrols, "airspace": list(zones), "weather": {"source": "none"}} | more
    return LookoutConfig.model_validate(data)
