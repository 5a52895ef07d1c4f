/** A list of reasons, every one of them, in the language of the page. */

import { html } from "lit";
import type { TemplateResult } from "lit";

import type { Language } from "../i18n/index.ts";
import type { ReasonText } from "../model/drone-contract.ts";
import { droneView } from "../model/drones.ts";
import type { HeardDrone } from "../model/drones.ts";
import { reasonWords } from "../model/patrols.ts";
import { linkWords } from "./drone-words.ts";

export function reasonList(language: Language, reasons: readonly ReasonText[]): TemplateResult {
  return html`<ul class="reasons">
    ${reasons.map((reason) => html`<li data-reason=${reason.code}><span>${reasonWords(language, reason)}</span></li>`)}
  </ul>`;
}

/** That a drone is not heard speaks against it before anybody else says so. */
export function unheard(heard: HeardDrone | undefined): ReasonText[] {
  if (heard === undefined) return [];
  const view = droneView(heard, Date.now());
  if (view.link === "live") return [];
  const words = (language: Language): string => `${heard.drone.name}: ${linkWords(language, view)}`;
  return [{ code: "not_heard", message_zh: words("zh"), message_en: words("en") }];
}
