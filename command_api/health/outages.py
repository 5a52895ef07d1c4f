"""One alert per outage, one recovery; pure: ledger rows in, what is due out.

    online --offline, watched for offline_debounce_s--> alerted --online--> recovered (the same alert, ended)
             (less: nothing is ever said)                      --disabled, removed or planned--> ended

Time nobody watched does not count towards the debounce, nor does a planned outage: a camera that is still offline when
that ends is alerted the debounce later, as offline since then. An outage goes on across a restart of the observer as
long as the camera was not seen online in between, so it stays one alert. Where a whole group is down when the first of
its cameras is due, those that failed together are due with it, as one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from command_api.health.together import Group, failed_together
from kernel.events import CameraState, OfflineCause
from kernel.ledger import LedgerChanges, Span, StateInterval, WatchKind
from kernel.ledger.spans import difference, intersection, seconds, union


class Turn(StrEnum):
    """What happened to a camera's alert."""

    RAISED = "raised"
    RECOVERED = "recovered"
    TAKEN_OUT = "taken_out"


@dataclass(frozen=True, slots=True)
class Due:
    """An alert is to be raised or ended.

    Attributes:
        camera_id: whose.
        turn: what happened.
        start_s: arrival of the last packet; for an end, what the alert says.
        known_s: the instant it is known for: newest heartbeat, or the first packet after.
        cause: why it is offline.
        together: cameras that failed with it, itself among them; empty for one alone.
    """

    camera_id: str
    turn: Turn
    start_s: float
    known_s: float
    cause: OfflineCause
    together: tuple[str, ...] = ()


class OutageWatch:
    """Follows the live stream of every camera.

    Args:
        debounce_s: watched offline time before an alert.
        alerted: start of the outage by camera, where an alert stands.
        planned: when a camera is out of service for a planned outage; spans may overlap.
        groups: cameras that may fail together.
    """

    def __init__(
        self,
        debounce_s: float,
        alerted: Mapping[str, float],
        planned: Callable[[str], Iterable[Span]] = lambda _camera_id: (),
        groups: Sequence[Group] = (),
    ) -> None:
        self._debounce_s = debounce_s
        self._groups = groups
        self._planned = planned
        self._alerted = dict(alerted)
        self._offline: dict[str, dict[float, StateInterval]] = {}
        self._newest: dict[str, StateInterval] = {}
        self._watched: dict[str, dict[float, Span]] = {}

    def take(self, changes: LedgerChanges) -> list[Due]:
        """What is due after some rows changed (of live streams only)."""
        for span in changes.spans:
            if span.kind is WatchKind.OBSERVED:
                self._watched.setdefault(span.camera_id, {})[span.start_s] = span.span
        for row in sorted(changes.intervals, key=lambda row: (row.is_open, row.start_s)):
            self._note(row)
        touched = sorted({row.camera_id for row in changes.intervals})
        return [due for due in map(self._due, touched) if due is not None]

    def out_of_service(self, in_service: Iterable[str], now_s: float) -> list[Due]:
        """Alerts of cameras that are no longer in service."""
        gone = sorted(set(self._alerted) - set(in_service))
        return [self._ended(camera_id, Turn.TAKEN_OUT, now_s) for camera_id in gone]

    def _note(self, row: StateInterval) -> None:
        """The open row is the present one, also where it is dated back before rows that shrank to nothing."""
        if row.is_open:
            self._newest[row.camera_id] = row
        if row.state.is_online or row.state is CameraState.DISABLED:
            if row.is_open:
                self._offline.pop(row.camera_id, None)
            return
        rows = self._offline.setdefault(row.camera_id, {})
        rows[row.start_s] = row
        spans = self._watched.get(row.camera_id, {})
        for start_s in [start_s for start_s, span in spans.items() if span.end_s < min(rows)]:
            del spans[start_s]

    def _due(self, camera_id: str) -> Due | None:
        newest = self._newest.get(camera_id)
        if newest is None:
            return None
        if camera_id in self._alerted:
            if newest.state.is_online and newest.end_s > newest.start_s:
                return self._ended(camera_id, Turn.RECOVERED, newest.start_s)
            if newest.state is CameraState.DISABLED:
                return self._ended(camera_id, Turn.TAKEN_OUT, newest.start_s)
            begun_s = self._planned_since(newest)
            if begun_s is not None:
                return self._ended(camera_id, Turn.TAKEN_OUT, max(begun_s, self._alerted[camera_id]))
            return None
        span = self._unplanned(camera_id)
        if span is None:
            return None
        watched_s = seconds(intersection(union(self._watched.get(camera_id, {}).values()), [span]))
        if watched_s < self._debounce_s:
            return None
        causes = [row.cause for row in self._outage(camera_id) if row.cause is not OfflineCause.NONE]
        due = Due(camera_id, Turn.RAISED, span.start_s, span.end_s, causes[-1] if causes else OfflineCause.NONE)
        return self._with_others(due)

    def _unplanned(self, camera_id: str) -> Span | None:
        """The outage that goes on, from the end of the last planned one; None while online or in a planned one."""
        outage = self._outage(camera_id)
        if not outage:
            return None
        rest = difference([Span(outage[0].start_s, outage[-1].end_s)], union(self._planned(camera_id)))
        return rest[-1] if rest and rest[-1].end_s == outage[-1].end_s else None

    def _planned_since(self, newest: StateInterval) -> float | None:
        """Since when the camera is in a planned outage; None where it is in none."""
        spans = union(self._planned(newest.camera_id))
        return next((one.start_s for one in spans if one.start_s <= newest.end_s < one.end_s), None)

    def _with_others(self, due: Due) -> Due:
        """The same with those that failed together with it; all of them count as alerted from here on."""
        spans = {camera_id: self._unplanned(camera_id) for camera_id in self._newest}
        since_s = {camera_id: span.start_s for camera_id, span in spans.items() if span is not None}
        idle = {
            camera_id
            for camera_id, row in self._newest.items()
            if row.state is CameraState.DISABLED or self._planned_since(row) is not None
        }
        down = failed_together(self._groups, since_s, idle)
        found = next((one for one in down if due.camera_id in one.camera_ids), None)
        if found is None:
            self._alerted[due.camera_id] = due.start_s
            return due
        self._alerted.update((camera_id, since_s[camera_id]) for camera_id in found.camera_ids)
        return replace(due, start_s=found.start_s, together=found.camera_ids)

    def _outage(self, camera_id: str) -> list[StateInterval]:
        """The offline rows that follow each other without a break up to the newest."""
        joined: list[StateInterval] = []
        for row in sorted(self._offline.get(camera_id, {}).values(), key=lambda row: row.start_s, reverse=True):
            if row.is_probing or (joined and row.end_s < joined[0].start_s):
                break
            joined.insert(0, row)
        return joined

    def _ended(self, camera_id: str, turn: Turn, known_s: float) -> Due:
        return Due(camera_id, turn, self._alerted.pop(camera_id), known_s, OfflineCause.NONE)
