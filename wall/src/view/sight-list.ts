/** What a drone's camera sees on the ground, counted in words; for who reads, and for who cannot see the map. */

import { css, html, nothing } from "lit";
import type { TemplateResult } from "lit";

import { translate, word } from "../i18n/index.ts";
import type { Language } from "../i18n/index.ts";
import type { ClassCount, SightCount } from "../model/sights.ts";
import { classShape } from "./sight-legend.ts";

export const sightListStyles = css`
  .seen {
    margin: 0.55rem 0 0;
    padding: 0;
    display: grid;
    gap: 0.2rem;
    list-style: none;
  }
  .seen li {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.4rem;
  }
  .seen .more {
    color: var(--dim);
    font-size: 0.93rem;
  }
  .seen .old {
    color: var(--orange);
  }
`;

/** Args: count: null while what was told last is not of now; age_s: since then. */
export function sightList(language: Language, count: SightCount | null, age_s: number): TemplateResult {
  return html`<ul class="seen" aria-label=${translate(language, "sights.title")}>
    ${count === null
      ? html`<li class="old" data-seen="old">${translate(language, "sights.stale", { seconds: Math.floor(age_s) })}</li>`
      : lines(language, count)}
  </ul>`;
}

function lines(language: Language, { placed, unplaced, blind }: SightCount): TemplateResult {
  const why = (code: string): string => word(language, "unplaced", code);
  return html`${blind === "" ? nothing : html`<li class="more" data-seen="blind">${translate(language, "sights.blind", { why: why(blind) })}</li>`}
    ${placed.map((one) => html`<li data-seen=${one.className}>
      ${classShape(one.className)}<span>${word(language, "class", one.className)} ${one.count}</span> <span class="more">${span(one)}</span>
    </li>`)}
    ${blind !== ""
      ? nothing
      : unplaced.map((one) => html`<li class="more" data-seen="unplaced">${translate(language, "sights.unplaced", { count: one.count, why: why(one.why) })}</li>`)}
    ${blind === "" && placed.length === 0 && unplaced.length === 0
      ? html`<li class="more" data-seen="none">${translate(language, "sights.none")}</li>`
      : nothing}`;
}

/** `±6–9 m`. */
function span({ least_m, most_m }: ClassCount): string {
  if (least_m === null || most_m === null) return "";
  return least_m === most_m ? `±${least_m} m` : `±${least_m}–${most_m} m`;
}
