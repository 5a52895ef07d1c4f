/** Line icons, drawn in the colour of the words beside them. */

import { html, svg } from "lit";
import type { SVGTemplateResult, TemplateResult } from "lit";

function icon(paths: SVGTemplateResult): TemplateResult {
  return html`<svg
    class="icon"
    viewBox="0 0 20 20"
    width="1.15em"
    height="1.15em"
    fill="none"
    stroke="currentColor"
    stroke-width="1.6"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    ${paths}
  </svg>`;
}

export const icons = {
  mark: icon(svg`<path d="M1.500 10C4 6 6.800 4 10 4s6 2 8.500 6c-2.500 4-5.300 6-8.500 6s-6-2-8.500-6Z"/><circle cx="10" cy="10" r="2.600" fill="currentColor" stroke="none"/>`),
  sound: icon(svg`<path d="M3 8v4h3l4 3.500v-11L6 8Z"/><path d="M13 7.500a3.500 3.500 0 0 1 0 5M15.200 5.200a6.800 6.800 0 0 1 0 9.600"/>`),
  muted: icon(svg`<path d="M3 8v4h3l4 3.500v-11L6 8Z"/><path d="m13 8 4 4m0-4-4 4"/>`),
  user: icon(svg`<circle cx="10" cy="6.500" r="3"/><path d="M4 17c.6-3.400 2.800-5 6-5s5.400 1.600 6 5"/>`),
  chevron: icon(svg`<path d="m6 8 4 4 4-4"/>`),
  left: icon(svg`<path d="m12 5-5 5 5 5"/>`),
  right: icon(svg`<path d="m8 5 5 5-5 5"/>`),
  warning: icon(svg`<path d="M10 3 2 17h16Z"/><path d="M10 8v4.500M10 14.800v.1"/>`),
  pin: icon(svg`<path d="M7 3h6l-1 5 3 3H5l3-3Z"/><path d="M10 11v6"/>`),
  enlarge: icon(svg`<path d="M12 3h5v5M8 17H3v-5M17 3l-6 6M3 17l6-6"/>`),
  shrink: icon(svg`<path d="M11 4v5h5M9 16v-5H4M11 9l6-6M9 11l-6 6"/>`),
  zones: icon(svg`<path d="M4 7 11 3l6 5-3 8-9-1Z" stroke-dasharray="2.500 2.500"/>`),
  close: icon(svg`<path d="m5 5 10 10M15 5 5 15"/>`),
  check: icon(svg`<path d="m4 10.500 4 4 8-9"/>`),
  offline: icon(svg`<path d="M2.500 6h9.500v8H2.500Z"/><path d="m12 9 5-2.500v7L12 11M3 17 16 3"/>`),
  lock: icon(svg`<rect x="4" y="9" width="12" height="8" rx="1.500"/><path d="M6.500 9V6.500a3.500 3.500 0 0 1 7 0V9"/>`),
  drone: icon(svg`<circle cx="4.500" cy="4.500" r="2.500"/><circle cx="15.500" cy="4.500" r="2.500"/><circle cx="4.500" cy="15.500" r="2.500"/><circle cx="15.500" cy="15.500" r="2.500"/><path d="m6.300 6.300 7.400 7.400m0-7.400-7.400 7.400"/><rect x="8" y="8" width="4" height="4" fill="currentColor"/>`),
  clip: icon(svg`<rect x="2.500" y="4.500" width="15" height="11" rx="1.500"/><path d="m8.500 7.500 4 2.500-4 2.500Z" fill="currentColor"/>`),
};

/** The grid symbol of a layout. */
export function layoutIcon(size: 1 | 4 | 9): TemplateResult {
  const cells: Record<number, SVGTemplateResult> = {
    1: svg`<rect x="3" y="4" width="14" height="12"/>`,
    4: svg`<path d="M3 4h14v12H3ZM10 4v12M3 10h14"/>`,
    9: svg`<path d="M3 3h14v14H3ZM12.300 3v14M3 10h14M7.700 10v7M12.300 6.500H17M12.300 13.500H17"/>`,
  };
  return icon(cells[size] ?? svg``);
}
