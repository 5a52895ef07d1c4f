"""Events for the tests of the bus."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from kernel.config.camera import StreamName
from kernel.events import CameraState, CameraStateChanged, ObserverHeartbeat, OfflineCause

START = datetime(2026, 1, 1, tzinfo=UTC)


def change(number: int) -> CameraStateChanged:
    """The n-th state change of a camera."""
    return CameraStateChanged(
        camera_id=f"cam-{number}",
        stream=StreamName.MAIN,
        state=CameraState.STREAMING,
        cause=OfflineCause.NONE,
        changed_at=START + timedelta(seconds=number),
        worker="ingest-0",
        run_id="run-1",
    )


def heartbeat(number: int) -> ObserverHeartbeat:
    """The n-th heartbeat of an observer."""
    return ObserverHeartbeat(worker="ingest-0", run_id="run-1", beat_at=START + timedelta(seconds=number), streams=())
