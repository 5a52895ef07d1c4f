"""A camera as the API tells of it. Never an address or a credential."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from kernel.config.base import PicturePoint
from kernel.config.rules import Direction, Level
from kernel.events import CameraState, GeoPoint, OfflineCause


class UnobservedState(StrEnum):
    """What a stream is in when nothing watches it: neither online nor offline is known."""

    UNOBSERVED = "unobserved"


StreamStateName = CameraState | UnobservedState


class AnalysisState(StrEnum):
    """Whether a camera is analysed. 'Not analysed', 'nothing detected' and 'nothing told yet' are different things."""

    UNKNOWN = "unknown"
    ANALYSED = "analysed"
    NOT_ANALYSED = "not_analysed"
    NOT_CONFIGURED = "not_configured"


class Stream(BaseModel):
    """One stream of a camera."""

    model_config = ConfigDict(frozen=True)

    state: StreamStateName
    cause: OfflineCause
    detail: str = ""
    since: AwareDatetime | None = None
    codec: str = ""
    width_px: int = 0
    height_px: int = 0
    fps: float = 0.0
    bitrate_bits_s: float = 0.0
    last_packet_at: AwareDatetime | None = None


class Analysis(BaseModel):
    """What the detector does with a camera."""

    model_config = ConfigDict(frozen=True)

    state: AnalysisState
    cause: str = ""
    analysed_fps: float = 0.0
    wanted_fps: float = 0.0
    last_analysed_at: AwareDatetime | None = None
    min_confidence: float = Field(default=0.0, description="Detections below it are dropped at once.")


class Place(GeoPoint):
    """Where a camera stands, WGS-84, and which way it looks."""

    bearing_deg: float | None = None


class Zone(BaseModel):
    """A polygon of the picture."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    points: tuple[PicturePoint, ...]


class Rule(BaseModel):
    """What becomes an alert."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    kind: str
    level: Level
    classes: tuple[str, ...]
    zone: str | None = None
    line: tuple[PicturePoint, PicturePoint] | None = None
    direction: Direction | None = None
    min_confidence: float = Field(description="Detections below it do not count.")


class PlannedNow(BaseModel):
    """The planned outage a camera is in."""

    model_config = ConfigDict(frozen=True)

    until: AwareDatetime
    reason: str


class Camera(BaseModel):
    """A camera of the register and how it is doing."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    unit: str
    station: str
    grid: str
    vendor: str
    enabled: bool
    place: Place | None
    streams: dict[str, Stream]
    live_stream: str
    state: StreamStateName = Field(description="Of the live stream, like cause, since and last_packet_at.")
    cause: OfflineCause
    since: AwareDatetime | None
    last_packet_at: AwareDatetime | None
    planned: PlannedNow | None = Field(default=None, description="Out of service meanwhile: no alert, not in the rate.")
    analysed: Analysis
    zones: tuple[Zone, ...]
    rules: tuple[Rule, ...]
    masks: tuple[tuple[PicturePoint, ...], ...]
    transcoded: bool = Field(description="Whether the live view is transcoded, because browsers do not play the codec.")
