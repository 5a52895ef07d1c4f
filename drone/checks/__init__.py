"""plan + limits + weather + papers -> every reason why it may not be flown. Pure."""

from __future__ import annotations

from drone.checks.flight import check_flight
from drone.reasons import PlanRefused

__all__ = ["PlanRefused", "check_flight"]
