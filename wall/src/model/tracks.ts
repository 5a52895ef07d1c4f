/** Boxes on a tile: only those of a frame analysed within the last second, and only sure enough ones. */

import type { Camera, TracksUpdate } from "./contract.ts";

export interface ReceivedTracks {
  readonly update: TracksUpdate;
  readonly receivedAtMs: number;
  /** Confidences of each track's last detections, newest last. */
  readonly recent: ReadonlyMap<number, readonly number[]>;
}

export const BOXES_LIVE_MS = 1_000;
/** Rules compare the best of so many detections of a track; a box that did less would flicker. */
const RECENT = 5;

/** An update, with what the ones before it told of its tracks. */
export function receivedAfter(known: ReceivedTracks | undefined, update: TracksUpdate, nowMs: number): ReceivedTracks {
  const recent = new Map(
    update.tracks.map((track) => {
      const before = known?.recent.get(track.track_id) ?? [];
      return [track.track_id, [...before, track.confidence].slice(-RECENT)];
    }),
  );
  return { update, receivedAtMs: nowMs, recent };
}

/** From which confidence on a box is drawn: where the camera's rules begin to count, else where the detector does. */
export function boxConfidence(camera: Camera): number {
  const counted = camera.rules.map((rule) => rule.min_confidence);
  return counted.length > 0 ? Math.min(...counted) : camera.analysed.min_confidence;
}

/**
 * Args:
 *   received: the newest update of the camera.
 *   nowMs: the page's clock.
 *   offsetMs: server's clock minus the page's.
 *   minConfidence: what the best of a track's last detections has to reach.
 *
 * Returns:
 *   The boxes to draw with that best confidence, none when they are older than a second by arrival, or captured over
 *   two seconds ago.
 */
export function freshBoxes(
  received: ReceivedTracks | undefined,
  nowMs: number,
  offsetMs: number,
  minConfidence: number,
): TracksUpdate["tracks"] {
  if (received === undefined || nowMs - received.receivedAtMs > BOXES_LIVE_MS) return [];
  const capturedAgo = nowMs + offsetMs - Date.parse(received.update.captured_at);
  if (capturedAgo > 2 * BOXES_LIVE_MS) return [];
  return received.update.tracks
    .map((track) => ({ ...track, confidence: Math.max(track.confidence, ...(received.recent.get(track.track_id) ?? [])) }))
    .filter((track) => track.confidence >= minConfidence);
}

/** Frames of one camera can overtake each other between two event streams: an older one never replaces a newer one. */
export function isNewer(update: TracksUpdate, known: ReceivedTracks | undefined): boolean {
  return known === undefined || Date.parse(update.captured_at) >= Date.parse(known.update.captured_at);
}
