"""A ground station for the vehicle's tests: no socket, no clock; it says exactly what a test tells it to."""

from __future__ import annotations

from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as wire

from scripts.vehicle.options import VehicleOptions
from scripts.vehicle.profiles import ARDUCOPTER_3_5, ARDUCOPTER_4, Profile
from scripts.vehicle.vehicle import Vehicle

HOME = (41.7689, 109.9766)
TICK_S = 0.05
OLD, NEW = ARDUCOPTER_3_5, ARDUCOPTER_4
AUTO, GUIDED, LOITER, RTL, LAND, BRAKE = 3, 4, 5, 6, 9, 17
SET_MODE_ID = 11


class Ground:
    """Talks to one vehicle; everything it ever sent is in `heard`, newest last."""

    def __init__(self, profile: Profile = NEW, *, settle_s: float = 0.0, sysid: int = 255, **options: Any) -> None:
        self.vehicle = Vehicle(VehicleOptions(*HOME, 1500.0, profile=profile, settle_s=settle_s, **options))
        self._wire = wire.MAVLink(None, srcSystem=sysid, srcComponent=190)
        self._wire.robust_parsing = True
        self.now_s = 0.0
        self.heard: list[Any] = []
        self.frames: list[bytes] = []
        self.beating = True
        self._beat_s = 0.0

    def send(self, message: Any, *, mavlink1: bool = False) -> None:
        """Put a message on the uplink now."""
        self.vehicle.receive(bytes(message.pack(self._wire, force_mavlink1=mavlink1)), self.now_s)
        self._wire.seq = (self._wire.seq + 1) % 256

    def beat(self) -> None:
        self.send(wire.MAVLink_heartbeat_message(6, 8, 0, 0, 4, 3))

    def run(self, seconds_s: float) -> list[Any]:
        """Let time pass, sending heartbeats; what was heard meanwhile."""
        end_s, before = self.now_s + seconds_s, len(self.heard)
        while self.now_s < end_s - 1e-9:
            self.now_s += TICK_S
            if self.beating and self.now_s >= self._beat_s:
                self._beat_s = self.now_s + 1.0
                self.beat()
            self.vehicle.advance(self.now_s)
            self.listen()
        return self.heard[before:]

    def run_until(self, done: Any, within_s: float) -> None:
        """Let time pass until `done()`; fails after `within_s`."""
        end_s = self.now_s + within_s
        while not done():
            assert self.now_s < end_s, f"not within {within_s} s; texts: {self.vehicle.texts[-5:]}"
            self.run(TICK_S)

    def listen(self) -> None:
        for frame in self.vehicle.outgoing(self.now_s):
            self.frames.append(frame)
            self.heard.extend(self._wire.parse_buffer(frame) or [])

    def last(self, kind: str) -> Any:
        """The newest message of a type."""
        return next(message for message in reversed(self.heard) if message.get_type() == kind)

    def all(self, kind: str) -> list[Any]:
        return [message for message in self.heard if message.get_type() == kind]

    def ask(self, message: Any, kind: str) -> Any:
        """Send, and the answer of this type that comes within a second; None when there is none."""
        before = len(self.heard)
        self.send(message)
        self.listen()
        self.run(1.0)
        return next((found for found in self.heard[before:] if found.get_type() == kind), None)

    def command(self, number: int, *params: float, confirmation: int = 0) -> int | None:
        """COMMAND_LONG; the result, or None without an ACK."""
        seven = [*params, *([0.0] * (7 - len(params)))]
        answer = self.ask(wire.MAVLink_command_long_message(1, 1, number, confirmation, *seven), "COMMAND_ACK")
        return None if answer is None else int(answer.result)

    def set_mode(self, mode: int) -> int:
        """SET_MODE; 0 when the mode changed, 4 when not. What answers came is another matter."""
        self.ask(wire.MAVLink_set_mode_message(1, 1, mode), "HEARTBEAT")
        return 0 if self.vehicle.autopilot.mode == mode else 4

    def upload(self, items: list[Any], plan_type: int = 0) -> int | None:
        """Answer what is asked until an ACK; its result, None when there is none within 15 s."""
        before, end_s, answered = len(self.heard), self.now_s + 15.0, 0
        self.send(wire.MAVLink_mission_count_message(1, 1, len(items), plan_type))
        while self.now_s < end_s:
            self.listen()
            fresh = self.heard[before + answered :]
            answered += len(fresh)
            for message in fresh:
                if message.get_type() in ("MISSION_REQUEST", "MISSION_REQUEST_INT"):
                    self.send(items[message.seq])
                if message.get_type() == "MISSION_ACK":
                    return int(message.type)
            self.run(TICK_S)
        return None

    def download(self, plan_type: int = 0, *, legacy: bool = False) -> list[Any]:
        """All items of a plan, as MISSION_ITEM_INT or (legacy) MISSION_ITEM."""
        count = self.ask(wire.MAVLink_mission_request_list_message(1, 1, plan_type), "MISSION_COUNT")
        ask = wire.MAVLink_mission_request_message if legacy else wire.MAVLink_mission_request_int_message
        kind = "MISSION_ITEM" if legacy else "MISSION_ITEM_INT"
        return [self.ask(ask(1, 1, seq, plan_type), kind) for seq in range(count.count)]

    def fly(self, items: list[Any]) -> None:
        """Upload, arm in GUIDED, AUTO, MISSION_START."""
        assert self.upload(items) == 0
        assert self.set_mode(GUIDED) == 0
        assert self.command(400, 1) == 0
        assert self.set_mode(AUTO) == 0
        assert self.command(300) == 0


def item(
    seq: int, command: int, north_m: float = 0.0, east_m: float = 0.0, alt_m: float = 0.0, *, frame: int = 3,
    params: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0), plan_type: int = 0, current: int = 0,
) -> Any:  # fmt: skip
    """MISSION_ITEM_INT at a place measured from home."""
    lat, lon = Vehicle(VehicleOptions(*HOME)).helm.frame.to_global(north_m, east_m)
    return wire.MAVLink_mission_item_int_message(
        1, 1, seq, frame, command, current, 1, *params, round(lat * 1e7), round(lon * 1e7), alt_m, plan_type
    )


def patrol(alt_m: float = 20.0) -> list[Any]:
    """Home, take-off, a square of 40 m, RTL."""
    corners = [(40.0, 0.0), (40.0, 40.0), (0.0, 40.0)]
    work = [item(seq, 16, north, east, alt_m) for seq, (north, east) in enumerate(corners, 2)]
    return [item(0, 16), item(1, 22, alt_m=alt_m), *work, item(5, 20)]


def bare(seq: int, command: int, *params: float) -> Any:
    """A mission item without a place."""
    four = [*params, *([0.0] * (4 - len(params)))]
    return wire.MAVLink_mission_item_int_message(1, 1, seq, 2, command, 0, 1, *four, 0, 0, 0.0)
