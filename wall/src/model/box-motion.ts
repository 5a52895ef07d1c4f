/**
 * Where boxes stand at the instant a painted picture was captured: between the frames analysed before and after it, and a
 * little past the newest one. Free of clocks; instants are the server's, in milliseconds since the epoch.
 *
 *   frames analysed      a         b         c
 *   pictures painted          ^                  ^
 *                        from a to b        on from c with the speed so far, for CARRIED_MS
 *
 * Drawn are the tracks of the last frame at or before that instant: a track begins with its first frame, and is gone from
 * the first one that lacks it.
 */

import type { BoxXyxy, TrackBox } from "./contract.ts";

export interface AnalysedFrame {
  readonly capturedAtMs: number;
  readonly tracks: ReadonlyMap<number, TrackBox>;
}

/** Of one camera, oldest first. */
export type AnalysedFrames = readonly AnalysedFrame[];

/** How far a box goes on past the newest frame. */
export const CARRIED_MS = 400;
/** How anything moved between frames further apart than this is not known. */
export const JOINED_MS = 1_000;
/** Boxes tremble from frame to frame: a speed is taken over so long where the frames reach. */
const SPEED_OVER_MS = 500;
const KEPT_MS = 2_500;

interface Place {
  readonly atMs: number;
  readonly box_xyxy: BoxXyxy;
}

/** The frames after one more; one older than the newest changes nothing, one of the same instant takes its place. */
export function withFrame(frames: AnalysedFrames, capturedAtMs: number, tracks: readonly TrackBox[]): AnalysedFrames {
  const newest = frames.at(-1);
  if (newest !== undefined && capturedAtMs < newest.capturedAtMs) return frames;
  const kept = frames.filter((frame) => frame.capturedAtMs < capturedAtMs && capturedAtMs - frame.capturedAtMs <= KEPT_MS);
  return [...kept, { capturedAtMs, tracks: new Map(tracks.map((track) => [track.track_id, track])) }];
}

/** The boxes on a picture that was captured at this instant, within its edges; none where no frame is near enough. */
export function boxesAt(frames: AnalysedFrames, atMs: number): readonly TrackBox[] {
  const index = frames.findLastIndex((frame) => frame.capturedAtMs <= atMs);
  const shown = frames[index];
  if (shown === undefined) return [];
  const next = frames[index + 1];
  if (next !== undefined && atMs - shown.capturedAtMs > JOINED_MS) return [];
  const before = frames.slice(0, index);
  return [...shown.tracks.values()].map((track) => {
    const here = { atMs: shown.capturedAtMs, box_xyxy: track.box_xyxy };
    const after = placeIn(next, track.track_id);
    const box = after !== null && isJoined(here, after) ? along(here, after, atMs) : carried(before, here, track.track_id, atMs);
    return { ...track, box_xyxy: inPicture(box) };
  });
}

function carried(before: AnalysedFrames, here: Place, trackId: number, atMs: number): BoxXyxy {
  const from = earlier(before, here, trackId);
  return from === null ? here.box_xyxy : along(from, here, Math.min(atMs, here.atMs + CARRIED_MS));
}

/** Where a track was when its speed begins to be taken, as far as every frame since then has it. */
function earlier(before: AnalysedFrames, here: Place, trackId: number): Place | null {
  let earliest: Place | null = null;
  for (let index = before.length - 1; index >= 0; index -= 1) {
    const place = placeIn(before[index], trackId);
    if (place === null || !isJoined(place, earliest ?? here)) break;
    if (earliest !== null && here.atMs - place.atMs > SPEED_OVER_MS) break;
    earliest = place;
  }
  return earliest;
}

function placeIn(frame: AnalysedFrame | undefined, trackId: number): Place | null {
  const track = frame?.tracks.get(trackId);
  return frame === undefined || track === undefined ? null : { atMs: frame.capturedAtMs, box_xyxy: track.box_xyxy };
}

function isJoined(earlierOne: Place, laterOne: Place): boolean {
  return laterOne.atMs - earlierOne.atMs <= JOINED_MS;
}

/** On the straight way through two places, between them or past the second. */
function along(from: Place, to: Place, atMs: number): BoxXyxy {
  const share = (atMs - from.atMs) / (to.atMs - from.atMs);
  const edge = (at: 0 | 1 | 2 | 3): number => from.box_xyxy[at] + share * (to.box_xyxy[at] - from.box_xyxy[at]);
  return [edge(0), edge(1), edge(2), edge(3)];
}

function inPicture([left, top, right, bottom]: BoxXyxy): BoxXyxy {
  const [x1, x2] = side(left, right);
  const [y1, y2] = side(top, bottom);
  return [x1, y1, x2, y2];
}

/** From edge to edge within the picture; nothing wide, in the middle, where a shrinking box went on past itself. */
function side(low: number, high: number): readonly [number, number] {
  const middle = (low + high) / 2;
  const within = (edge: number): number => Math.min(1, Math.max(0, edge));
  return [within(Math.min(low, middle)), within(Math.max(high, middle))];
}
