"""`VehicleLink`: one vehicle over MAVLink, as interface.py says.

Transfers run one at a time. A newer command of the same number takes over from an older one that still waits; different
commands run beside each other, so that a return never waits for something slow.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from drone.mavlink import orders
from drone.mavlink.clearing import MissionClear
from drone.mavlink.command import CommandExchange, Order, RepeatedMessage
from drone.mavlink.dialect import mavlink
from drone.mavlink.download import MissionDownload
from drone.mavlink.items_wire import from_vehicle
from drone.mavlink.legacy_points import LegacyPoints
from drone.mavlink.link import Link
from drone.mavlink.link_address import LinkAddress
from drone.mavlink.modes import Autopilot, mode_number
from drone.mavlink.parameters import ParameterRead, ParameterSet
from drone.mavlink.results import (
    CommandResult,
    CommandStatus,
    DownloadResult,
    ParameterResult,
    TransferStatus,
    UploadResult,
    UploadStatus,
)
from drone.mavlink.session import Session
from drone.mavlink.signing import SigningKey
from drone.mavlink.state import Capability, VehicleState
from drone.mavlink.streams import ask_streams
from drone.mavlink.timing import Timing
from drone.mavlink.verified_upload import VerifiedUpload
from drone.mission.items import Command, Mission, MissionItem, MissionType
from drone.mission.sanity import DEFAULT_CAPACITY, VehicleLimits, mission_faults
from kernel.clock import Clock, SystemClock

_UNTOUCHED = frozenset({4, 14})  # NO_SPACE, DENIED: the vehicle said no before it changed anything
_CAPABILITY_OF = {MissionType.FENCE: Capability.MISSION_FENCE, MissionType.RALLY: Capability.MISSION_RALLY}
_FLYING_A_MISSION = frozenset({"AUTO", "AUTO.MISSION"})
_HOME_UNKNOWN = MissionItem(Command.NAV_WAYPOINT)


class VehicleLink:
    """Implements `drone.mavlink.interface.Vehicle`; see there for what each method promises."""

    def __init__(
        self,
        address: str,
        sysid: int = 1,
        gcs_sysid: int = 255,
        *,
        clock: Clock | None = None,
        timing: Timing | None = None,
        signing: SigningKey | None = None,
        capacity: int = DEFAULT_CAPACITY,
    ) -> None:
        """Prepare the link; nothing is opened yet.

        Args:
            clock: for every waiting time; a faster one goes with a simulator run faster.
            capacity: most mission items of this vehicle, home included.

        Raises:
            BadLinkAddress: `address` is none.
            ClockBehind: signing, and the clock is behind timestamps used before.
        """
        self.address = LinkAddress.parse(address)
        self._clock = clock or SystemClock()
        self._timing = timing or Timing()
        self._capacity = capacity
        self._session = Session(self.address, sysid, gcs_sysid, self._clock, signing)
        self._transfer = asyncio.Lock()
        self._commands: dict[int, CommandExchange] = {}

    @property
    def state(self) -> VehicleState:
        return self._session.telemetry.state

    @property
    def changed(self) -> asyncio.Event:
        return self._session.changed

    @property
    def is_alive(self) -> bool:
        return self._session.is_alive

    @property
    def link(self) -> Link:
        """The way to it, for its statistics."""
        return self._session.link

    @property
    def other_sysids(self) -> frozenset[int]:
        return frozenset(self._session.other_sysids)

    async def connect(self) -> None:
        await self._session.open()

    async def close(self) -> None:
        await self._session.close()

    async def wait_until(self, condition: Callable[[VehicleState], bool], timeout_s: float) -> bool:
        return await self._session.wait_until(condition, timeout_s)

    def beat(self) -> None:
        invalid, ground_station, active = Autopilot.INVALID, mavlink.MAV_TYPE_GCS, mavlink.MAV_STATE_ACTIVE
        self._session.send([mavlink.MAVLink_heartbeat_message(ground_station, invalid, 0, 0, active, 3)])
        self._session.flush_log()

    async def ask_streams(self, rate_hz: float = 4.0) -> None:
        await ask_streams(self._session, self._timing, rate_hz)

    async def upload(self, mission: Mission, kind: MissionType = MissionType.MISSION) -> UploadResult:
        is_px4 = self.state.autopilot == Autopilot.PX4
        faults = mission_faults(mission, kind, VehicleLimits(self._capacity, nan_parameters=is_px4))
        if faults:
            shown = "; ".join(fault.message_en for fault in faults)
            return UploadResult(UploadStatus.REFUSED_UNSENT, f"the plan was not sent: {shown}", faults=tuple(faults))
        if self.state.heartbeat_at_s is None:
            return UploadResult(UploadStatus.NO_ANSWER, "the plan was not sent: no heartbeat of the vehicle yet")
        if kind is MissionType.MISSION and self.state.armed and self.state.mode in _FLYING_A_MISSION:
            return UploadResult(UploadStatus.REFUSED_UNSENT, "the plan was not sent: the vehicle is flying its mission")
        if kind is not MissionType.MISSION and not self.state.can(_CAPABILITY_OF[kind]):
            return await self._upload_points(mission, kind)
        async with self._transfer:
            takes_int = self.state.can(Capability.MISSION_INT)
            exchange = VerifiedUpload(
                mission, kind, self._session.target, self._timing, self.state.autopilot, takes_int
            )
            await self._session.play(exchange)
            assert exchange.result is not None
            return await self._left_clean(exchange.result, kind)

    async def download(self, kind: MissionType = MissionType.MISSION) -> DownloadResult:
        if kind is not MissionType.MISSION and not self.state.can(_CAPABILITY_OF[kind]):
            return DownloadResult(TransferStatus.UNSUPPORTED, detail=f"the vehicle keeps no {kind.name.lower()} plan")
        async with self._transfer:
            takes_int = self.state.can(Capability.MISSION_INT)
            exchange = MissionDownload(kind, self._session.target, self._timing, takes_int)
            await self._session.play(exchange)
        assert exchange.status is not None
        mission = None
        if exchange.status is TransferStatus.DONE:
            mission = from_vehicle(exchange.items, self._home_item(), kind, self.state.autopilot)
        return DownloadResult(exchange.status, mission, exchange.by_float, exchange.vehicle_result)

    async def clear(self, kind: MissionType = MissionType.MISSION) -> CommandResult:
        if kind is not MissionType.MISSION and not self.state.can(_CAPABILITY_OF[kind]):
            return CommandResult(CommandStatus.UNSUPPORTED, detail=f"the vehicle keeps no {kind.name.lower()} plan")
        async with self._transfer:
            return await self._clear(kind)

    async def command(self, command: int, *params: float, timeout_s: float | None = None) -> CommandResult:
        timing = self._timing
        if timeout_s is not None:
            tries = max(1, math.ceil(timeout_s / timing.command_s))
            timing = replace(timing, command_tries=tries, progress_s=max(timeout_s, timing.progress_s))
        return await self._order(CommandExchange(Order(command, params), self._session.target, timing))

    async def arm(self) -> CommandResult:
        return await self.command(Command.COMPONENT_ARM_DISARM, 1)

    async def disarm(self) -> CommandResult:
        return await self.command(Command.COMPONENT_ARM_DISARM, 0)

    async def set_mode(self, name: str) -> CommandResult:
        number = mode_number(self.state.autopilot, name)
        if number is None:
            return CommandResult(CommandStatus.UNSUPPORTED, tries=0, detail=f"the vehicle has no mode {name}")
        order, fallback, seen = orders.mode(self._session.target, self.state.autopilot, number)
        return await self._order(CommandExchange(order, self._session.target, self._timing, seen, fallback))

    async def start_mission(self) -> CommandResult:
        return await self.command(Command.MISSION_START)

    async def set_current(self, seq: int) -> CommandResult:
        order, fallback, seen = orders.current_item(self._session.target, self.state.autopilot, seq)
        return await self._order(CommandExchange(order, self._session.target, self._timing, seen, fallback))

    async def takeoff(self, alt_home_m: float) -> CommandResult:
        order = orders.takeoff(self.state, alt_home_m)
        if order is None:
            return CommandResult(CommandStatus.FAILED, tries=0, detail="home's altitude is not known")
        return await self._order(CommandExchange(order, self._session.target, self._timing))

    async def goto(self, lat_deg: float, lon_deg: float, alt_home_m: float) -> CommandResult:
        order = orders.reposition(self.state, lat_deg, lon_deg, alt_home_m)
        if order is None:
            return CommandResult(CommandStatus.FAILED, tries=0, detail="not a place, or home's altitude is not known")
        if self.state.autopilot != Autopilot.PX4 and self.state.mode != "GUIDED":
            in_guided = await self.set_mode("GUIDED")
            if not in_guided.is_accepted:
                return replace(in_guided, detail=f"GUIDED was not taken: {in_guided.detail or in_guided.status}")
        result = await self._order(CommandExchange(order, self._session.target, self._timing))
        if result.status not in (CommandStatus.UNSUPPORTED, CommandStatus.NO_ANSWER):
            return result
        fallback, seen = orders.position_target(self._session.target, lat_deg, lon_deg, alt_home_m)
        repeated = RepeatedMessage(fallback, self._timing, seen)
        await self._session.play(repeated)
        assert repeated.result is not None
        return repeated.result

    async def point_gimbal(self, pitch_deg: float, yaw_deg: float) -> CommandResult:
        nan = math.nan
        result = await self.command(Command.DO_GIMBAL_MANAGER_PITCHYAW, pitch_deg, yaw_deg, nan, nan, 0, 0, 0)
        if result.status is not CommandStatus.UNSUPPORTED:
            return result
        targeting = mavlink.MAV_MOUNT_MODE_MAVLINK_TARGETING
        result = await self.command(Command.DO_MOUNT_CONTROL, pitch_deg, 0, yaw_deg, 0, 0, 0, targeting)
        return replace(result, fallback="DO_MOUNT_CONTROL")

    async def read_parameter(self, name: str) -> ParameterResult:
        exchange = ParameterRead(name, self._session.target, self._timing, self._is_bytewise)
        await self._session.play(exchange)
        assert exchange.result is not None
        return exchange.result

    async def set_parameter(self, name: str, value: float) -> ParameterResult:
        exchange = ParameterSet(name, value, self._session.target, self._timing, self._is_bytewise)
        await self._session.play(exchange)
        assert exchange.result is not None
        return exchange.result

    def forget_reached(self) -> None:
        self._session.telemetry.forget_reached()
        self._session.notify()

    def start_log(self, path: Path) -> None:
        self._session.start_log(path)

    def stop_log(self) -> None:
        self._session.stop_log()

    @property
    def _is_bytewise(self) -> bool:
        told = self.state.can(Capability.PARAM_BYTEWISE)
        return self.state.autopilot == Autopilot.PX4 if told is None else told

    async def _order(self, exchange: CommandExchange) -> CommandResult:
        older = self._commands.get(exchange.order.command)
        if older is not None:
            older.cancel()
        self._commands[exchange.order.command] = exchange
        try:
            await self._session.play(exchange)
        finally:
            if self._commands.get(exchange.order.command) is exchange:
                del self._commands[exchange.order.command]
        assert exchange.result is not None
        return exchange.result

    async def _left_clean(self, result: UploadResult, kind: MissionType) -> UploadResult:
        """After a failed upload, erase what may be a mixture of two plans without a return; never in the air."""
        is_whole = result.is_verified or result.status is UploadStatus.CANCELLED
        if is_whole or result.vehicle_result in _UNTOUCHED or self.state.armed or not self.is_alive:
            return result
        cleared = await self._clear(kind)
        said = "its plan was erased" if cleared.is_accepted else "its plan could not be erased: do not fly it"
        return replace(result, cleared=cleared.is_accepted, detail=f"{result.detail}; {said}")

    async def _clear(self, kind: MissionType) -> CommandResult:
        exchange = MissionClear(kind, self._session.target, self._timing)
        await self._session.play(exchange)
        assert exchange.result is not None
        return exchange.result

    async def _upload_points(self, mission: Mission, kind: MissionType) -> UploadResult:
        """Fence and rally in the old way: uploaded as plans they would destroy the mission of such a vehicle."""
        if self.state.capabilities is None or self.state.autopilot == Autopilot.PX4:
            return UploadResult(
                UploadStatus.UNSUPPORTED, f"the vehicle does not say that it keeps a {kind.name.lower()} plan"
            )
        async with self._transfer:
            exchange = LegacyPoints(mission, kind, self._session.target, self._timing)
            await self._session.play(exchange)
        assert exchange.result is not None
        return exchange.result

    def _home_item(self) -> MissionItem:
        home = self.state.home
        if home is None:
            return _HOME_UNKNOWN
        return MissionItem(
            Command.NAV_WAYPOINT, 0, lat_deg=home.lat_deg, lon_deg=home.lon_deg, alt_m=home.amsl_altitude_m
        )
