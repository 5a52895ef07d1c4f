"""FENCE_POINT and RALLY_POINT of 3.5: lists whose length is a parameter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as wire

from scripts.vehicle.parameters import ParameterTable

_MOST_FENCE, _MOST_RALLY = 84, 10


class LegacyLists:
    """Points by index; an index at or past the *_TOTAL parameter is dropped with at most a text."""

    def __init__(
        self, parameters: ParameterTable, post: Callable[[Any], None], say: Callable[[int, str], None],
        fence_changed: Callable[[list[tuple[float, float]]], None],
    ) -> None:  # fmt: skip
        self._parameters, self._post, self._say, self._fence_changed = parameters, post, say, fence_changed
        self.fence: dict[int, tuple[float, float]] = {}
        self.rally: dict[int, Any] = {}

    def on_fence_point(self, message: Any, link_s: float) -> None:
        total = int(self._parameters["FENCE_TOTAL"])
        if message.count != total or not 0 <= message.idx < min(total, _MOST_FENCE):
            self._say(4, "fencing: bad fence point")
            return
        self.fence[message.idx] = (message.lat, message.lng)
        if all(i in self.fence for i in range(total)):
            self._fence_changed([self.fence[i] for i in range(total)])

    def on_fence_fetch_point(self, message: Any, link_s: float) -> None:
        total = int(self._parameters["FENCE_TOTAL"])
        if message.idx >= total:
            self._say(4, "Bad fence point")
            return
        lat, lon = self.fence.get(message.idx, (0.0, 0.0))
        self._post(wire.MAVLink_fence_point_message(*_sender(message), message.idx, total, lat, lon))

    def on_rally_point(self, message: Any, link_s: float) -> None:
        total = int(self._parameters["RALLY_TOTAL"])
        if message.count != total or message.idx >= min(total, _MOST_RALLY):
            self._say(4, "Bad rally point message")
            return
        self.rally[message.idx] = message

    def on_rally_fetch_point(self, message: Any, link_s: float) -> None:
        total, point = int(self._parameters["RALLY_TOTAL"]), self.rally.get(message.idx)
        if message.idx >= total or point is None:
            self._say(4, "Bad rally point index")
            return
        self._post(
            wire.MAVLink_rally_point_message(
                *_sender(message), message.idx, total, point.lat, point.lng, point.alt, point.break_alt,
                point.land_dir, point.flags,
            )
        )  # fmt: skip


def _sender(message: Any) -> tuple[int, int]:
    return message.get_srcSystem(), message.get_srcComponent()
