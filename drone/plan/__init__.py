"""patrol + airspace + terrain + weather -> route -> path around no-fly zones -> heights -> times and energy. Pure."""

from __future__ import annotations

from drone.plan.model import EnergyBudget, FlightPlan, Home, LookAt, PlannedPoint, PointKind
from drone.plan.planner import plan_patrol
from drone.plan.weather import Weather

__all__ = ["EnergyBudget", "FlightPlan", "Home", "LookAt", "PlannedPoint", "PointKind", "Weather", "plan_patrol"]
