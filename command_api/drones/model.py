"""What the page gets to see of drones, flights, patrols and the map. Never a link's address or a key."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from command_api.cameras.model import StreamStateName
from kernel.config.fleet import Autopilot, LinkLoss
from kernel.config.patrols import Launch
from kernel.drone_tables import PlanPicture, ZonePicture
from kernel.events import (
    DispatchChanged,
    DispatchOffered,
    DroneAction,
    DroneTelemetry,
    FlightCause,
    FlightChanged,
    FlightOutcome,
    FlightState,
    GeoPoint,
    PatrolRunDecided,
    ReasonText,
)

_FLIGHT_EXAMPLE: dict[str, Any] = {
    "flight_id": "01JDA0T6J4Q2V0S3M8R7K5C9XN",
    "change": 9,
    "drone_id": "uav-1",
    "drone_name": "巡逻一号",
    "patrol_id": "north-loop",
    "patrol_name": "北环巡逻",
    "state": "landed",
    "at": "2026-03-01T06:41:20Z",
    "started_at": "2026-03-01T06:30:00Z",
    "ended_at": "2026-03-01T06:41:20Z",
    "cause": "schedule",
    "actor": "vehicle",
    "outcome": "done",
    "reasons": [],
    "items_total": 12,
    "items_reached": 12,
    "item_current": None,
    "place": {"lat": 41.77, "lon": 109.97},
    "distance_from_home_m": 0.6,
    "distance_flown_m": 3120.0,
    "least_separation_m": 24.6,
    "nearest_drone_id": "uav-2",
    "run_id": "north-loop@20260301T063000Z",
    "alert_id": None,
    "flight_log": "flights/2026/03/01/01JDA0T6J4Q2V0S3M8R7K5C9XN",
}


class Flight(BaseModel):
    """A flight, as its newest change tells."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"example": _FLIGHT_EXAMPLE})

    flight_id: str
    change: int = Field(description="Rises by one with every change.")
    drone_id: str
    drone_name: str
    patrol_id: str | None = Field(description="None for a dispatch that began on the ground.")
    patrol_name: str | None
    state: FlightState
    at: AwareDatetime = Field(description="Of the newest change.")
    started_at: AwareDatetime = Field(description="When the flight was ordered.")
    ended_at: AwareDatetime | None
    cause: FlightCause
    actor: str = Field(description="Who ordered the newest change.")
    outcome: FlightOutcome | None = Field(description="Set once the flight is over; only `done` was flown to its end.")
    reasons: tuple[ReasonText, ...]
    items_total: int = Field(description="Points of the patrol; home and return are not counted.")
    items_reached: int
    item_current: int | None
    place: GeoPoint | None
    distance_from_home_m: float | None
    distance_flown_m: float
    least_separation_m: float | None = Field(description="Nearest another drone came in the air; None: there was none.")
    nearest_drone_id: str | None
    run_id: str | None
    alert_id: str | None
    flight_log: str


class FlightWithChanges(Flight):
    """A flight and everything that happened in it, oldest first."""

    changes: tuple[FlightChanged, ...]


class Drone(BaseModel):
    """A drone of the fleet and how it is doing."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    unit: str
    camera_id: str | None = Field(description="Its camera, where the caller looks for its picture.")
    autopilot: Autopilot
    home: GeoPoint = Field(description="Its dock, WGS-84.")
    link_loss: LinkLoss = Field(description="What it does when it hears no ground station any more.")
    separation_m: float = Field(description="Other drones are kept at least so far away in the air.")
    telemetry: DroneTelemetry | None = Field(description="The last that came; None since the service started.")
    telemetry_age_s: float | None = Field(description="Since it came.")
    is_stale: bool = Field(description="Nothing came for over 5 s: not how the drone is, but how it was.")
    flight: Flight | None = Field(description="The flight that is not over, if any.")


class Completion(BaseModel):
    """What became of the scheduled runs of a window. docs/patrols-api.md defines each figure.

    due = done + refused + missed + failed + held + skipped; rate = done / due.
    """

    model_config = ConfigDict(frozen=True)

    days: int = Field(description="The window: runs due in this many days before now.")
    due: int = Field(description="Runs that came due and are settled.")
    done: int = Field(description="Flown to the end: every point reached, disarmed at home.")
    refused: int = Field(description="Not started: something spoke against it.")
    missed: int = Field(description="Not started in time, or nobody confirmed it in time.")
    failed: int = Field(description="Started and not flown to the end, whatever the reason.")
    held: int = Field(description="Held back, e.g. by the weather.")
    skipped: int = Field(description="Left out, because the drone was still flying.")
    pending: int = Field(description="Waits for a person, or is in the air; not counted in due.")
    rate: float | None = Field(description="done / due, 0-1; None where nothing was due.")


class Patrol(BaseModel):
    """A patrol of the config: when it flies, how, and how it went."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    drones: tuple[str, ...] = Field(description="Drones that may fly it, the preferred one first.")
    launch: Launch
    schedule: str | None = Field(description="When it is due, in words of the config; None: only by hand.")
    altitude_m: float = Field(description="Above ground.")
    route_kind: str
    next_runs: tuple[AwareDatetime, ...]
    awaiting: PatrolRunDecided | None = Field(description="A run that waits for a person, with confirm_until.")
    plans: tuple[PlanPicture, ...] = Field(description="One for each drone the drone service has planned it for.")
    last_flight: Flight | None
    completion: Completion


class MapCamera(BaseModel):
    """A camera on the map."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    lat: float
    lon: float
    bearing_deg: float | None
    fov_deg: float | None = Field(description="Horizontal field of view, where it is known.")
    state: StreamStateName


class MapHome(BaseModel):
    """A dock on the map."""

    model_config = ConfigDict(frozen=True)

    drone_id: str
    name: str
    lat: float
    lon: float


class MapPicture(BaseModel):
    """What stands still on the map, WGS-84."""

    model_config = ConfigDict(frozen=True)

    site: GeoPoint | None = Field(description="Middle of the docks, else of the cameras.")
    cameras: tuple[MapCamera, ...]
    zones: tuple[ZonePicture, ...]
    zones_known: bool = Field(
        description="false: the drone service has not drawn every zone; what is not drawn may still be there."
    )
    homes: tuple[MapHome, ...]


class OrderTaken(BaseModel):
    """The drone service took an order."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "example": {"accepted": True, "command_id": "01JDA0T6J4Q2V0S3M8R7K5C9XN", "flight_id": None}
        },
    )

    accepted: Literal[True] = True
    command_id: str
    flight_id: str | None = Field(description="Of the flight it began or changed.")


class OrderSent(BaseModel):
    """An order went out; what comes of it comes as an event."""

    model_config = ConfigDict(frozen=True)

    command_id: str
    action: DroneAction
    expires_at: AwareDatetime


DispatchStep = DispatchOffered | DispatchChanged
