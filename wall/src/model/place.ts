/** The place of an alert in words: where, and how sure that is. */

import { translate, word } from "../i18n/index.ts";
import type { Language } from "../i18n/index.ts";
import { isAboutDrone } from "./alerts.ts";
import type { AlertBook } from "./alerts.ts";
import type { Alert } from "./contract.ts";
import type { GeoPoint } from "./drone-contract.ts";
import { urgency } from "./levels.ts";
import { isPlace, unproject } from "./projection.ts";

/** `±9 m（95%）`; rounded up: never surer than it is. */
export function errorWords(language: Language, error_m: number): string {
  return translate(language, "place.error", { metres: Math.ceil(error_m) });
}

/** How sure the place of an alert is, or whose place it is instead; empty without one. */
export function sureness(language: Language, alert: Alert): string {
  if (!isPlace(alert.place)) return "";
  if (alert.place_error_m !== null) return errorWords(language, alert.place_error_m);
  if (isAboutDrone(alert)) return translate(language, "place.of_drone");
  const isAboutCamera = alert.kind === "camera_offline" || alert.kind === "picture_lost";
  return translate(language, isAboutCamera ? "place.camera" : "place.of_camera");
}

export type PlacedAlert = Alert & { readonly place: GeoPoint };

/**
 * Alerts that a map marks: open ones with a place, or only that which it is about. Several may stand at one camera: the
 * most urgent is the last, over the others.
 */
export function marked(book: AlertBook, about: Alert | null): PlacedAlert[] {
  return [...book.byId.values()]
    .filter((alert): alert is PlacedAlert => isPlace(alert.place) && (about === null ? alert.state === "new" : alert.id === about.id))
    .sort((a, b) => urgency(b.level) - urgency(a.level));
}

/** The place of an alert, and corners that hold its error. */
export function around({ place, place_error_m }: Alert): GeoPoint[] {
  if (!isPlace(place)) return [];
  const off_m = place_error_m ?? 0;
  return [place, unproject(place, [off_m, off_m]), unproject(place, [-off_m, -off_m])];
}

/** `41.77000, 109.97000 (WGS‑84)`, unbroken, or why it is not known; empty where there is nothing to say. */
export function placeWords(language: Language, alert: Alert): string {
  if (isPlace(alert.place)) {
    const { lat, lon } = alert.place;
    return `${lat.toFixed(5)}, ${lon.toFixed(5)} (WGS\u201184)`;
  }
  return alert.unplaced === "" ? "" : translate(language, "place.unknown", { why: word(language, "unplaced", alert.unplaced) });
}

/**
 * Why no drone can be sent to an alert; null where it has a place.
 *
 * Args:
 *   flies: whether its camera is one on a drone.
 */
export function whyNowhere(language: Language, alert: Alert, flies: boolean): string | null {
  if (isPlace(alert.place)) return null;
  if (alert.unplaced !== "") return translate(language, "dispatch.unplaced", { why: word(language, "unplaced", alert.unplaced) });
  return translate(language, flies || isAboutDrone(alert) ? "dispatch.no_place" : "dispatch.no_camera_place");
}
