"""State changes and heartbeats from the bus into the store and onto the board."""

from __future__ import annotations

from sqlalchemy import Connection

from command_api.context import ApiContext
from command_api.intake.patience import write_patiently
from command_api.store import states
from kernel.bus.names import CAMERA_STATE
from kernel.events import AnalysisHeartbeat, CameraStateChanged, ObserverHeartbeat

CameraStateEvent = CameraStateChanged | ObserverHeartbeat | AnalysisHeartbeat


class CameraStateIntake:
    """Stores what the `camera_state` stream brings.

    Args:
        context: store, board and pages.
    """

    def __init__(self, context: ApiContext) -> None:
        self._context = context

    async def handle(self, batch: list[tuple[str, CameraStateEvent]]) -> None:
        """Commit a batch, then show and tell it."""
        context = self._context
        events = [event for _entry, event in batch]
        statuses = [context.board.changed(event) for event in events if isinstance(event, CameraStateChanged)]

        def work(connection: Connection) -> None:
            for status in statuses:
                states.put_status(connection, status)

        await write_patiently(context.store, work, context.stopping)
        for event in events:
            if isinstance(event, ObserverHeartbeat):
                context.board.beat(event)
            elif isinstance(event, AnalysisHeartbeat):
                context.board.analysed(event)
        for camera in context.board.take_changes(context.clock.now()):
            context.announcer.camera(camera)
        context.metrics.bus_events.labels(CAMERA_STATE).inc(len(events))
