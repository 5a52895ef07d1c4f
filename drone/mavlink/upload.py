"""Sending a plan: the vehicle asks, we answer what it asks and nothing else.

    COUNTING ──first request──► ANSWERING ──ACK, or silence after the last item──► ended
       ▲                            │ silence of stall_s, CANCELLED, busy
       └────────────────────────────┘

Answering unasked, or stopping at INVALID_SEQUENCE, fails on a lossy link (10 of 10 at 10% loss, FACTS-MAVLINK): the
vehicle sends that word whenever an answer came twice, and goes on. Requests are taken from whatever target they name:
ArduCopter asked with target 0/0. The end of an upload proves nothing: `verified_upload` reads the plan back.

Once an item had to be asked for again, packets are being lost: from then on each answer goes out twice, to a vehicle
that told its capabilities. ArduPilot (3.x and 4.x) answers the second with INVALID_SEQUENCE and asks on, PX4 passes
over it. Whoever minds says so in one of three ways: by refusing, by falling silent, by keeping an item twice. After
each of them every answer goes out once again.
Source: ArduPilot, GCS_MAVLink/MissionItemProtocol.cpp, handle_mission_item; PX4, mavlink_mission.cpp,
handle_mission_item_both; MAVSDK, mavlink_mission_transfer_server.cpp, process_mission_item_int (keeps both).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from drone.mavlink.dialect import Message, Target, mavlink
from drone.mavlink.items_wire import item_float_message, item_int_message
from drone.mavlink.timing import Timing
from drone.mission.items import MissionItem, MissionType

_ACCEPTED, _ERROR, _UNSUPPORTED_FRAME, _UNSUPPORTED = 0, 1, 2, 3
_INVALID_SEQUENCE, _DENIED, _CANCELLED = 13, 14, 15
_FIRST_ASKS = 6
_MOST_RESTARTS = 8


class UploadEnd(StrEnum):
    """How the sending ended."""

    ACCEPTED = "accepted"
    ACK_LOST = "ack_lost"  # every item was asked for and answered, then silence
    REFUSED = "refused"
    NO_ANSWER = "no_answer"
    TOO_SLOW = "too_slow"  # it answers, but not often enough to come to an end in time
    CANCELLED = "cancelled"


class MissionUpload:
    """Sends one plan (at least one item). `end` says how it went, `vehicle_result` why it was refused."""

    def __init__(
        self,
        items: Sequence[MissionItem],
        kind: MissionType,
        target: Target,
        timing: Timing,
        takes_int: bool | None,
        may_double: bool = True,
    ) -> None:
        """Begin with `start`.

        Args:
            takes_int: what the vehicle's capabilities say of MISSION_ITEM_INT; None when it has not said.
            may_double: answers may go out twice where packets are lost.
        """
        self.end: UploadEnd | None = None
        self.vehicle_result: int | None = None
        self.by_float = False
        self._items = tuple(items)
        self._kind = kind
        self._target = target
        self._timing = timing
        self._takes_int = takes_int
        self._sends_float = False
        self._may_double, self._doubles = may_double and bool(takes_int), False
        self._highest_asked = -1
        self._first_asks = 0
        self._restarts = 0
        self._heard_at_s = 0.0
        self._counted_at_s = 0.0
        self._ends_at_s = 0.0
        self._waits_until_s: float | None = None

    @property
    def is_done(self) -> bool:
        return self.end is not None

    def cancel(self) -> None:
        if self.end is None:
            self.end = UploadEnd.CANCELLED

    def start(self, now_s: float) -> list[Message]:
        self._heard_at_s = now_s
        self._ends_at_s = now_s + self._timing.transfer_s + len(self._items) * self._timing.per_item_s
        return self._count(now_s)

    def reopen(self) -> None:
        """Go on answering after an end by silence that was none: the vehicle asks again."""
        if self.end is UploadEnd.ACK_LOST:
            self.end = None

    def answer(self, message: Message) -> list[Message]:
        """The item a request asks for, whatever the state: an ended upload may have been begun anew by the vehicle,
        which got our count twice."""
        if message.seq >= len(self._items):
            return []
        build = item_float_message if self._sends_float else item_int_message
        self.by_float = self.by_float or self._sends_float
        return [build(self._target, message.seq, self._items[message.seq], self._kind)]

    def receive(self, message: Message, now_s: float) -> list[Message]:
        if self.is_done or getattr(message, "mission_type", None) != self._kind:
            return []
        match message.get_type():
            case "MISSION_REQUEST" | "MISSION_REQUEST_INT":
                self._asked(message, now_s)
                is_last = message.seq == len(self._items) - 1  # twice, it would look like an error after the end
                return self.answer(message) * (2 if self._doubles and not is_last else 1)
            case "MISSION_ACK":
                return self._acknowledged(message.type, now_s)
        return []

    def tick(self, now_s: float) -> list[Message]:
        if self.is_done:
            return []
        silent_s = now_s - self._heard_at_s
        if now_s >= self._ends_at_s:
            self.end = UploadEnd.TOO_SLOW
        elif self._waits_until_s is not None:
            return self._count(now_s) if now_s >= self._waits_until_s else []
        elif self._is_all_asked:
            self.end = UploadEnd.ACK_LOST if silent_s >= self._timing.settle_s else None
        elif self._highest_asked < 0 and silent_s >= self._timing.silence_s:
            self.end = UploadEnd.NO_ANSWER
        elif self._highest_asked < 0 and now_s - self._counted_at_s >= self._timing.reply_s:
            return self._count(now_s)
        elif self._highest_asked >= 0 and silent_s >= self._timing.stall_s:
            return self._restart(now_s, 0.0)
        return []

    @property
    def _is_all_asked(self) -> bool:
        return self._highest_asked == len(self._items) - 1

    def _count(self, now_s: float) -> list[Message]:
        self._counted_at_s = now_s
        self._waits_until_s = None
        kind = int(self._kind)
        return [
            mavlink.MAVLink_mission_count_message(self._target.system, self._target.component, len(self._items), kind)
        ]

    def _restart(self, now_s: float, after_s: float) -> list[Message]:
        self._restarts += 1
        self._heard_at_s = now_s
        self._highest_asked = -1
        self._may_double = self._doubles = False  # that may be what it minds
        if self._restarts > _MOST_RESTARTS:
            self.end = UploadEnd.REFUSED if self.vehicle_result is not None else UploadEnd.NO_ANSWER
            return []
        if after_s:
            self._waits_until_s = now_s + after_s
            return []
        return self._count(now_s)

    def _asked(self, message: Message, now_s: float) -> None:
        seq = message.seq
        if seq >= len(self._items):
            return
        self._heard_at_s = now_s
        self._waits_until_s = None
        self._doubles = self._doubles or (self._may_double and seq == self._highest_asked)
        self._first_asks = self._first_asks + 1 if seq == 0 and self._highest_asked <= 0 else 0
        self._highest_asked = max(self._highest_asked, seq)
        if self._first_asks > _FIRST_ASKS and message.get_type() == "MISSION_REQUEST" and not self._takes_int:
            self._sends_float = True  # it heard none of our INT items, and never said it takes them

    def _acknowledged(self, result: int, now_s: float) -> list[Message]:
        if result == _INVALID_SEQUENCE:
            return []
        if result == _ACCEPTED:
            if self._is_all_asked:
                self.end = UploadEnd.ACCEPTED
            return []  # else it belongs to an earlier transfer
        self._heard_at_s = now_s
        if result in (_ERROR, _CANCELLED, _DENIED):
            return self._interrupted(result, now_s)
        if result in (_UNSUPPORTED, _UNSUPPORTED_FRAME) and not self._sends_float and not self._takes_int:
            self._sends_float = True
            return self._restart(now_s, 0.0)
        if self._doubles:
            return self._restart(now_s, 0.0)
        self.vehicle_result = result
        self.end = UploadEnd.REFUSED
        return []

    def _interrupted(self, result: int, now_s: float) -> list[Message]:
        """It is not receiving (any more): done already and our answer came twice, timed out, or busy with another."""
        if self._is_all_asked:
            self.end = UploadEnd.ACK_LOST
            return []
        self.vehicle_result = result
        if self._waits_until_s is not None:
            return []  # a repeat of what made us wait
        return self._restart(now_s, self._timing.reply_s)
