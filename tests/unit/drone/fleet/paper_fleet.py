"""Drones on paper that fly in simulated time: real flights, on bodies that take time to turn and to stop."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from drone.areas.frame import LocalFrame
from drone.fleet.aloft import Flier
from drone.flight.brief import Brief, Limits
from drone.flight.core import Core
from drone.flight.machine import FlightMachine
from drone.flight.orders import OFF_PLAN, Order, keeps_plan
from drone.flight.outputs import Alarm, Calm
from drone.flight.snapshot import Snapshot
from drone.flight.steps import Goto, Step
from drone.mavlink.state import Position, VehicleState
from drone.mission.items import Command, Frame, Mission, MissionItem
from drone.plan.model import FlightPlan
from kernel.config.fleet import DroneConfig
from kernel.drone_events import DroneAction, FlightState, ReasonText
from tests.unit.drone.flight.paper_autopilot import READY, Bench

MIDDLE = (41.7700, 109.9700)
FRAME = LocalFrame(*MIDDLE)
HIGH_M, SPEED_M_S, CLIMB_M_S, ACCELERATION_M_S2 = 40.0, 8.0, 2.0, 2.5
_STEP_S, _ANSWER_S, _NEAR_M = 0.25, 0.3, 1.5
_DEGREES_A_METRE = tuple(far - near for far, near in zip(FRAME.to_wgs84(1.0, 1.0), MIDDLE, strict=True))
XYZ = tuple[float, float, float]
EastNorth = tuple[float, float]


def spot(east_m: float, north_m: float) -> tuple[float, float]:
    """WGS-84 of a place near the middle; within centimetres."""
    return MIDDLE[0] + north_m * _DEGREES_A_METRE[0], MIDDLE[1] + east_m * _DEGREES_A_METRE[1]


def around(lat: float, lon: float) -> EastNorth:
    """The inverse."""
    return (lon - MIDDLE[1]) / _DEGREES_A_METRE[1], (lat - MIDDLE[0]) / _DEGREES_A_METRE[0]


def mission_of(home: EastNorth, points: Sequence[EastNorth], high_m: float = HIGH_M) -> Mission:
    """Take-off, these points (east, north, in metres), and home."""

    def item(command: Command, place: EastNorth, alt_m: float) -> MissionItem:
        lat, lon = spot(*place)
        return MissionItem(command, Frame.GLOBAL_RELATIVE_ALT, lat_deg=lat, lon_deg=lon, alt_m=alt_m)

    ways = (item(Command.NAV_WAYPOINT, point, high_m) for point in points)
    take_off = item(Command.NAV_TAKEOFF, home, high_m)
    return Mission((item(Command.NAV_WAYPOINT, home, 0.0), take_off, *ways, MissionItem(Command.NAV_RETURN_TO_LAUNCH)))


class _Autopilot(Bench):
    """The bench's autopilot, told where to fly; getting there is the body's."""

    target: Goto | None = None

    def _obey(self, step: Step) -> None:
        if isinstance(step, Goto):
            self.target = step
        else:
            super()._obey(step)


@dataclass
class PaperDrone:
    """One drone in flight; `beside` and `Traffic` see it as a `Flier`.

    Attributes:
        place, velocity_m_s: east, north, up.
        alarms: codes of what it warned of.
        is_deaf: its controller gives it no orders of the separation.
        silent_s: since when it tells no position any more, HEARTBEATs all the same.
    """

    drone: DroneConfig
    bench: _Autopilot
    place: XYZ
    now_s: float
    velocity_m_s: XYZ = (0.0, 0.0, 0.0)
    nearest: dict[str, float] = field(default_factory=dict)
    orders: list[tuple[float, DroneAction]] = field(default_factory=list)
    is_deaf: bool = False
    levels: tuple[float, float] | None = (15.0, 120.0)
    actor: str = "operator"
    held_plan: FlightPlan | None = None
    silent_s: float | None = None
    _told: Position | None = None
    _due_s: float | None = None

    @property
    def core(self) -> Core | None:
        return self.bench.machine.core if not self.bench.machine.is_over else None

    @property
    def seen(self) -> Snapshot:
        if self.silent_s is not None:
            return replace(self.bench.seen, position_age_s=self.now_s - self.silent_s)
        return self.bench.seen

    @property
    def is_busy(self) -> bool:
        return self.core is not None

    @property
    def brief(self) -> Brief | None:
        return self.core.brief if self.core is not None else None

    @property
    def plan(self) -> FlightPlan | None:
        return self.held_plan if self.core is None or keeps_plan(self.core) else None

    @property
    def ordered_by(self) -> str | None:
        return self.actor

    @property
    def vehicle_state(self) -> VehicleState | None:
        lat, lon = spot(*self.place[:2])
        east, north, up = self.velocity_m_s
        height_m = self.place[2]
        position = Position(lat, lon, 1000.0 + height_m, height_m, north, east, -up, None, self.now_s)
        if self.silent_s is not None and self._told is not None:
            position = self._told
        self._told = position
        return VehicleState(position=position, armed=bool(self.seen.armed))

    @property
    def levels_m(self) -> tuple[float, float] | None:
        return self.levels

    @property
    def alarms(self) -> list[str]:
        return [one.code for out in self.bench.outputs if isinstance(out, Alarm) for one in out.reasons]

    @property
    def calmed(self) -> int:
        return sum(isinstance(out, Calm) for out in self.bench.outputs)

    @property
    def state(self) -> FlightState:
        return self.bench.state

    def order(self, order: Order) -> tuple[ReasonText, ...]:
        if self.is_deaf:
            return (ReasonText(code="deaf", message_zh="", message_en=""),)
        outputs, refusal = self.bench.machine.order(order, self.now_s)
        self.bench.take(outputs)
        if not refusal:
            self.actor = order.actor
            self.orders.append((self.now_s, order.action))
            if order.action in OFF_PLAN:
                self.held_plan = None
        return refusal

    def note_nearest(self, drone_id: str, apart_m: float) -> None:
        self.nearest[drone_id] = min(apart_m, self.nearest.get(drone_id, math.inf))

    def warn(self, why: ReasonText) -> None:
        self.bench.take(self.bench.machine.warn(why))

    def calm(self) -> None:
        self.bench.take(self.bench.machine.calm())

    def fly(self, until_s: float) -> None:
        """Move and look, in steps, until then."""
        while self.now_s + _STEP_S <= until_s + 1e-9:
            self.now_s += _STEP_S
            self._move()
            self._answer()
            self._look()

    def _look(self) -> None:
        lat, lon = spot(*self.place[:2])
        self.bench.now_s = self.now_s - _STEP_S
        self.bench.look(_STEP_S, lat=lat, lon=lon, alt_home_m=self.place[2])

    def _answer(self) -> None:
        if self.bench.pending is None:
            self._due_s = None
        elif self._due_s is None:
            self._due_s = self.now_s + _ANSWER_S
        elif self.now_s >= self._due_s:
            self._due_s = None
            self.bench.now_s = self.now_s
            self.bench.answer()

    def _move(self) -> None:
        if not self.seen.armed:
            return
        wanted = self._wanted()
        change = [w - v for w, v in zip(wanted, self.velocity_m_s, strict=True)]
        share = min(1.0, ACCELERATION_M_S2 * _STEP_S / max(math.hypot(*change), 1e-9))
        east, north, up = (v + c * share for v, c in zip(self.velocity_m_s, change, strict=True))
        self.velocity_m_s = (east, north, up)
        x, y, z = (p + v * _STEP_S for p, v in zip(self.place, self.velocity_m_s, strict=True))
        self.place = (x, y, max(0.0, z))

    def _wanted(self) -> XYZ:
        mode = self.seen.mode
        if mode == "AUTO":
            return self._along_the_mission()
        if mode == "GUIDED" and self.bench.target is not None:
            goto = self.bench.target
            point = (*around(goto.lat, goto.lon), goto.alt_home_m)
            return self._towards(point, CLIMB_M_S if math.dist(point[:2], self.place[:2]) < 3.0 else SPEED_M_S)
        if mode == "RTL":
            return self._homewards()
        return 0.0, 0.0, 0.0

    def _along_the_mission(self) -> XYZ:
        items, seq = self.bench.machine.core.brief.mission.items, self.seen.mission_current or 1
        item = items[seq]
        if item.command == Command.NAV_RETURN_TO_LAUNCH:
            return self._homewards()
        point = (*around(item.lat_deg, item.lon_deg), item.alt_m)
        if math.dist(self.place, point) < _NEAR_M:
            self.bench.seen = replace(self.seen, mission_current=seq + 1, reached=self.seen.reached | {seq})
        return self._towards(point)

    def _homewards(self) -> XYZ:
        home = around(*self.bench.machine.core.home)
        if math.dist(self.place[:2], home) > _NEAR_M:
            return self._towards((*home, self.place[2]))
        if self.place[2] < 0.3:
            self.bench.seen = replace(self.seen, armed=False, is_landed=True, mission_current=0)
            self.velocity_m_s = (0.0, 0.0, 0.0)
        return self._towards((*home, -1.0), 2.0)

    def _towards(self, point: XYZ, most_m_s: float = SPEED_M_S) -> XYZ:
        far_m = math.dist(self.place, point)
        speed_m_s = min(most_m_s, math.sqrt(2 * 0.8 * ACCELERATION_M_S2 * far_m))
        share = speed_m_s / max(far_m, 1e-9)
        east, north, up = ((there - here) * share for here, there in zip(self.place, point, strict=True))
        return east, north, up


def in_flight(
    drone_id: str,
    points: Sequence[EastNorth],
    *,
    flight_id: str,
    home: EastNorth | None = None,
    high_m: float = HIGH_M,
    start: EastNorth | None = None,
    battery_percent: float = 90.0,
    separation_m: float = 20.0,
    now_s: float = 1_000.0,
) -> PaperDrone:
    """A drone on its patrol: at `start` (its home, if not told), at its height, on its way to the first point."""
    dock = home if home is not None else points[0]
    begin = start if start is not None else dock
    lat, lon = spot(*dock)
    mission = mission_of(dock, points, high_m)
    ready = replace(READY, lat=lat, lon=lon, home=(lat, lon), battery_percent=battery_percent)
    brief = Brief(flight_id, drone_id, "p", mission, (lat, lon), limits=Limits(watch_s=1800.0, home_m=1e5))
    bench = _Autopilot(FlightMachine(brief), seen=ready)
    bench.take(bench.machine.begin(bench.now_s))
    bench.run(FlightState.PATROLLING)
    bench.outputs.clear()
    config = DroneConfig.model_validate(
        {
            "id": drone_id,
            "link": "udp:127.0.0.1:9",
            "home": {"lat": lat, "lon": lon, "datum": "wgs84"},
            "separation_m": separation_m,
        }
    )
    return PaperDrone(config, bench, (*begin, high_m), now_s)


def as_flier(drone: PaperDrone) -> Flier:
    """The same, for the type checker."""
    return drone
