/** A planned route: what was flown of it, and what lies ahead. */

import type { PatrolPlan, PlanPoint } from "./drone-contract.ts";

export interface RouteParts {
  /** Up to the last point that was reached, this one included. */
  readonly passed: readonly PlanPoint[];
  /** From there on; it begins with the last point reached. */
  readonly ahead: readonly PlanPoint[];
  /** Whether it is known how far the flight is. */
  readonly isKnown: boolean;
}

/**
 * Splits a route at the last point reached.
 *
 * Args:
 *   points: the plan's points, take-off and return included.
 *   reached: points reached so far: those of the patrol and those flown through on the way, not take-off and return.
 *   total: all of them; where the plan has another number of them it is not the plan that is flown, and
 *     nothing is said about progress.
 */
export function splitRoute(points: readonly PlanPoint[], reached: number, total: number): RouteParts {
  const whole = { passed: [], ahead: points, isKnown: false };
  const counts = (point: PlanPoint): boolean => point.kind === "work" || point.kind === "transit";
  if (total === 0 || reached > total || points.filter(counts).length !== total) return whole;
  if (reached <= 0) return { ...whole, isKnown: true };
  let left = reached;
  const last = points.findIndex((point) => counts(point) && --left === 0);
  return { passed: points.slice(0, last + 1), ahead: points.slice(last), isKnown: true };
}

/** The plan of a patrol for one drone; without a drone the first one. */
export function planOf(plans: readonly PatrolPlan[], droneId: string | null): PatrolPlan | undefined {
  return droneId === null ? plans[0] : plans.find((plan) => plan.drone_id === droneId);
}
