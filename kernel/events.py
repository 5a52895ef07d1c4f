"""What crosses between services on the bus: frozen events, JSON on the wire.

Durable ones travel on Redis streams and may arrive twice: receivers upsert by id. Passing ones travel by pub/sub.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from kernel.config.camera import StreamName
from kernel.config.rules import Level
from kernel.drone_events import FLIGHT_EVENTS as FLIGHT_EVENTS
from kernel.drone_events import AirPose as AirPose
from kernel.drone_events import CommandAnswered as CommandAnswered
from kernel.drone_events import DispatchCandidate as DispatchCandidate
from kernel.drone_events import DispatchChanged as DispatchChanged
from kernel.drone_events import DispatchOffered as DispatchOffered
from kernel.drone_events import DispatchStage as DispatchStage
from kernel.drone_events import DroneAction as DroneAction
from kernel.drone_events import DroneCommand as DroneCommand
from kernel.drone_events import DroneTelemetry as DroneTelemetry
from kernel.drone_events import FlightCause as FlightCause
from kernel.drone_events import FlightChanged as FlightChanged
from kernel.drone_events import FlightOutcome as FlightOutcome
from kernel.drone_events import FlightState as FlightState
from kernel.drone_events import LinkState as LinkState
from kernel.drone_events import PatrolRunDecided as PatrolRunDecided
from kernel.drone_events import ReasonText as ReasonText
from kernel.drone_events import RunDecision as RunDecision
from kernel.drone_events import VehiclePosition as VehiclePosition
from kernel.event_base import Event as Event
from kernel.event_base import GeoPoint as GeoPoint

BoxXyxy = tuple[float, float, float, float]


class CameraState(StrEnum):
    """State of one stream of a camera. STREAMING and DEGRADED are online."""

    STREAMING = "streaming"
    DEGRADED = "degraded"
    CONNECTING = "connecting"
    STALLED = "stalled"
    BACKOFF = "backoff"
    DISABLED = "disabled"

    @property
    def is_online(self) -> bool:
        """Whether the ledger counts this state as online."""
        return self in (CameraState.STREAMING, CameraState.DEGRADED)

    @property
    def is_offline(self) -> bool:
        """Whether the ledger counts this state as offline (a disabled stream is neither)."""
        return self in (CameraState.CONNECTING, CameraState.STALLED, CameraState.BACKOFF)


class OfflineCause(StrEnum):
    """Why a stream is not online."""

    NONE = "none"
    NAME_NOT_RESOLVED = "name_not_resolved"
    NO_ROUTE = "no_route"
    REFUSED = "refused"
    OPEN_TIMED_OUT = "open_timed_out"
    WRONG_PASSWORD = "wrong_password"
    DIGEST_UNSUPPORTED = "digest_unsupported"
    NO_SUCH_STREAM = "no_such_stream"
    NO_VIDEO = "no_video"
    NO_PACKETS = "no_packets"
    NOT_DECODABLE = "not_decodable"
    CLOSED_BY_CAMERA = "closed_by_camera"
    SERVER_ERROR = "server_error"
    NO_SHARED_MEMORY = "no_shared_memory"
    DRONE_ON_GROUND = "drone_on_ground"  # out of service, not offline: its session is open in flight only


class CameraStateChanged(Event):
    """A stream of a camera went from one state to another (ingest -> `camera_state`)."""

    type: Literal["camera_state_changed"] = "camera_state_changed"
    camera_id: str
    stream: StreamName
    state: CameraState
    cause: OfflineCause
    detail: str = Field(default="", description="One line for a maintainer, without credentials.")
    changed_at: AwareDatetime = Field(description="For offline states: the arrival of the last packet, if any.")
    worker: str = Field(description="Observer's name, e.g. ingest-0; a new run of it has a new run_id.")
    run_id: str
    codec: str = ""
    width_px: int = 0
    height_px: int = 0


class StreamPulse(BaseModel):
    """What an observer last saw of one stream."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    camera_id: str
    stream: StreamName
    state: CameraState
    cause: OfflineCause
    last_packet_at: AwareDatetime | None
    bitrate_bits_s: float
    fps: float


