"""One flight as a state machine: told what is seen, ordered and done, it says what to do next. No clock, no socket.

    idle -> pre_flight -> uploading -> verified -> arming -> taking_off -> patrolling -> returning -> landed
                                                                            |  ^  ^
                                                              paused <------+--+  +--> dispatched
    any of them in the air -> taken_over (a pilot's mode) | returning (a failsafe's mode) | failed

The whole diagram stands in docs/flight.md.
"""

from __future__ import annotations

from collections.abc import Callable

from drone.flight import air, reasons, start
from drone.flight.brief import Brief
from drone.flight.core import CONTROLLER, Core
from drone.flight.errand import Waypoint
from drone.flight.ordering import give
from drone.flight.orders import Order
from drone.flight.outputs import Calm, Output
from drone.flight.snapshot import Snapshot
from drone.flight.steps import CompareMission, Result, Verdict
from drone.flight.supervision import take_in
from drone.flight.taking_up import take_up
from kernel.drone_events import DroneAction, FlightOutcome, FlightState, ReasonText
from kernel.events import AlertKind

_IN_OUR_HANDS = frozenset({FlightState.PATROLLING, FlightState.PAUSED, FlightState.DISPATCHED})
_LOOKS: dict[FlightState, Callable[[Core, float], None]] = {
    FlightState.PRE_FLIGHT: start.pre_flight,
    FlightState.UPLOADING: start.uploading,
    FlightState.VERIFIED: start.verified,
    FlightState.ARMING: start.arming,
    FlightState.TAKING_OFF: start.taking_off,
    FlightState.PATROLLING: air.patrolling,
    FlightState.PAUSED: air.paused,
    FlightState.DISPATCHED: air.dispatched,
    FlightState.RETURNING: air.returning,
    FlightState.TAKEN_OVER: air.taken_over,
}


class FlightMachine:
    """The state of one flight and everything that may happen to it."""

    def __init__(self, brief: Brief) -> None:
        self.core = Core(brief)
        self._is_comparing = False

    @property
    def state(self) -> FlightState:
        """Where the flight is."""
        return self.core.state

    @property
    def outcome(self) -> FlightOutcome | None:
        """How it ended, once it did."""
        return self.core.outcome

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes."""
        return self.core.state.is_over

    def begin(self, now_s: float) -> list[Output]:
        """Begin with the gate."""
        self.core.enter(FlightState.PRE_FLIGHT, now_s, self.core.brief.actor)
        return self._flush()

    def observe(self, seen: Snapshot, now_s: float) -> list[Output]:
        """Look at the vehicle; call it often, and at every change of what is heard."""
        core = self.core
        if not self.is_over:
            take_in(core, seen, now_s)
            look = _LOOKS.get(core.state)
            if self._is_comparing:
                self._compare(now_s)
            elif look is not None:
                look(core, now_s)
        return self._flush()

    def finished(self, number: int, result: Result, now_s: float) -> list[Output]:
        """The step of that number has its result; one that was stopped is not of interest any more."""
        core = self.core
        if core.doing is None or core.doing.number != number or self.is_over:
            return []
        core.settle(result)
        if not self._is_comparing and (look := _LOOKS.get(core.state)) is not None:
            look(core, now_s)
        return self._flush()

    def order(self, order: Order, now_s: float) -> tuple[list[Output], tuple[ReasonText, ...]]:
        """Give an order; the reasons say why it is refused, none where it is taken."""
        refusal = give(self.core, order, now_s)
        return self._flush(), refusal

    def break_off(self, why: ReasonText, path: tuple[Waypoint, ...], now_s: float) -> list[Output]:
        """The flight may not go on: home, by an order of ours, where the aircraft is in our hands; a person is told."""
        core = self.core
        if core.state in _IN_OUR_HANDS and core.was_airborne and core.seen.link_up and core.is_mode_ours:
            core.alarm(AlertKind.DRONE_FAILED, why)
            core.add_reasons(why)
            give(core, Order(DroneAction.RETURN, CONTROLLER, path=path), now_s)
        return self._flush()

    def warn(self, why: ReasonText) -> list[Output]:
        """A person has to see this, and it goes into the flight's record; nothing else changes."""
        if not self.is_over:
            self.core.alarm(AlertKind.DRONE_FAILED, why)
            self.core.add_reasons(why)
            self.core.tell()
        return self._flush()

    def calm(self) -> list[Output]:
        """What it was warned of is over."""
        if not self.is_over:
            self.core.out.append(Calm(AlertKind.DRONE_FAILED))
        return self._flush()

    def attach(self, now_s: float) -> list[Output]:
        """Take up a flight after a restart of the controller; `recall` came before. It never starts anything again."""
        core = self.core
        core.is_attached, core.is_ordered_anew = True, False
        if not core.started:
            core.end(FlightOutcome.REFUSED, now_s, reasons.RESTARTED)
        else:
            self._is_comparing = True
            core.entered_s = now_s
        return self._flush()

    def _compare(self, now_s: float) -> None:
        """Find out whether the vehicle still flies this flight."""
        core = self.core
        if core.seen.link_up and core.seen.armed is False:
            self._is_comparing = False
            core.was_airborne = core.was_airborne or core.progress.reached > 0
            core.end_on_the_ground(now_s)
        elif core.last_result is not None and core.last_result.verdict is not Verdict.NO_ANSWER:
            if core.left is not None and core.seen.is_place_old and self._waited_s(now_s) < core.brief.limits.place_s:
                return
            self._is_comparing = False
            take_up(core, core.last_result.is_done, now_s)
        elif core.is_free and core.seen.armed and core.seen.mode:
            core.do(CompareMission(core.mission), now_s)

    def _waited_s(self, now_s: float) -> float:
        return now_s - self.core.entered_s

    def _flush(self) -> list[Output]:
        out, self.core.out = self.core.out, []
        return out
