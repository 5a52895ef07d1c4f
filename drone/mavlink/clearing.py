"""Erasing a vehicle's plan, believed only when the vehicle says that none is left.

MISSION_CLEAR_ALL is refused in AUTO (FACTS-MAVLINK); an empty upload would erase it there without a word, in flight:
Lookout does not do that.
"""

from __future__ import annotations

from drone.mavlink.dialect import Message, Target, mavlink
from drone.mavlink.results import CommandResult, CommandStatus
from drone.mavlink.timing import Timing
from drone.mission.items import MissionType

_MOST_LEFT = 1  # ArduPilot keeps home


class MissionClear:
    """MISSION_CLEAR_ALL until MISSION_COUNT shows an empty plan."""

    def __init__(self, kind: MissionType, target: Target, timing: Timing) -> None:
        self.result: CommandResult | None = None
        self._kind = kind
        self._target = target
        self._timing = timing
        self._tries = 0
        self._sent_at_s = 0.0
        self._refused_with: int | None = None

    @property
    def is_done(self) -> bool:
        return self.result is not None

    def cancel(self) -> None:
        if self.result is None:
            self._end(CommandStatus.CANCELLED)

    def start(self, now_s: float) -> list[Message]:
        return self._send(now_s)

    def receive(self, message: Message, now_s: float) -> list[Message]:
        if self.is_done or getattr(message, "mission_type", None) != self._kind:
            return []
        if message.get_type() == "MISSION_ACK" and message.type not in (0, 13):
            self._refused_with = message.type
        if message.get_type() == "MISSION_COUNT":
            if message.count <= _MOST_LEFT:
                self._end(CommandStatus.ACCEPTED)
            elif self._refused_with is not None:
                self._end(CommandStatus.DENIED, f"the vehicle keeps its {message.count} items (flying them?)")
        return []

    def tick(self, now_s: float) -> list[Message]:
        if self.is_done or now_s - self._sent_at_s < self._timing.reply_s:
            return []
        if self._tries >= self._timing.command_tries:
            self._end(CommandStatus.NO_ANSWER if self._refused_with is None else CommandStatus.DENIED)
            return []
        return self._send(now_s)

    def _send(self, now_s: float) -> list[Message]:
        self._tries += 1
        self._sent_at_s = now_s
        address = (self._target.system, self._target.component, int(self._kind))
        return [
            mavlink.MAVLink_mission_clear_all_message(*address),
            mavlink.MAVLink_mission_request_list_message(*address),
        ]

    def _end(self, status: CommandStatus, detail: str = "") -> None:
        self.result = CommandResult(status, self._refused_with, tries=self._tries, detail=detail)
