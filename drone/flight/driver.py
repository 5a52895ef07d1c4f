"""The control loop of one flight: beat, look, carry out, write down. The only place where the machine meets the link.

every 50 ms, and at once when something was heard:
  heartbeat (2.5 Hz) -> vehicle.state -> machine.observe -> outputs -> record, bus, one step at a time
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import asdict

from drone.flight.errand import Waypoint
from drone.flight.machine import FlightMachine
from drone.flight.orders import Order
from drone.flight.outputs import Alarm, Calm, Changed, Do, ErrandChanged, Keep, Output, Stop
from drone.flight.pace import Pace
from drone.flight.perform import perform
from drone.flight.record import RecordUnwritable
from drone.flight.reporter import FlightReporter
from drone.flight.snapshot import STALE_S, Snapshot
from drone.flight.steps import Result, Step, Upload
from drone.flight.translate import snapshot_of
from drone.mavlink.interface import Vehicle
from drone.mavlink.state import VehicleState
from drone.reasons import reason
from kernel.clock import Clock
from kernel.drone_events import FlightOutcome, ReasonText

LOG = logging.getLogger(__name__)
_TICK_S = 0.05
_ASK_AGAIN_S = 10.0
_GUARD_S = 0.5

Guard = Callable[[Snapshot], tuple[ReasonText, tuple[Waypoint, ...]] | None]


class Watch:
    """Keeps a vehicle's link alive from the loop that steers: heartbeats, and the telemetry it is to send."""

    def __init__(self, vehicle: Vehicle, clock: Clock) -> None:
        self._vehicle, self._clock = vehicle, clock
        self._beat_s = float("-inf")
        self._pace = Pace()
        self._asked_s = float("-inf")
        self._boots: int | None = None
        self._was_alive = self._was_armed = False
        self._asking: asyncio.Task[None] | None = None

    @property
    def is_asking(self) -> bool:
        """Whether it is being asked for its telemetry now."""
        return self._asking is not None and not self._asking.done()

    def look(self) -> Snapshot:
        """Beat if it is time, ask for telemetry after a (re)connect or a reboot; the vehicle now."""
        now_s, vehicle = self._clock.monotonic_s(), self._vehicle
        if now_s - self._beat_s >= self._pace.beat_s(vehicle.state.heartbeats, now_s):
            vehicle.beat()
            self._beat_s = now_s
        is_alive, boots = vehicle.is_alive, vehicle.state.boots
        is_dumb = _is_dumb(vehicle.state, now_s)
        is_down = self._was_armed and not vehicle.state.armed  # or it restarted: then it has forgotten what to send
        is_new = is_alive and (not self._was_alive or boots != self._boots or is_down)
        if is_alive and not self.is_asking and (is_new or (is_dumb and now_s - self._asked_s >= _ASK_AGAIN_S)):
            self._asking = asyncio.create_task(vehicle.ask_streams())
            self._asked_s = now_s
        self._was_alive, self._boots, self._was_armed = is_alive, boots, bool(vehicle.state.armed)
        return snapshot_of(vehicle.state, is_alive, now_s, vehicle.other_sysids)

    async def close(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)


