/** Whether the page hears the API. Nothing on the page counts as current while it does not. */

export interface Link {
  /** Page clock of the last ping, or of the page's start. */
  readonly heardAtMs: number;
  /** Server's clock minus the page's. */
  readonly offsetMs: number;
  readonly everHeard: boolean;
}

/** The API pings every 2 s. */
export const LOST_AFTER_MS = 5_000;

export function linkAtStart(nowMs: number): Link {
  return { heardAtMs: nowMs, offsetMs: 0, everHeard: false };
}

export function heard(link: Link, serverNow: string | null, nowMs: number): Link {
  const server = serverNow === null ? Number.NaN : Date.parse(serverNow);
  return {
    heardAtMs: nowMs,
    offsetMs: Number.isNaN(server) ? link.offsetMs : server - nowMs,
    everHeard: true,
  };
}

/** Whole seconds without a word, 0 while the link stands. */
export function lostSeconds(link: Link, nowMs: number): number {
  const silent = nowMs - link.heardAtMs;
  return silent >= LOST_AFTER_MS ? Math.floor(silent / 1000) : 0;
}
