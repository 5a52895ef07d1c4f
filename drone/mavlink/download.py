"""Reading a plan from a vehicle.

    LISTING ──MISSION_COUNT──► FETCHING ──last item──► DONE
       ▲  every reply_s            │ each item asked again after item_s
       └──── count changed, or the vehicle is busy

We ask, the vehicle answers. Source: MAVLink mission protocol, "Download a mission from the vehicle".
"""

from __future__ import annotations

from drone.mavlink.dialect import Message, Target, mavlink
from drone.mavlink.items_wire import item_of
from drone.mavlink.results import TransferStatus
from drone.mavlink.timing import Timing
from drone.mission.items import MissionItem, MissionType

_INVALID_SEQUENCE = 13
_UNSUPPORTED = 3
_BUSY = frozenset({1, 14, 15})  # ERROR, DENIED, CANCELLED: an upload is under way there; it passes
_INT_TRIES = 12
_MOST_REFUSALS = 8


class MissionDownload:
    """Reads one plan. `items` holds it when `status` is DONE."""

    def __init__(self, kind: MissionType, target: Target, timing: Timing, takes_int: bool | None = None) -> None:
        """Args: takes_int: what the vehicle's capabilities say of MISSION_REQUEST_INT; None when it has not said."""
        self.status: TransferStatus | None = None
        self.items: tuple[MissionItem, ...] = ()
        self.by_float = False
        self.vehicle_result: int | None = None
        self._kind = kind
        self._target = target
        self._timing = timing
        self._count: int | None = None
        self._fetched: dict[int, MissionItem] = {}
        self._takes_int = takes_int
        self._asks_float = False
        self._tries = 0
        self._refusals = 0
        self._asked_at_s = 0.0
        self._heard_at_s = 0.0
        self._ends_at_s = 0.0
        self._round_trip_s = 0.0

    @property
    def is_done(self) -> bool:
        return self.status is not None

    def cancel(self) -> None:
        if self.status is None:
            self.status = TransferStatus.CANCELLED

    def start(self, now_s: float) -> list[Message]:
        self._heard_at_s = now_s
        self._ends_at_s = now_s + self._timing.transfer_s
        return self._list(now_s)

    def receive(self, message: Message, now_s: float) -> list[Message]:
        if self.is_done or getattr(message, "mission_type", None) != self._kind:
            return []
        match message.get_type():
            case "MISSION_COUNT":
                return self._counted(message.count, now_s)
            case "MISSION_ITEM_INT" | "MISSION_ITEM":
                return self._item(message, now_s)
            case "MISSION_ACK":
                return self._acknowledged(message.type, now_s)
        return []

    def tick(self, now_s: float) -> list[Message]:
        if self.is_done:
            return []
        if now_s - self._heard_at_s >= self._timing.silence_s or now_s >= self._ends_at_s:
            self.status = TransferStatus.NO_ANSWER
            return []
        if self._count is None:
            return self._list(now_s) if now_s - self._asked_at_s >= self._timing.reply_s else []
        if now_s - self._asked_at_s < max(self._timing.item_s, min(2 * self._round_trip_s, self._timing.reply_s)):
            return []
        if not self._fetched and self._tries >= _INT_TRIES and not self._takes_int:
            self._asks_float = not self._asks_float  # it may know only one of the two requests
            self._tries = 0
        return self._ask(now_s)

    def _list(self, now_s: float) -> list[Message]:
        self._count = None
        self._fetched.clear()
        self._tries = 0
        self._asked_at_s = now_s
        return [mavlink.MAVLink_mission_request_list_message(*self._address(), int(self._kind))]

    def _counted(self, count: int, now_s: float) -> list[Message]:
        self._heard_at_s = now_s
        if self._count is not None and (count == self._count or not self._fetched):
            self._count = count
            return []
        self._count = count
        self._fetched.clear()
        self._ends_at_s = max(self._ends_at_s, now_s + self._timing.transfer_s + count * self._timing.per_item_s)
        return self._ask(now_s, is_new=True) if count else self._finish()

    def _ask(self, now_s: float, is_new: bool = False) -> list[Message]:
        self._tries = 1 if is_new else self._tries + 1
        self._asked_at_s = now_s
        seq = len(self._fetched)
        kind = int(self._kind)
        if self._asks_float:
            return [mavlink.MAVLink_mission_request_message(*self._address(), seq, kind)]
        return [mavlink.MAVLink_mission_request_int_message(*self._address(), seq, kind)]

    def _item(self, message: Message, now_s: float) -> list[Message]:
        self._heard_at_s = now_s
        if self._count is None or message.seq != len(self._fetched):
            return []
        if self._tries == 1:
            self._round_trip_s = now_s - self._asked_at_s
        self._fetched[message.seq] = item_of(message)
        self.by_float = self.by_float or message.get_type() == "MISSION_ITEM"
        return self._ask(now_s, is_new=True) if len(self._fetched) < self._count else self._finish()

    def _acknowledged(self, result: int, now_s: float) -> list[Message]:
        if result in (0, _INVALID_SEQUENCE):
            return []
        self._heard_at_s = now_s
        self._refusals += 1
        if result == _UNSUPPORTED and self._count is not None and not self._asks_float and not self._takes_int:
            self._asks_float = True
            return self._ask(now_s)
        if result in _BUSY and self._refusals < _MOST_REFUSALS:
            self._count = None  # the next tick lists again, reply_s from now
            self._asked_at_s = now_s
            return []
        self.vehicle_result = result
        self.status = TransferStatus.UNSUPPORTED if result == _UNSUPPORTED else TransferStatus.REFUSED_BY_VEHICLE
        return []

    def _finish(self) -> list[Message]:
        self.items = tuple(self._fetched[seq] for seq in range(len(self._fetched)))
        self.status = TransferStatus.DONE
        return [mavlink.MAVLink_mission_ack_message(*self._address(), 0, int(self._kind))]

    def _address(self) -> tuple[int, int]:
        return self._target.system, self._target.component
