/** Words about a drone that several views say. */

import { translate, word } from "../i18n/index.ts";
import type { Language } from "../i18n/index.ts";
import type { DroneView } from "../model/drones.ts";
import { height, STALE_AFTER_S } from "../model/drones.ts";
import type { Separation } from "../model/separation.ts";

/** `76%`, or `—` where the vehicle does not tell. */
export function percentWords(percent: number | null): string {
  return percent === null || percent < 0 ? "—" : `${Math.floor(percent)}%`;
}

/** `失联 8 秒`, `链路正常`, `未连接`; a position that stands while the link is up is said as well. */
export function linkWords(language: Language, view: DroneView): string {
  switch (view.link) {
    case "never":
      return translate(language, "drone.link.never");
    case "lost":
    case "silent":
      return translate(language, "drone.lost_for", { seconds: view.silent_s });
    case "live":
      if (view.position === null) return translate(language, "drone.no_position");
      if (view.positionAge_s >= STALE_AFTER_S) {
        return translate(language, "drone.position_old", { seconds: Math.floor(view.positionAge_s) });
      }
      return translate(language, "drone.link.live");
  }
}

/** Why: whose silence it is. */
export function linkCause(language: Language, view: DroneView): string {
  return word(language, "drone.cause", view.link);
}

/** `58 m 离地`. */
export function heightWords(language: Language, view: DroneView): string {
  if (view.position === null) return "—";
  const { metres, above } = height(view.position);
  return translate(language, above === "ground" ? "drone.above_ground" : "drone.above_home", { metres: Math.round(metres) });
}

/** `1.24 km`, `85 m`, `—`. */
export function distanceWords(metres: number | null): string {
  if (metres === null) return "—";
  return metres < 1000 ? `${Math.round(metres)} m` : `${(metres / 1000).toFixed(2)} km`;
}

/** `24.6 m`; rounded down: never farther than it was. */
export function separationWords({ least_m }: Separation): string {
  return `${(Math.floor(least_m * 10) / 10).toFixed(1)} m`;
}
