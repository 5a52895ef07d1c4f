"""An autopilot on paper for the state machine: does its steps, flies in leaps, can be interfered with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from drone.flight.brief import Brief, Limits
from drone.flight.machine import FlightMachine
from drone.flight.orders import Order
from drone.flight.outputs import Changed, Do, Output, Stop
from drone.flight.snapshot import Snapshot
from drone.flight.steps import (
    Arm,
    CompareMission,
    Disarm,
    Goto,
    ReadParameters,
    Result,
    SetCurrent,
    SetMode,
    StartMission,
    Step,
    Upload,
    Verdict,
)
from drone.mission.items import Command, Frame, Mission, MissionItem
from kernel.drone_events import DroneAction, FlightState, ReasonText

HOME = (41.7700, 109.9700)
POINTS = ((41.7710, 109.9700), (41.7710, 109.9715), (41.7700, 109.9715))
ALT_M = 40.0
RETURN_SEQ = 5
RIGHT = {"FS_GCS_ENABLE": 1.0, "FS_OPTIONS": 16.0, "SYSID_MYGCS": 255.0, "MIS_RESTART": 0.0, "RTL_ALT": 1500.0}
DONE = Result(Verdict.DONE)


def mission() -> Mission:
    def at(command: Command, place: tuple[float, float], alt_m: float = ALT_M) -> MissionItem:
        return MissionItem(command, Frame.GLOBAL_RELATIVE_ALT, lat_deg=place[0], lon_deg=place[1], alt_m=alt_m)

    return Mission(
        (
            at(Command.NAV_WAYPOINT, HOME, 0.0),
            at(Command.NAV_TAKEOFF, HOME),
            *(at(Command.NAV_WAYPOINT, point) for point in POINTS),
            MissionItem(Command.NAV_RETURN_TO_LAUNCH),
        )
    )


def brief(**changes: object) -> Brief:
    plain = Brief(
        flight_id="01F",
        drone_id="uav-1",
        patrol_id="north",
        mission=mission(),
        home=HOME,
        limits=Limits(ready_s=60.0, watch_s=300.0),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


READY = Snapshot(
    link_up=True,
    heartbeat_age_s=0.2,
    heartbeats=20,
    autopilot="ardupilot",
    is_copter=True,
    version=(4, 5, 7),
    armed=False,
    mode="STABILIZE",
    system_status="standby",
    lat=HOME[0],
    lon=HOME[1],
    alt_home_m=0.0,
    mission_current=0,
    gps_fix=3,
    satellites=14,
    ekf_ok=True,
    battery_percent=98.0,
    home=HOME,
    is_landed=True,
)


@dataclass
class Bench:
    """A machine and the vehicle on paper, in step with each other.

    Attributes:
        answers: results other than done, by the kind of step; a step with no answer at all is left unfinished.
        deaf: kinds of step whose results are done but change nothing in the vehicle.
    """

    machine: FlightMachine
    seen: Snapshot = READY
    now_s: float = 100.0
    parameters: dict[str, float] = field(default_factory=lambda: dict(RIGHT))
    answers: dict[type[Step], Result | None] = field(default_factory=dict)
    deaf: set[type[Step]] = field(default_factory=set)
    pending: Do | None = None
    outputs: list[Output] = field(default_factory=list)
    foreign_auto: list[str] = field(default_factory=list)

    @classmethod
    def fresh(cls, **changes: object) -> Bench:
        bench = cls(FlightMachine(brief(**changes)))
        bench.take(bench.machine.begin(bench.now_s))
        return bench

    @property
    def steps(self) -> list[Step]:
        return [one.step for one in self.outputs if isinstance(one, Do)]

    @property
    def state(self) -> FlightState:
        return self.machine.state

    @property
    def why(self) -> set[str]:
        return {one.code for change in self.outputs if isinstance(change, Changed) for one in change.reasons}

    def count(self, kind: type[Step]) -> int:
        return sum(isinstance(step, kind) for step in self.steps)

    def take(self, outputs: list[Output]) -> None:
        self.outputs += outputs
        for output in outputs:
            if isinstance(output, Stop):
                self.pending = None
            elif isinstance(output, Do):
                self.pending = output

    def look(self, elapsed_s: float = 1.0, **changes: object) -> None:
        """Time passes, the vehicle changes, the machine looks."""
        self.now_s += elapsed_s
        self.seen = replace(self.seen, **changes)  # type: ignore[arg-type]
        self.take(self.machine.observe(self.seen, self.now_s))

    def answer(self, result: Result | None = None) -> None:
        """The step in hand gets its result, and the vehicle does it."""
        pending, self.pending = self.pending, None
        assert pending is not None, f"nothing in hand while {self.state}"
        step = pending.step
        wanted = result or self.answers.get(type(step), DONE)
        if wanted is None:
            return
        if wanted.is_done and type(step) not in self.deaf:
            self._obey(step)
        if isinstance(step, ReadParameters):
            known = tuple((name, self.parameters[name]) for name in step.names if name in self.parameters)
            wanted = Result(wanted.verdict, parameters=known)
        self.take(self.machine.finished(pending.number, wanted, self.now_s))

    def _obey(self, step: Step) -> None:
        if isinstance(step, SetMode):
            self.seen = replace(self.seen, mode=step.mode)
        elif isinstance(step, Arm):
            self.seen = replace(self.seen, armed=True)
        elif isinstance(step, Disarm) and self.seen.is_landed:
            self.seen = replace(self.seen, armed=False)
        elif isinstance(step, StartMission):
            self.seen = replace(self.seen, mission_current=1)
        elif isinstance(step, SetCurrent):
            self.seen = replace(self.seen, mission_current=step.seq)
        elif isinstance(step, Goto):
            self.seen = replace(self.seen, lat=step.lat, lon=step.lon, alt_home_m=step.alt_home_m)

    def run(self, until: FlightState, most: int = 90) -> None:
        """Look and answer until the flight is in a state."""
        for _ in range(most):
            if self.state is until:
                return
            self.look()
            while self.pending is not None and self.state is not until:
                before = self.pending
                self.answer()
                if self.pending is before:
                    break
            if self.state is FlightState.TAKING_OFF and self.machine.core.mission_started:
                self.climb()
        assert self.state is until, f"stayed {self.state}, because of {self.why}"

    def climb(self) -> None:
        self.look(2.0, alt_home_m=ALT_M, is_landed=False, mission_current=2, system_status="active")

    def airborne(self) -> Bench:
        """Up to the first point of the patrol."""
        self.run(FlightState.PATROLLING)
        return self

    def reach(self, *seqs: int) -> None:
        """The vehicle flies over points of the patrol."""
        for seq in seqs:
            place = POINTS[seq - 2]
            self.look(
                10.0,
                lat=place[0],
                lon=place[1],
                reached=self.seen.reached | {seq},
                mission_current=seq + 1,
            )

    def land_home(self) -> None:
        self.look(20.0, lat=HOME[0], lon=HOME[1], alt_home_m=0.1, is_landed=True)
        self.look(2.0, armed=False, mission_current=0, system_status="standby")

    def order(self, action: DroneAction, **fields: object) -> tuple[ReasonText, ...]:
        outputs, refusal = self.machine.order(Order(action, "值班员", **fields), self.now_s)  # type: ignore[arg-type]
        self.take(outputs)
        return refusal

    def answer_all(self) -> None:
        for _ in range(20):
            if self.pending is None:
                self.look()
                if self.pending is None:
                    return
            self.answer()
            self.look(0.2)

    def compare_with(self, step_result: Result) -> None:
        assert isinstance(self.pending.step if self.pending else None, CompareMission)
        self.answer(step_result)

    def uploads(self) -> int:
        return self.count(Upload)


def went(bench: Bench, since: int) -> list[tuple[float, float]]:
    return [(step.lat, step.lon) for step in bench.steps[since:] if isinstance(step, Goto)]
