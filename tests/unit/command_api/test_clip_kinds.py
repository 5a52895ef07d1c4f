"""Which alerts get a clip: those of a rule on a camera's picture; clips were once asked for zones and lines alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from command_api.alerts.model import ClipState
from command_api.store import alerts
from command_api.store.database import database_url, migrate, open_engine
from kernel.config.rules import Level
from kernel.events import AlertKind, AlertRaised

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
WITHOUT = {
    AlertKind.CAMERA_OFFLINE,
    AlertKind.DRONE_TAKEN_OVER,
    AlertKind.DRONE_LINK_LOST,
    AlertKind.DRONE_FAILED,
    AlertKind.DRONE_ATTENTION,
}


@pytest.mark.parametrize("kind", list(AlertKind))
def test_every_alert_of_a_rule_on_a_picture_gets_a_clip(tmp_path: Path, kind: AlertKind) -> None:
    raised = AlertRaised(
        id="01JDA0T6J4Q2V0S3M8R7K5C9XN",
        camera_id="cam-01",
        rule_id="r",
        kind=kind,
        level=Level.RED,
        class_name="person",
        occurred_at=NOW,
        created_at=NOW,
        last_seen_at=NOW,
    )
    engine = open_engine(database_url(tmp_path / "lookout.db", ""), writing=True)
    migrate(engine)
    with engine.begin() as connection:
        stored = alerts.record_incident(connection, raised, alerts.Names("北门", "r"))
        requested = [alert.id for alert in alerts.unrequested_clips(connection)]
    engine.dispose()
    assert stored is not None
    assert stored.clip.state is (ClipState.UNAVAILABLE if kind in WITHOUT else ClipState.PENDING)
    assert requested == ([] if kind in WITHOUT else [raised.id])
