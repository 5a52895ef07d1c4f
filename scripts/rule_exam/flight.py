"""A flight of the simulated vehicle for rules about what a drone sees: no socket, no clock, poses as Lookout gets them.

vehicle --MAVLink--> telemetry --pose_of--> AirPose, off by what a receiver and a compass are off by
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from pymavlink.dialects.v20 import ardupilotmega as wire

from drone.flight.pose import pose_of
from drone.flight.translate import snapshot_of
from drone.mavlink.telemetry import Telemetry
from kernel.drone_events import AirPose
from scripts.vehicle.eye.camera_server import pose_of as eye_of
from scripts.vehicle.eye.view import EyePose
from scripts.vehicle.options import VehicleOptions
from scripts.vehicle.vehicle import Vehicle

HOME = (41.7689, 109.9766)
START = datetime(2026, 11, 23, 12, tzinfo=UTC)
STREAMS_HZ = {33: 4, 30: 4, 158: 4, 285: 4, 24: 1, 193: 1}
_TICK_S = 0.05
_AUTO, _GUIDED = 3.0, 4.0
_POSITION_M, _HEADING_DEG = 1.2, 1.2


@dataclass(frozen=True, slots=True)
class Stop:
    """A point of the flight, metres north and east of home, where it stays for a while."""

    north_m: float
    east_m: float
    hold_s: float


class Flight:
    """One flight, from the ground to the air over its stops.

    Args:
        seed: of the vehicle's noise, and of what this flight's receiver and compass are off by.
        pitch_deg: of the camera.
    """

    def __init__(self, stops: Sequence[Stop], seed: int, high_m: float, pitch_deg: float) -> None:
        self.vehicle = Vehicle(VehicleOptions(*HOME, 1500.0, settle_s=0.0, seed=seed, endurance_s=7200.0))
        rng = np.random.default_rng([seed, 20])
        self._off_m, self._off_deg = rng.normal(0.0, _POSITION_M, 2), float(rng.normal(0.0, _HEADING_DEG))
        self._wire = wire.MAVLink(None, srcSystem=255, srcComponent=190)
        self._parser = wire.MAVLink(None)
        self._telemetry = Telemetry()
        self.now_s, self._beat_s = 0.0, 0.0
        self._begin(stops, high_m, pitch_deg)

    @property
    def now(self) -> datetime:
        """The instant on the exam's calendar."""
        return START + timedelta(seconds=self.now_s)

    @property
    def eye(self) -> EyePose:
        """Where the camera truly is."""
        return eye_of(self.vehicle)

    @property
    def is_up(self) -> bool:
        """Whether it is off the ground."""
        return self.vehicle.body.position.up > 5.0

    def fly(self, seconds_s: float) -> list[Any]:
        """Let time pass; what the vehicle said meanwhile."""
        heard: list[Any] = []
        end_s = self.now_s + seconds_s
        while self.now_s < end_s - 1e-9:
            self.now_s += _TICK_S
            if self.now_s >= self._beat_s:
                self._beat_s = self.now_s + 1.0
                self._send(wire.MAVLink_heartbeat_message(6, 8, 0, 0, 4, 3))
            self.vehicle.advance(self.now_s)
            for frame in self.vehicle.outgoing(self.now_s):
                heard += self._parser.parse_buffer(frame) or []
        for message in heard:
            self._telemetry.fold(message, self.now_s)
        return heard

    def pose(self) -> AirPose | None:
        """What the drone service would tell of the aircraft now."""
        state = self._telemetry.state
        told = pose_of("uav-1", "uav-1-cam", state, snapshot_of(state, True, self.now_s), self.now, self.now_s, 0.0)
        if told is None:
            return None
        frame = self.vehicle.helm.frame
        one_lat, one_lon = (far - near for far, near in zip(frame.to_global(1.0, 1.0), HOME, strict=True))
        place = {"lat": told.lat + one_lat * self._off_m[0], "lon": told.lon + one_lon * self._off_m[1]}
        looks = told.gimbal
        if looks is not None and looks.yaw_from_north:
            looks = looks.model_copy(update={"yaw_deg": looks.yaw_deg + self._off_deg})
        heading_deg = (told.heading_deg + self._off_deg) % 360
        return told.model_copy(update={**place, "heading_deg": heading_deg, "gimbal": looks})

    def _begin(self, stops: Sequence[Stop], high_m: float, pitch_deg: float) -> None:
        """Ask for telemetry as Lookout does, take off, look ahead and down."""
        self.fly(2.0)
        for number, rate_hz in STREAMS_HZ.items():
            self._command(511, number, 1_000_000 / rate_hz)
        ways = [self._item(seq, 16, stop, high_m) for seq, stop in enumerate(stops, 2)]
        home = Stop(0.0, 0.0, 0.0)
        self._upload([self._item(0, 16, home, 0.0), self._item(1, 22, home, high_m), *ways])
        self._set_mode(_GUIDED)
        self._command(400, 1.0)
        self._set_mode(_AUTO)
        self._command(300)
        self._command(205, pitch_deg)
        while not self.is_up:
            self.fly(1.0)

    def _item(self, seq: int, command: int, stop: Stop, alt_m: float) -> Any:
        lat, lon = self.vehicle.helm.frame.to_global(stop.north_m, stop.east_m)
        return wire.MAVLink_mission_item_int_message(
            1, 1, seq, 3, command, 0, 1, stop.hold_s, 0.0, 0.0, 0.0, round(lat * 1e7), round(lon * 1e7), alt_m, 0
        )

    def _upload(self, items: Sequence[Any]) -> None:
        self._send(wire.MAVLink_mission_count_message(1, 1, len(items), 0))
        is_taken = False
        while not is_taken and self.now_s < 60.0:
            for message in self.fly(_TICK_S):
                if message.get_type() in ("MISSION_REQUEST", "MISSION_REQUEST_INT"):
                    self._send(items[message.seq])
                is_taken |= message.get_type() == "MISSION_ACK"

    def _set_mode(self, mode: float) -> None:
        self._command(176, 1.0, mode)

    def _command(self, number: int, *params: float) -> None:
        seven = [*params, *([0.0] * (7 - len(params)))]
        self._send(wire.MAVLink_command_long_message(1, 1, number, 0, *seven))
        self.fly(0.5)

    def _send(self, message: Any) -> None:
        self.vehicle.receive(bytes(message.pack(self._wire)), self.now_s)
        self._wire.seq = (self._wire.seq + 1) % 256
