"""The autopilot: modes, arming, landing, and the flight controller of the moment. It flies the body and tells `events`.

Two times run here: flight time (physics, times the speed-up) and link time (the ground station's seconds); waiting for
a person or a ground station, such as the automatic disarm before take-off, is counted in link time.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from scripts.vehicle import controllers, modes
from scripts.vehicle.arming import Readiness
from scripts.vehicle.battery import Battery
from scripts.vehicle.controllers import Controller
from scripts.vehicle.fence import Fence
from scripts.vehicle.helm import Helm
from scripts.vehicle.mission_items import StoredItem
from scripts.vehicle.mission_run import MissionRun
from scripts.vehicle.modes import Mode
from scripts.vehicle.profiles import Profile
from scripts.vehicle.vector import ZERO, Vector

_LAND_DETECT_S = 1.0
_SURVIVABLE_IMPACT_M_S = 4.0
_CRITICAL, _WARNING, _NOTICE, _TEXT = 2, 4, 5, 6  # MAV_SEVERITY


@dataclass(frozen=True)
class Outlets:
    """Where the autopilot's own news go."""

    say: Callable[[int, str], None]
    reached: Callable[[int], None]
    do_item: Callable[[StoredItem], None]
    home_set: Callable[[], None]


class Autopilot:
    """One vehicle's flight logic; step it with flight time."""

    def __init__(
        self, profile: Profile, helm: Helm, battery: Battery, items: Callable[[], list[StoredItem]],
        readiness: Readiness, outlets: Outlets,
    ) -> None:  # fmt: skip
        self._profile, self._outlets = profile, outlets
        self.helm, self.battery, self.readiness = helm, battery, readiness
        self.fence = Fence(helm)
        self.mission = MissionRun(helm, items, self, profile.cuts_corners)
        self.mode = Mode.STABILIZE
        self.armed = False
        self.landed = True
        self.auto_armed = False
        self.failsafe = self.ground_lost = False
        self.link_s = 0.0
        self.flight_s = 0.0
        self.paused: Controller | None = None
        self._controller: Controller | None = None
        self._touching_s = 0.0
        self._idle_since_s = 0.0

    # ---- modes

    def set_mode(self, mode: Mode, by: str = "ground station") -> bool:
        """Change the mode; false when the autopilot refuses, with a text saying so."""
        if mode is self.mode:
            return True
        problem = self._refusal(mode)
        if problem is not None:
            self._outlets.say(_WARNING, problem)
            return False
        if self.mode is Mode.AUTO:
            self.mission.stop()
        self.mode, self.paused = mode, None
        self.helm.fixed_yaw_deg = None
        self.helm.speed_m_s = None  # the waypoint controller starts afresh with WPNAV_SPEED
        self._controller = self._controller_of(mode)
        if mode is Mode.AUTO:
            self.mission.start_or_resume()
        return True

    def _refusal(self, mode: Mode) -> str | None:
        name = mode.name
        if mode in modes.NEEDS_POSITION and not self.readiness.has_position(self.flight_s):
            return f"Mode change to {name} failed: requires position" if self._says_why else "Flight mode change failed"
        if mode is not Mode.AUTO:
            return None
        if self.mission.count < 2:
            return f"Mode change to {name} failed: init failed" if self._says_why else "Flight mode change failed"
        if self.armed and self.landed and not self.mission.starts_with_takeoff:
            return "Auto: Missing Takeoff Cmd"
        return None

    @property
    def _says_why(self) -> bool:
        return self._profile.is_modern

    def _controller_of(self, mode: Mode) -> Controller | None:
        match mode:
            case Mode.RTL | Mode.SMART_RTL:
                return controllers.ReturnHome(self.helm)
            case Mode.LAND:
                return controllers.LandThere(self.helm)
            case Mode.GUIDED | Mode.BRAKE:
                return controllers.Hold(self.helm)
            case Mode.AUTO:
                return None
        return controllers.Descend(self.helm)

    # ---- arming

    def arm(self, force: bool = False) -> bool:
        """Spin up, if the checks allow; home moves to where it stands."""
        if self.armed:
            return True
        problems = self.readiness.problems(self, force)
        for problem in problems:
            self._outlets.say(_CRITICAL, problem)
        if problems:
            return False
        self.armed, self.auto_armed, self._idle_since_s = True, False, self.link_s
        self._outlets.say(_TEXT, "Arming motors" if self._says_why else "ARMING MOTORS")
        if self.readiness.has_position(self.flight_s):
            self.helm.set_home(self.helm.body.position)
            self._outlets.home_set()
        return True

    def disarm(self, force: bool = False) -> bool:
        """Stop the motors; in the air only by force."""
        if not self.landed and not force:
            return False
        if self.armed:
            self._outlets.say(_TEXT, "Disarming motors" if self._says_why else "DISARMING MOTORS")
        self.armed = self.auto_armed = self.failsafe = False
        self.mission.rewind()
        self.helm.speed_m_s, self.helm.look_at = None, None
        return True

    def start_mission(self) -> bool:
        """MISSION_START: into AUTO, and off the ground. ArduCopter 4 says yes though it is not armed."""
        if not (self.armed or self._profile.is_modern) or not self.set_mode(Mode.AUTO):
            return False
        self.auto_armed = True
        if not self.mission.running:
            self.mission.start_or_resume()
        return True

    def take_off(self, alt_m: float) -> bool:
        """NAV_TAKEOFF as a command: only GUIDED, armed and on the ground, upwards."""
        if self.mode is not Mode.GUIDED or not self.armed or not self.landed or alt_m <= 0:
            return False
        self.auto_armed = True
        self._controller = controllers.TakeOff(self.helm, alt_m + self.helm.home_local.up)
        return True

    def guide(self, controller: Controller) -> bool:
        """Fly by `controller` while in GUIDED."""
        if self.mode is not Mode.GUIDED:
            return False
        self._controller = controller
        return True

    # ---- what the mission run asks for

    def item_started(self, seq: int, item: StoredItem) -> None:
        if self._says_why:
            names = {
                16: "WP",
                17: "LoitUnlim",
                18: "LoiterTurns",
                19: "LoiterTime",
                20: "RTL",
                21: "Land",
                22: "Takeoff",
            }
            self._outlets.say(_TEXT, f"Mission: {seq} {names.get(item.command, item.command)}")

    def item_reached(self, seq: int) -> None:
        self._outlets.reached(seq)
        if not self._says_why:
            self._outlets.say(_TEXT, f"Reached command #{seq}")

    def do_item(self, item: StoredItem) -> None:
        self._outlets.do_item(item)

    def no_terrain(self) -> None:
        """An altitude above terrain without terrain data: disarm on the ground, return in the air."""
        self._outlets.say(_CRITICAL, "Failsafe: Terrain data missing")
        if self.landed:
            self.disarm()
        else:
            self.set_mode(Mode.RTL, "failsafe")

    # ---- time

    def step(self, dt_s: float, flight_s: float, link_s: float) -> None:
        """Fly for `dt_s` of flight time, ending at `flight_s`, which the ground station knows as `link_s`."""
        self.flight_s, self.link_s = flight_s, link_s
        self.helm.drift(dt_s)
        body = self.helm.body
        wanted = self._wanted(dt_s)
        if math.isnan(wanted.up) or math.isnan(wanted.north) or math.isnan(wanted.east):
            self._die("Crash: target altitude is not a number")
            wanted = ZERO
        lifting = self.armed and not body.motors_dead and (not self.landed or wanted.up > 0)
        body.step(wanted, dt_s, lifting=lifting)
        if self.helm.fixed_yaw_deg is not None and lifting:
            body.turn(self.helm.fixed_yaw_deg, dt_s)
        elif self.helm.look_at is not None and lifting:
            self._face(self.helm.look_at, dt_s)
        self.battery.drain(dt_s, lifting, body.velocity.up)
        if self.battery.remaining <= 0 and lifting:
            self._die("Battery empty: motors stopped")
        self._watch_ground(wanted, dt_s)

    def _wanted(self, dt_s: float) -> Vector:
        if not self.armed:
            return ZERO
        if self.landed and not self.auto_armed:
            return ZERO
        if self.paused is not None:
            return self.paused.wanted(dt_s)
        if self.mode is Mode.AUTO:
            return self.mission.wanted(dt_s)
        return self._controller.wanted(dt_s) if self._controller is not None else ZERO

    def _face(self, place: Vector, dt_s: float) -> None:
        way = place.minus(self.helm.position)
        self.helm.body.turn(math.degrees(math.atan2(way.east, way.north)), dt_s)

    def _watch_ground(self, wanted: Vector, dt_s: float) -> None:
        body = self.helm.body
        if not body.on_ground:
            self.landed, self._touching_s = False, 0.0
            return
        if body.impact_m_s > _SURVIVABLE_IMPACT_M_S:
            body.broken = body.motors_dead = True
            self._outlets.say(_CRITICAL, f"Crash: Disarming (hit the ground at {body.impact_m_s:.0f} m/s)")
            self.landed = True
            self.disarm(force=True)
        body.impact_m_s = 0.0
        self._touching_s += dt_s
        if not self.landed and wanted.up <= 0 and self._touching_s >= _LAND_DETECT_S:
            self.landed, self._idle_since_s = True, self.link_s
        if not self.landed or not self.armed:
            return
        if self.auto_armed and self._is_landing():
            self.disarm()
        elif self.auto_armed and wanted.up > 0:
            self._idle_since_s = self.link_s
        elif self.link_s - self._idle_since_s >= self.helm.parameters["DISARM_DELAY"] > 0:
            self.disarm()

    def _is_landing(self) -> bool:
        if self.mode in modes.LANDS:
            return True
        landing = (controllers.LandThere, controllers.ReturnHome)
        return self.mode is Mode.AUTO and self.mission.running and isinstance(self.mission.controller, landing)

    def _die(self, why: str) -> None:
        self._outlets.say(_CRITICAL, why)
        self.helm.body.motors_dead = True
