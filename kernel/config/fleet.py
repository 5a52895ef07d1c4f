"""The drones: how each is reached, what it can do, what it may do."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, SecretStr, model_validator

from kernel.config.base import Fraction, Identifier, PositiveSeconds, Section, described
from kernel.config.moment import Moment
from kernel.config.place import PositiveMetres, Speed, SpotConfig

LINK = r"^(udp|udpin|tcp):(\[[0-9A-Fa-f:.%a-z]+\]|[^:\s\[\]]+):\d{1,5}$|^serial:[^:\s]+:\d+$"


class Autopilot(StrEnum):
    """Firmware of the flight controller."""

    ARDUPILOT = "ardupilot"
    PX4 = "px4"


class Untested(StrEnum):
    """What to do with an autopilot that was never flown by this software."""

    REFUSE = "refuse"
    ALLOW = "allow"


class LinkLoss(StrEnum):
    """What the drone does when it hears no ground station any more."""

    CONTINUE = "continue"
    RETURN = "return"


class FailsafeReturn(StrEnum):
    """What to make of a failsafe's straight return that would cross a zone or come too near to the ground."""

    ACCEPT = "accept"
    REFUSE = "refuse"


class Gimbal(StrEnum):
    """How the camera is pointed."""

    NONE = "none"
    MOUNT = "mount"
    GIMBAL_V2 = "gimbal_v2"


class RegistrationConfig(Section):
    """The aircraft's registration (实名登记)."""

    number: str = described("Registration number.", min_length=1)
    valid_until: Moment | None = described("Last day, or instant, it is valid; empty: it does not end.", None)


class ApprovalConfig(Section):
    """An approval for the airspace; a person files for it, Lookout keeps to it."""

    number: str = described("Number of the approval.", min_length=1)
    valid_from: Moment = described("First day, or instant, it is valid: 2026-11-23 or 2026-11-23T08:00:00+08:00.")
    valid_until: Moment = described("Last day, or instant, it is valid; a flight has to be back by then.")


class DroneConfig(Section):
    """A drone of the fleet."""

    id: Identifier = described("Stable id: small letters, digits, '-' and '_'; patrols name it.")
    name: str = described("Name shown to operators; empty: its id.", "")
    unit: str = described("Unit that owns the drone; empty: site.unit.", "")
    link: str = described(
        "How the autopilot is reached: udp:HOST:PORT (we send first), udpin:HOST:PORT (we listen), tcp:HOST:PORT or "
        "serial:/dev/ttyACM0:57600.",
        pattern=LINK,
    )
    sysid: Annotated[int, Field(ge=1, le=254)] = described("MAVLink system id of the drone.", 1)
    gcs_sysid: Annotated[int, Field(ge=1, le=255)] = described(
        "MAVLink system id of this ground station; the autopilot's failsafe counts the heartbeats of that one.", 255
    )
    autopilot: Autopilot = described("ardupilot or px4.", Autopilot.ARDUPILOT)
    untested_autopilot: Untested = described(
        "refuse or allow an autopilot that the README does not list as flown.", Untested.REFUSE
    )
    home: SpotConfig = described("Its dock: where it stands before the flight and lands after it.")
    home_tolerance_m: PositiveMetres = described("It stands this near to its dock, or it is not armed.", 10.0)
    endurance_s: PositiveSeconds = described("Time in the air on a full battery, at cruise_m_s without wind.", 1500.0)
    reserve: Fraction = described("Share of the endurance that a plan never uses.", 0.25)
    cruise_m_s: Speed = described("Speed over the ground where a patrol states none.", 8.0)
    airspeed_max_m_s: Speed = described("Fastest it can go through the air; wind is made up for up to this.", 15.0)
    climb_m_s: Speed = described("Climb rate.", 2.5)
    descent_m_s: Speed = described("Rate of descent.", 1.5)
    wind_max_m_s: Annotated[float, Field(ge=0, le=60)] = described("More wind (or gusts) than this: no flight.", 8.0)
    temperature_min_c: Annotated[float, Field(ge=-90, le=90)] = described("Colder than this: no flight.", -10.0)
    temperature_max_c: Annotated[float, Field(ge=-90, le=90)] = described("Hotter than this: no flight.", 40.0)
    ceiling_m: PositiveMetres = described("Highest above the ground it may fly.", 120.0)
    separation_m: PositiveMetres = described("Other drones stay at least this far away, in the air.", 20.0)
    braking_m_s2: Annotated[float, Field(ge=0.5, le=10)] = described(
        "Deceleration that can be relied on once it is told to hold; ArduCopter's BRAKE is built for 7.5, PX4's "
        "hold for 3 (MPC_ACC_HOR).",
        2.5,
    )
    items_max: Annotated[int, Field(ge=3, le=65535)] = described(
        "Mission items its autopilot takes, home included; it is asked again before the upload.", 700
    )
    registration: RegistrationConfig | None = described("The aircraft's registration.", None)
    approval: ApprovalConfig | None = described(
        "Approval for the airspace; leave it out where none is needed: up to 120 m above ground, outside controlled "
        "airspace.",
        None,
    )
    link_loss: LinkLoss = described(
        "continue or return when the ground station is lost in flight; the autopilot's failsafe parameters are read "
        "before each flight and have to say the same.",
        LinkLoss.RETURN,
    )
    failsafe_return: FailsafeReturn = described(
        "accept or refuse a plan from a point of which the autopilot's own return, straight home, would cross a zone "
        "or come too near to the ground; accepted, the plan lists zones and points.",
        FailsafeReturn.ACCEPT,
    )
    return_altitude_m: Annotated[float, Field(ge=0, le=1000)] = described(
        "Its own return climbs at least this high above home first (RTL_ALT, read before each flight and refused where "
        "lower); zones that end below are flown over. 0: not relied on.",
        0.0,
    )
    parameters: dict[str, float] = described(
        "More autopilot parameters that have to have these values before a flight.", dict
    )
    camera: Identifier | None = described(
        "Its camera, by the id in cameras; it is in service while the drone flies.", None
    )
    camera_fov_deg: Annotated[float, Field(gt=1, lt=179)] = described(
        "Horizontal field of view of its camera, for the spacing of survey lines.", 70.0
    )
    camera_aspect: Annotated[float, Field(gt=0.1, lt=10)] = described("Width of its picture over the height.", 16 / 9)
    gimbal: Gimbal = described("none, mount (classic mount messages) or gimbal_v2.", Gimbal.NONE)
    camera_pitch_deg: Annotated[float, Field(ge=-90, le=30)] | None = described(
        "Which way a camera without a gimbal looks: 0 ahead, -90 straight down; else nothing it sees gets a place.",
        None,
    )
    camera_delay_s: Annotated[float, Field(ge=0, le=5)] = described(
        "How much later a picture comes in than it was taken, more than telemetry does.", 0.1
    )
    signing_key: SecretStr | None = described(
        "Key that signs MAVLink messages, 64 hexadecimal digits; write ${NAME} or file:/path.", None
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.temperature_min_c > self.temperature_max_c:
            raise ValueError("temperature_min_c is above temperature_max_c; swap them")
        if self.cruise_m_s > self.airspeed_max_m_s:
            raise ValueError("cruise_m_s is faster than airspeed_max_m_s; lower it")
        return self

    @property
    def label(self) -> str:
        """What operators read."""
        return self.name or self.id
