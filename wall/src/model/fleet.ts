/** What the page knows of drones and patrols. Every change makes another value; what brings nothing new changes nothing. */

import type {
  DispatchChanged,
  DispatchEvent,
  DispatchOffered,
  Drone,
  Flight,
  Patrol,
  PatrolRun,
  SiteMap,
} from "./drone-contract.ts";
import type { HeardDrone } from "./drones.ts";
import { droneView, isNewerDrone } from "./drones.ts";
import { mergedFlights, mergedRuns } from "./patrols.ts";
import type { Trail } from "./trail.ts";
import { extended } from "./trail.ts";

export interface Fleet {
  readonly loaded: boolean;
  readonly drones: ReadonlyMap<string, HeardDrone>;
  readonly patrols: readonly Patrol[];
  readonly flights: readonly Flight[];
  readonly runs: readonly PatrolRun[];
  readonly map: { readonly site: SiteMap; readonly askedAtMs: number } | null;
  readonly trails: ReadonlyMap<string, Trail>;
  readonly offers: ReadonlyMap<string, DispatchOffered>;
  /** What became of drones sent to an alert's place, oldest first. */
  readonly dispatches: ReadonlyMap<string, readonly DispatchChanged[]>;
}

export const NO_FLEET: Fleet = {
  loaded: false,
  drones: new Map(),
  patrols: [],
  flights: [],
  runs: [],
  map: null,
  trails: new Map(),
  offers: new Map(),
  dispatches: new Map(),
};

const KEPT_FLIGHTS = 100;

/** One drone from the event stream, or from the list. */
export function withDrone(fleet: Fleet, drone: Drone, nowMs: number): Fleet {
  const known = fleet.drones.get(drone.id);
  if (!isNewerDrone(drone, known?.drone)) return fleet;
  const heard = { drone: { ...drone, flight: newestChange(fleet, drone.flight) }, heardAtMs: nowMs };
  const drones = new Map(fleet.drones).set(drone.id, heard);
  const flights = drone.flight === null ? fleet.flights : mergedFlights(fleet.flights, [drone.flight]);
  return { ...fleet, drones, flights: flights.slice(0, KEPT_FLIGHTS), trails: withPosition(fleet.trails, heard, nowMs) };
}

/** A flight's changes and its drone's telemetry come each on their own: the newest change counts, and over is over. */
function newestChange(fleet: Fleet, flight: Flight | null): Flight | null {
  const known = fleet.flights.find((other) => other.flight_id === flight?.flight_id);
  const newest = known !== undefined && flight !== null && known.change > flight.change ? known : flight;
  return newest === null || isOver(newest) ? null : newest;
}

function isOver(flight: Flight): boolean {
  return flight.ended_at !== null || flight.state === "landed" || flight.state === "failed";
}

/** The list of drones: who is not in it any more is gone. */
export function withDrones(fleet: Fleet, drones: readonly Drone[], nowMs: number): Fleet {
  const ids = new Set(drones.map((drone) => drone.id));
  const kept = new Map([...fleet.drones].filter(([id]) => ids.has(id)));
  const cleared: Fleet = { ...fleet, drones: kept, loaded: true };
  return drones.reduce((changed, drone) => withDrone(changed, drone, nowMs), cleared);
}

function withPosition(trails: Fleet["trails"], heard: HeardDrone, nowMs: number): Fleet["trails"] {
  const view = droneView(heard, nowMs);
  if (!view.isCurrent || view.position === null || !view.isAirborne) return trails;
  const known = trails.get(heard.drone.id) ?? [];
  const trail = extended(known, view.position, Date.parse(view.position.at));
  return trail === known ? trails : new Map(trails).set(heard.drone.id, trail);
}

