"""What a flight asks its driver to do with the vehicle, and what may come of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from drone.mission.items import Mission


@dataclass(frozen=True, slots=True)
class ReadParameters:
    """Read parameters by name; `Result.parameters` holds those that exist."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadFence:
    """Read the areas of the vehicle's own fence; `Result.fence` holds them."""


@dataclass(frozen=True, slots=True)
class Upload:
    """Put the mission on the vehicle and verify it by reading it back."""

    mission: Mission


@dataclass(frozen=True, slots=True)
class CompareMission:
    """Read the vehicle's mission and compare it with this one; changes nothing."""

    mission: Mission


@dataclass(frozen=True, slots=True)
class SetMode:
    """Change the flight mode; done once the HEARTBEAT says so."""

    mode: str


@dataclass(frozen=True, slots=True)
class Arm:
    """Arm, without force."""


@dataclass(frozen=True, slots=True)
class Disarm:
    """Disarm, without force: refused in the air."""


@dataclass(frozen=True, slots=True)
class StartMission:
    """MISSION_START."""


@dataclass(frozen=True, slots=True)
class SetCurrent:
    """Fly to this item next."""

    seq: int


@dataclass(frozen=True, slots=True)
class Goto:
    """In guided mode: fly to a point and stay there."""

    lat: float
    lon: float
    alt_home_m: float
    speed_m_s: float | None = None


@dataclass(frozen=True, slots=True)
class SetSpeed:
    """Fly at this speed over the ground from now on."""

    speed_m_s: float


Step = (
    ReadParameters
    | ReadFence
    | Upload
    | CompareMission
    | SetMode
    | Arm
    | Disarm
    | StartMission
    | SetCurrent
    | Goto
    | SetSpeed
)


class Verdict(StrEnum):
    """What came of a step."""

    DONE = "done"
    REFUSED = "refused"
    NO_ANSWER = "no_answer"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Result:
    """Answer to a step.

    Attributes:
        detail: the vehicle's own words, or what went wrong.
        parameters: for ReadParameters.
        fence: for ReadFence.
    """

    verdict: Verdict
    detail: str = ""
    parameters: tuple[tuple[str, float], ...] = ()
    fence: Mission | None = None

    @property
    def is_done(self) -> bool:
        """Whether the vehicle did it."""
        return self.verdict is Verdict.DONE
