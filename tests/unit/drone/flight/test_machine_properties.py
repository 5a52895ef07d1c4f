"""No order of events, however mad, leads to a second start or to the mission mode over a pilot's."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from drone.flight.errand import Errand, Then, Waypoint
from drone.flight.machine import FlightMachine
from drone.flight.memory import memory_of, recall
from drone.flight.outputs import Changed, Do
from drone.flight.steps import Arm, CompareMission, Goto, Result, SetMode, StartMission, Step, Upload, Verdict
from kernel.drone_events import DroneAction, FlightState
from tests.unit.drone.flight.paper_autopilot import ALT_M, DONE, HOME, POINTS, Bench

MODES = ("STABILIZE", "ALT_HOLD", "LOITER", "AUTO", "GUIDED", "BRAKE", "RTL", "LAND", "POSHOLD")
ORDERS = (
    DroneAction.PAUSE,
    DroneAction.RESUME,
    DroneAction.RETURN,
    DroneAction.LAND,
    DroneAction.ABORT,
    DroneAction.DISPATCH,
)
NO_ANSWER, REFUSED = Result(Verdict.NO_ANSWER), Result(Verdict.REFUSED)
events = st.one_of(
    st.tuples(st.just("look"), st.sampled_from((0.2, 1.0, 5.0, 30.0))),
    st.tuples(st.just("answer"), st.sampled_from((DONE, DONE, DONE, NO_ANSWER, REFUSED))),
    st.tuples(st.just("pilot"), st.sampled_from(MODES)),
    st.tuples(st.just("order"), st.sampled_from(ORDERS)),
    st.tuples(st.just("link"), st.booleans()),
    st.tuples(st.just("fly"), st.integers(0, 5)),
    st.tuples(st.just("ground"), st.booleans()),
    st.tuples(st.just("restart"), st.none()),
)


@dataclass
class Watch:
    """The bench, and an account of who set the vehicle's mode last."""

    bench: Bench = field(default_factory=Bench.fresh)
    is_foreign: bool = False
    ordered_since: bool = False
    told: int = 0
    sent: list[Step] = field(default_factory=list)
    uploads_verified: int = 0

    def check(self) -> None:
        """Judge what was sent since the last check."""
        outputs = self.bench.outputs
        for output in outputs[self.told :]:
            if not isinstance(output, Do):
                continue
            self.sent.append(output.step)
            if isinstance(output.step, SetMode) and output.step.mode == "AUTO":
                assert not self.is_foreign, "the mission mode over somebody else's mode"
            if isinstance(output.step, SetMode | Goto) and self.is_foreign and self.is_flying:
                assert self.ordered_since, "steered although somebody else flies and nobody ordered it"
            if isinstance(output.step, Arm):
                assert self.uploads_verified, "armed with an unverified mission"
        self.told = len(outputs)
        assert sum(isinstance(step, Arm) for step in self.sent) <= 1
        assert sum(isinstance(step, StartMission) for step in self.sent) <= 1

    @property
    def is_flying(self) -> bool:
        return bool(self.bench.seen.armed) and self.bench.seen.is_landed is False

    def apply(self, kind: str, value: object) -> None:
        bench = self.bench
        if kind == "look":
            bench.look(float(str(value)))
        elif kind == "answer" and bench.pending is not None:
            assert isinstance(value, Result)
            step = bench.pending.step
            self.uploads_verified += isinstance(step, Upload) and value.is_done
            if isinstance(step, SetMode) and value.is_done:
                self.is_foreign = False
            bench.answer(value)
        elif kind == "pilot" and value != bench.seen.mode:
            asked = bench.pending.step if bench.pending is not None else None
            # Nobody can tell the mode that we have just asked for from our own order, carried out before its answer.
            is_as_asked = isinstance(asked, SetMode) and asked.mode == value
            self.is_foreign, self.ordered_since = value != "AUTO" and not is_as_asked, False
            bench.look(0.3, mode=value)
        elif kind == "order" and isinstance(value, DroneAction):
            before = bench.seen.mode
            self.ordered_since |= value in (DroneAction.RETURN, DroneAction.LAND, DroneAction.ABORT)
            errand = Errand((Waypoint(*POINTS[1], ALT_M),), Then.RESUME, hold_s=3.0, alert_id="01A", place=POINTS[1])
            bench.order(value, **({"errand": errand} if value is DroneAction.DISPATCH else {}))
            assert bench.seen.mode == before
        elif kind == "link":
            bench.look(0.5, link_up=value)
        elif kind == "fly" and bench.seen.armed and isinstance(value, int):
            bench.look(5.0, mission_current=value, alt_home_m=ALT_M, is_landed=False)
        elif kind == "ground":
            changes = {"armed": False} if value else {}
            bench.look(1.0, alt_home_m=0.0, is_landed=True, lat=HOME[0], lon=HOME[1], **changes)
        elif kind == "restart":
            self._restart()
        self.check()

    def _restart(self) -> None:
        """The controller dies and comes back; what it had in hand is forgotten, what it had written is not."""
        old = self.bench
        if old.machine.is_over:
            return
        machine = FlightMachine(old.machine.core.brief)
        recall(machine.core, memory_of(old.machine.core))
        self.bench = Bench(machine, seen=old.seen, now_s=old.now_s)
        self.told = 0
        self.bench.take(machine.attach(old.now_s))


