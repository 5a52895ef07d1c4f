"""Why something may not be flown: a code for programs, a sentence for people in both languages of the room."""

from __future__ import annotations

from collections.abc import Sequence

from kernel.drone_events import ReasonText
from kernel.errors import ExitCode, LookoutError


def reason(code: str, message_zh: str, message_en: str) -> ReasonText:
    """A reason. The codes are stable: see docs/patrols.md."""
    return ReasonText(code=code, message_zh=message_zh, message_en=message_en)


class PlanRefused(LookoutError):
    """There is no plan that may be flown."""

    exit_code = ExitCode.ANSWER_IS_NO

    def __init__(self, reasons: Sequence[ReasonText]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("; ".join(one.message_en for one in self.reasons))
