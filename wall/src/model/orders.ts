/** Which orders make sense for a drone in its state. The service decides; this keeps buttons away that it would refuse. */

import type { DroneOrder, FlightState } from "./drone-contract.ts";
import type { DroneView } from "./drones.ts";

const FLYING: ReadonlySet<FlightState> = new Set(["patrolling", "paused", "dispatched", "returning", "taken_over"]);
const GOING: ReadonlySet<FlightState> = new Set(["pre_flight", "uploading", "verified", "arming", "taking_off"]);

/**
 * The orders to offer. Whatever may be in the air can be called back: a lost link takes no button away, the order may
 * still reach it.
 */
export function ordersOf(view: DroneView): DroneOrder[] {
  const { state } = view;
  if (!view.isAirborne) return GOING.has(state) ? ["abort"] : [];
  const orders: DroneOrder[] = [];
  if (state === "patrolling" || state === "dispatched") orders.push("pause");
  if (state === "paused") orders.push("resume");
  if (state === "dispatched") orders.push("orbit", "resume");
  // Asked for once more it is repeated, and one that was to land where it is comes home instead.
  orders.push("return");
  if (FLYING.has(state)) orders.push("land");
  if (state !== "taken_over") orders.push("abort");
  // In the air without a flight of ours, as after a restart: it can only be called back or brought down.
  return state === "idle" || state === "landed" || state === "failed" ? ["return", "land"] : orders;
}

/** Orders that ask once more before they are sent. */
export const ASKED_TWICE: ReadonlySet<DroneOrder> = new Set<DroneOrder>(["land", "abort"]);
