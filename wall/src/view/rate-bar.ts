/** A rate against its target as a bar: filled to the rate, marked at the target, hatched where nothing is known. */

import { html, nothing, svg } from "lit";
import type { TemplateResult } from "lit";
import { css } from "lit";

export type Tone = "ok" | "bad" | "unknown";

export function rateBar(rate: number | null, target: number, tone: Tone): TemplateResult {
  return html`<svg class="rate-bar ${tone}" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
    <rect class="empty" width="100" height="10"></rect>
    ${rate === null ? nothing : svg`<rect class="full" width=${rate * 100} height="10"></rect>`}
    <rect class="mark" x=${target * 100} width="0.6" height="10"></rect>
  </svg>`;
}

/** Met or missed, by the number alone. */
export function toneOf(rate: number | null, target: number): Tone {
  if (rate === null) return "unknown";
  return rate >= target ? "ok" : "bad";
}

export const rateBarStyles = css`
  .rate-bar {
    display: block;
    width: 100%;
    height: 0.5rem;
  }
  .rate-bar .empty {
    fill: var(--line);
  }
  .rate-bar .full {
    fill: currentColor;
  }
  .rate-bar .mark {
    fill: var(--text);
  }
`;
