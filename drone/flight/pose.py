"""From what the link knows of a vehicle to the pose of the camera it carries. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from drone.flight.snapshot import Snapshot
from drone.mavlink.state import VehicleState
from kernel.drone_events import AirPose, GimbalAttitude

_ERROR_OF_DILUTION_M = 1.5
_FORGOTTEN_AFTER_S = 5.0


def pose_of(
    drone_id: str,
    camera_id: str,
    state: VehicleState,
    seen: Snapshot,
    now: datetime,
    now_s: float,
    ground_m: float | None,
) -> AirPose | None:
    """The pose now, None while a part of it is not known or the vehicle does not trust its position.

    Args:
        seen: the vehicle as a flight looks at it.
        ground_m: height of the ground below over that of home; None: not known.
    """
    position, attitude, gimbal = state.position, state.attitude, state.gimbal
    if position is None or attitude is None or ground_m is None or seen.place is None or seen.ekf_ok is False:
        return None
    if now_s - min(position.at_s, attitude.at_s) > _FORGOTTEN_AFTER_S:
        return None

    def instant(at_s: float) -> datetime:
        return now - timedelta(seconds=max(0.0, now_s - at_s))

    looks = None
    if gimbal is not None and now_s - gimbal.at_s <= _FORGOTTEN_AFTER_S:
        looks = GimbalAttitude(
            pitch_deg=gimbal.pitch_deg,
            roll_deg=gimbal.roll_deg,
            yaw_deg=gimbal.yaw_deg,
            yaw_from_north=state.gimbal_from_north,
            at=instant(gimbal.at_s),
        )
    return AirPose(
        drone_id=drone_id,
        camera_id=camera_id,
        at=now,
        lat=position.lat_deg,
        lon=position.lon_deg,
        height_m=position.alt_home_m - ground_m,
        north_m_s=position.north_m_s,
        east_m_s=position.east_m_s,
        down_m_s=position.down_m_s,
        position_at=instant(position.at_s),
        heading_deg=attitude.yaw_deg,
        pitch_deg=attitude.pitch_deg,
        roll_deg=attitude.roll_deg,
        attitude_at=instant(attitude.at_s),
        gimbal=looks,
        horizontal_error_m=_horizontal_error_m(state),
        vertical_error_m=state.gps.vertical_error_m if state.gps is not None else None,
    )


def _horizontal_error_m(state: VehicleState) -> float | None:
    """What the receiver says, else what its dilution makes likely."""
    gps = state.gps
    if gps is None:
        return None
    if gps.horizontal_error_m is not None or gps.hdop is None:
        return gps.horizontal_error_m
    return gps.hdop * _ERROR_OF_DILUTION_M
