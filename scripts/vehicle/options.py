"""What a simulated vehicle is told when it is switched on."""

from __future__ import annotations

from dataclasses import dataclass, field

from scripts.vehicle.body import Wind
from scripts.vehicle.faults import Fault
from scripts.vehicle.profiles import ARDUCOPTER_4, Profile
from scripts.vehicle.radio import Quality


@dataclass(frozen=True)
class VehicleOptions:
    """Place, firmware, time factor and troubles of one vehicle.

    Attributes:
        lat_deg, lon_deg: where it stands, WGS-84.
        ground_amsl_m: the (flat) ground there, above the sea.
        speedup: flight seconds in a link second.
        settle_s: flight seconds until GPS and estimator are good.
        endurance_s: flight seconds a full battery hovers.
        battery_percent: charge at the start.
        uplink, downlink: how bad the radio is towards and from the vehicle.
        withheld: names of messages that it never sends, as an autopilot of another make or year may not.
        ask_int: ask for mission items by MISSION_REQUEST_INT, which ArduPilot does not and others do.
        signing_key: 32 bytes; with `signing_strict` unsigned traffic is refused.
    """

    lat_deg: float
    lon_deg: float
    ground_amsl_m: float = 0.0
    sysid: int = 1
    profile: Profile = ARDUCOPTER_4
    speedup: float = 1.0
    seed: int = 0
    settle_s: float = 12.0
    wind: Wind = field(default_factory=Wind)
    endurance_s: float = 1500.0
    battery_percent: float = 100.0
    parameters: dict[str, float] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    uplink: Quality = field(default_factory=Quality)
    downlink: Quality = field(default_factory=Quality)
    withheld: frozenset[str] = frozenset()
    ask_int: bool = False
    signing_key: bytes | None = None
    signing_strict: bool = False
