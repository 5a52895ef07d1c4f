/**
 * Which camera the hot-spot shows.
 *
 *   home --new alert--> alert's camera --handled, or nothing new and dwell over--> home
 *                          | higher level: at once; same or lower level: once the dwell time is over
 *   pinned: stays whatever happens
 */

import type { Alert } from "./contract.ts";
import { urgency } from "./levels.ts";

export interface Hotspot {
  /** null: the camera that is at home in slot 0. */
  readonly cameraId: string | null;
  readonly alertId: string | null;
  readonly takenAtMs: number;
  readonly pinned: boolean;
}

export const HOME: Hotspot = { cameraId: null, alertId: null, takenAtMs: 0, pinned: false };

/** Shortest time an alert's camera stays, so that the picture can be read. */
export const DWELL_MS = 20_000;

/**
 * The hot-spot after a change or a tick.
 *
 * Args:
 *   current: what it shows now.
 *   waiting: new alerts, highest level first, newest first.
 *   nowMs: the page's clock.
 */
export function nextHotspot(current: Hotspot, waiting: readonly Alert[], nowMs: number): Hotspot {
  if (current.pinned) return current;
  // An offline camera has no picture to look at: it is named in the rail and in its own tile.
  const candidates = waiting.filter((alert) => alert.kind !== "camera_offline");
  const best = candidates[0];
  const held = candidates.find((alert) => alert.id === current.alertId);
  const dwelt = nowMs - current.takenAtMs >= DWELL_MS;
  if (best === undefined) {
    return current.alertId !== null && dwelt ? HOME : current;
  }
  if (best.id === current.alertId) return current;
  const takesOver = current.alertId === null || dwelt || (held !== undefined && urgency(best.level) < urgency(held.level));
  if (!takesOver) return current;
  return { cameraId: best.camera_id, alertId: best.id, takenAtMs: nowMs, pinned: false };
}

/** Holds a camera in the hot-spot until it is released. */
export function pin(cameraId: string, nowMs: number): Hotspot {
  return { cameraId, alertId: null, takenAtMs: nowMs, pinned: true };
}
