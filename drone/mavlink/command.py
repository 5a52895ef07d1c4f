"""A command until it is answered, or until its effect shows.

    ASKING ──ACCEPTED──► CONFIRMING ──seen──► ACCEPTED          (no effect to see: ACCEPTED at once)
      │ │                    └──confirm_s──► UNCONFIRMED
      │ └──IN_PROGRESS──► waits progress_s from each such word
      ├──UNSUPPORTED, and there is another message──► FALLBACK ──seen──► ACCEPTED, else UNCONFIRMED
      └──any other result, or command_tries without one──► ended

A repeat carries confirmation + 1, so that the vehicle can tell it from a new command. Source: MAVLink command protocol.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from drone.mavlink.dialect import Message, Target, mavlink
from drone.mavlink.results import CommandResult, CommandStatus
from drone.mavlink.timing import Timing

_ACCEPTED, _UNSUPPORTED, _IN_PROGRESS = 0, 3, 5
_STATUS = {
    0: CommandStatus.ACCEPTED,
    1: CommandStatus.TEMPORARILY_REJECTED,
    2: CommandStatus.DENIED,
    3: CommandStatus.UNSUPPORTED,
    4: CommandStatus.FAILED,
    6: CommandStatus.CANCELLED,
    7: CommandStatus.UNSUPPORTED,  # only as COMMAND_LONG
    8: CommandStatus.UNSUPPORTED,  # only as COMMAND_INT
    9: CommandStatus.UNSUPPORTED,  # not in this frame
}


@dataclass(frozen=True, slots=True)
class Place:
    """What a positioned command is about; `frame` says what `alt_m` counts from."""

    frame: int
    lat_deg: float
    lon_deg: float
    alt_m: float


@dataclass(frozen=True, slots=True)
class Order:
    """A MAV_CMD with its parameters. With a `place` it goes out as COMMAND_INT: float32 would lose about a metre."""

    command: int
    params: tuple[float, ...] = ()
    place: Place | None = None

    def message(self, target: Target, confirmation: int) -> Message:
        """The COMMAND_LONG or COMMAND_INT, its missing parameters 0."""
        params = (*self.params, *(0.0,) * (7 - len(self.params)))
        if self.place is None:
            return mavlink.MAVLink_command_long_message(
                target.system, target.component, self.command, min(confirmation, 255), *params
            )
        where = (round(self.place.lat_deg * 1e7), round(self.place.lon_deg * 1e7), self.place.alt_m)
        head = (target.system, target.component, self.place.frame, self.command, 0, 0)
        return mavlink.MAVLink_command_int_message(*head, *params[:4], *where)


@dataclass(frozen=True, slots=True)
class Fallback:
    """Another message with the same effect, for vehicles without the command; nobody acknowledges it.

    It also goes along with every repeat of the command: a vehicle that knows only this one may say nothing to the
    other, and a return must not wait until all tries are used up.
    """

    name: str
    message: Message


class _Phase(Enum):
    ASKING = auto()
    CONFIRMING = auto()
    FALLBACK = auto()


class CommandExchange:
    """Sends one order. `result` is set at its end."""

    def __init__(
        self,
        order: Order,
        target: Target,
        timing: Timing,
        seen: Callable[[Message], bool] | None = None,
        fallback: Fallback | None = None,
    ) -> None:
        """Args: seen: whether a message of the vehicle shows the effect; then an acknowledgement alone is no end."""
        self.result: CommandResult | None = None
        self.order = order
        self._target = target
        self._timing = timing
        self._seen = seen
        self._fallback = fallback
        self._phase = _Phase.ASKING
        self._tries = 0
        self._fallback_tries = 0
        self._next_at_s = math.inf
        self._vehicle_result: int | None = None
        self._is_in_progress = False

    @property
    def is_done(self) -> bool:
        return self.result is not None

    def cancel(self) -> None:
        if self.result is None:
            self._end(CommandStatus.CANCELLED)

    def start(self, now_s: float) -> list[Message]:
        return self._ask(now_s)

    def receive(self, message: Message, now_s: float) -> list[Message]:
        if self.is_done:
            return []
        if self._seen is not None and self._seen(message):
            self._end(CommandStatus.ACCEPTED)
        elif (
            message.get_type() == "COMMAND_ACK"
            and message.command == self.order.command
            and self._phase is _Phase.ASKING
        ):
            return self._acknowledged(message.result, now_s)
        return []

    def tick(self, now_s: float) -> list[Message]:
        if self.is_done or now_s < self._next_at_s:
            return []
        match self._phase:
            case _Phase.CONFIRMING:
                self._end(CommandStatus.UNCONFIRMED, "acknowledged, but its effect does not show")
            case _Phase.FALLBACK:
                return self._fall_back(now_s)
            case _Phase.ASKING if self._tries < self._timing.command_tries and not self._is_in_progress:
                return self._ask(now_s)
            case _Phase.ASKING:
                if self._fallback is not None and not self._is_in_progress:
                    return self._fall_back(now_s)
                self._end(CommandStatus.NO_ANSWER)
        return []

    def _ask(self, now_s: float) -> list[Message]:
        messages = [self.order.message(self._target, confirmation=self._tries)]
        if self._tries and self._fallback is not None:
            messages.append(self._fallback.message)
        self._tries += 1
        self._next_at_s = now_s + self._timing.command_s
        return messages

    def _acknowledged(self, result: int, now_s: float) -> list[Message]:
        self._vehicle_result = result
        if result == _IN_PROGRESS:
            self._is_in_progress = True
            self._next_at_s = now_s + self._timing.progress_s
            return []
        status = _STATUS.get(result, CommandStatus.FAILED)
        if status is CommandStatus.UNSUPPORTED and self._fallback is not None:
            return self._fall_back(now_s)
        if status is CommandStatus.ACCEPTED and self._seen is not None:
            self._phase = _Phase.CONFIRMING
            self._next_at_s = now_s + self._timing.confirm_s
            return []
        self._end(status)
        return []

    def _fall_back(self, now_s: float) -> list[Message]:
        assert self._fallback is not None
        if self._fallback_tries >= self._timing.command_tries:
            self._end(CommandStatus.UNCONFIRMED, f"{self._fallback.name} was sent, but its effect does not show")
            return []
        self._phase = _Phase.FALLBACK
        self._fallback_tries += 1
        self._next_at_s = now_s + self._timing.command_s
        return [self._fallback.message]

    def _end(self, status: CommandStatus, detail: str = "") -> None:
        used = self._fallback.name if self._fallback is not None and self._fallback_tries else None
        self.result = CommandResult(status, self._vehicle_result, used, self._tries, detail)


class RepeatedMessage:
    """A message nobody acknowledges, sent every `command_s` until its effect shows. `result` is set at its end."""

    def __init__(self, fallback: Fallback, timing: Timing, seen: Callable[[Message], bool]) -> None:
        self.result: CommandResult | None = None
        self._fallback = fallback
        self._timing = timing
        self._seen = seen
        self._tries = 0
        self._next_at_s = math.inf

    @property
    def is_done(self) -> bool:
        return self.result is not None

    def cancel(self) -> None:
        if self.result is None:
            self._end(CommandStatus.CANCELLED)

    def start(self, now_s: float) -> list[Message]:
        self._tries += 1
        self._next_at_s = now_s + self._timing.command_s
        return [self._fallback.message]

    def receive(self, message: Message, now_s: float) -> list[Message]:
        if not self.is_done and self._seen(message):
            self._end(CommandStatus.ACCEPTED)
        return []

    def tick(self, now_s: float) -> list[Message]:
        if self.is_done or now_s < self._next_at_s:
            return []
        if self._tries >= self._timing.command_tries:
            self._end(CommandStatus.UNCONFIRMED, f"{self._fallback.name} was sent, but its effect does not show")
            return []
        return self.start(now_s)

    def _end(self, status: CommandStatus, detail: str = "") -> None:
        self.result = CommandResult(status, None, self._fallback.name, self._tries, detail)
