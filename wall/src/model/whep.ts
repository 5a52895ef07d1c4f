/**
 * One live view connection as a state machine, free of sockets and clocks.
 *
 *   idle --open--> connecting --decoded or picture--> playing --nothing for RECONNECT_MS--> backoff
 *                     | refused, timed out, connection failed                                 |
 *                     +--------------------------> backoff --time is up---------------------> connecting
 *   any --close--> idle
 *
 * What was decoded keeps the connection; only what was painted (`picture`) is there to be seen. A page in the background
 * decodes and paints nothing. A painted picture can be old all the same, by a transcode or a network that is late: it counts
 * by when it was captured (`capturedAtMs`), which the gateway tells beside the pictures.
 *
 * A connection to a gateway that is lost is given up as soon as its picture stands, and tried again once it is back.
 */

import { backoffMs } from "./backoff.ts";

export type WhepPhase = "idle" | "connecting" | "playing" | "backoff";

/** Why the last try failed; the gateway's own code where it gave one. */
export interface WhepFailure {
  readonly code: string;
  readonly status: number;
}

export interface WhepState {
  readonly phase: WhepPhase;
  readonly openedAtMs: number;
  /** When a frame was last decoded, seen or not. */
  readonly decodedAtMs: number | null;
  /** When a frame was last painted. */
  readonly lastPictureAtMs: number | null;
  /** When the last painted frame was captured, by the page's clock; null while nobody told. */
  readonly capturedAtMs: number | null;
  /** Since when the frames painted are of unknown age, null while it is known. */
  readonly undatedSinceMs: number | null;
  /** The last painted frame was too old to be called live; it is left again at a lower age. */
  readonly late: boolean;
  readonly attempt: number;
  readonly retryAtMs: number;
  readonly failure: WhepFailure | null;
}

export type WhepEvent =
  | { readonly kind: "open" }
  | { readonly kind: "decoded" }
  | { readonly kind: "picture"; readonly capturedAtMs: number | null }
  | { readonly kind: "dated"; readonly capturedAtMs: number }
  | { readonly kind: "failed"; readonly failure: WhepFailure; readonly retryAfterMs?: number; readonly random: number }
  | { readonly kind: "tick"; readonly random: number; readonly gatewayLostAtMs?: number | null }
  | { readonly kind: "close" };

export const IDLE: WhepState = {
  phase: "idle",
  openedAtMs: 0,
  decodedAtMs: null,
  lastPictureAtMs: null,
  capturedAtMs: null,
  undatedSinceMs: null,
  late: false,
  attempt: 0,
  retryAtMs: 0,
  failure: null,
};

/** A connection without a first picture for this long is given up. */
export const FIRST_PICTURE_MS = 8_000;
/** A connection whose picture stood for this long is opened anew. */
export const RECONNECT_MS = 10_000;
/** The same while the gateway is not heard either. */
export const GATEWAY_QUIET_MS = 1_500;
/** How long a connection that has no picture yet is given then. */
export const GATEWAY_CONNECT_MS = 4_000;
/** A picture older than this is covered. */
export const STALE_MS = 2_500;
/** A moving picture that was captured longer ago than this is late. */
export const LATE_MS = 2_500;
/** One that was late is live again below this, so that the word does not flicker. */
export const LIVE_AGAIN_MS = 2_000;
/** A picture whose age nobody told for this long is not called live any more. */
export const UNDATED_MS = 4_000;

/** The state after an event; a `connecting` that was not there before means: open a connection. */
export function whepNext(state: WhepState, event: WhepEvent, nowMs: number): WhepState {
  switch (event.kind) {
    case "open":
      return opened(state, nowMs);
    case "decoded":
    case "picture": {
      if (state.phase !== "connecting" && state.phase !== "playing") return state;
      const playing = { ...state, phase: "playing", decodedAtMs: nowMs, attempt: 0, failure: null } as const;
      return event.kind === "decoded" ? playing : dated({ ...playing, lastPictureAtMs: nowMs }, event.capturedAtMs, nowMs);
    }
    case "dated":
      return hasOwnPicture(state) ? dated(state, event.capturedAtMs, nowMs) : state;
    case "failed":
      if (state.phase === "idle" || state.phase === "backoff") return state;
      return failed(state, event.failure, event.retryAfterMs, event.random, nowMs);
    case "tick":
      return ticked(state, event.random, event.gatewayLostAtMs ?? null, nowMs);
    case "close":
      return IDLE;
  }
}