class ObserverHeartbeat(Event):
    """An ingest worker is alive and watching, 1 Hz (ingest -> `camera_state`)."""

    type: Literal["observer_heartbeat"] = "observer_heartbeat"
    worker: str
    run_id: str
    beat_at: AwareDatetime
    streams: tuple[StreamPulse, ...]


class AnalysisPulse(BaseModel):
    """What the detector last did with one camera."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    camera_id: str
    analysed_fps: float
    wanted_fps: float
    last_analysed_at: AwareDatetime | None = Field(description="captured_at of the newest analysed frame.")
    dropped: int = Field(description="Frames passed over since the detector started because it was behind.")
    age_p50_ms: float
    age_p95_ms: float
    cause: str = Field(default="", description="Why the camera is not analysed, empty while it is.")
    is_urgent: bool = Field(default=False, description="In alert or on a drone, so it goes before the others.")


class AnalysisHeartbeat(Event):
    """The detector is alive, 1 Hz (detect -> `camera_state` and pub/sub `detector_status`)."""

    type: Literal["analysis_heartbeat"] = "analysis_heartbeat"
    run_id: str
    detector: str = Field(default="detect", description="Which one, where there is one for each GPU.")
    beat_at: AwareDatetime
    engine: str = Field(description="E.g. openvino bf16 384x640.")
    model: str
    model_warning: str = Field(default="", description="Shown on the wall, e.g. district-only model on other cameras.")
    capacity_fps: float = Field(description="Images a second the engine was measured at.")
    wanted_fps: float = Field(description="Images a second the cameras ask for together.")
    granted_fps: float = Field(default=0.0, description="Analysed frames a second each camera gets, at most wanted.")
    cameras: tuple[AnalysisPulse, ...]


class TrackBox(BaseModel):
    """One tracked object on one frame."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    track_id: int
    class_name: str
    confidence: float
    box_xyxy: BoxXyxy = Field(description="Fractions 0-1 of the picture: left, top, right, bottom.")


class TracksUpdate(Event):
    """Tracks of one analysed frame (detect -> pub/sub `tracks:<camera>`)."""

    type: Literal["tracks_update"] = "tracks_update"
    camera_id: str
    captured_at: AwareDatetime
    analysed_at: AwareDatetime
    pts: int | None = Field(default=None, description="Presentation time of that frame in its stream, 90 kHz.")
    tracks: tuple[TrackBox, ...]


class GroundSighting(BaseModel):
    """One tracked object a drone's camera sees, and where it stands."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    track_id: int
    class_name: str
    confidence: float
    place: GeoPoint | None = Field(description="WGS-84; None: not known, `unplaced` says why.")
    error_m: float | None = Field(default=None, description="Root mean square distance to the true place.")
    major_m: float | None = Field(default=None, description="Long half axis of the one-sigma ellipse.")
    minor_m: float | None = None
    major_bearing_deg: float | None = Field(default=None, description="Which way the long axis lies, 0-180.")
    unplaced: str = Field(default="", description="Why there is no place: see docs/drone-sight.md.")


class SightsUpdate(Event):
    """What a drone's camera saw on one frame (detect -> pub/sub `sights:<camera>`): classes and places, no names."""

    type: Literal["sights_update"] = "sights_update"
    camera_id: str
    drone_id: str
    captured_at: AwareDatetime
    sightings: tuple[GroundSighting, ...]
    footprint: tuple[GeoPoint, ...] = Field(default=(), description="Corners of the ground in the picture, if known.")
    unplaced: str = Field(default="", description="Why nothing of this frame can be placed, empty where it can.")


class AlertKind(StrEnum):
    """What an alert is about."""

    ZONE_INTRUSION = "zone_intrusion"
    LINE_CROSSING = "line_crossing"
    LOITERING = "loitering"
    CROWD = "crowd"
    VEHICLE_STOPPED = "vehicle_stopped"
    WRONG_DIRECTION = "wrong_direction"
    ZONE_UNMANNED = "zone_unmanned"
    OBJECT_LEFT = "object_left"
    OBJECT_REMOVED = "object_removed"
    RUNNING = "running"
    AREA_INTRUSION = "area_intrusion"
    PICTURE_LOST = "picture_lost"
    CAMERA_OFFLINE = "camera_offline"
    DRONE_TAKEN_OVER = "drone_taken_over"
    DRONE_LINK_LOST = "drone_link_lost"
    DRONE_FAILED = "drone_failed"
    DRONE_ATTENTION = "drone_attention"


