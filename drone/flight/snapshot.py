"""What a flight looks at: the vehicle as last heard, free of how it was heard."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kernel.geodesy import LatLon, distance_m

_SAME_PLACE_DEG = 1e-7
PREARM = "PreArm:"
"""How ArduPilot begins what it says against arming."""
COMPLAINTS = (PREARM, "Preflight Fail:")
"""The same, and how PX4 does."""
STALE_S = 10.0
"""A position older than this is none to take off from: the vehicle has stopped telling, or forgot what to tell."""

OLD_PLACE_S = 5.0
"""In flight a position older than this says where it was, not where it is; the wall draws it so, too."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The vehicle now; None and empty text mean that it was never told.

    Attributes:
        link_up: HEARTBEATs arrive.
        heartbeat_age_s: since the last one.
        heartbeats: how many came.
        autopilot: `ardupilot`, `px4` or another name.
        is_copter: it flies on rotors and can hover.
        version: (major, minor, patch).
        mode: e.g. AUTO, GUIDED, AUTO.MISSION.
        system_status: e.g. standby, active, critical, emergency.
        position_age_s: since it told its position.
        alt_home_m: above home.
        mission_current: sequence number it flies to.
        mission_total: items it has, with or without home.
        reached: sequence numbers it reported reached since the plan was uploaded.
        is_landed: told by EXTENDED_SYS_STATE.
        gps_fix: as MAVLink counts: 3 is a 3-D fix.
        ekf_ok: the estimator trusts its horizontal position.
        prearm_ok: its own checks before arming pass; None where it does not tell.
        tells_prearm: it has a place for telling them, as ArduCopter from 4.0 on; None: not known yet.
        prearm_text_age_s: since it last said in words what speaks against arming.
        battery_percent: 0-100.
        home: where it returns to.
        duplicate_sysid: why two vehicles seem to share it; None while nothing says so.
        boots: how often it started anew while it was listened to.
        other_sysids: autopilots heard on the same link that are not this one.
        texts: newest last.
    """

    link_up: bool = False
    heartbeat_age_s: float | None = None
    heartbeats: int = 0
    autopilot: str = ""
    is_copter: bool | None = None
    version: tuple[int, int, int] | None = None
    armed: bool | None = None
    mode: str = ""
    system_status: str = ""
    lat: float | None = None
    lon: float | None = None
    position_age_s: float = 0.0
    alt_home_m: float | None = None
    ground_speed_m_s: float | None = None
    mission_current: int | None = None
    mission_total: int | None = None
    reached: frozenset[int] = frozenset()
    is_landed: bool | None = None
    gps_fix: int | None = None
    satellites: int | None = None
    ekf_ok: bool | None = None
    prearm_ok: bool | None = None
    tells_prearm: bool | None = None
    prearm_text_age_s: float | None = None
    battery_percent: float | None = None
    home: LatLon | None = None
    duplicate_sysid: str | None = None
    boots: int = 0
    other_sysids: tuple[int, ...] = ()
    texts: tuple[str, ...] = ()

    @property
    def place(self) -> LatLon | None:
        """Where it is; a position of exactly 0, 0 is none."""
        if (
            self.lat is None
            or self.lon is None
            or (abs(self.lat) < _SAME_PLACE_DEG and abs(self.lon) < _SAME_PLACE_DEG)
        ):
            return None
        return self.lat, self.lon

    @property
    def is_place_old(self) -> bool:
        """Whether its position says where it was, not where it is."""
        return self.position_age_s > OLD_PLACE_S

    def distance_to_m(self, place: LatLon | None) -> float | None:
        """Metres along the ground to a place, where both are known."""
        if self.place is None or place is None:
            return None
        return distance_m(*self.place, *place)

    def range_to_m(self, place: LatLon, alt_home_m: float) -> float | None:
        """Metres through the air to a point, where the own position is known."""
        ground_m = self.distance_to_m(place)
        if ground_m is None or self.alt_home_m is None:
            return None
        return math.hypot(ground_m, self.alt_home_m - alt_home_m)
