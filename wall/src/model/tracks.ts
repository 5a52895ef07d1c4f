/** Boxes on a tile: only those of a frame analysed within the last second. */

import type { TracksUpdate } from "./contract.ts";

export interface ReceivedTracks {
  readonly update: TracksUpdate;
  readonly receivedAtMs: number;
}

export const BOXES_LIVE_MS = 1_000;

/**
 * Args:
 *   received: the newest update of the camera.
 *   nowMs: the page's clock.
 *   offsetMs: server's clock minus the page's.
 *
 * Returns:
 *   The boxes to draw, none when they are older than a second by arrival, or captured over two seconds ago.
 */
export function freshBoxes(received: ReceivedTracks | undefined, nowMs: number, offsetMs: number): TracksUpdate["tracks"] {
  if (received === undefined || nowMs - received.receivedAtMs > BOXES_LIVE_MS) return [];
  const capturedAgo = nowMs + offsetMs - Date.parse(received.update.captured_at);
  return capturedAgo > 2 * BOXES_LIVE_MS ? [] : received.update.tracks;
}

/** Frames of one camera can overtake each other between two event streams: an older one never replaces a newer one. */
export function isNewer(update: TracksUpdate, known: ReceivedTracks | undefined): boolean {
  return known === undefined || Date.parse(update.captured_at) >= Date.parse(known.update.captured_at);
}
