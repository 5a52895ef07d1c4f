/** A list of reasons, every one of them, in the language of the page. */

import { html } from "lit";
import type { TemplateResult } from "lit";

import type { Language } from "../i18n/index.ts";
import type { ReasonText } from "../model/drone-contract.ts";
import { reasonWords } from "../model/patrols.ts";

export function reasonList(language: Language, reasons: readonly ReasonText[]): TemplateResult {
  return html`<ul class="reasons">
    ${reasons.map((reason) => html`<li data-reason=${reason.code}><span>${reasonWords(language, reason)}</span></li>`)}
  </ul>`;
}
