"""What comes out of the state machine of a flight."""

from __future__ import annotations

from dataclasses import dataclass

from drone.flight.steps import Step
from kernel.config.rules import Level
from kernel.drone_events import DispatchStage, FlightOutcome, FlightState, ReasonText
from kernel.events import AlertKind
from kernel.geodesy import LatLon


@dataclass(frozen=True, slots=True)
class Do:
    """Carry out a step and report its result under this number. What came before it is on disk by then."""

    number: int
    step: Step


@dataclass(frozen=True, slots=True)
class Stop:
    """Break off the step of this number; its result is not wanted any more."""

    number: int


@dataclass(frozen=True, slots=True)
class Changed:
    """The flight went into a state, reached a point, or ended; to be written down before what follows."""

    state: FlightState
    actor: str
    reasons: tuple[ReasonText, ...] = ()
    outcome: FlightOutcome | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that a person has to see at once.

    Attributes:
        topic: of one kind each topic is an alert of its own.
        level: None: as that kind is.
    """

    kind: AlertKind
    reasons: tuple[ReasonText, ...]
    topic: str = ""
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Calm:
    """What an alarm was about is over."""

    kind: AlertKind
    topic: str = ""


@dataclass(frozen=True, slots=True)
class ErrandChanged:
    """How far a dispatch is."""

    alert_id: str
    stage: DispatchStage
    place: LatLon | None = None
    distance_m: float | None = None
    drift_m: float | None = None
    held_s: float | None = None
    reasons: tuple[ReasonText, ...] = ()


@dataclass(frozen=True, slots=True)
class Keep:
    """Write down what whoever takes the flight up would have to know, before what follows; nobody is told."""


Output = Do | Stop | Changed | Alarm | Calm | ErrandChanged | Keep
