/** What a tile shows, from what is known of its camera and of its connection. */

import type { Camera, StreamName } from "./contract.ts";
import type { WhepState } from "./whep.ts";
import { isLate, isUndated, pictureAgeMs } from "./whep.ts";

export type TileState =
  | "connecting"
  | "live"
  | "late"
  | "undated"
  | "stale"
  | "offline"
  | "disabled"
  | "unobserved"
  | "awaited"
  | "no_permission"
  | "no_live_stream"
  | "gateway_busy";

export interface TileView {
  readonly state: TileState;
  /** An older picture stands behind the overlay. */
  readonly hasPicture: boolean;
  /** Whole seconds: how long the picture has stood, for `stale`; how long ago it was captured, for `late`. */
  readonly seconds: number;
}

const FRESH_MS = 2_500;
/** A picture that was not followed for this long stands; before, it is one of a moving picture. */
const STANDS_MS = 1_000;

export function isOnline(camera: Camera): boolean {
  return camera.state === "streaming" || camera.state === "degraded";
}

/** Offline for a cause that is told; a camera that is tried again keeps the cause of its outage meanwhile. */
function isKnownOffline(camera: Camera): boolean {
  return !isOnline(camera) && (camera.state !== "connecting" || hasCause(camera));
}

export function hasCause(camera: Camera): boolean {
  return camera.cause !== "none" && camera.cause !== "";
}

/** Never `live` unless the picture was captured, and painted, within the last two and a half seconds. */
export function tileView(camera: Camera, whep: WhepState, nowMs: number): TileView {
  const hasPicture = whep.lastPictureAtMs !== null;
  const stoodMs = hasPicture ? nowMs - (whep.lastPictureAtMs ?? 0) : 0;
  const view = (state: TileState, seconds = 0): TileView => ({ state, hasPicture, seconds });
  if (!camera.enabled || camera.state === "disabled") return view("disabled");
  if (hasPicture && stoodMs < FRESH_MS && !(stoodMs >= STANDS_MS && isLate(whep, nowMs))) {
    if (isLate(whep, nowMs)) return view("late", Math.floor(pictureAgeMs(whep, nowMs) / 1000));
    return view(isUndated(whep, nowMs) ? "undated" : "live");
  }
  if (camera.live_stream === null) return view("no_live_stream");
  if (whep.failure !== null && [401, 403, 404].includes(whep.failure.status)) return view("no_permission");
  // Without an instant nobody told of it yet: what is just starting is no failure.
  if (camera.state === "unobserved") return view(camera.since === null && !hasPicture ? "awaited" : "unobserved");
  if (isKnownOffline(camera)) return view("offline");
  if (whep.failure?.code === "camera_offline") return view("offline");
  if (hasPicture) return view("stale", Math.max(1, Math.floor(stoodMs / 1000)));
  if (whep.failure?.code === "too_many_viewers") return view("gateway_busy");
  return view("connecting");
}

/** The stream to ask for: the small one on small tiles, the full one where the picture is large. */
export function wantedStream(camera: Camera, large: boolean): StreamName | null {
  if (!large || camera.live_stream !== "sub") return camera.live_stream;
  return camera.streams.main.state === "streaming" || camera.streams.main.state === "degraded" ? "main" : "sub";
}

export type Lamp = "on" | "off" | "unknown";

function isWatched(camera: Camera): boolean {
  return camera.enabled && camera.state !== "disabled" && camera.state !== "unobserved";
}

const SESSION_STANDS = new Set(["no_packets", "not_decodable", "no_video", "no_shared_memory"]);

/** Whether the camera answers: a session stood, even if no usable packets come. */
export function reachableLamp(camera: Camera): Lamp {
  if (!isWatched(camera)) return "unknown";
  if (isOnline(camera) || camera.state === "stalled" || SESSION_STANDS.has(camera.cause)) return "on";
  if (camera.state === "connecting" && !hasCause(camera)) return "unknown";
  return "off";
}

/** Whether packets come. */
export function streamingLamp(camera: Camera): Lamp {
  if (!isWatched(camera)) return "unknown";
  return isOnline(camera) ? "on" : "off";
}

/** Whether the detector looks at it. */
export function analysedLamp(camera: Camera): Lamp {
  if (["not_configured", "unknown"].includes(camera.analysed.state) || !camera.enabled) return "unknown";
  return camera.analysed.state === "analysed" ? "on" : "off";
}
