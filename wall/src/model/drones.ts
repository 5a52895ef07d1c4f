/**
 * What is known of a drone now. Only what was heard within the last seconds counts as live; all else is told with its age.
 *
 *   live --no telemetry for 5 s--> silent     (the drone service, or the way from it, is gone)
 *   live --link: lost-----------> lost        (the service runs and has no HEARTBEAT of the vehicle)
 *   never: nobody has heard the vehicle yet
 */

import type { Drone, DroneTelemetry, FlightState, VehiclePosition } from "./drone-contract.ts";
import { isPlace } from "./projection.ts";

/** A drone as it came, and the page's clock when it did. */
export interface HeardDrone {
  readonly drone: Drone;
  readonly heardAtMs: number;
}

export type DroneLink = "live" | "silent" | "lost" | "never";

export interface DroneView {
  readonly link: DroneLink;
  /** Whole seconds since anything was heard of the vehicle, 0 while it is live. */
  readonly silent_s: number;
  /** The last position known, however old. */
  readonly position: VehiclePosition | null;
  /** Whether that position is where it is now. */
  readonly isCurrent: boolean;
  readonly positionAge_s: number;
  readonly isAirborne: boolean;
  readonly state: FlightState;
}

export const STALE_AFTER_S = 5;

const AIRBORNE: ReadonlySet<FlightState> = new Set([
  "arming",
  "taking_off",
  "patrolling",
  "paused",
  "dispatched",
  "returning",
  "taken_over",
]);

export function mayBeAirborne(state: FlightState): boolean {
  return AIRBORNE.has(state);
}

export function droneView({ drone, heardAtMs }: HeardDrone, nowMs: number): DroneView {
  const telemetry = drone.telemetry;
  const state = telemetry?.flight_state ?? drone.flight?.state ?? "idle";
  const flying = drone.flight !== null && mayBeAirborne(drone.flight.state);
  const isAirborne = flying || mayBeAirborne(state) || telemetry?.armed === true;
  if (telemetry === null) {
    return { link: "never", silent_s: 0, position: null, isCurrent: false, positionAge_s: 0, isAirborne, state };
  }
  const age_s = Math.max(0, (drone.telemetry_age_s ?? 0) + (nowMs - heardAtMs) / 1000);
  const link = linkOf(telemetry, age_s, drone.is_stale);
  const position = isPlace(telemetry.position) ? telemetry.position : null;
  const positionAge_s = position === null ? 0 : age_s + secondsBetween(position.at, telemetry.at);
  const isCurrent = position !== null && link === "live" && positionAge_s < STALE_AFTER_S;
  return { link, silent_s: silentSeconds(telemetry, link, age_s), position, isCurrent, positionAge_s, isAirborne, state };
}

function linkOf(telemetry: DroneTelemetry, age_s: number, isStale: boolean): DroneLink {
  if (telemetry.link === "never") return "never";
  if (telemetry.link === "lost") return "lost";
  if (isStale || age_s >= STALE_AFTER_S) return "silent";
  // A link that counts as up on a heartbeat this old is not up.
  return (telemetry.heartbeat_age_s ?? 0) >= STALE_AFTER_S ? "lost" : "live";
}

function silentSeconds(telemetry: DroneTelemetry, link: DroneLink, age_s: number): number {
  if (link === "live" || link === "never") return 0;
  return Math.floor(age_s + (telemetry.heartbeat_age_s ?? 0));
}

function secondsBetween(from: string, to: string): number {
  const seconds = (Date.parse(to) - Date.parse(from)) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : 0;
}

/** Height to show: above ground where the terrain is known, else above home. */
export function height(position: VehiclePosition): { readonly metres: number; readonly above: "ground" | "home" } {
  if (position.alt_ground_m !== null) return { metres: position.alt_ground_m, above: "ground" };
  return { metres: position.alt_home_m, above: "home" };
}

export type BatteryTone = "ok" | "low" | "empty" | "unknown";

/** Percent left in three steps; what is not told is no zero. */
export function batteryTone(percent: number | null): BatteryTone {
  if (percent === null || percent < 0) return "unknown";
  if (percent < 20) return "empty";
  return percent < 35 ? "low" : "ok";
}

/** The newer of two words about a drone: event streams overlap for a moment when one replaces the other. */
export function isNewerDrone(fresh: Drone, known: Drone | undefined): boolean {
  if (known === undefined || known.telemetry === null || fresh.telemetry === null) return true;
  const told = Date.parse(fresh.telemetry.at) - Date.parse(known.telemetry.at);
  if (told !== 0) return told > 0;
  return (fresh.flight?.change ?? 0) >= (known.flight?.change ?? 0) || fresh.flight?.flight_id !== known.flight?.flight_id;
}
