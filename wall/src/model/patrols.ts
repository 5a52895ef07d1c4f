/** Patrols as the table shows them: what stands out now, when the next run is due, how the last one ended. */

import type { Language } from "../i18n/index.ts";
import type { Flight, FlightOutcome, Patrol, PatrolPlan, PatrolRun, ReasonText } from "./drone-contract.ts";
import type { HeardDrone } from "./drones.ts";
import { mayBeAirborne } from "./drones.ts";

/** The reason in the language of the page. */
export function reasonWords(language: Language, reason: ReasonText): string {
  const [own, other] = language === "zh" ? [reason.message_zh, reason.message_en] : [reason.message_en, reason.message_zh];
  return own || other || reason.code;
}

export type PatrolStatus = "flying" | "awaiting" | "starting" | "idle";

/** What a patrol does now, by the drones' own words first. */
export function patrolStatus(patrol: Patrol, drones: Iterable<HeardDrone>, nowMs: number): PatrolStatus {
  const flights = [...drones].flatMap(({ drone }) => (drone.flight?.patrol_id === patrol.id ? [drone.flight] : []));
  if (flights.some((flight) => mayBeAirborne(flight.state))) return "flying";
  if (flights.length > 0) return "starting";
  return openRun(patrol, nowMs) === null ? "idle" : "awaiting";
}

/** The run that waits for a person, while it still may be confirmed. */
export function openRun(patrol: Patrol, nowMs: number): PatrolRun | null {
  const run = patrol.awaiting;
  if (run === null || run.decision !== "awaiting") return null;
  return run.confirm_until !== null && Date.parse(run.confirm_until) <= nowMs ? null : run;
}

/** Seconds until the next run, negative once it is overdue; null where none is due. */
export function nextRun(patrol: Patrol, nowMs: number): { readonly at: string; readonly in_s: number } | null {
  // One that is long past was decided already; the list is asked for again in a moment.
  const at = patrol.next_runs.find((instant) => Date.parse(instant) > nowMs - 60_000);
  return at === undefined ? null : { at, in_s: (Date.parse(at) - nowMs) / 1000 };
}

export type OutcomeTone = "ok" | "bad" | "dim";

/** Only `done` is a patrol flown to its end. */
export function outcomeTone(outcome: FlightOutcome | null): OutcomeTone {
  if (outcome === null) return "dim";
  return outcome === "done" ? "ok" : "bad";
}

/** Everything known to speak against flying a patrol with a drone now, each reason once. */
export function against(plan: PatrolPlan | undefined, heard: HeardDrone | undefined): ReasonText[] {
  const all = [...(plan?.problems ?? []), ...(heard?.drone.telemetry?.not_ready ?? [])];
  return all.filter((reason, i) => all.findIndex((other) => sameReason(other, reason)) === i);
}

function sameReason(a: ReasonText, b: ReasonText): boolean {
  return a.code === b.code && a.message_zh === b.message_zh;
}

/** Newest flight first, each flight once in its newest change. */
export function mergedFlights(known: readonly Flight[], fresh: readonly Flight[]): Flight[] {
  const byId = new Map<string, Flight>();
  for (const flight of [...known, ...fresh]) {
    const before = byId.get(flight.flight_id);
    if (before === undefined || before.change <= flight.change) byId.set(flight.flight_id, flight);
  }
  return [...byId.values()].sort((a, b) => (a.started_at < b.started_at ? 1 : a.started_at > b.started_at ? -1 : 0));
}

/** The run that was due last first, each run once in its last decision. */
export function mergedRuns(known: readonly PatrolRun[], fresh: readonly PatrolRun[]): PatrolRun[] {
  const byId = new Map<string, PatrolRun>();
  for (const run of [...known, ...fresh]) {
    const before = byId.get(run.run_id);
    if (before === undefined || before.decided_at <= run.decided_at) byId.set(run.run_id, run);
  }
  return [...byId.values()].sort((a, b) => (a.due_at < b.due_at ? 1 : a.due_at > b.due_at ? -1 : 0));
}

/** How the last attempt to fly a patrol ended: a flight that is over, or a run that never became one. */
export type LastResult =
  | { readonly kind: "flight"; readonly flight: Flight }
  | { readonly kind: "run"; readonly run: PatrolRun };

export function lastResult(patrol: Patrol, flights: readonly Flight[], runs: readonly PatrolRun[]): LastResult | null {
  const own = flights.filter((known) => known.patrol_id === patrol.id && known.outcome !== null);
  const over = patrol.last_flight !== null && patrol.last_flight.outcome !== null ? [patrol.last_flight] : [];
  const flight = mergedFlights(over, own)[0];
  const run = mergedRuns([], runs).find((known) => known.patrol_id === patrol.id && !(known.decision in UNSETTLED));
  if (flight === undefined) return run === undefined ? null : { kind: "run", run };
  return run !== undefined && run.decided_at > flight.started_at ? { kind: "run", run } : { kind: "flight", flight };
}

const UNSETTLED: Readonly<Record<string, true>> = { awaiting: true, launched: true };