class FlightDriver:
    """Drives one flight to its end.

    Args:
        vehicle: connected; whoever made it closes it.
        machine: fresh, or recalled from a record.
        reporter: writes down and tells.
        guard: looks whether the aircraft is where it may be; the reason, and the way home, if not.
    """

    def __init__(
        self,
        vehicle: Vehicle,
        machine: FlightMachine,
        reporter: FlightReporter,
        clock: Clock,
        watch: Watch | None = None,
        guard: Guard | None = None,
    ) -> None:
        self.machine = machine
        self._vehicle, self._reporter, self._clock = vehicle, reporter, clock
        self._watch = watch or Watch(vehicle, clock)
        self._outputs: deque[Output] = deque()
        self._task: asyncio.Task[Result] | None = None
        self._doing: Do | None = None
        self._guard, self._guarded_s = guard, float("-inf")

    async def run(self, attach: bool = False) -> FlightOutcome:
        """Fly until it is over.

        Args:
            attach: take up a flight that an earlier controller began.
        """
        if attach:
            await self._first_contact()
        now_s = self._clock.monotonic_s()
        self._outputs.extend(self.machine.attach(now_s) if attach else self.machine.begin(now_s))
        try:
            while not self.machine.is_over:
                await self._turn()
            await self._drain()
        finally:
            await self._drop_task()
        return self.machine.outcome or FlightOutcome.FAILED

    async def _first_contact(self) -> None:
        """Give the vehicle time to be heard before it counts as lost."""
        until_s = self._clock.monotonic_s() + self.machine.core.brief.limits.contact_s
        while not self._watch.look().link_up and self._clock.monotonic_s() < until_s:
            await self._rest()

    def order(self, order: Order) -> tuple[ReasonText, ...]:
        """Give an order; the reasons say why it is refused."""
        outputs, refusal = self.machine.order(order, self._clock.monotonic_s())
        self._outputs.extend(outputs)
        self._reporter.note("order", action=order.action.value, actor=order.actor, refused=[r.code for r in refusal])
        return refusal

    def warn(self, why: ReasonText) -> None:
        """Tell a person of something that the fleet knows and the flight does not."""
        self._outputs.extend(self.machine.warn(why))

    def calm(self) -> None:
        """That is over."""
        self._outputs.extend(self.machine.calm())

    @property
    def actor(self) -> str:
        """Who gave the last order that was taken."""
        return self.machine.core.ordered_by or self.machine.core.brief.actor

    async def _turn(self) -> None:
        seen = self._watch.look()
        now_s = self._clock.monotonic_s()
        if self._task is not None and self._task.done():
            self._finish(now_s)
        self._outputs.extend(self.machine.observe(seen, now_s))
        self._reporter.look(self.machine.core)
        if self._guard is not None and now_s - self._guarded_s >= _GUARD_S:
            self._guarded_s = now_s
            if (found := self._guard(seen)) is not None:
                self._outputs.extend(self.machine.break_off(*found, now_s))
        await self._drain()
        await self._rest()

    async def _rest(self) -> None:
        """Until something was heard, or a tick has passed."""
        self._vehicle.changed.clear()
        try:
            async with asyncio.timeout(_TICK_S):
                await self._vehicle.changed.wait()
        except TimeoutError:
            return

    def _finish(self, now_s: float) -> None:
        task, doing = self._task, self._doing
        self._task = self._doing = None
        if task is None or doing is None or task.cancelled():
            return
        result = task.result()
        self._reporter.note("result", step=_words(doing.step), verdict=result.verdict.value, detail=result.detail)
        self._outputs.extend(self.machine.finished(doing.number, result, now_s))

    async def _drain(self) -> None:
        """Outputs in order; a step begins only once everything before it is on disk."""
        while self._outputs:
            output = self._outputs.popleft()
            core = self.machine.core
            match output:
                case Changed():
                    await self._write(output)
                case Keep():
                    await self._reporter.keep(core)
                case Do():
                    await self._drop_task()
                    self._reporter.note("step", step=_words(output.step))
                    self._doing = output
                    self._task = asyncio.create_task(perform(self._vehicle, output.step))
                case Stop():
                    if self._doing is not None and self._doing.number == output.number:
                        await self._drop_task()
                case Alarm():
                    self._reporter.alarm(core, output)
                case Calm():
                    self._reporter.calm(output)
                case ErrandChanged():
                    self._reporter.errand(core, output, self.actor)

    async def _write(self, change: Changed) -> None:
        try:
            await self._reporter.changed(self.machine.core, change)
        except RecordUnwritable as error:
            LOG.error("flight refused drone_id=%s reason=%s", self.machine.core.brief.drone_id, error)
            self._outputs.clear()
            why = reason("not_recorded", "飞行记录无法写入磁盘，不起飞", f"the flight cannot be recorded: {error}")
            self.machine.core.end(FlightOutcome.REFUSED, self._clock.monotonic_s(), why)
            self._outputs.extend(self.machine.observe(self.machine.core.seen, self._clock.monotonic_s()))

    async def _drop_task(self) -> None:
        task, self._task, self._doing = self._task, None, None
        if task is not None and not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def _is_dumb(state: VehicleState, now_s: float) -> bool:
    """Whether it does not tell what a flight needs; on the ground also what only spares waiting and guessing."""
    is_blind = state.position is None or now_s - state.position.at_s > STALE_S or state.gps is None
    return is_blind or (not state.armed and (state.home is None or state.version is None))


def _words(step: Step) -> str:
    """A step for the log."""
    if isinstance(step, Upload):
        return f"Upload {len(step.mission.items)} items"
    fields = {name: value for name, value in asdict(step).items() if name != "mission"}
    return " ".join((type(step).__name__, *(f"{name}={value}" for name, value in fields.items())))