class AlertState(StrEnum):
    """Where an alert is in the closed loop. This first version goes as far as acknowledged and false alarm."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    FALSE_ALARM = "false_alarm"


class AlertRaised(Event):
    """An incident opened, went on, or ended; the same id each time (detect -> `alerts`).

    Alerts about a drone (drone -> `alerts`) carry the id of its camera, else its own, as camera_id and `drone` as
    rule_id.
    """

    type: Literal["alert_raised"] = "alert_raised"
    id: str = Field(description="ULID, made where the alert is born.")
    camera_id: str
    rule_id: str
    kind: AlertKind
    level: Level
    class_name: str
    occurred_at: AwareDatetime = Field(description="captured_at of the frame that opened the incident.")
    created_at: AwareDatetime = Field(description="When the alert was made.")
    last_seen_at: AwareDatetime = Field(description="captured_at of the newest trigger of the incident.")
    ended_at: AwareDatetime | None = Field(default=None, description="Set once the incident is over.")
    triggers: int = Field(default=1, ge=1, description="Objects merged into this incident so far.")
    class_changes: int = Field(default=0, ge=0, description="Times class_name was corrected since the opening.")
    confidence: float | None = None
    box_xyxy: BoxXyxy | None = Field(default=None, description="Fractions 0-1 of the picture.")
    track_id: int | None = None
    place: GeoPoint | None = Field(
        default=None,
        description="WGS-84: where its subject stands, for a drone's camera; else where the camera or the drone is.",
    )
    place_error_m: float | None = Field(
        default=None,
        ge=0,
        description="95% of true places lie within it of `place`; None: not known, as for a camera that stands.",
    )
    unplaced: str = Field(default="", description="Why a drone's camera gave no place: see docs/drone-sight.md.")
    snapshot_path: str | None = Field(default=None, description="Relative to the evidence directory.")
    snapshot_sha256: str | None = None
    detail: str = Field(default="", description="Words for people, e.g. the outage's duration, in Chinese.")
    detail_en: str = Field(default="", description="The same in English; empty: there is no other text than `detail`.")
    cameras: tuple[str, ...] = Field(
        default=(), description="Cameras that went offline together, camera_id among them; empty for one alone."
    )


class ClipReady(Event):
    """The clip of an alert was written, or cannot be (ingest -> `alerts`)."""

    type: Literal["clip_ready"] = "clip_ready"
    alert_id: str
    clip_path: str | None = Field(description="Relative to the evidence directory; None where there is none.")
    clip_sha256: str | None
    duration_s: float | None
    problem: str = Field(default="", description="Why there is no clip, or what it lacks.")


class ClipRequested(Event):
    """Cut a clip around an instant (command_api -> `commands`)."""

    type: Literal["clip_requested"] = "clip_requested"
    alert_id: str
    camera_id: str
    from_at: AwareDatetime
    to_at: AwareDatetime
    clip_path: str = Field(description="Relative to the evidence directory.")


CameraStateEvent = Annotated[CameraStateChanged | ObserverHeartbeat | AnalysisHeartbeat, Field(discriminator="type")]
AlertEvent = Annotated[AlertRaised | ClipReady, Field(discriminator="type")]
CommandEvent = Annotated[ClipRequested | DroneCommand, Field(discriminator="type")]

CAMERA_STATE_EVENTS: TypeAdapter[CameraStateChanged | ObserverHeartbeat | AnalysisHeartbeat] = TypeAdapter(
    CameraStateEvent
)
ALERT_EVENTS: TypeAdapter[AlertRaised | ClipReady] = TypeAdapter(AlertEvent)
COMMAND_EVENTS: TypeAdapter[ClipRequested | DroneCommand] = TypeAdapter(CommandEvent)
