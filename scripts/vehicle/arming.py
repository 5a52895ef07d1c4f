"""Whether the vehicle may be armed: what ArduCopter's pre-arm checks say, in its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.vehicle.modes import ARMABLE, NEEDS_POSITION

if TYPE_CHECKING:
    from scripts.vehicle.autopilot import Autopilot


@dataclass
class Readiness:
    """GPS and estimator settle after switching on; a fault may keep the motors from arming for good."""

    settle_s: float
    arming_problem: str | None = None
    glitch_until_s: float = 0.0

    def gps_fix(self, flight_s: float) -> int:
        """GPS_FIX_TYPE: none, 2D, then 3D half-way through settling."""
        share = flight_s / self.settle_s if self.settle_s > 0 else 1.0
        return 1 if share < 0.3 else 2 if share < 0.5 else 3

    def has_position(self, flight_s: float) -> bool:
        """The estimator has converged on GPS."""
        return flight_s >= self.settle_s and flight_s >= self.glitch_until_s

    def checks(self, autopilot: Autopilot) -> list[str]:
        """The pre-arm failures of the moment."""
        flight_s, parameters = autopilot.flight_s, autopilot.helm.parameters
        found = []
        if parameters.get("ARMING_CHECK", 1.0) and not parameters.get("ARMING_SKIPCHK"):
            if flight_s < self.settle_s / 3:
                found.append("PreArm: Gyros still settling")
            if self.gps_fix(flight_s) < 3:
                found.append("PreArm: Need 3D Fix")
            elif not self.has_position(flight_s):
                found.append("PreArm: EKF2 still initialising")
            if autopilot.battery.voltage_v < max(parameters.get("FS_BATT_VOLTAGE"), parameters.get("BATT_LOW_VOLT")):
                found.append("PreArm: Check Battery")
        if autopilot.fence.violated:
            found.append("PreArm: vehicle outside fence")
        if self.arming_problem is not None:
            found.append(f"PreArm: {self.arming_problem}")
        return found

    def problems(self, autopilot: Autopilot, force: bool) -> list[str]:
        """Why it would not arm now; `force` (param2 2989) skips all but what cannot be skipped."""
        if autopilot.helm.body.broken or autopilot.helm.body.motors_dead:
            return ["Arm: Motors: Check frame class and type"]
        found = [] if force else self.checks(autopilot)
        if autopilot.mode not in ARMABLE:
            found.append("Arm: Mode not armable")
        elif autopilot.mode in NEEDS_POSITION and not self.has_position(autopilot.flight_s):
            found.append("Arm: Need Position Estimate")
        return found
