"""What the drone service says and is told: telemetry, flights, runs of the schedule, dispatch, orders.

    telemetry:<drone>  (pub/sub, 2 Hz)   DroneTelemetry
    pose:<camera>      (pub/sub, 10 Hz)  AirPose, of drones with a camera
    flights            (stream)          FlightChanged PatrolRunDecided DispatchOffered DispatchChanged CommandAnswered
    commands           (stream, to it)   DroneCommand

Receivers of `flights` upsert: a flight by (flight_id, change), a run by run_id, an answer by command_id.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from kernel.event_base import Event, GeoPoint


class FlightState(StrEnum):
    """Where one flight is; the diagram stands in docs/flight.md."""

    IDLE = "idle"
    PRE_FLIGHT = "pre_flight"
    UPLOADING = "uploading"
    VERIFIED = "verified"
    ARMING = "arming"
    TAKING_OFF = "taking_off"
    PATROLLING = "patrolling"
    PAUSED = "paused"
    DISPATCHED = "dispatched"
    RETURNING = "returning"
    TAKEN_OVER = "taken_over"
    LANDED = "landed"
    FAILED = "failed"

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of the flight."""
        return self in (FlightState.LANDED, FlightState.FAILED)

    @property
    def may_be_airborne(self) -> bool:
        """Whether the aircraft may be off the ground under this flight."""
        return self in _AIRBORNE


_AIRBORNE = frozenset(
    {
        FlightState.ARMING,
        FlightState.TAKING_OFF,
        FlightState.PATROLLING,
        FlightState.PAUSED,
        FlightState.DISPATCHED,
        FlightState.RETURNING,
        FlightState.TAKEN_OVER,
    }
)


class FlightOutcome(StrEnum):
    """How a flight ended. Only `done` is a patrol flown to its end."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    RETURNED = "returned"
    ABORTED = "aborted"
    TAKEN_OVER = "taken_over"


class LinkState(StrEnum):
    """What is known of the vehicle; HEARTBEAT alone decides."""

    NEVER = "never"
    UP = "up"
    LOST = "lost"


class ReasonText(BaseModel):
    """Why something is not done, or what went wrong, in both languages of the room."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    message_zh: str
    message_en: str


class VehiclePosition(BaseModel):
    """Where the aircraft is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lat: float
    lon: float
    alt_home_m: float = Field(description="Above home.")
    alt_ground_m: float | None = Field(default=None, description="Above ground, where the terrain is known.")
    amsl_m: float | None = None
    heading_deg: float | None = None
    ground_speed_m_s: float | None = None
    climb_m_s: float | None = None
    roll_deg: float | None = None
    pitch_deg: float | None = None
    gimbal_pitch_deg: float | None = Field(default=None, description="0 level, -90 straight down.")
    gimbal_yaw_deg: float | None = Field(default=None, description="Clockwise from the aircraft's nose.")
    at: AwareDatetime = Field(description="When it was received.")


class DroneTelemetry(Event):
    """One drone now, 2 Hz, also while nothing is known of it (drone -> pub/sub `telemetry:<drone>`)."""

    type: Literal["drone_telemetry"] = "drone_telemetry"
    drone_id: str
    at: AwareDatetime
    link: LinkState
    heartbeat_age_s: float | None = Field(description="Since the vehicle's last HEARTBEAT; None: never heard.")
    position: VehiclePosition | None = None
    position_age_s: float | None = Field(
        default=None,
        description="Since the position came; over 5 s it is where it was, not where it is. None: no position.",
    )
    home: GeoPoint | None = Field(default=None, description="The vehicle's own home, else the configured one.")
    distance_from_home_m: float | None = None
    mode: str = ""
    armed: bool | None = None
    system_status: str = Field(default="", description="E.g. standby, active, critical, emergency.")
    battery_percent: float | None = None
    battery_v: float | None = None
    gps_fix: int | None = Field(default=None, description="As MAVLink counts: 3 is a 3-D fix.")
    satellites: int | None = None
    autopilot: str = Field(default="", description="Name and version, as the vehicle says.")
    flight_state: FlightState = FlightState.IDLE
    flight_id: str | None = None
    patrol_id: str | None = None
    alert_id: str | None = Field(default=None, description="Of the alert it is sent to.")
    item_current: int | None = Field(default=None, description="Mission item it flies to; 0 is home.")
    items_total: int = Field(default=0, description="Points of the patrol; home and return are not counted.")
    items_reached: int = 0
    least_separation_m: float | None = Field(
        default=None, description="Nearest another drone of the fleet came in the air on this flight; None: none did."
    )
    nearest_drone_id: str | None = Field(default=None, description="Which one that was.")
    is_ready: bool = Field(default=False, description="Nothing known speaks against a launch now.")
    not_ready: tuple[ReasonText, ...] = ()
    next_run_at: AwareDatetime | None = None
    next_patrol_id: str | None = None
    message: str = Field(default="", description="The vehicle's last status text.")


class GimbalAttitude(BaseModel):
    """Where the camera looks, as its gimbal says: pitch and roll against the horizon."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pitch_deg: float = Field(description="0 level, -90 straight down.")
    roll_deg: float
    yaw_deg: float = Field(description="Clockwise, from the aircraft's nose or from north.")
    yaw_from_north: bool
    at: AwareDatetime = Field(description="When it was received.")


