"""What the parts of a flight's state machine share: its memory, and the few ways in which it may act."""

from __future__ import annotations

from dataclasses import dataclass, field

from drone.flight import reasons
from drone.flight.attention import Attention
from drone.flight.brief import Brief
from drone.flight.errand import Errand, Waypoint
from drone.flight.modes import Modes, modes_of
from drone.flight.outputs import Alarm, Changed, Do, ErrandChanged, Keep, Output, Stop
from drone.flight.progress import Progress
from drone.flight.snapshot import Snapshot
from drone.flight.steps import Arm, Goto, Result, SetMode, StartMission, Step
from drone.mission.exact_points import stopping
from drone.mission.items import Mission
from kernel.drone_events import DispatchStage, FlightOutcome, FlightState, ReasonText
from kernel.events import AlertKind
from kernel.geodesy import LatLon

CONTROLLER, VEHICLE = "controller", "vehicle"


@dataclass(slots=True)
class Doing:
    """The step in hand."""

    number: int
    step: Step
    began_s: float


@dataclass(slots=True)
class Core:
    """State of one flight. Only `enter`, `do`, `stop` and `end` change what the outside sees.

    Attributes:
        seen: the vehicle as last heard.
        started: arming was ordered; never again in this flight, not even after a restart of the controller.
        mission_started: MISSION_START was sent.
        was_airborne: it was seen off the ground.
        ours: modes the vehicle may be in because of us. Any other is somebody else's doing.
        mode: as last heard.
        lands_here: it was ordered down where it is, not home.
        ended_by: how it ends when it is down, unless the patrol was complete.
        why: reasons so far.
        resume_seq: item to go on with after a pause or a dispatch.
        speed_owed_m_s: to be asked for, because entering the mission mode made the autopilot forget it.
        way_back: to be flown before the patrol is resumed.
        stops: the autopilot turns away before it is at a point, unless it stops there.
        doubted: points reported where ours are not; `doubted_s`: when the mission was last read back for that, or for
            another number of items than `trusted_total`, which the vehicle was found to tell for ours.
        fence: areas of its own fence, where it has to be read; `fence_problem`: why it could not be.
        read: parameters that the autopilot has told so far; `parameters`: all that it tells.
        waits_for: what time has to heal before the take-off, as last told, and when.
        armed_height_m: above home, as last seen armed; `is_height_old`: it was not told for a while then, or the link
            was lost since.
        down_s: when it was first seen disarmed.
        paused_percent: battery left when it was last told to pause.
        ordered_by: who gave the order that was taken last; empty: nobody yet.
        left: the errand that an earlier controller had in hand, until it is known whether it can go on.
        is_ordered_anew: a person ordered something since this controller took the flight up.
        sent_to: alert that it was sent to last by an errand.
        has_target: in guided mode it flies to, or stays at, a point that it was told; it does not stand by itself.
    """

    brief: Brief
    state: FlightState = FlightState.IDLE
    entered_s: float = 0.0
    seen: Snapshot = field(default_factory=Snapshot)
    started: bool = False
    mission_started: bool = False
    was_airborne: bool = False
    is_attached: bool = False
    ours: frozenset[str] = frozenset()
    mode: str = ""
    ended_by: FlightOutcome | None = None
    outcome: FlightOutcome | None = None
    why: list[ReasonText] = field(default_factory=list)
    resume_seq: int | None = None
    speed_owed_m_s: float | None = None
    way_back: tuple[Waypoint, ...] = ()
    paused_percent: float | None = None
    ordered_by: str = ""
    is_ordered_anew: bool = False
    sent_to: str | None = None
    has_target: bool = False
    errand: Errand | None = None
    left: Errand | None = None
    read: dict[str, float] = field(default_factory=dict)
    parameters: dict[str, float] | None = None
    doubted: frozenset[int] = frozenset()
    doubted_s: float | None = None
    trusted_total: int | None = None
    fence: Mission | None = None
    fence_problem: str = ""
    lost_since_s: float | None = None
    came_back_s: float | None = None
    was_lost_s: float = 0.0
    landed_since_s: float | None = None
    boots: int | None = None
    armed_height_m: float | None = None
    is_height_old: bool = False
    down_s: float | None = None
    fell_s: float | None = None
    last_step: Step | None = None
    last_result: Result | None = None
    lands_here: bool = False
    attention: Attention = field(default_factory=Attention)
    stops: bool = False
    waits_for: tuple[str, ...] = ()
    told_waiting_s: float | None = None
    tries: int = 0
    tried_s: float | None = None
    launch_place: LatLon | None = None
    doing: Doing | None = None
    out: list[Output] = field(default_factory=list)
    _numbers: int = 0
    _progress: Progress | None = None

    @property
    def mission(self) -> Mission:
        """What the vehicle is given to fly."""
        return stopping(self.brief.mission) if self.stops else self.brief.mission

    @property
    def progress(self) -> Progress:
        """Which points were reached."""
        if self._progress is None:
            self._progress = Progress(self.brief.mission)
        return self._progress

    @property
    def modes(self) -> Modes:
        """Mode names of the autopilot."""
        return modes_of(self.brief.autopilot)

    @property
    def home(self) -> LatLon:
        """Where it returns to: the autopilot's own home, else where it was armed, else the dock."""
        return self.seen.home or self.launch_place or self.brief.home

    @property
    def home_m(self) -> float | None:
        """How far from there it is."""
        return self.seen.distance_to_m(self.home)

    @property
    def is_free(self) -> bool:
        """Whether a step may be begun: none is in hand, and the vehicle hears us."""
        return self.doing is None and self.seen.link_up

    @property
    def is_mode_ours(self) -> bool:
        """Whether the vehicle is in a mode that we put it into."""
        return bool(self.seen.mode) and self.seen.mode in self.ours

    @property
    def stands(self) -> bool:
        """Whether it is in a mode in which it stands still, or comes to a stop."""
        return self.seen.mode in self.modes.holds and not (self.seen.mode == self.modes.guided and self.has_target)

    def enter(self, state: FlightState, now_s: float, actor: str = CONTROLLER, *why: ReasonText) -> None:
        """Go into a state."""
        self.state, self.entered_s = state, now_s
        self.tries, self.tried_s, self.last_step, self.last_result = 0, None, None, None
        self.add_reasons(*why)
        self.out.append(Changed(state, actor, tuple(self.why)))

    def add_reasons(self, *why: ReasonText) -> None:
        """Remember reasons, each once."""
        self.why += [one for one in why if one not in self.why]

    def tell(self, actor: str = CONTROLLER) -> None:
        """Write down where it is without a change of state."""
        self.out.append(Changed(self.state, actor, tuple(self.why)))

    def keep(self) -> None:
        """Have it on disk before what follows is done."""
        self.out.append(Keep())

    def do(self, step: Step, now_s: float) -> bool:
        """Ask for a step, if that is allowed now. Every way to the motors leads through here.

        Arming and MISSION_START happen once in a flight. The mission mode is only ever entered out of a mode that we
        put the vehicle into: a pilot's or a failsafe's mode stands.
        """
        if not self.is_free or not self._is_allowed(step):
            return False
        if isinstance(step, Arm):
            self.started = True
            self.tell()
        elif isinstance(step, StartMission):
            self.mission_started = True
            self.tell()
        elif isinstance(step, SetMode):
            self.ours = self.ours | {step.mode}
            self.keep()
        elif isinstance(step, Goto) and not self.has_target:
            self.has_target = True
            self.keep()
        self._numbers += 1
        self.doing = Doing(self._numbers, step, now_s)
        self.last_result = None
        self.tries += 1
        self.tried_s = now_s
        self.out.append(Do(self._numbers, step))
        return True

    def _is_allowed(self, step: Step) -> bool:
        if isinstance(step, Arm):
            return not self.started and not self.is_attached
        if isinstance(step, StartMission):
            return self.started and not self.mission_started and not self.is_attached
        if isinstance(step, SetMode) and step.mode == self.modes.auto:
            return self.started and self.is_mode_ours
        return True

    def stop(self) -> None:
        """Break off the step in hand."""
        if self.doing is not None:
            self.out.append(Stop(self.doing.number))
            self.doing = None

    def settle(self, result: Result) -> None:
        """The step in hand has its result."""
        step = self.doing.step if self.doing is not None else None
        self.doing = None
        self.last_step, self.last_result = step, result
        if isinstance(step, SetMode):
            self.ours = frozenset({step.mode} if result.is_done else {self.mode} & self.ours)
            self.has_target = self.has_target and not (result.is_done and step.mode != self.modes.guided)
            self.keep()

    def owe_speed(self) -> None:
        """The mission goes on in the middle: ArduCopter flies at its own speed then, not at the plan's."""
        seq = self.progress.current or self.resume_seq
        self.speed_owed_m_s = self.brief.mission.speed_at(seq) if seq is not None else None

    def drop_errand(self, stage: DispatchStage | None, *why: ReasonText) -> None:
        """The dispatch is over, or broken off."""
        errand, self.errand = self.errand, None
        if errand is not None and errand.alert_id is not None and stage is not None:
            self.out.append(ErrandChanged(errand.alert_id, stage, errand.place, reasons=tuple(why)))

    def drop_left(self, *why: ReasonText) -> None:
        """Something else happened before it was known whether what an earlier controller had in hand can go on."""
        left, self.left = self.left, None
        if left is not None and left.alert_id is not None:
            self.out.append(ErrandChanged(left.alert_id, DispatchStage.BROKEN_OFF, left.place, reasons=why))

    def alarm(self, kind: AlertKind, *why: ReasonText) -> None:
        """A person has to see this."""
        self.out.append(Alarm(kind, why))

    def refuse(self, now_s: float, *why: ReasonText) -> None:
        """It does not start."""
        self.end(FlightOutcome.REFUSED, now_s, *why)

    def end(self, outcome: FlightOutcome, now_s: float, *why: ReasonText) -> None:
        """Nothing more comes of this flight."""
        self.stop()
        self.drop_left(*why)
        if self.errand is not None:
            self.drop_errand(DispatchStage.BROKEN_OFF, *why)
        self.outcome = outcome
        is_down = outcome in (FlightOutcome.DONE, FlightOutcome.RETURNED, FlightOutcome.ABORTED)
        state = FlightState.LANDED if is_down or outcome is FlightOutcome.TAKEN_OVER else FlightState.FAILED
        self.state, self.entered_s = state, now_s
        self.add_reasons(*why)
        if outcome is FlightOutcome.FAILED:
            self.alarm(AlertKind.DRONE_FAILED, *self.why)
        self.out.append(Changed(state, CONTROLLER, tuple(self.why), outcome))

    def end_on_the_ground(self, now_s: float) -> None:
        """It is disarmed: judge the flight."""
        if not self.was_airborne:
            self.end(self.ended_by or FlightOutcome.FAILED, now_s, reasons.DISARMED_EARLY)
            return
        if self._is_being_asked_why(now_s) or self._waits_for_place(now_s):
            return
        limits, away_m, progress = self.brief.limits, self.home_m, self.progress
        why = []
        if not progress.is_complete:
            why.append(reasons.points_missed(progress.reached, progress.total))
        is_home = away_m is not None and away_m <= limits.done_m and self.fell_s is None
        if self.ended_by is None and self._came_home_unheard and is_home and why:
            self.ended_by = FlightOutcome.RETURNED
            why.append(reasons.LINK_LOST)
        if self.fell_s is not None:
            self.ended_by = None
        elif not is_home:
            why.append(reasons.landed_away(away_m, limits.done_m))
        if self.ended_by is not None:
            self.end(self.ended_by, now_s, *why)
        else:
            self.end(FlightOutcome.DONE if is_home and not why else FlightOutcome.FAILED, now_s, *why)

    @property
    def _came_home_unheard(self) -> bool:
        return self.is_height_old and self.was_lost_s > self.brief.limits.loss_s and self.brief.returns_on_loss

    def _waits_for_place(self, now_s: float) -> bool:
        """Where it came down is judged by what it told since it was seen disarmed."""
        self.down_s = now_s if self.down_s is None else self.down_s
        waited_s = now_s - self.down_s
        return self.seen.position_age_s > waited_s and waited_s < self.brief.limits.place_s

    def _is_being_asked_why(self, now_s: float) -> bool:
        """Disarmed high in the air: told at once; then it has a while to show that it restarted."""
        limits, height_m = self.brief.limits, self.armed_height_m
        if height_m is None or height_m < limits.fall_m or self.seen.is_landed is True:
            return False
        if self.is_height_old and reasons.REBOOTED not in self.why:
            return False  # it came down while nobody heard it
        if self.fell_s is None:
            self.fell_s = now_s
            fell = reasons.disarmed_high(height_m)
            self.alarm(AlertKind.DRONE_FAILED, fell)
            self.add_reasons(fell)
        return reasons.REBOOTED not in self.why and now_s - self.fell_s < limits.why_s
