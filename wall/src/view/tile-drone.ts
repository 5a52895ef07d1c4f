/** On a drone's tile: battery, height, link; nothing that looks like now while it is not heard. */

import { html, nothing } from "lit";
import type { TemplateResult } from "lit";

import type { Language } from "../i18n/index.ts";
import { translate } from "../i18n/index.ts";
import { batteryTone, droneView } from "../model/drones.ts";
import type { HeardDrone } from "../model/drones.ts";
import { heightWords, linkCause, linkWords, percentWords } from "./drone-words.ts";

export function tileDrone(language: Language, heard: HeardDrone | undefined): TemplateResult | typeof nothing {
  if (heard === undefined) return nothing;
  const view = droneView(heard, Date.now());
  if (!view.isCurrent) {
    return html`<span class="drone old" data-link=${view.link} title=${linkCause(language, view)}>✕ ${linkWords(language, view)}</span>`;
  }
  const percent = heard.drone.telemetry?.battery_percent ?? null;
  const tone = { ok: "", low: "yellow", empty: "red", unknown: "dim" }[batteryTone(percent)];
  return html`<span class="drone" data-link=${view.link}>
    <span class=${tone} title=${translate(language, "drone.battery")}>▮ ${percentWords(percent)}</span>
    <span title=${translate(language, "drone.height")}>↑ ${heightWords(language, view)}</span>
  </span>`;
}
