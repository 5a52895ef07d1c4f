"""Why something may not be flown: codes and sentences, shared by what plans and what checks. Pure."""

from __future__ import annotations

from drone.reasons.reason import PlanRefused, reason

__all__ = ["PlanRefused", "reason"]
