"""Fence and rally points in the way before plans of their own: FENCE_POINT, RALLY_POINT and `*_TOTAL` parameters.

    total set and read back ──► each point sent and fetched back until the same ──► VERIFIED

A vehicle without the capability bits takes a fence sent as a plan for its mission, and loses that (FACTS-MAVLINK).
The total comes first: points that name another are refused. The fence is one closed polygon: point 0 is where to return
to, the last repeats the first corner. Source: ArduPilot 3.x, AC_Fence and AP_Rally.
"""

from __future__ import annotations

from collections.abc import Iterator

from drone.mavlink.dialect import Message, Target, mavlink
from drone.mavlink.parameters import ParameterSet
from drone.mavlink.results import UploadResult, UploadStatus
from drone.mavlink.timing import Timing
from drone.mission.compare import FLOAT_TOLERANCE_DEG
from drone.mission.items import Command, Mission, MissionItem, MissionType

_TOTAL = {MissionType.FENCE: "FENCE_TOTAL", MissionType.RALLY: "RALLY_TOTAL"}
_RALLY_STEP_DEG = 2e-7


class LegacyPoints:
    """Sends the points of one fence polygon, or the rally points. `result` is set at its end."""

    def __init__(self, mission: Mission, kind: MissionType, target: Target, timing: Timing) -> None:
        self.result: UploadResult | None = None
        self._kind = kind
        self._target = target
        self._timing = timing
        self._points = tuple(_fence_points(mission) if kind is MissionType.FENCE else mission.items)
        self._total = ParameterSet(_TOTAL[kind], len(self._points), target, timing, bytewise=False)
        self._sent = 0
        self._asked_at_s = 0.0
        self._started_at_s = 0.0
        self._ends_at_s = 0.0

    @property
    def is_done(self) -> bool:
        return self.result is not None

    def cancel(self) -> None:
        if self.result is None:
            self.result = UploadResult(UploadStatus.CANCELLED, "the upload was cancelled")

    def start(self, now_s: float) -> list[Message]:
        self._started_at_s = now_s
        self._ends_at_s = now_s + self._timing.transfer_s + len(self._points) * self._timing.per_item_s
        if not self._points:
            return self._end(UploadStatus.UNSUPPORTED, "the vehicle keeps a single inclusion polygon only", now_s)
        return self._total.start(now_s)

    def receive(self, message: Message, now_s: float) -> list[Message]:
        if self.is_done:
            return []
        if not self._total.is_done:
            return self._total.receive(message, now_s) + self._after_total(now_s)
        if message.get_type() == f"{self._kind.name}_POINT" and message.idx == self._sent:
            return self._fetched(message, now_s)
        return []

    def tick(self, now_s: float) -> list[Message]:
        if self.is_done:
            return []
        if now_s >= self._ends_at_s:
            return self._end(
                UploadStatus.NO_ANSWER, "not every point could be read back: the vehicle's list is incomplete", now_s
            )
        if not self._total.is_done:
            return self._total.tick(now_s) + self._after_total(now_s)
        return self._send(now_s) if now_s - self._asked_at_s >= self._timing.reply_s else []

    def _after_total(self, now_s: float) -> list[Message]:
        told = self._total.result
        if told is None:
            return []
        wanted = len(self._points)
        if told.value != wanted:
            return self._end(
                UploadStatus.UNSUPPORTED, f"{told.name} could not be set to {wanted}: {told.detail}", now_s
            )
        return self._send(now_s)

    def _send(self, now_s: float) -> list[Message]:
        self._asked_at_s = now_s
        point, count = self._points[self._sent], len(self._points)
        head = (self._target.system, self._target.component, self._sent)
        if self._kind is MissionType.FENCE:
            return [
                mavlink.MAVLink_fence_point_message(*head, count, point.lat_deg, point.lon_deg),
                mavlink.MAVLink_fence_fetch_point_message(*head),
            ]
        place = (round(point.lat_deg * 1e7), round(point.lon_deg * 1e7), round(point.alt_m))
        return [
            mavlink.MAVLink_rally_point_message(*head, count, *place, 0, 0, 0),
            mavlink.MAVLink_rally_fetch_point_message(*head),
        ]

    def _fetched(self, message: Message, now_s: float) -> list[Message]:
        point = self._points[self._sent]
        is_fence = self._kind is MissionType.FENCE
        scale, tolerance_deg = (1.0, FLOAT_TOLERANCE_DEG) if is_fence else (1e7, _RALLY_STEP_DEG)
        off_deg = max(abs(message.lat / scale - point.lat_deg), abs(message.lng / scale - point.lon_deg))
        if off_deg > tolerance_deg or not (is_fence or message.alt == round(point.alt_m)):
            return []  # an older point; ours is sent again
        self._sent += 1
        if self._sent < len(self._points):
            return self._send(now_s)
        return self._end(UploadStatus.VERIFIED, "", now_s)

    def _end(self, status: UploadStatus, detail: str, now_s: float) -> list[Message]:
        self.result = UploadResult(
            status, detail, attempts=1, elapsed_s=now_s - self._started_at_s, by_float=self._kind is MissionType.FENCE
        )
        return []


def _fence_points(mission: Mission) -> Iterator[MissionItem]:
    """Return point, corners, and the first corner again; nothing for a fence this vehicle cannot keep."""
    corners = [item for item in mission.items if item.command == Command.FENCE_POLYGON_VERTEX_INCLUSION]
    returns = [item for item in mission.items if item.command == Command.FENCE_RETURN_POINT]
    others = len(mission.items) - len(corners) - len(returns)
    if others or len(returns) > 1 or not corners or len(corners) != corners[0].param1:
        return
    yield returns[0] if returns else _middle(corners)
    yield from corners
    yield corners[0]


def _middle(corners: list[MissionItem]) -> MissionItem:
    lat_deg = sum(corner.lat_deg for corner in corners) / len(corners)
    lon_deg = sum(corner.lon_deg for corner in corners) / len(corners)
    return MissionItem(Command.FENCE_RETURN_POINT, lat_deg=lat_deg, lon_deg=lon_deg)
