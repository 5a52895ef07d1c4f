"""Poses of a drone that stands still in the air, but for what a test says."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kernel.drone_events import AirPose


def air_pose(at: datetime, **told: Any) -> AirPose:
    """The pose of `uav-1` at an instant: 60 m over 41.77 N 109.97 E, level, its nose to the north, no gimbal."""
    still: dict[str, Any] = {
        "drone_id": "uav-1",
        "camera_id": "uav-1-cam",
        "at": at,
        "lat": 41.77,
        "lon": 109.97,
        "height_m": 60.0,
        "north_m_s": 0.0,
        "east_m_s": 0.0,
        "down_m_s": 0.0,
        "position_at": at,
        "heading_deg": 0.0,
        "pitch_deg": 0.0,
        "roll_deg": 0.0,
        "attitude_at": at,
    }
    return AirPose(**still | told)
