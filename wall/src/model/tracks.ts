/** Boxes on a tile: only while a frame was analysed within the last second, and only sure enough ones. */

import { boxesAt, withFrame } from "./box-motion.ts";
import type { AnalysedFrames } from "./box-motion.ts";
import type { Camera, TrackBox, TracksUpdate } from "./contract.ts";

export interface ReceivedTracks {
  readonly update: TracksUpdate;
  readonly receivedAtMs: number;
  /** The last frames, each track with the best of its detections until then. */
  readonly frames: AnalysedFrames;
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
  const tracks = update.tracks.map((track) => ({ ...track, confidence: Math.max(...(recent.get(track.track_id) ?? [])) }));
  const frames = withFrame(known?.frames ?? [], Date.parse(update.captured_at), tracks);
  return { update, receivedAtMs: nowMs, frames, recent };
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
 *   paintedMs: when the picture under the boxes was captured, by the server's clock; null while that is not known.
 *
 * Returns:
 *   The boxes to draw with that best confidence, where they were on that picture, else as of the newest frame. None when
 *   that is older than a second by arrival; no frame counts that was captured over two seconds ago.
 */
export function freshBoxes(
  received: ReceivedTracks | undefined,
  nowMs: number,
  offsetMs: number,
  minConfidence: number,
  paintedMs: number | null,
): readonly TrackBox[] {
  if (received === undefined || nowMs - received.receivedAtMs > BOXES_LIVE_MS) return [];
  const frames = received.frames.filter((frame) => nowMs + offsetMs - frame.capturedAtMs <= 2 * BOXES_LIVE_MS);
  const newestMs = frames.at(-1)?.capturedAtMs;
  if (newestMs === undefined) return [];
  return boxesAt(frames, paintedMs ?? newestMs).filter((track) => track.confidence >= minConfidence);
}

/** Frames of one camera can overtake each other between two event streams: an older one never replaces a newer one. */
export function isNewer(update: TracksUpdate, known: ReceivedTracks | undefined): boolean {
  return known === undefined || Date.parse(update.captured_at) >= Date.parse(known.update.captured_at);
}
