"""What a flight may ask of a vehicle. `VehicleLink` (vehicle.py) is it, over MAVLink.

Every await ends: with the vehicle's answer, or with NO_ANSWER after a bounded time on the link's clock, or with
CANCELLED when the link is closed. None raises because a vehicle is silent or says no.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from drone.mavlink.results import CommandResult, DownloadResult, ParameterResult, UploadResult
from drone.mavlink.state import VehicleState
from drone.mission.items import Mission, MissionType


class Vehicle(Protocol):
    """One vehicle at the end of one link. Sequence numbers are those of `Mission.items`, home being 0."""

    @property
    def state(self) -> VehicleState:
        """The vehicle as its last messages tell it."""
        ...

    @property
    def changed(self) -> asyncio.Event:
        """Set with every message that changed `state`; the one who waits on it clears it."""
        ...

    @property
    def is_alive(self) -> bool:
        """Whether the autopilot's heartbeats come: fewer than five missed. Nothing else counts: telemetry falls
        silent during a lossy transfer."""
        ...

    @property
    def other_sysids(self) -> frozenset[int]:
        """Autopilots heard on this link that are not ours: what to tell somebody whose sysid is wrong."""
        ...

    async def connect(self) -> None:
        """Open the link and begin to listen; returns at once, whether or not anybody is there.

        Raises:
            LinkUnusable: the address cannot be opened (port taken, no such device, no such host).
        """
        ...

    async def wait_until(self, condition: Callable[[VehicleState], bool], timeout_s: float) -> bool:
        """Wait until `condition(state)` holds; False when `timeout_s` passed first."""
        ...

    def beat(self) -> None:
        """Send one heartbeat of the ground station; call it at 1 Hz or faster from the loop that steers, never from a
        thread."""
        ...

    async def ask_streams(self, rate_hz: float = 4.0) -> None:
        """Ask for the telemetry `state` is made of (SET_MESSAGE_INTERVAL, else REQUEST_DATA_STREAM) and for version,
        capabilities and home. Ask again after a reconnect or a reboot."""
        ...

    async def upload(self, mission: Mission, kind: MissionType = MissionType.MISSION) -> UploadResult:
        """Send a plan and read it back until it is there as sent, or say why not."""
        ...

    async def download(self, kind: MissionType = MissionType.MISSION) -> DownloadResult:
        """Read the plan the vehicle holds."""
        ...

    async def clear(self, kind: MissionType = MissionType.MISSION) -> CommandResult:
        """Erase the vehicle's plan, confirmed by reading that none is left."""
        ...

    async def command(self, command: int, *params: float, timeout_s: float | None = None) -> CommandResult:
        """Send a command with up to seven parameters (COMMAND_LONG), repeated until acknowledged."""
        ...

    async def arm(self) -> CommandResult:
        """Ask to arm. Its acknowledgement comes before the heartbeat that shows it: wait for `state.armed`."""
        ...

    async def disarm(self) -> CommandResult:
        """Ask to disarm; a vehicle in the air refuses."""
        ...

    async def set_mode(self, name: str) -> CommandResult:
        """Set the flight mode (ArduCopter's name, also for PX4: AUTO, GUIDED, BRAKE, RTL, LAND). ACCEPTED only when a
        heartbeat shows the mode. Falls back to SET_MODE."""
        ...

    async def start_mission(self) -> CommandResult:
        """MISSION_START."""
        ...

    async def set_current(self, seq: int) -> CommandResult:
        """Make `seq` the item flown to; ACCEPTED when MISSION_CURRENT shows it. Falls back to MISSION_SET_CURRENT."""
        ...

    async def takeoff(self, alt_home_m: float) -> CommandResult:
        """Climb from the ground in GUIDED (armed before)."""
        ...

    async def goto(self, lat_deg: float, lon_deg: float, alt_home_m: float) -> CommandResult:
        """Fly to a place in GUIDED and hold there; sets GUIDED first. Falls back to SET_POSITION_TARGET_GLOBAL_INT,
        which nobody acknowledges: then UNCONFIRMED, watch the position."""
        ...

    async def point_gimbal(self, pitch_deg: float, yaw_deg: float) -> CommandResult:
        """Point the camera, pitch down negative, yaw to the vehicle's nose. Falls back to DO_MOUNT_CONTROL."""
        ...

    async def read_parameter(self, name: str) -> ParameterResult:
        """Read one parameter by name."""
        ...

    async def set_parameter(self, name: str, value: float) -> ParameterResult:
        """Set one parameter and read it back; the value returned is what the vehicle has."""
        ...

    def forget_reached(self) -> None:
        """Empty `state.reached`, before a mission is started anew."""
        ...

    def start_log(self, path: Path) -> None:
        """Write every frame, both ways, to a tlog from now on."""
        ...

    def stop_log(self) -> None:
        """Close the tlog."""
        ...

    async def close(self) -> None:
        """Close the link; whatever is under way ends with CANCELLED."""
        ...