/** One change of a flight: it stands in the history, and on its drone until it is over. */
export function withFlight(fleet: Fleet, flight: Flight): Fleet {
  const flights = mergedFlights(fleet.flights, [flight]).slice(0, KEPT_FLIGHTS);
  const heard = fleet.drones.get(flight.drone_id);
  const standing = heard?.drone.flight ?? null;
  const isOther = standing !== null && standing.flight_id !== flight.flight_id;
  const isOlder = standing !== null && !isOther && standing.change > flight.change;
  if (heard === undefined || isOlder || (isOther && standing.started_at > flight.started_at)) return { ...fleet, flights };
  const over = isOver(flight);
  if (over && (standing === null || isOther)) return { ...fleet, flights };
  const drone = { ...heard.drone, flight: over ? null : flight };
  return { ...fleet, flights, drones: new Map(fleet.drones).set(drone.id, { ...heard, drone }) };
}

export function withRun(fleet: Fleet, run: PatrolRun): Fleet {
  const runs = mergedRuns(fleet.runs, [run]).slice(0, KEPT_FLIGHTS);
  const patrols = fleet.patrols.map((patrol) => {
    if (patrol.id !== run.patrol_id) return patrol;
    if (run.decision === "awaiting") return { ...patrol, awaiting: run };
    return patrol.awaiting?.run_id === run.run_id ? { ...patrol, awaiting: null } : patrol;
  });
  return { ...fleet, runs, patrols };
}

/** An offer replaces the one before it; a change is added once. */
export function withDispatch(fleet: Fleet, event: DispatchEvent): Fleet {
  if (event.type === "dispatch_offered") {
    const known = fleet.offers.get(event.alert_id);
    if (known !== undefined && known.at > event.at) return fleet;
    return { ...fleet, offers: new Map(fleet.offers).set(event.alert_id, event) };
  }
  return withDispatches(fleet, event.alert_id, [event]);
}

/** The history of an alert, as far as it is not known yet. */
export function withDispatches(fleet: Fleet, alertId: string, events: readonly DispatchChanged[]): Fleet {
  const known = fleet.dispatches.get(alertId) ?? [];
  const fresh = events.filter((event) => !known.some((old) => sameChange(old, event)));
  if (fresh.length === 0) return fleet;
  const all = [...known, ...fresh].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  return { ...fleet, dispatches: new Map(fleet.dispatches).set(alertId, all) };
}

function sameChange(a: DispatchChanged, b: DispatchChanged): boolean {
  return a.at === b.at && a.stage === b.stage && a.drone_id === b.drone_id;
}

/** The offer for an alert that still stands: not lapsed, and nobody was sent on it yet. */
export function openOffer(fleet: Fleet, alertId: string, serverNowMs: number): DispatchOffered | null {
  const offer = fleet.offers.get(alertId);
  if (offer === undefined || Date.parse(offer.expires_at) <= serverNowMs) return null;
  const sent = (fleet.dispatches.get(alertId) ?? []).some((change) => change.stage !== "refused" && change.at > offer.at);
  return sent ? null : offer;
}

export type Asking = "no" | "waiting" | "unanswered";

/** An offer that has not come after this long does not come. */
export const OFFER_PATIENCE_MS = 6_000;

/**
 * Args:
 *   askedAtMs: the server's clock when drones for this alert were last asked for; null: never.
 *   serverNowMs: the server's clock.
 */
export function askingFor(fleet: Fleet, alertId: string, askedAtMs: number | null, serverNowMs: number): Asking {
  const offer = fleet.offers.get(alertId);
  // The drone service may run on another machine, with a clock of its own.
  const isAnswered = askedAtMs === null || (offer !== undefined && Date.parse(offer.at) >= askedAtMs - 1_000);
  if (isAnswered) return "no";
  return serverNowMs - askedAtMs < OFFER_PATIENCE_MS ? "waiting" : "unanswered";
}

/** Drones in the air, as far as is known. */
export function airborne(fleet: Fleet, nowMs: number): HeardDrone[] {
  return [...fleet.drones.values()].filter((heard) => droneView(heard, nowMs).isAirborne);
}

/** The drone whose camera this is. */
export function droneOfCamera(fleet: Fleet, cameraId: string): HeardDrone | undefined {
  return [...fleet.drones.values()].find(({ drone }) => drone.camera_id === cameraId);
}
