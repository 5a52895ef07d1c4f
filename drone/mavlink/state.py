"""What is known of a vehicle, as one frozen snapshot. Every part is None until the vehicle has told it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, IntFlag

from drone.mavlink.modes import Autopilot


class SystemStatus(IntEnum):
    """MAV_STATE."""

    UNINIT = 0
    BOOT = 1
    CALIBRATING = 2
    STANDBY = 3
    ACTIVE = 4
    CRITICAL = 5
    EMERGENCY = 6
    POWEROFF = 7
    FLIGHT_TERMINATION = 8


class Capability(IntFlag):
    """MAV_PROTOCOL_CAPABILITY: what the vehicle says it can do."""

    MISSION_FLOAT = 0x1
    PARAM_FLOAT = 0x2
    MISSION_INT = 0x4
    COMMAND_INT = 0x8
    PARAM_BYTEWISE = 0x10
    FTP = 0x20
    SET_POSITION_TARGET_GLOBAL_INT = 0x100
    TERRAIN = 0x200
    FLIGHT_TERMINATION = 0x800
    COMPASS_CALIBRATION = 0x1000
    MAVLINK2 = 0x2000
    MISSION_FENCE = 0x4000
    MISSION_RALLY = 0x8000


class EkfFlag(IntFlag):
    """ESTIMATOR_STATUS_FLAGS, which ArduPilot's EKF_STATUS_REPORT shares."""

    ATTITUDE = 0x1
    VELOCITY_HORIZ = 0x2
    VELOCITY_VERT = 0x4
    POS_HORIZ_REL = 0x8
    POS_HORIZ_ABS = 0x10
    POS_VERT_ABS = 0x20
    POS_VERT_AGL = 0x40
    CONST_POS_MODE = 0x80


@dataclass(frozen=True, slots=True)
class Position:
    """Where the vehicle says it is: WGS-84, and metres above sea level and above home; at `at_s` on our clock."""

    lat_deg: float
    lon_deg: float
    amsl_altitude_m: float
    alt_home_m: float
    north_m_s: float
    east_m_s: float
    down_m_s: float
    heading_deg: float | None
    at_s: float


@dataclass(frozen=True, slots=True)
class Attitude:
    """Roll, pitch, yaw in degrees (yaw 0..360 from north)."""

    roll_deg: float
    pitch_deg: float
    yaw_deg: float
    at_s: float


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the earth with its height above sea level."""

    lat_deg: float
    lon_deg: float
    amsl_altitude_m: float


@dataclass(frozen=True, slots=True)
class Battery:
    """Volts, amperes, and what is left, 0..1; None where the vehicle does not measure it."""

    voltage_v: float | None = None
    current_a: float | None = None
    remaining: float | None = None


@dataclass(frozen=True, slots=True)
class Gps:
    """GPS_FIX_TYPE (3 = 3D), satellites, and where known horizontal dilution and one-sigma errors."""

    fix_type: int
    satellites: int | None
    hdop: float | None
    horizontal_error_m: float | None = None
    vertical_error_m: float | None = None


@dataclass(frozen=True, slots=True)
class FenceBreach:
    """FENCE_STATUS: whether the vehicle is outside a fence, how often it was, and of which kind (FENCE_BREACH)."""

    is_breached: bool
    count: int
    kind: int


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A STATUSTEXT, its chunks joined; severity as in syslog (0 emergency .. 7 debug)."""

    severity: int
    text: str
    at_s: float


@dataclass(frozen=True, slots=True)
class Version:
    """AUTOPILOT_VERSION's firmware version and the vehicle's unique id."""

    major: int
    minor: int
    patch: int
    kind: int
    uid: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


@dataclass(frozen=True, slots=True)
class VehicleState:
    """The vehicle as its last messages tell it.

    Attributes:
        heartbeat_at_s: our clock when the last heartbeat of the autopilot came; None before the first.
        heartbeats: how many came, so that a waiting caller can ask for a fresh one.
        mission_current: the item flown to, numbered as `Mission.items` (home is 0).
        reached: items reported reached, in order, since `forget_reached`.
        gimbal: where the camera looks, pitch and roll against the horizon; yaw from the nose, or from north where
            `gimbal_from_north`.
        prearm_ok: its own checks before arming pass; None where it does not tell them in SYS_STATUS.
        tells_prearm: whether its SYS_STATUS has a place for them, as ArduCopter's from 4.0 on; None before the first.
        boots: how often the vehicle started anew while we watched (its boot clock went back).
        texts: the last messages in words, newest last.
        duplicate_sysid: why two vehicles seem to share this sysid; None while nothing says so.
    """

    autopilot: int = Autopilot.INVALID
    vehicle_type: int = 0
    mode: str | None = None
    armed: bool = False
    system_status: int = SystemStatus.UNINIT
    heartbeat_at_s: float | None = None
    heartbeats: int = 0
    position: Position | None = None
    attitude: Attitude | None = None
    ground_speed_m_s: float | None = None
    battery: Battery = field(default_factory=Battery)
    gps: Gps | None = None
    ekf_flags: EkfFlag | None = None
    fence: FenceBreach | None = None
    home: Place | None = None
    mission_current: int | None = None
    mission_total: int | None = None
    reached: tuple[int, ...] = ()
    landed_state: int | None = None
    wind_m_s: float | None = None
    wind_from_deg: float | None = None
    gimbal: Attitude | None = None
    gimbal_from_north: bool = False
    capabilities: Capability | None = None
    version: Version | None = None
    sensors_unhealthy: int = 0
    prearm_ok: bool | None = None
    tells_prearm: bool | None = None
    boots: int = 0
    texts: tuple[TextMessage, ...] = ()
    duplicate_sysid: str | None = None

    @property
    def alt_home_m(self) -> float | None:
        """Metres above home."""
        return None if self.position is None else self.position.alt_home_m

    def heartbeat_age_s(self, now_s: float) -> float | None:
        """Seconds since the autopilot's last heartbeat; None before the first."""
        return None if self.heartbeat_at_s is None else now_s - self.heartbeat_at_s

    def can(self, capability: Capability) -> bool | None:
        """Whether the vehicle says it can; None while it has not told its capabilities."""
        return None if self.capabilities is None else bool(self.capabilities & capability)
