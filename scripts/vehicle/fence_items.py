"""Fence and rally items of firmwares that tell plans apart by mission_type."""

from __future__ import annotations

import math
from typing import Any

from scripts.vehicle.mission_items import (
    INVALID,
    INVALID_PARAM5_X,
    INVALID_PARAM6_Y,
    RELATIVE,
    UNSUPPORTED,
    UNSUPPORTED_FRAME,
    StoredItem,
    position_e7,
)
from scripts.vehicle.profiles import Profile

RETURN_POINT, POLYGON_IN, POLYGON_OUT, CIRCLE_IN, CIRCLE_OUT = 5000, 5001, 5002, 5003, 5004
RALLY_POINT = 5100
_FENCE_FRAMES = frozenset({0, 3, 5, 6})


def stored_fence_item(message: Any, profile: Profile) -> StoredItem | int:
    """A fence vertex or circle, or its refusal. param1 is the vertex count of the polygon or the radius in metres."""
    if message.command not in (RETURN_POINT, POLYGON_IN, POLYGON_OUT, CIRCLE_IN, CIRCLE_OUT):
        return UNSUPPORTED
    return _placed(message, (message.param1, 0.0, 0.0, 0.0), _FENCE_FRAMES)


def stored_rally_item(message: Any, profile: Profile) -> StoredItem | int:
    """A rally point, or its refusal."""
    if message.command != RALLY_POINT:
        return UNSUPPORTED
    return _placed(message, (0.0, 0.0, 0.0, 0.0), frozenset({3, 6}))


def _placed(message: Any, params: tuple[float, float, float, float], frames: frozenset[int]) -> StoredItem | int:
    lat_e7, lon_e7 = position_e7(message)
    if not all(math.isfinite(value) for value in (*params, message.z)):
        return INVALID
    if message.frame not in frames:
        return UNSUPPORTED_FRAME
    if abs(lat_e7) > 900_000_000:
        return INVALID_PARAM5_X
    if abs(lon_e7) > 1_800_000_000:
        return INVALID_PARAM6_Y
    return StoredItem(message.command, RELATIVE, params, lat_e7, lon_e7, message.z)
