"""How an exchange with a vehicle ended. Expected ends are states, not exceptions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from drone.mission.compare import Difference
from drone.mission.items import Mission
from drone.mission.sanity import MissionFault


class UploadStatus(StrEnum):
    """Only VERIFIED may be flown."""

    VERIFIED = "verified"  # read back and the same
    REFUSED_UNSENT = "refused_unsent"  # our own check found faults: nothing was sent, the old plan is untouched
    UNSUPPORTED = "unsupported"  # the vehicle has no such plan (fence, rally): nothing was sent
    REFUSED_BY_VEHICLE = "refused_by_vehicle"
    DIFFERS = "differs"  # read back, and not the same after every try
    NO_ANSWER = "no_answer"  # the vehicle fell silent, or time ran out: nobody knows what it holds
    CANCELLED = "cancelled"  # the link was closed, or a newer upload took over


@dataclass(frozen=True, slots=True)
class UploadResult:
    """The end of an upload.

    Attributes:
        detail: in words, for a person.
        vehicle_result: MAV_MISSION_RESULT where the vehicle refused.
        differences: what was read back otherwise.
        faults: why it was not sent.
        attempts: uploads made, each read back.
        elapsed_s: from the first message to the end.
        by_float: whether positions went through float32 (to about a metre), the vehicle having no INT messages.
        cleared: after a failed upload to a disarmed vehicle, whether its plan was erased: a mixture of two plans
            without a return must not stay in it.
    """

    status: UploadStatus
    detail: str = ""
    vehicle_result: int | None = None
    differences: tuple[Difference, ...] = ()
    faults: tuple[MissionFault, ...] = ()
    attempts: int = 0
    elapsed_s: float = 0.0
    by_float: bool = False
    cleared: bool = False

    @property
    def is_verified(self) -> bool:
        """Whether the vehicle holds this plan, read back and compared."""
        return self.status is UploadStatus.VERIFIED


class TransferStatus(StrEnum):
    """How a download or a clearing ended."""

    DONE = "done"
    REFUSED_BY_VEHICLE = "refused_by_vehicle"
    UNSUPPORTED = "unsupported"
    NO_ANSWER = "no_answer"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class DownloadResult:
    """A plan read from a vehicle; `mission` is None unless DONE."""

    status: TransferStatus
    mission: Mission | None = None
    by_float: bool = False
    vehicle_result: int | None = None
    detail: str = ""


class CommandStatus(StrEnum):
    """How a command ended. ACCEPTED means that the vehicle took it on, not that it is done."""

    ACCEPTED = "accepted"
    TEMPORARILY_REJECTED = "temporarily_rejected"
    DENIED = "denied"
    UNSUPPORTED = "unsupported"
    FAILED = "failed"
    NO_ANSWER = "no_answer"
    CANCELLED = "cancelled"
    UNCONFIRMED = "unconfirmed"  # sent in a message without acknowledgement, and its effect was not seen


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The end of a command.

    Attributes:
        vehicle_result: MAV_RESULT, where one came.
        fallback: the message that did it after the command itself was unsupported, else None.
        tries: how often it was sent.
    """

    status: CommandStatus
    vehicle_result: int | None = None
    fallback: str | None = None
    tries: int = 1
    detail: str = ""

    @property
    def is_accepted(self) -> bool:
        """Whether the vehicle took it on."""
        return self.status is CommandStatus.ACCEPTED


@dataclass(frozen=True, slots=True)
class ParameterResult:
    """A parameter as the vehicle has it; `value` is None where it did not tell (no answer, or no such parameter)."""

    name: str
    value: float | None
    detail: str = ""