@settings(max_examples=250, deadline=None)
@given(st.lists(events, max_size=60), st.booleans())
def test_never_a_second_start_and_never_the_mission_mode_over_a_pilot(
    course: list[tuple[str, object]], from_the_air: bool
) -> None:
    watch = Watch()
    if from_the_air:
        watch.bench.airborne()
        watch.uploads_verified = 1
        watch.check()
    for kind, value in course:
        watch.apply(kind, value)


@settings(max_examples=100, deadline=None)
@given(st.lists(events, max_size=40))
@example([("order", DroneAction.LAND), ("pilot", "RTL")])  # the order to land was repeated over the pilot's return
@example([("order", DroneAction.DISPATCH), ("look", 0.2), ("pilot", "GUIDED"), ("answer", NO_ANSWER)])
def test_what_is_over_stays_over_and_says_how_it_ended(course: list[tuple[str, object]]) -> None:
    watch = Watch()
    watch.bench.airborne()
    watch.uploads_verified = 1
    watch.check()
    for kind, value in course:
        watch.apply(kind, value)
        machine = watch.bench.machine
        if machine.is_over:
            assert machine.outcome is not None
            ended = [one for one in watch.bench.outputs if isinstance(one, Changed) and one.outcome is not None]
            assert len(ended) == 1
            before = len(watch.bench.outputs)
            watch.bench.look(5.0, armed=True, mode="AUTO")
            assert watch.bench.order(DroneAction.PAUSE) != ()
            assert len(watch.bench.outputs) == before
            return
    assert watch.bench.state in FlightState


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(MODES), st.integers(0, 40))
def test_a_pilot_may_take_over_at_any_moment_of_the_start(mode: str, after: int) -> None:
    """Between any two looks or answers of the start, the pilot's mode ends it or is watched, never overruled."""
    watch = Watch()
    for _ in range(after):
        watch.apply("look", 0.2)
        watch.apply("answer", DONE)
        if watch.bench.state is FlightState.TAKING_OFF and watch.bench.machine.core.mission_started:
            break
    if mode == watch.bench.seen.mode or watch.bench.state is FlightState.PRE_FLIGHT:
        return
    pending = watch.bench.pending
    if pending is not None and isinstance(pending.step, SetMode) and pending.step.mode == mode:
        return
    watch.apply("pilot", mode)
    for _ in range(20):
        watch.apply("look", 0.5)
        if watch.bench.pending is not None and not isinstance(watch.bench.pending.step, CompareMission):
            watch.bench.seen = replace(watch.bench.seen)
            watch.apply("answer", REFUSED)
