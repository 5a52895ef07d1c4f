"""The vehicle's side of plan upload and download: it asks for items, waits, asks again, gives up in its own way.

    idle --COUNT n--> asking 0..n-1 --last item--> ACK accepted --> idle
                        |  ^ no item for 1 s: ask again
                        +-- nothing for 8 s (9 s on 3.5): idle, the plan half changed
Times are link time: they wait for the ground station.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as wire

from scripts.vehicle import mission_items as mi
from scripts.vehicle.fence_items import stored_fence_item, stored_rally_item
from scripts.vehicle.plan_store import PlanStore, PlanType
from scripts.vehicle.profiles import Profile

_ASK_AGAIN_S = 1.0
_GIVE_UP_S = {True: 8.0, False: 9.0}


@dataclass
class _Upload:
    kind: PlanType
    count: int
    sender: tuple[int, int]
    heard_s: float
    asked_s: float
    wanted: int = 0


class PlanTransfer:
    """Handlers of the MISSION_* messages of one vehicle."""

    def __init__(
        self,
        profile: Profile,
        store: PlanStore,
        post: Callable[[Any], None],
        say: Callable[[int, str], None],
        current: Callable[[], int],
        running: Callable[[], bool],
        may_keep_types: Callable[[], bool],
        ask_int: bool,
    ) -> None:
        """Wire it to its vehicle.

        Args:
            current: the mission item being flown.
            running: the mission may not be cleared now.
            may_keep_types: the link speaks MAVLink 2, without which only missions are transferred.
            ask_int: ask by MISSION_REQUEST_INT; ArduPilot does not, other autopilots do.
        """
        self._profile, self._store, self._post, self._say = profile, store, post, say
        self._current, self._running, self._may_keep_types = current, running, may_keep_types
        self._ask_int = ask_int
        self._upload: _Upload | None = None
        self._last_reader = (0, 0)

    @property
    def receiving(self) -> bool:
        """An upload is under way; the vehicle sends no telemetry until it ends."""
        return self._upload is not None

    def on_mission_count(self, message: Any, link_s: float) -> None:
        kind = self._kind(message)
        if kind is None:
            return
        sender = _sender(message)
        if self._profile.knows_who_asks and self._upload is not None and self._upload.sender != sender:
            self._ack(sender, mi.DENIED, kind)
            return
        if message.count > self._store.capacity(kind):
            self._ack(sender, mi.NO_SPACE, kind)
            return
        if self._upload is not None:
            self._store.abandon(self._upload.kind)
        self._store.begin(kind, message.count)
        if message.count == 0 and self._profile.acks_empty_plan:
            self._finish(kind, sender)
            return
        self._upload = _Upload(kind, message.count, sender, link_s, link_s)
        if self._profile.knows_who_asks:
            self._ask(link_s)
        else:
            self._upload.asked_s = link_s - _ASK_AGAIN_S  # the main loop asks, not the handler

    def on_mission_item(self, message: Any, link_s: float) -> None:
        kind = self._kind(message)
        if kind is None:
            return
        upload, sender = self._upload, _sender(message)
        if upload is None:
            self._ack(sender, mi.ERROR, kind)
            return
        if message.seq != upload.wanted:
            self._ack(sender, mi.INVALID_SEQUENCE, kind)
            return
        if self._profile.knows_who_asks and sender != upload.sender:
            self._ack(sender, mi.DENIED, kind)
            return
        refusal = self._keep(message, upload)
        if refusal is not None:
            self._ack(sender, refusal, kind)
            if self._profile.gives_up_on_bad_item:
                self._store.abandon(kind)
                self._upload = None
            return
        upload.heard_s, upload.wanted = link_s, upload.wanted + 1
        if upload.wanted >= upload.count:
            self._finish(kind, sender)
        else:
            self._ask(link_s)

    def on_mission_request_list(self, message: Any, link_s: float) -> None:
        kind = self._kind(message)
        if kind is None:
            return
        sender = _sender(message)
        if not self._profile.knows_who_asks:
            self._upload = None  # a download ends an upload there
            self._last_reader = sender
        elif self._upload is not None:
            self._ack(sender, mi.DENIED, kind)
            return
        self._post(wire.MAVLink_mission_count_message(*sender, self._store.count(kind), kind))

    def on_mission_request(self, message: Any, link_s: float) -> None:
        """Both MISSION_REQUEST and MISSION_REQUEST_INT; the legacy one is answered in floats."""
        kind = self._kind(message)
        if kind is None:
            return
        sender = _sender(message)
        if self._profile.knows_who_asks and self._upload is not None:
            self._ack(sender, mi.DENIED, kind)
            return
        item = self._store.item(kind, message.seq)
        if item is None:
            if self._profile.is_modern and kind is PlanType.MISSION:  # "try to educate the GCS"
                self._post(wire.MAVLink_mission_count_message(*sender, self._store.count(kind), kind))
            self._ack(sender, mi.ERROR, kind)
            return
        # ArduCopter 4 compares the command, not the number, with the current item's number
        mark = item.command if self._profile.is_modern else message.seq
        current = kind is PlanType.MISSION and mark == self._current()
        build = mi.item_int if message.get_type() == "MISSION_REQUEST_INT" else mi.item_float
        self._post(build(item, message.seq, current, sender, kind))

    def on_mission_clear_all(self, message: Any, link_s: float) -> None:
        sender = _sender(message)
        if self._profile.has_plan_types and message.mission_type == PlanType.ALL:
            kinds = [PlanType.MISSION, PlanType.FENCE, PlanType.RALLY]
        else:
            kind = self._kind(message)
            if kind is None:
                return
            kinds = [kind]
        busy = PlanType.MISSION in kinds and self._running()
        if busy or (self._profile.knows_who_asks and self._upload is not None):
            self._ack(sender, mi.ERROR, kinds[0])
            return
        for kind in kinds:
            self._store.clear(kind)
        self._ack(sender, mi.ACCEPTED, kinds[0])

    def tick(self, link_s: float) -> None:
        upload = self._upload
        if upload is None:
            return
        if link_s - upload.heard_s > _GIVE_UP_S[self._profile.knows_who_asks]:
            self._upload = None
            self._store.abandon(upload.kind)
            if self._profile.acks_timeout:
                self._say(4, "Mission upload timeout")
                self._ack(upload.sender, mi.CANCELLED, upload.kind)
        elif link_s - upload.asked_s >= _ASK_AGAIN_S:
            self._ask(link_s)

    def _keep(self, message: Any, upload: _Upload) -> int | None:
        convert = {PlanType.FENCE: stored_fence_item, PlanType.RALLY: stored_rally_item}.get(upload.kind, mi.stored)
        item = convert(message, self._profile)
        if isinstance(item, int):
            return item
        if item.command == mi.DO_JUMP and not 0 < item.params[0] < upload.count:
            return mi.ERROR
        return None if self._store.put(upload.kind, upload.wanted, item) else mi.ERROR

    def _finish(self, kind: PlanType, sender: tuple[int, int]) -> None:
        self._upload = None
        self._store.finish(kind)
        self._ack(sender, mi.ACCEPTED, kind)
        if kind is PlanType.MISSION:
            self._say(6, "Flight plan received")

    def _ask(self, link_s: float) -> None:
        upload = self._upload
        if upload is None or upload.wanted >= upload.count:
            return
        upload.asked_s = link_s
        to = upload.sender if self._profile.knows_who_asks else self._last_reader
        build = wire.MAVLink_mission_request_int_message if self._ask_int else wire.MAVLink_mission_request_message
        self._post(build(*to, upload.wanted, upload.kind))

    def _ack(self, to: tuple[int, int], result: int, kind: PlanType) -> None:
        self._post(wire.MAVLink_mission_ack_message(*to, result, kind))

    def _kind(self, message: Any) -> PlanType | None:
        """Which plan is meant. A firmware without plan types takes everything for the mission, and destroys it."""
        if not self._profile.has_plan_types:
            return PlanType.MISSION
        if message.mission_type not in (PlanType.MISSION, PlanType.FENCE, PlanType.RALLY):
            self._ack(_sender(message), mi.UNSUPPORTED, PlanType.MISSION)
            return None
        kind = PlanType(message.mission_type)
        if kind is not PlanType.MISSION and not self._may_keep_types():
            self._say(4, "Need mavlink2 for item transfer")
            self._ack(_sender(message), mi.UNSUPPORTED, kind)
            return None
        return kind


def _sender(message: Any) -> tuple[int, int]:
    return message.get_srcSystem(), message.get_srcComponent()
