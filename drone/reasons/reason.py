"""Why something may not be flown: a code for programs, a sentence for people in both languages of the room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kernel.errors import ExitCode, LookoutError


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason to refuse. The codes are stable: see docs/patrols.md."""

    code: str
    message_zh: str
    message_en: str

    def __str__(self) -> str:
        return f"{self.code}: {self.message_en}"


class PlanRefused(LookoutError):
    """There is no plan that may be flown."""

    exit_code = ExitCode.ANSWER_IS_NO

    def __init__(self, reasons: Sequence[Reason]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("; ".join(reason.message_en for reason in self.reasons))
