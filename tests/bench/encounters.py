"""Random encounters of two drones at one height, without the plan's checks: does the watch keep them apart?

`python -m tests.bench.encounters --count 300 --seed 1`: real flights and the real watch over simulated vehicles with
gusts, in simulated time; telemetry and orders come late and are lost. Every encounter is flown twice, watched and not,
so that a hold that was not needed shows. The last line of stdout is one object.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from drone.fleet.aloft import aloft_of
from drone.fleet.presence import Presence
from drone.fleet.traffic import Traffic
from drone.flight.steps import Goto, SetCurrent, SetMode, SetSpeed, Step
from drone.mavlink.state import Position, VehicleState
from kernel.drone_events import DroneAction
from scripts.vehicle.body import Wind
from scripts.vehicle.controllers import FlyTo
from scripts.vehicle.mission_items import RELATIVE, RTL, TAKEOFF, WAYPOINT, StoredItem
from scripts.vehicle.modes import Mode
from scripts.vehicle.options import VehicleOptions
from scripts.vehicle.vector import Vector
from scripts.vehicle.vehicle import Vehicle
from tests.unit.drone.fleet.paper_fleet import HIGH_M, MIDDLE, EastNorth, PaperDrone, in_flight, spot
from tests.unit.drone.flight.paper_autopilot import DONE

LEAST_M = 20.0
LASTS_S = 60.0
_LOSS, _RESENT_S = 0.1, 1.0
_NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Course:
    """One drone's part: where it begins, its points, its speed, and how its autopilot accelerates."""

    start: EastNorth
    points: tuple[EastNorth, ...]
    speed_m_s: float
    accel_m_s2: float


@dataclass(frozen=True)
class Encounter:
    """Two courses, the wind, and whether the drones are of two controllers."""

    seed: int
    courses: tuple[Course, Course]
    wind: Wind
    has_two_controllers: bool


def encounter(seed: int) -> Encounter:
    """Two that will be near one place at one time, most of them: straight, round a corner, head on, behind."""
    rng = random.Random(seed)
    while True:
        meet_s = rng.uniform(10.0, 35.0)
        courses = (_course(rng, meet_s), _course(rng, meet_s + rng.uniform(-3.0, 3.0)))
        if math.dist(courses[0].start, courses[1].start) >= 80.0:
            wind = Wind(rng.uniform(0.0, 6.0), rng.uniform(0.0, 360.0), rng.uniform(0.0, 2.0))
            return Encounter(seed, courses, wind, rng.random() < 0.3)


def _course(rng: random.Random, meet_s: float) -> Course:
    speed_m_s, heading = rng.uniform(3.0, 12.0), rng.uniform(0.0, 2 * math.pi)
    meet = (rng.uniform(-12.0, 12.0), rng.uniform(-12.0, 12.0))
    corner_s = rng.uniform(1.0, min(15.0, meet_s)) if rng.random() < 0.6 else 0.0
    turned = heading + rng.uniform(-2.5, 2.5)
    corner = _on(meet, heading, -speed_m_s * corner_s)
    start = _on(corner, turned, -speed_m_s * (meet_s - corner_s))
    beyond = _on(meet, heading, rng.uniform(40.0, 300.0))
    last = _on(beyond, heading + rng.uniform(-3.1, 3.1), 400.0)
    points = (*((corner,) if corner_s else ()), beyond, last)
    return Course(start, points, speed_m_s, rng.choice((1.0, 1.0, 2.5)))


def _on(place: EastNorth, heading: float, metres: float) -> EastNorth:
    return place[0] + metres * math.sin(heading), place[1] + metres * math.cos(heading)


