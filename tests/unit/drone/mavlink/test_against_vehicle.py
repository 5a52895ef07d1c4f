"""The cores against the simulated vehicle of both firmwares, in simulated time: no socket, no sleep.

`strict_autopilot` is the protocol as we read it; the simulated vehicle was written apart from it, after what was
measured on ArduCopter 3.5.7.
"""

from __future__ import annotations

import heapq
import itertools
import random
from datetime import UTC, datetime

import pytest

from drone.mavlink import orders
from drone.mavlink.codec import Codec
from drone.mavlink.command import CommandExchange
from drone.mavlink.dialect import Message, Target
from drone.mavlink.download import MissionDownload
from drone.mavlink.exchange import Exchange
from drone.mavlink.legacy_points import LegacyPoints
from drone.mavlink.modes import Autopilot
from drone.mavlink.results import CommandStatus, TransferStatus, UploadResult, UploadStatus
from drone.mavlink.telemetry import Telemetry
from drone.mavlink.timing import Timing
from drone.mavlink.verified_upload import VerifiedUpload
from drone.mission.compare import differences
from drone.mission.items import Command, Frame, Mission, MissionItem, MissionType
from scripts.vehicle.options import VehicleOptions
from scripts.vehicle.profiles import ARDUCOPTER_3_5, ARDUCOPTER_4, Profile
from scripts.vehicle.vehicle import Vehicle
from tests.unit.drone.mission.missions import HOME_LAT_DEG, HOME_LON_DEG, patrol

_NOW = datetime(2026, 11, 23, tzinfo=UTC)
_STEP_S = 0.05
TARGET, TIMING = Target(1), Timing()
_BOTH = pytest.mark.parametrize("profile", [ARDUCOPTER_3_5, ARDUCOPTER_4], ids=lambda profile: profile.name)


class _Ground:
    """Our end, and the air between: packets lost by seed, 20 ms late."""

    def __init__(self, profile: Profile, loss: float = 0.0, seed: int = 0) -> None:
        options = VehicleOptions(HOME_LAT_DEG, HOME_LON_DEG, 1600.0, profile=profile, settle_s=0.0, seed=seed)
        self.vehicle = Vehicle(options)
        self.telemetry = Telemetry()
        self.now_s = 0.0
        self._codec = Codec(255)
        self._loss, self._random = loss, random.Random(seed)
        self._order = itertools.count()
        self._in_air: list[tuple[float, int, bool, bytes]] = []

    def play(self, exchange: Exchange, most_s: float = 600.0) -> float:
        began_s = self.now_s
        self._up(exchange.start(self.now_s))
        while not exchange.is_done and self.now_s - began_s < most_s:
            self.step(exchange)
        return self.now_s - began_s

    def step(self, exchange: Exchange | None = None) -> None:
        self.now_s += _STEP_S
        while self._in_air and self._in_air[0][0] <= self.now_s:
            _, _, is_up, packet = heapq.heappop(self._in_air)
            if is_up:
                self.vehicle.receive(packet, self.now_s)
                continue
            for received in self._codec.feed(packet, is_datagram=True):
                self.telemetry.fold(received.message, self.now_s)
                if exchange is not None:
                    self._up(exchange.receive(received.message, self.now_s))
        self.vehicle.advance(self.now_s)
        for packet in self.vehicle.outgoing(self.now_s):
            self._put(packet, is_up=False)
        if exchange is not None:
            self._up(exchange.tick(self.now_s))

    def upload(self, mission: Mission, kind: MissionType = MissionType.MISSION) -> UploadResult:
        exchange = VerifiedUpload(mission, kind, TARGET, TIMING, Autopilot.ARDUPILOT, takes_int=True)
        self.play(exchange)
        assert exchange.result is not None
        return exchange.result

    def download(self, kind: MissionType = MissionType.MISSION) -> Mission:
        exchange = MissionDownload(kind, TARGET, TIMING, takes_int=True)
        self.play(exchange)
        assert exchange.status is TransferStatus.DONE
        return Mission(exchange.items)

    def _up(self, messages: list[Message]) -> None:
        for message in messages:
            self._put(self._codec.pack(message, _NOW), is_up=True)

    def _put(self, packet: bytes, is_up: bool) -> None:
        if self._random.random() >= self._loss:
            heapq.heappush(self._in_air, (self.now_s + 0.02, next(self._order), is_up, packet))


@_BOTH
def test_thirty_items_are_verified_at_twenty_percent_loss_each_way(profile: Profile) -> None:
    for seed in range(4):
        ground = _Ground(profile, loss=0.2, seed=seed)
        result = ground.upload(patrol(26))
        assert result.is_verified, result.detail
        assert result.elapsed_s < 60


@_BOTH
def test_at_forty_percent_it_is_verified_or_refused(profile: Profile) -> None:
    for seed in range(2):
        ground = _Ground(profile, loss=0.4, seed=seed)
        result = ground.upload(patrol(26))
        assert result.is_verified or result.detail


