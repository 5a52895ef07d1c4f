/** Where a drone was in the last minutes. A gap in what is known is a gap in the line. */

import type { GeoPoint } from "./drone-contract.ts";
import { distance_m } from "./projection.ts";

export interface TrailPoint extends GeoPoint {
  readonly atMs: number;
}

export type Trail = readonly TrailPoint[];

export const KEPT_MS = 10 * 60_000;
export const KEPT_POINTS = 600;
const APART_M = 1;
/** Two positions further apart in time than this are not joined. */
export const JOINED_MS = 5_000;
const FASTEST_M_S = 150;

/** The trail with one more position; the same trail when it is no newer, or hardly moved since the last corner. */
export function extended(trail: Trail, point: GeoPoint, atMs: number): Trail {
  const last = trail.at(-1);
  if (last !== undefined && atMs <= last.atMs) return trail;
  const fresh: TrailPoint = { lat: point.lat, lon: point.lon, atMs };
  const before = trail.at(-2);
  // A drone that hovers moves the end of its line instead of adding to it.
  const hovers = before !== undefined && last !== undefined && distance_m(before, fresh) < APART_M;
  const joined = before !== undefined && atMs - before.atMs <= JOINED_MS;
  const kept = hovers && joined ? trail.slice(0, -1) : trail;
  return [...kept.filter((old) => atMs - old.atMs <= KEPT_MS), fresh].slice(-KEPT_POINTS);
}

/** Lines to draw: cut wherever nothing was heard for a while, and where a position jumps further than anything flies. */
export function segments(trail: Trail): TrailPoint[][] {
  const found: TrailPoint[][] = [];
  for (const point of trail) {
    const line = found.at(-1);
    const last = line?.at(-1);
    if (line !== undefined && last !== undefined && belongs(last, point)) line.push(point);
    else found.push([point]);
  }
  return found.filter((line) => line.length > 1);
}

function belongs(last: TrailPoint, next: TrailPoint): boolean {
  const between_ms = next.atMs - last.atMs;
  return between_ms <= JOINED_MS && distance_m(last, next) <= APART_M + (FASTEST_M_S * between_ms) / 1000;
}
