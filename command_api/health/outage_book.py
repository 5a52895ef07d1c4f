"""Planned outages of about now, in memory: for the board and for the alerts, which ask all the time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from command_api.health.planned import PlannedOutage, spans_by_camera, under_way
from kernel.ledger import Span

REMEMBERED_S = 24 * 3600.0


class OutageBook:
    """What was read last: outages that were not over REMEMBERED_S ago, and those to come."""

    def __init__(self, outages: Iterable[PlannedOutage] = ()) -> None:
        self.replace(outages)

    def replace(self, outages: Iterable[PlannedOutage]) -> None:
        """Take what the store says now."""
        self._outages = tuple(outages)
        self._spans = spans_by_camera(self._outages)
        self._now: tuple[datetime | None, Mapping[str, PlannedOutage]] = None, {}

    def spans_of(self, camera_id: str) -> Sequence[Span]:
        """When a camera is out of service."""
        return self._spans.get(camera_id, ())

    def under_way(self, now: datetime) -> Mapping[str, PlannedOutage]:
        """The outage each camera is in; asked for each camera of the same instant, it is worked out once."""
        if self._now[0] != now:
            self._now = now, under_way(self._outages, now)
        return self._now[1]