@_BOTH
def test_a_shorter_plan_replaces_a_longer_one_whole(profile: Profile) -> None:
    ground = _Ground(profile, loss=0.1)
    assert ground.upload(patrol(20)).is_verified
    assert ground.upload(patrol(3)).is_verified
    ground = _Ground(profile)
    assert ground.upload(patrol(3)).is_verified
    assert differences(patrol(3), ground.download()) == []


@_BOTH
def test_what_the_vehicle_refuses_is_told(profile: Profile) -> None:
    """Each firmware in its own way: 4 ends the upload, 3.5.7 goes on asking for the item it just refused."""
    items = list(patrol(4).items)
    items[4] = MissionItem(Command.NAV_WAYPOINT, lat_deg=95.0, lon_deg=10.0, alt_m=30.0)
    result = _Ground(profile).upload(Mission(tuple(items)))
    assert result.status is UploadStatus.REFUSED_BY_VEHICLE
    assert result.vehicle_result


def _square(size_deg: float = 0.02) -> Mission:
    corners = ((-1, -1), (-1, 1), (1, 1), (1, -1))
    return Mission(
        tuple(
            MissionItem(
                Command.FENCE_POLYGON_VERTEX_INCLUSION,
                Frame.GLOBAL,
                param1=4,
                lat_deg=HOME_LAT_DEG + north * size_deg,
                lon_deg=HOME_LON_DEG + east * size_deg,
            )
            for north, east in corners
        )
    )


def test_an_old_vehicle_gets_its_fence_point_by_point_and_keeps_its_mission() -> None:
    """Sent as a plan, the fence would destroy the mission there (FACTS-MAVLINK)."""
    ground = _Ground(ARDUCOPTER_3_5, loss=0.1)
    assert ground.upload(patrol(5)).is_verified
    fence = LegacyPoints(_square(), MissionType.FENCE, TARGET, TIMING)
    ground.play(fence)
    assert fence.result is not None
    assert fence.result.is_verified
    assert ground.vehicle.parameters["FENCE_TOTAL"] == 6
    assert differences(patrol(5), ground.download()) == []


def test_an_old_vehicle_gets_its_rally_points() -> None:
    rally = Mission((MissionItem(Command.RALLY_POINT, lat_deg=HOME_LAT_DEG + 0.001, lon_deg=HOME_LON_DEG, alt_m=30.0),))
    ground = _Ground(ARDUCOPTER_3_5, loss=0.2, seed=3)
    points = LegacyPoints(rally, MissionType.RALLY, TARGET, TIMING)
    ground.play(points)
    assert points.result is not None
    assert points.result.is_verified


def test_a_fence_an_old_vehicle_cannot_keep_is_not_sent() -> None:
    hole = MissionItem(Command.FENCE_CIRCLE_EXCLUSION, param1=30, lat_deg=HOME_LAT_DEG, lon_deg=HOME_LON_DEG)
    ground = _Ground(ARDUCOPTER_3_5)
    points = LegacyPoints(Mission((*_square().items, hole)), MissionType.FENCE, TARGET, TIMING)
    ground.play(points)
    assert points.result is not None
    assert points.result.status is UploadStatus.UNSUPPORTED
    assert ground.vehicle.parameters["FENCE_TOTAL"] == 0


def test_a_new_vehicle_keeps_fence_and_mission_apart() -> None:
    ground = _Ground(ARDUCOPTER_4, loss=0.1)
    assert ground.upload(patrol(5)).is_verified
    assert ground.upload(_square(), MissionType.FENCE).is_verified
    ground = _Ground(ARDUCOPTER_4)
    assert ground.upload(patrol(5)).is_verified
    assert ground.upload(_square(), MissionType.FENCE).is_verified
    assert differences(_square(), ground.download(MissionType.FENCE), MissionType.FENCE) == []
    assert differences(patrol(5), ground.download()) == []


@_BOTH
def test_a_vehicle_alone_for_a_minute_is_one_vehicle(profile: Profile) -> None:
    ground = _Ground(profile, loss=0.2)
    while ground.now_s < 60:
        ground.step()
    assert ground.telemetry.state.duplicate_sysid is None
    assert ground.telemetry.state.heartbeats > 40
    assert ground.telemetry.state.boots == 0


@_BOTH
def test_modes_are_set_on_either_firmware(profile: Profile) -> None:
    ground = _Ground(profile, loss=0.2, seed=8)
    order, fallback, seen = orders.mode(TARGET, Autopilot.ARDUPILOT, 4)
    exchange = CommandExchange(order, TARGET, TIMING, seen, fallback)
    ground.play(exchange)
    assert exchange.result is not None
    assert exchange.result.status is CommandStatus.ACCEPTED
    assert exchange.result.fallback == ("SET_MODE" if profile is ARDUCOPTER_3_5 else None)
    assert ground.telemetry.state.mode == "GUIDED"