class AirPose(Event):
    """Where the aircraft that carries a camera is and how it lies (drone -> pub/sub `pose:<camera>`).

    Only sent while all of position, attitude and height above ground are known; what is old keeps its own instant.
    """

    type: Literal["air_pose"] = "air_pose"
    drone_id: str
    camera_id: str
    at: AwareDatetime = Field(description="When it was sent.")
    lat: float
    lon: float
    height_m: float = Field(description="Above the ground below; above home where the ground is taken for flat.")
    north_m_s: float
    east_m_s: float
    down_m_s: float
    position_at: AwareDatetime = Field(description="When the position was received.")
    heading_deg: float
    pitch_deg: float
    roll_deg: float
    attitude_at: AwareDatetime = Field(description="When the attitude was received.")
    gimbal: GimbalAttitude | None = Field(default=None, description="None: nobody tells where the camera looks.")
    horizontal_error_m: float | None = Field(default=None, description="One sigma of the position; None: not told.")
    vertical_error_m: float | None = Field(default=None, description="One sigma of the height; None: not told.")


class FlightCause(StrEnum):
    """Who or what began a flight."""

    SCHEDULE = "schedule"
    OPERATOR = "operator"
    COMMAND_LINE = "command_line"
    ALERT = "alert"


class FlightChanged(Event):
    """A flight changed its state, reached a point, or ended (drone -> `flights`)."""

    type: Literal["flight_changed"] = "flight_changed"
    flight_id: str = Field(description="ULID, made where the flight is born.")
    change: int = Field(ge=1, description="Rises by one with every change of this flight.")
    drone_id: str
    patrol_id: str | None = Field(description="None for a dispatch that began on the ground.")
    state: FlightState
    at: AwareDatetime
    started_at: AwareDatetime = Field(description="When the flight was ordered.")
    ended_at: AwareDatetime | None = None
    cause: FlightCause
    actor: str = Field(description="Who ordered this change: a person's name, or schedule, vehicle, controller.")
    outcome: FlightOutcome | None = Field(default=None, description="Set once the flight is over.")
    reasons: tuple[ReasonText, ...] = ()
    items_total: int = 0
    items_reached: int = 0
    item_current: int | None = None
    place: GeoPoint | None = Field(default=None, description="Where the aircraft was.")
    distance_from_home_m: float | None = None
    distance_flown_m: float = 0.0
    least_separation_m: float | None = Field(
        default=None,
        description="Nearest another drone of the fleet came in the air, by telemetry; None: none did.",
    )
    nearest_drone_id: str | None = Field(default=None, description="Which one that was.")
    run_id: str | None = Field(default=None, description="Of the scheduled run it serves.")
    alert_id: str | None = None
    flight_log: str = Field(default="", description="Directory of the flight's log.")


class RunDecision(StrEnum):
    """What became of a scheduled run."""

    AWAITING = "awaiting"
    LAUNCHED = "launched"
    REFUSED = "refused"
    HELD = "held"
    MISSED = "missed"
    SKIPPED = "skipped"


class PatrolRunDecided(Event):
    """A scheduled run came due and this became of it (drone -> `flights`); the last one of a run_id counts."""

    type: Literal["patrol_run_decided"] = "patrol_run_decided"
    run_id: str = Field(description="Of patrol and due instant: the same after a restart.")
    patrol_id: str
    drone_id: str | None = None
    due_at: AwareDatetime
    decided_at: AwareDatetime
    decision: RunDecision
    reasons: tuple[ReasonText, ...] = ()
    flight_id: str | None = None
    actor: str = "schedule"
    confirm_until: AwareDatetime | None = Field(default=None, description="While awaiting: a person may launch it.")
    next_due_at: AwareDatetime | None = None