@dataclass
class SimulatedDrone(PaperDrone):
    """A real flight on a simulated vehicle; what is heard of it is late, and so is what it is told."""

    vehicle: Vehicle = field(kw_only=True)
    rng: random.Random = field(kw_only=True)
    _begun_s: float = field(init=False)
    _heard: deque[tuple[float, Position, str, int]] = field(default_factory=deque)
    _position: Position | None = None
    _acts: tuple[int, float, float] | None = None
    _has_acted: bool = False

    def __post_init__(self) -> None:
        self._begun_s = self.now_s
        self._link_s = self.rng.uniform(0.02, 0.3)
        self._next_told_s = self.now_s + self.rng.uniform(0.0, 0.25)

    @property
    def vehicle_state(self) -> VehicleState | None:
        return VehicleState(position=self._position, armed=True) if self._position is not None else None

    def fly(self, until_s: float) -> None:
        while self.now_s + 0.05 <= until_s + 1e-9:
            self.now_s += 0.05
            self.vehicle.advance(self.now_s - self._begun_s)
            self.vehicle.outgoing(self.now_s - self._begun_s)
            body = self.vehicle.body
            self.place = (body.position.east, body.position.north, body.position.up)
            self.velocity_m_s = (body.velocity.east, body.velocity.north, body.velocity.up)
            self._tell()
            self._hear()
            self._act()

    def _tell(self) -> None:
        """Position and mode four times a second, as asked for; one in ten is lost."""
        if self.now_s < self._next_told_s:
            return
        self._next_told_s += 0.25
        if self.rng.random() < _LOSS:
            return
        there, pilot = self.vehicle.helm.position, self.vehicle.autopilot
        lat, lon = spot(there.east, there.north)
        east, north, up = self.velocity_m_s
        at_s = self.now_s + self._link_s + self.rng.uniform(0.0, 0.1)
        position = Position(lat, lon, 1000.0 + there.up, there.up, north, east, -up, None, at_s)
        self._heard.append((at_s, position, pilot.mode.name, pilot.mission.current_seq))

    def _hear(self) -> None:
        while self._heard and self._heard[0][0] <= self.now_s:
            _, self._position, mode, seq = self._heard.popleft()
            self.bench.now_s = self.now_s
            self.bench.look(
                0.0, lat=self._position.lat_deg, lon=self._position.lon_deg, alt_home_m=self._position.alt_home_m,
                mode=mode, mission_current=seq, reached=frozenset(range(2, seq)),
            )  # fmt: skip

    def _act(self) -> None:
        """The step in hand reaches the vehicle, now or when it is sent again; its answer comes back."""
        pending = self.bench.pending
        if pending is None:
            self._acts = None
            return
        if self._acts is None or self._acts[0] != pending.number:
            act_s = self.now_s + self._link_s + self.rng.uniform(0.05, 0.2)
            while self.rng.random() < _LOSS:
                act_s += _RESENT_S
            self._acts, self._has_acted = (
                (pending.number, act_s, act_s + self._link_s + self.rng.uniform(0.0, 0.8)),
                False,
            )
        if not self._has_acted and self.now_s >= self._acts[1]:
            self._has_acted = True
            self._do(pending.step)
        if self.now_s >= self._acts[2]:
            self.bench.pending = self._acts = None
            self.bench.take(self.bench.machine.finished(pending.number, DONE, self.now_s))

    def _do(self, step: Step) -> None:
        pilot = self.vehicle.autopilot
        if isinstance(step, SetMode):
            pilot.set_mode(Mode[step.mode])
        elif isinstance(step, SetCurrent):
            pilot.mission.set_current(step.seq)
        elif isinstance(step, SetSpeed):
            self.vehicle.helm.speed_m_s = step.speed_m_s
        elif isinstance(step, Goto):
            place = self.vehicle.helm.place(step.lat, step.lon, step.alt_home_m, RELATIVE)
            if place is not None:
                pilot.guide(FlyTo(self.vehicle.helm, place))


def airborne(drone_id: str, course: Course, told: Encounter, rng: random.Random) -> SimulatedDrone:
    """On its way to its first point, at its speed."""
    paper = in_flight(drone_id, course.points, flight_id=f"01{drone_id}", home=course.start, now_s=0.0)
    vehicle = Vehicle(
        VehicleOptions(
            *MIDDLE, seed=rng.randrange(10**6), settle_s=0.0, wind=told.wind,
            parameters={
                "FS_GCS_ENABLE": 0.0, "WPNAV_SPEED": course.speed_m_s * 100, "WPNAV_ACCEL": course.accel_m_s2 * 100,
            },
        )
    )  # fmt: skip
    pilot, body = vehicle.autopilot, vehicle.body
    heading = math.atan2(course.points[0][0] - course.start[0], course.points[0][1] - course.start[1])
    velocity = Vector(math.cos(heading), math.sin(heading), 0.0).times(course.speed_m_s)
    body.position, body.velocity = Vector(course.start[1], course.start[0], HIGH_M), velocity
    vehicle.helm.set_home(Vector(course.start[1], course.start[0], 0.0))
    pilot.armed, pilot.landed, pilot.auto_armed = True, False, True
    vehicle.plans.mission.extend(_items(course))
    pilot.mission.set_current(2)
    assert pilot.set_mode(Mode.AUTO), vehicle.texts
    config = paper.drone.model_copy(update={"cruise_m_s": course.speed_m_s})
    return SimulatedDrone(config, paper.bench, (*course.start, HIGH_M), 0.0, vehicle=vehicle, rng=rng)


