"""Alerts and clips from the bus into the store, and requests for clips back.

    alerts stream --AlertRaised, ClipReady--> one transaction --> acknowledge, pages, bus
    stored camera alert without a clip --ClipRequested--> commands stream

What still has to be requested is read from the store, so a kill between commit and request loses nothing.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from functools import partial
from pathlib import PurePosixPath

from sqlalchemy import Connection

from command_api.alerts.model import Alert
from command_api.bus_out import BusOut
from command_api.context import ApiContext
from command_api.intake.patience import write_patiently
from command_api.push.announce import Announcer
from command_api.store import alerts
from command_api.store.database import Store, StoreUnavailable
from kernel.bus.address import wait_or_stop
from kernel.bus.names import ALERTS, COMMANDS
from kernel.clock import Clock
from kernel.events import AlertRaised, ClipReady, ClipRequested

_LOGGER = logging.getLogger(__name__)
CLIP_BEFORE = timedelta(seconds=5)
CLIP_AFTER = timedelta(seconds=10)
_CLIP_OVERDUE = timedelta(minutes=10)
_LOOK_AGAIN_S = 5.0


class AlertIntake:
    """Stores what the `alerts` stream brings.

    Args:
        context: store, register and pages.
        clips: is told that there may be clips to request.
    """

    def __init__(self, context: ApiContext, clips: ClipRequests) -> None:
        self._context = context
        self._clips = clips

    async def handle(self, batch: list[tuple[str, AlertRaised | ClipReady]]) -> None:
        """Commit a batch and tell of it."""
        context = self._context
        events = [event for _entry, event in batch]

        def work(connection: Connection) -> list[tuple[Alert, bool]]:
            recorded = [(self._record(connection, event), isinstance(event, AlertRaised)) for event in events]
            return [(alert, is_raised) for alert, is_raised in recorded if alert is not None]

        changed = await write_patiently(context.store, work, context.stopping)
        context.announcer.alerts(alert for alert, _ in changed)
        self._clips.look()
        now = context.clock.now()
        context.metrics.taken(ALERTS, [entry for entry, _event in batch], now)
        for alert, is_raised in changed:
            if is_raised and alert.triggers == 1 and alert.class_changes == 0 and alert.ended_at is None:
                context.metrics.alert_delivery_s.observe((now - alert.created_at).total_seconds())

    def _record(self, connection: Connection, event: AlertRaised | ClipReady) -> Alert | None:
        if isinstance(event, ClipReady):
            return alerts.record_clip(connection, event)
        return alerts.record_incident(connection, event, self._context.register.names(event))


class ClipRequests:
    """Asks ingest for the clip of every new camera alert.

    Args:
        store: tells which are missing.
        bus: takes the requests.
        announcer: tells of clips that never came.
        clock: time.
    """

    def __init__(self, store: Store, bus: BusOut, announcer: Announcer, clock: Clock) -> None:
        self._store = store
        self._bus = bus
        self._announcer = announcer
        self._clock = clock
        self._kicked = asyncio.Event()

    def look(self) -> None:
        """There may be something to request."""
        self._kicked.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Request clips until `stop` is set."""
        while not stop.is_set():
            self._kicked.clear()
            try:
                await self._request_missing()
                await self._give_up_overdue()
            except StoreUnavailable as error:
                _LOGGER.warning("clips wait for the store reason=%s", error.reason)
            kicked = asyncio.ensure_future(self._kicked.wait())
            stopped = asyncio.ensure_future(wait_or_stop(stop, _LOOK_AGAIN_S))
            await asyncio.wait({kicked, stopped}, return_when=asyncio.FIRST_COMPLETED)
            kicked.cancel()
            stopped.cancel()

    async def _request_missing(self) -> None:
        for alert in await self._store.read(alerts.unrequested_clips):
            if not await self._bus.request_clip(COMMANDS, clip_request(alert)):
                return
            now = self._clock.now()
            await self._store.write(partial(alerts.mark_clip_requested, alert_id=alert.id, now=now))

    async def _give_up_overdue(self) -> None:
        asked_before = self._clock.now() - _CLIP_OVERDUE
        problem = "采集服务未答复 / no answer from ingest"
        if await self._store.read(lambda connection: alerts.has_overdue_clips(connection, asked_before)):
            self._announcer.alerts(
                await self._store.write(lambda connection: alerts.give_up_clips(connection, asked_before, problem))
            )


def clip_request(alert: Alert) -> ClipRequested:
    """The request for an alert's clip: 5 s before to 10 s after it occurred, filed by date."""
    folder = PurePosixPath(alert.occurred_at.strftime("%Y/%m/%d"))
    return ClipRequested(
        alert_id=alert.id,
        camera_id=alert.camera_id,
        from_at=alert.occurred_at - CLIP_BEFORE,
        to_at=alert.occurred_at + CLIP_AFTER,
        clip_path=str(folder / f"{alert.id}.mp4"),
    )
