/** How near another drone came to one in the air: the least of what telemetry and the flight's record tell. */

import type { Drone, Flight } from "./drone-contract.ts";

export interface Separation {
  readonly least_m: number;
  /** Which other drone that was. */
  readonly otherId: string | null;
  readonly isTooNear: boolean;
}

/** Plans keep exactly the configured distance and receivers wander: the drone service lets a tenth of it be used up. */
const ALLOWED = 0.9;

/**
 * Args:
 *   drone: that flew it; undefined where it is no longer known, then nothing is called too near.
 *   flight: under way or over.
 *
 * Returns:
 *   null where no other drone was in the air meanwhile.
 */
export function leastSeparation(drone: Drone | undefined, flight: Flight | null): Separation | null {
  const told = drone?.telemetry;
  const now = flight !== null && told?.flight_id === flight.flight_id ? told : undefined;
  const found = [flight, now].flatMap((one) => {
    const least_m = one?.least_separation_m ?? null;
    return least_m === null ? [] : [{ least_m, otherId: one?.nearest_drone_id ?? null }];
  });
  const [nearest] = found.sort((a, b) => a.least_m - b.least_m);
  if (nearest === undefined) return null;
  return { ...nearest, isTooNear: drone !== undefined && nearest.least_m < drone.separation_m * ALLOWED };
}
