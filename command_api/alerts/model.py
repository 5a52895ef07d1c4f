"""What the page and the bus get to see of an alert."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from command_api.alerts.transitions import FalseAlarmReason
from kernel.config.rules import Level
from kernel.events import AlertKind, AlertState, BoxXyxy, DispatchChanged, DispatchOffered, GeoPoint


class ClipState(StrEnum):
    """Where the clip of an alert is."""

    PENDING = "pending"
    READY = "ready"
    UNAVAILABLE = "unavailable"


class Clip(BaseModel):
    """The 15 s of video around an alert."""

    model_config = ConfigDict(frozen=True)

    state: ClipState
    duration_s: float | None = None
    problem: str = Field(default="", description="Why there is no clip, or what it lacks.")


class AlertStep(BaseModel):
    """One step that was taken, by whom and when."""

    model_config = ConfigDict(frozen=True)

    at: AwareDatetime
    actor: str
    action: str
    note: str


class Alert(BaseModel):
    """An alert as stored."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "example": {
                "id": "01JDA0T6J4Q2V0S3M8R7K5C9XN",
                "seq": 421,
                "camera_id": "cam-01",
                "camera_name": "北门",
                "rule_id": "yard",
                "rule_name": "闯入料场",
                "kind": "zone_intrusion",
                "level": "orange",
                "class_name": "person",
                "occurred_at": "2025-03-01T06:32:07.120Z",
                "created_at": "2025-03-01T06:32:07.480Z",
                "last_seen_at": "2025-03-01T06:32:09.920Z",
                "ended_at": None,
                "triggers": 2,
                "class_changes": 0,
                "confidence": 0.81,
                "box_xyxy": [0.41, 0.3, 0.47, 0.55],
                "track_id": 17,
                "place": {"lat": 41.77, "lon": 109.97},
                "place_error_m": None,
                "unplaced": "",
                "snapshot_path": "2025/03/01/01JDA0T6J4Q2V0S3M8R7K5C9XN.jpg",
                "snapshot_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "detail": "",
                "detail_en": "",
                "cameras": [],
                "state": "new",
                "acknowledged_by": None,
                "acknowledged_at": None,
                "undo_until": None,
                "false_alarm_reason": None,
                "clip": {"state": "pending", "duration_s": None, "problem": ""},
            }
        },
    )

    id: str
    seq: int = Field(description="Rises on every change of any alert.")
    camera_id: str
    camera_name: str
    rule_id: str
    rule_name: str
    kind: AlertKind
    level: Level
    class_name: str
    occurred_at: AwareDatetime
    created_at: AwareDatetime
    last_seen_at: AwareDatetime
    ended_at: AwareDatetime | None
    triggers: int
    class_changes: int = Field(description="How often class_name was corrected while the track was new.")
    confidence: float | None
    box_xyxy: BoxXyxy | None = Field(description="Fractions 0-1 of the picture: left, top, right, bottom.")
    track_id: int | None
    place: GeoPoint | None = Field(
        description="WGS-84: where its subject stands, for a drone's camera; else where the camera or the drone is."
    )
    place_error_m: float | None = Field(
        description="95% of true places lie within it of `place`; None: not known, as for a camera that stands."
    )
    unplaced: str = Field(description="Why a drone's camera gave no place: see docs/drone-sight.md.")
    snapshot_path: str | None
    snapshot_sha256: str | None
    detail: str = Field(description="What more there is to tell, in Chinese.")
    detail_en: str = Field(description="The same in English; empty: there is no other text than `detail`.")
    cameras: tuple[str, ...] = Field(description="Cameras that went offline together; empty for one alone.")
    state: AlertState
    acknowledged_by: str | None
    acknowledged_at: AwareDatetime | None
    undo_until: AwareDatetime | None
    false_alarm_reason: FalseAlarmReason | None
    clip: Clip


class AlertWithSteps(Alert):
    """An alert and what was done about it."""

    steps: tuple[AlertStep, ...]
    dispatch: tuple[DispatchOffered | DispatchChanged, ...] = Field(
        description="Drones offered for its place and what became of the one that was sent, oldest first."
    )
