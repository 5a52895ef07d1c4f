/** What the shapes of the map's sights mean: stands on the map while there are any. */

import { css, html, nothing, svg } from "lit";
import type { TemplateResult } from "lit";

import { translate, word } from "../i18n/index.ts";
import type { Language } from "../i18n/index.ts";
import { isOutline, sightShape } from "../model/sight-shapes.ts";
import type { SightView } from "../model/sights.ts";

export const sightShapeStyles = css`
  .sight-shape {
    flex: none;
    width: 1.15rem;
    height: 1.15rem;
    vertical-align: -0.2rem;
  }
  .sight-shape path {
    fill: var(--text);
    fill-rule: evenodd;
  }
  .sight-shape .outline,
  .sight-shape .error,
  .sight-shape .footprint {
    fill: none;
    stroke: var(--text);
    stroke-width: 1.4;
  }
  .sight-shape .footprint {
    stroke: var(--dim);
    stroke-dasharray: 3 2;
  }
  .sight-shape .old {
    fill: none;
    stroke: var(--dim);
    stroke-width: 1.4;
    stroke-dasharray: 2 1.5;
  }
`;

/** The shape of a class, as it is on the map. */
export function classShape(className: string): TemplateResult {
  return html`<svg class="sight-shape" viewBox="-9 -9 18 18" aria-hidden="true">
    ${svg`<path class=${isOutline(className) ? "outline" : ""} d=${sightShape(className)}></path>`}
  </svg>`;
}

/** Names the shapes that are on the map now, and no others. */
export function sightLegend(language: Language, views: readonly SightView[], hasFootprint: boolean): TemplateResult | typeof nothing {
  const classes = [...new Set(views.map(({ sighting }) => sighting.class_name))].sort();
  if (classes.length === 0 && !hasFootprint) return nothing;
  const any = classes[0];
  return html`<div class="corner left legend" role="note" aria-label=${translate(language, "sights.legend")}>
    ${classes.map((name) => html`<span>${classShape(name)} ${word(language, "class", name)}</span>`)}
    ${any === undefined
      ? nothing
      : html`<span>
            <svg class="sight-shape" viewBox="-9 -9 18 18" aria-hidden="true"><ellipse class="error" rx="8" ry="5"></ellipse></svg>
            ${translate(language, "sights.error")}
          </span>
          <span>
            <svg class="sight-shape" viewBox="-9 -9 18 18" aria-hidden="true">${svg`<path class="old" d=${sightShape(any)}></path>`}</svg>
            ${translate(language, "sights.old")}
          </span>`}
    ${hasFootprint
      ? html`<span>
          <svg class="sight-shape" viewBox="-9 -9 18 18" aria-hidden="true"><path class="footprint" d="M-8 -6H8L5 6H-5Z"></path></svg>
          ${translate(language, "sights.footprint")}
        </span>`
      : nothing}
  </div>`;
}
