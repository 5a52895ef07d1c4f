/** Zones of the airspace: what each one means now. Every state has its own outline, its own hatching and its own word. */

import type { MessageKey } from "../i18n/index.ts";
import type { AirZone } from "./drone-contract.ts";

export type ZoneLook = "keep_in" | "keep_in_off" | "no_fly" | "timed_on" | "timed_off";

/** How a zone is drawn: one that counts always, one that counts at times and now, one that does not count now. */
export function zoneLook(zone: AirZone): ZoneLook {
  if (zone.kind === "keep_in") return zone.active_now ? "keep_in" : "keep_in_off";
  if (zone.active.length === 0) return "no_fly";
  return zone.active_now ? "timed_on" : "timed_off";
}

export const ZONE_WORDS: Readonly<Record<ZoneLook, MessageKey>> = {
  keep_in: "zone.keep_in",
  keep_in_off: "zone.keep_in_off",
  no_fly: "zone.no_fly",
  timed_on: "zone.timed_on",
  timed_off: "zone.timed_off",
};

/** `0–60 m` for a zone that does not reach from the ground to the sky, else nothing. */
export function heights(zone: AirZone): string {
  if (zone.ceiling_m === null) return zone.floor_m > 0 ? `≥ ${zone.floor_m} m` : "";
  return `${zone.floor_m}–${zone.ceiling_m} m`;
}

/** Fences first, so that what is forbidden is drawn over them. */
export function drawnOrder(zones: readonly AirZone[]): AirZone[] {
  return [...zones].sort((a, b) => Number(a.kind === "no_fly") - Number(b.kind === "no_fly"));
}
