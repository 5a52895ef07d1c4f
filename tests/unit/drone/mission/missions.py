"""Plans for the tests: a square over the mine."""

from __future__ import annotations

from drone.mission.items import Command, Frame, Mission, MissionItem

HOME_LAT_DEG, HOME_LON_DEG = 41.7694312, 109.9700155


def waypoint(lat_deg: float, lon_deg: float, alt_m: float = 60.0, hold_s: float = 0.0) -> MissionItem:
    return MissionItem(
        Command.NAV_WAYPOINT,
        Frame.GLOBAL_RELATIVE_ALT,
        param1=hold_s,
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        alt_m=alt_m,
    )


def patrol(points: int = 4) -> Mission:
    """Home, take-off, a speed, `points` waypoints, return."""
    home = MissionItem(Command.NAV_WAYPOINT, Frame.GLOBAL, lat_deg=HOME_LAT_DEG, lon_deg=HOME_LON_DEG, alt_m=1612.0)
    takeoff = MissionItem(Command.NAV_TAKEOFF, lat_deg=HOME_LAT_DEG, lon_deg=HOME_LON_DEG, alt_m=60.0)
    speed = MissionItem(Command.DO_CHANGE_SPEED, param1=1, param2=8.0)
    legs = [
        waypoint(HOME_LAT_DEG + 0.0011 * (n + 1), HOME_LON_DEG + 0.0007 * (n % 5), 60.0 + n % 3, hold_s=n % 4)
        for n in range(points)
    ]
    return Mission((home, takeoff, speed, *legs, MissionItem(Command.NAV_RETURN_TO_LAUNCH)))
