/**
 * A button that acts only when it is held.
 *
 *   idle --press--> holding --HOLD_MS--> done --release--> idle
 *                      +------release, leaves, loses focus--> idle
 */

export const HOLD_MS = 1_000;

export type Hold =
  | { readonly phase: "idle" }
  | { readonly phase: "holding"; readonly sinceMs: number }
  | { readonly phase: "done" };

export const NOT_HELD: Hold = { phase: "idle" };

/** A key that repeats itself presses once. */
export function pressed(hold: Hold, nowMs: number): Hold {
  return hold.phase === "idle" ? { phase: "holding", sinceMs: nowMs } : hold;
}

export function released(): Hold {
  return NOT_HELD;
}

/** The hold as time goes by; the step to `done` is made once. */
export function held(hold: Hold, nowMs: number): Hold {
  return hold.phase === "holding" && nowMs - hold.sinceMs >= HOLD_MS ? { phase: "done" } : hold;
}

/** 0-1 of the time it has to be held. */
export function progress(hold: Hold, nowMs: number): number {
  if (hold.phase === "idle") return 0;
  if (hold.phase === "done") return 1;
  return Math.min(1, Math.max(0, (nowMs - hold.sinceMs) / HOLD_MS));
}
