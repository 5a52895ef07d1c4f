"""When a service that died is started again: capped exponential back-off that forgets after a healthy while; pure.

started --dies--> waiting(delay) --delay over--> started --lives healthy_s--> failures = 0
"""

from __future__ import annotations

from dataclasses import dataclass

FIRST_DELAY_S = 0.25
LONGEST_DELAY_S = 30.0
HEALTHY_S = 30.0


@dataclass(frozen=True, slots=True)
class RestartPlan:
    """Failures in a row of one service."""

    failures: int = 0

    def after_exit(self, lived_s: float) -> tuple[RestartPlan, float]:
        """What follows when the service ended after living `lived_s`.

        Returns:
            The new plan and the seconds to wait before the next start.
        """
        failures = 0 if lived_s >= HEALTHY_S else self.failures
        delay_s = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0**failures)
        return RestartPlan(failures + 1), delay_s