/** The state at the beginning of a connection: its pictures have no date yet. */
export function opened(state: WhepState, nowMs: number): WhepState {
  return { ...state, phase: "connecting", openedAtMs: nowMs, undatedSinceMs: null };
}

function dated(state: WhepState, capturedAtMs: number | null, nowMs: number): WhepState {
  if (capturedAtMs === null) return { ...state, capturedAtMs, undatedSinceMs: state.undatedSinceMs ?? nowMs, late: false };
  const late = nowMs - capturedAtMs >= (state.late ? LIVE_AGAIN_MS : LATE_MS);
  return { ...state, capturedAtMs, undatedSinceMs: null, late };
}

/** How long ago the picture shown was captured, in milliseconds; by when it was painted while nobody told better. */
export function pictureAgeMs(state: WhepState, nowMs: number): number {
  return Math.max(0, nowMs - (state.capturedAtMs ?? state.lastPictureAtMs ?? nowMs));
}

/** Whether the picture is too old to be called live. */
export function isLate(state: WhepState, nowMs: number): boolean {
  return state.late || pictureAgeMs(state, nowMs) >= LATE_MS;
}

/** Whether pictures are painted whose age nobody told, for longer than a connection needs to begin. */
export function isUndated(state: WhepState, nowMs: number): boolean {
  return state.undatedSinceMs !== null && nowMs - state.undatedSinceMs >= UNDATED_MS;
}

/** Whole seconds a shown picture has been standing, 0 while it moves or where there is none. */
export function staleSeconds(state: WhepState, nowMs: number): number {
  if (state.lastPictureAtMs === null) return 0;
  const age = nowMs - state.lastPictureAtMs;
  return age >= STALE_MS ? Math.floor(age / 1000) : 0;
}

/** Whether the present connection has painted a picture: what stands in its video is worth keeping. */
export function hasOwnPicture(state: WhepState): boolean {
  return state.lastPictureAtMs !== null && state.lastPictureAtMs >= state.openedAtMs;
}

/** Whether the video shows a picture of the present connection; before its first one, and once it is given up, it is black. */
export function showsItself(state: WhepState): boolean {
  return state.phase === "playing" && hasOwnPicture(state);
}

/** Whether a connection waits for the gateway itself, so that its return ends the waiting. */
export function waitsForGateway(state: WhepState): boolean {
  return state.phase === "backoff" && GATEWAY_FAILURES.has(state.failure?.code ?? "");
}

const GATEWAY_FAILURES: ReadonlySet<string> = new Set([
  "gateway_gone",
  "live_gateway_down",
  "unreachable",
  "connection_failed",
  "no_picture",
  "stalled",
]);

function hasLostItsGateway(state: WhepState, gatewayLostAtMs: number | null, nowMs: number): boolean {
  if (gatewayLostAtMs === null || state.openedAtMs >= gatewayLostAtMs) return false;
  if (state.phase === "connecting") return nowMs - state.openedAtMs >= GATEWAY_CONNECT_MS;
  return state.phase === "playing" && nowMs - (state.decodedAtMs ?? nowMs) >= GATEWAY_QUIET_MS;
}

function ticked(state: WhepState, random: number, gatewayLostAtMs: number | null, nowMs: number): WhepState {
  if (hasLostItsGateway(state, gatewayLostAtMs, nowMs)) {
    return failed(state, { code: "gateway_gone", status: 0 }, undefined, random, nowMs);
  }
  if (state.phase === "connecting" && nowMs - state.openedAtMs >= FIRST_PICTURE_MS) {
    return failed(state, { code: "no_picture", status: 0 }, undefined, random, nowMs);
  }
  if (state.phase === "playing" && nowMs - (state.decodedAtMs ?? nowMs) >= RECONNECT_MS) {
    return failed(state, { code: "stalled", status: 0 }, undefined, random, nowMs);
  }
  if (state.phase === "backoff" && nowMs >= state.retryAtMs) {
    return opened(state, nowMs);
  }
  return state;
}

function failed(
  state: WhepState,
  failure: WhepFailure,
  retryAfterMs: number | undefined,
  random: number,
  nowMs: number,
): WhepState {
  const attempt = state.attempt + 1;
  const wait = Math.max(backoffMs(attempt, random), (retryAfterMs ?? 0) * (0.75 + 0.5 * random));
  return { ...state, phase: "backoff", attempt, retryAtMs: nowMs + wait, failure };
}