def _items(course: Course) -> list[StoredItem]:
    def item(command: int, place: EastNorth, alt_m: float) -> StoredItem:
        lat, lon = spot(*place)
        return StoredItem(command, RELATIVE, (0.0, 0.0, 0.0, 0.0), round(lat * 1e7), round(lon * 1e7), alt_m)

    ways = [item(WAYPOINT, point, HIGH_M) for point in course.points]
    return [item(WAYPOINT, course.start, 0.0), item(TAKEOFF, course.start, HIGH_M), *ways, item(RTL, (0.0, 0.0), 0.0)]


@dataclass(frozen=True)
class Flown:
    """What came of an encounter."""

    least_m: float
    holds: int
    held_s: float
    resumed: int


def flown(told: Encounter, *, is_watched: bool) -> Flown:
    """Fly an encounter."""
    rng = random.Random(f"flight {told.seed}")
    drones = [airborne(f"uav-{n}", course, told, rng) for n, course in enumerate(told.courses, 1)]
    for one in drones:
        one.actor = "operator"
    if told.has_two_controllers:
        watches = [Traffic({one.drone.id: one}, None, MIDDLE) for one in drones]
    else:
        watches = [Traffic({one.drone.id: one for one in drones}, None, MIDDLE)]
    books: list[tuple[Presence, ...]] = [(), ()]
    least_m, held_s, now_s = math.inf, 0.0, 0.0
    for turn in range(round(LASTS_S / 0.25)):
        now_s += 0.25
        for one in drones:
            one.fly(now_s)
        if all(one.core is not None and one.seen.mode for one in drones):
            least_m = min(least_m, math.dist(drones[0].place, drones[1].place))
            held_s += 0.25 * sum(one.state == "paused" for one in drones)
        if is_watched and turn % 2:
            for number, watch in enumerate(watches):
                watch.look(now_s, books[1 - number] if told.has_two_controllers else (), "b")
        elif is_watched and told.has_two_controllers:
            books = [_told(one, now_s) for one in drones]
    actions = [action for one in drones for _, action in one.orders]
    pauses, resumes = actions.count(DroneAction.PAUSE), actions.count(DroneAction.RESUME)
    return Flown(least_m, pauses, held_s, resumes)


def _told(one: SimulatedDrone, now_s: float) -> tuple[Presence, ...]:
    aloft = aloft_of(one)
    if aloft is None:
        return ()
    return (Presence(one.drone.id, aloft.flight_id, os.getpid(), "b", now_s, _NOW, False, aloft),)


def figures(seeds: Sequence[int]) -> dict[str, Any]:
    """How near they came, and how often one held that need not have."""
    near, bare, needless, held_s, resumed, holding = [], 0, 0, 0.0, 0, 0
    least = math.inf
    passing = 0
    for seed in seeds:
        told = encounter(seed)
        kept = flown(told, is_watched=True)
        free = flown(told, is_watched=False) if kept.holds else kept
        would_pass = free.least_m >= LEAST_M
        passing += would_pass
        bare += not would_pass
        holding += kept.holds > 0
        needless += would_pass and kept.holds > 0
        held_s += kept.held_s
        resumed += kept.resumed
        least = min(least, kept.least_m)
        if kept.least_m < LEAST_M:
            near.append((seed, round(kept.least_m, 1), round(free.least_m, 1)))
    return {
        "encounters": len(seeds),
        "too_near_unwatched": bare,
        "too_near_watched": len(near),
        "under_18_m_watched": sum(one[1] < 18.0 for one in near),
        "least_m": round(least, 1),
        "held": holding,
        "held_needlessly": needless,
        "of_those_that_would_have_passed": passing,
        "held_s_a_hold": round(held_s / max(holding, 1), 1),
        "near": near,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    print(json.dumps(figures(range(wanted.seed, wanted.seed + wanted.count))))


if __name__ == "__main__":
    main()
