"""An autopilot's end of the plan protocol, no kinder than ArduCopter: it asks once a second, stores item by item,
answers INVALID_SEQUENCE to whatever it did not ask for, and gives up after eight silent seconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from drone.mavlink.dialect import Message, mavlink

_ASKS_AGAIN_S, _GIVES_UP_S = 1.0, 8.0
_INT_FRAMES = (5, 6, 11)


@dataclass
class StrictAutopilot:
    """`stored` holds (command, frame, params.., x, y, z) as it keeps them, x and y in 1e-7 degrees.

    Attributes:
        asks_int: asks with MISSION_REQUEST_INT instead of the legacy request.
        takes_int, gives_int: whether it knows MISSION_ITEM_INT on the way in, MISSION_REQUEST_INT on the way out.
        drops_after: stop storing (and asking) for good at this item, once: a reboot in the middle.
        damages: an item stored otherwise than sent, until this many uploads were made.
        is_silent: answers nothing at all.
        minds_twice: what it does about an item that comes a second time: `refuse` the plan, fall `silent` for good
            until the next count, or `keep` it twice (as MAVSDK's server does).
        keeps_home: item 0 is home, kept as the vehicle sees it (ArduPilot), not the first of the plan (PX4).
    """

    capacity: int = 700
    asks_int: bool = False
    takes_int: bool = True
    gives_int: bool = True
    drops_after: int | None = None
    damages_until: int = 0
    refuses_with: int | None = None
    is_silent: bool = False
    minds_twice: str = ""
    keeps_home: bool = True
    stored: list[tuple[float, ...]] = field(default_factory=list)
    uploads: int = 0
    unasked_items: int = 0
    _asking: int | None = None
    _count: int = 0
    _asked_at_s: float = 0.0
    _received_at_s: float = 0.0

    def receive(self, message: Message, now_s: float) -> list[Message]:
        if self.is_silent:
            return []
        match message.get_type():
            case "MISSION_COUNT":
                return self._counted(message.count, now_s)
            case "MISSION_ITEM_INT" if self.takes_int:
                return self._item(message, (message.x, message.y), now_s)
            case "MISSION_ITEM":
                return self._item(message, (_times_1e7(message.x), _times_1e7(message.y)), now_s)
            case "MISSION_REQUEST_LIST":
                return [_ack(14)] if self._asking is not None else [_to_us("mission_count", len(self.stored))]
            case "MISSION_REQUEST_INT" if self.gives_int:
                return self._give(message.seq, is_int=True)
            case "MISSION_REQUEST":
                return self._give(message.seq, is_int=False)
            case "MISSION_CLEAR_ALL":
                del self.stored[1:]
                return [_ack(0)]
        return []

    def tick(self, now_s: float) -> list[Message]:
        if self._asking is None:
            return []
        if now_s - self._received_at_s > _GIVES_UP_S:
            self._asking = None
            return [_ack(15)]
        return self._ask(now_s) if now_s - self._asked_at_s >= _ASKS_AGAIN_S else []

    def _counted(self, count: int, now_s: float) -> list[Message]:
        if count > self.capacity:
            return [_ack(4)]
        self.uploads += 1
        del self.stored[count:]
        self._asking, self._count, self._received_at_s = 0, count, now_s
        return self._ask(now_s)

    def _ask(self, now_s: float) -> list[Message]:
        self._asked_at_s = now_s
        return [_to_nobody("mission_request_int" if self.asks_int else "mission_request", self._asking)]

    def _item(self, message: Message, place: tuple[float, float], now_s: float) -> list[Message]:
        if message.seq != self._asking:
            self.unasked_items += 1
            return self._minded(message, place)
        if self.drops_after is not None and message.seq >= self.drops_after:
            self.drops_after, self._asking = None, None
            return []
        result = self._verdict(message, place)
        if result:
            self._asking = None
            return [_ack(result)]
        self._store(message, place)
        self._received_at_s = now_s
        self._asking = message.seq + 1
        if self._asking == self._count:
            self._asking = None
            return [_ack(0)]
        return self._ask(now_s)

    def _minded(self, message: Message, place: tuple[float, float]) -> list[Message]:
        was_receiving = self._asking is not None
        if self.minds_twice in ("refuse", "silent"):
            self._asking = None
        if self.minds_twice == "silent":
            return []
        if self.minds_twice == "keep" and was_receiving:
            self._store(message, place)
            self.stored.insert(message.seq, self.stored[message.seq])
        if self.minds_twice == "refuse":
            return [_ack(9 if was_receiving else 1)]
        return [_ack(13)]

    def _verdict(self, message: Message, place: tuple[float, float]) -> int:
        if self.refuses_with is not None and message.seq == 2:
            return self.refuses_with
        if message.frame in _INT_FRAMES:
            return 2
        if abs(place[0]) > 90e7 or abs(message.z) > 1e5:
            return 5
        return 0

    def _store(self, message: Message, place: tuple[float, float]) -> None:
        x, y = place
        if message.seq == 0 and self.keeps_home:
            x, y = x + 40, y - 25  # home as it sees it
        if message.seq == 4 and self.uploads <= self.damages_until:
            x += 500
        item = (message.frame, message.command, math.floor(message.param1), message.param2, 0.0, 0.0, x, y, message.z)
        self.stored[message.seq : message.seq + 1] = [item]

    def _give(self, seq: int, is_int: bool) -> list[Message]:
        if seq >= len(self.stored):
            return [_ack(1)]
        frame, command, p1, p2, p3, p4, x, y, z = self.stored[seq]
        head = (255, 190, seq, int(frame), int(command), 0, 1, p1, p2, p3, p4)
        if is_int:
            return [mavlink.MAVLink_mission_item_int_message(*head, int(x), int(y), z, 0)]
        return [mavlink.MAVLink_mission_item_message(*head, x / 1e7, y / 1e7, z, 0)]


def _times_1e7(degrees: float) -> int:
    return round(degrees * 1e7)


def _ack(result: int) -> Message:
    return mavlink.MAVLink_mission_ack_message(255, 190, result, 0)


def _to_us(name: str, number: int) -> Message:
    return getattr(mavlink, f"MAVLink_{name}_message")(255, 190, number, 0)


def _to_nobody(name: str, number: int | None) -> Message:
    return getattr(mavlink, f"MAVLink_{name}_message")(0, 0, number, 0)
