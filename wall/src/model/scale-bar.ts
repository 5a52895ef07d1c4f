/** Round lengths: the scale bar and the grid. */

import type { Viewport } from "./viewport.ts";
import { toMetres, toPixel } from "./viewport.ts";

export interface ScaleBar {
  readonly length_m: number;
  readonly width_px: number;
  readonly label: string;
}

/** The largest of 1, 2, 5 times a power of ten that is not over the limit. */
export function roundDown(limit: number): number {
  const power = 10 ** Math.floor(Math.log10(limit));
  const step = [5, 2, 1].find((digit) => digit * power <= limit * (1 + 1e-9)) ?? 1;
  return step * power;
}

/** `50 m`, `1.5 km`. */
export function lengthWords(length_m: number): string {
  if (length_m < 1000) return `${Number(length_m.toPrecision(3))} m`;
  return `${(length_m / 1000).toFixed(length_m < 10_000 ? 2 : 1).replace(/\.?0+$/, "")} km`;
}

/** The longest round length that fits. */
export function scaleBar(m_per_px: number, widest_px: number): ScaleBar {
  const length_m = roundDown(m_per_px * widest_px);
  return { length_m, width_px: length_m / m_per_px, label: lengthWords(length_m) };
}

export interface Grid {
  readonly step_m: number;
  /** Pixels of the lines that run north. */
  readonly xs: readonly number[];
  /** Pixels of the lines that run east. */
  readonly ys: readonly number[];
}

const WIDEST_CELL_PX = 160;

/** Lines of the grid on round metres of the site. */
export function grid(view: Viewport): Grid {
  const step_m = roundDown(view.m_per_px * WIDEST_CELL_PX);
  const [west, north] = toMetres(view, [0, 0]);
  const [east, south] = toMetres(view, [view.width_px, view.height_px]);
  return {
    step_m,
    xs: steps(west, east, step_m).map((metre) => toPixel(view, [metre, 0])[0]),
    ys: steps(south, north, step_m).map((metre) => toPixel(view, [0, metre])[1]),
  };
}

function steps(from: number, to: number, step: number): number[] {
  const first = Math.ceil(from / step);
  const count = Math.max(0, Math.floor(to / step) - first + 1);
  return Array.from({ length: count }, (_, i) => (first + i) * step);
}
