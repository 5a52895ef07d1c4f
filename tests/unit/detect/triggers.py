"""A trigger that tests of incidents and alerts share."""

from __future__ import annotations

from datetime import UTC, datetime

from detect.rules.sighting import Trigger
from kernel.config.rules import Level
from kernel.events import AlertKind

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
FIELD = "cam-01/yard"
TRIGGER = Trigger(
    camera_id="cam-01",
    rule_id="yard",
    kind=AlertKind.ZONE_INTRUSION,
    level=Level.RED,
    cooldown_s=10.0,
    class_name="person",
    track_id=7,
    confidence=0.8,
    box_xyxy=(0.1, 0.2, 0.3, 0.4),
    at_s=START.timestamp(),
)