class DispatchCandidate(BaseModel):
    """One drone that could look at an alert's place."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    drone_id: str
    is_ready: bool
    arrival_s: float | None = Field(description="From the order to the place; None where it cannot go.")
    distance_m: float | None = None
    reasons: tuple[ReasonText, ...] = Field(default=(), description="Why not, where it is not ready.")


class DispatchOffered(Event):
    """Drones ranked for a place, the best first; a person chooses (drone -> `flights`)."""

    type: Literal["dispatch_offered"] = "dispatch_offered"
    alert_id: str
    place: GeoPoint
    place_error_m: float | None = Field(
        default=None, ge=0, description="95% of true places lie within it; None: not known."
    )
    at: AwareDatetime
    expires_at: AwareDatetime
    candidates: tuple[DispatchCandidate, ...]


class DispatchStage(StrEnum):
    """How far a dispatch is."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    EN_ROUTE = "en_route"
    ON_PLACE = "on_place"
    LOOKED = "looked"
    RESUMED = "resumed"
    RETURNING = "returning"
    BROKEN_OFF = "broken_off"


class DispatchChanged(Event):
    """What became of a drone sent to an alert's place (drone -> `flights`)."""

    type: Literal["dispatch_changed"] = "dispatch_changed"
    alert_id: str
    drone_id: str
    flight_id: str | None
    stage: DispatchStage
    at: AwareDatetime
    actor: str
    place: GeoPoint
    distance_m: float | None = Field(default=None, description="Between the aircraft and the point it was sent to.")
    drift_m: float | None = Field(default=None, description="Furthest from its mean place while it held.")
    held_s: float | None = None
    reasons: tuple[ReasonText, ...] = ()


class DroneAction(StrEnum):
    """What a person may order."""

    START = "start"
    CONFIRM = "confirm"
    PAUSE = "pause"
    RESUME = "resume"
    RETURN = "return"
    LAND = "land"
    ABORT = "abort"
    DISPATCH = "dispatch"
    ORBIT = "orbit"
    OFFER = "offer"

    @property
    def needs(self) -> tuple[str, ...]:
        """Fields of the order that must be given."""
        return _NEEDS.get(self, ("drone_id",))


_NEEDS: dict[DroneAction, tuple[str, ...]] = {
    DroneAction.START: ("patrol_id",),
    DroneAction.CONFIRM: ("run_id",),
    DroneAction.DISPATCH: ("drone_id", "alert_id", "place"),
    DroneAction.OFFER: ("alert_id", "place"),
}


class DroneCommand(Event):
    """An order of a person (command_api, `lookout patrol` -> `commands`); after expires_at it is refused.

    abort: like return, and the flight counts as aborted. land: come down where it is. orbit: circle the place it was
    dispatched to. offer: rank the drones for a place (answered by DispatchOffered). start: drone_id is optional.
    """

    type: Literal["drone_command"] = "drone_command"
    id: str = Field(description="ULID; the same order twice is carried out once.")
    action: DroneAction
    drone_id: str | None = None
    patrol_id: str | None = None
    flight_id: str | None = Field(default=None, description="Where given, the order is for that flight only.")
    run_id: str | None = None
    alert_id: str | None = None
    place: GeoPoint | None = None
    place_error_m: float | None = Field(default=None, ge=0, description="Of the place of an alert, as that tells it.")
    radius_m: float | None = Field(default=None, gt=0, le=500, description="Of an orbit.")
    actor: str = Field(min_length=1)
    issued_at: AwareDatetime
    expires_at: AwareDatetime

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        missing = [name for name in self.action.needs if getattr(self, name) is None]
        if missing:
            raise ValueError(f"{self.action.value} needs {', '.join(missing)}")
        if self.expires_at <= self.issued_at:
            raise ValueError("expires_at must be after issued_at")
        return self


class CommandAnswered(Event):
    """An order was taken, or refused with every reason (drone -> `flights`)."""

    type: Literal["command_answered"] = "command_answered"
    command_id: str
    action: DroneAction
    drone_id: str | None
    accepted: bool
    at: AwareDatetime
    actor: str
    reasons: tuple[ReasonText, ...] = ()
    flight_id: str | None = None


FlightEvent = Annotated[
    FlightChanged | PatrolRunDecided | DispatchOffered | DispatchChanged | CommandAnswered,
    Field(discriminator="type"),
]
FLIGHT_EVENTS: TypeAdapter[FlightChanged | PatrolRunDecided | DispatchOffered | DispatchChanged | CommandAnswered] = (
    TypeAdapter(FlightEvent)
)
