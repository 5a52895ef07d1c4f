/** What part of the site the map shows: metres to pixels of the picture, north up. */

import type { Metres } from "./projection.ts";

/** Pixels from the upper left corner. */
export type Pixel = readonly [number, number];

export interface Viewport {
  readonly centre_m: Metres;
  readonly m_per_px: number;
  readonly width_px: number;
  readonly height_px: number;
}

export const FINEST_M_PER_PX = 0.05;
export const COARSEST_M_PER_PX = 200;
/** An empty site still gets a plan: so many metres across its shorter side. */
const EMPTY_SPAN_M = 200;
/** A view is kept while what it shows fills at least so much of it. */
const WIDEST = 0.5;

export function toPixel(view: Viewport, [east, north]: Metres): Pixel {
  return [
    (east - view.centre_m[0]) / view.m_per_px + view.width_px / 2,
    view.height_px / 2 - (north - view.centre_m[1]) / view.m_per_px,
  ];
}

export function toMetres(view: Viewport, [x, y]: Pixel): Metres {
  return [
    view.centre_m[0] + (x - view.width_px / 2) * view.m_per_px,
    view.centre_m[1] + (view.height_px / 2 - y) * view.m_per_px,
  ];
}

/** The view that shows all points with a margin; one point, or none, gets its surroundings. */
export function fit(points: readonly Metres[], width_px: number, height_px: number, margin_px: number): Viewport {
  const easts = points.map(([east]) => east);
  const norths = points.map(([, north]) => north);
  const [west, east] = points.length === 0 ? [0, 0] : [Math.min(...easts), Math.max(...easts)];
  const [south, north] = points.length === 0 ? [0, 0] : [Math.min(...norths), Math.max(...norths)];
  const usable = (size_px: number): number => Math.max(1, size_px - 2 * margin_px);
  const floor = EMPTY_SPAN_M / Math.max(1, Math.min(width_px, height_px));
  const m_per_px = Math.max((east - west) / usable(width_px), (north - south) / usable(height_px), floor);
  return { centre_m: [(west + east) / 2, (south + north) / 2], m_per_px: bounded(m_per_px), width_px, height_px };
}

/**
 * Whether a view that was fitted to something still serves for what is to be seen now: nothing has left it, and it is
 * not much too wide. A plan that fits itself anew with every position would never stand still.
 */
export function stillFits(view: Viewport, points: readonly Metres[]): boolean {
  const { width_px, height_px } = view;
  if (!points.every((point) => isInside(view, toPixel(view, point)))) return false;
  return fit(points, width_px, height_px, 0).m_per_px >= view.m_per_px * WIDEST;
}

/** Nearer (factor over 1) or farther; what lies under the pixel stays under it. */
export function zoomAt(view: Viewport, factor: number, at: Pixel): Viewport {
  const held = toMetres(view, at);
  const m_per_px = bounded(view.m_per_px / factor);
  return {
    ...view,
    m_per_px,
    centre_m: [held[0] - (at[0] - view.width_px / 2) * m_per_px, held[1] - (view.height_px / 2 - at[1]) * m_per_px],
  };
}

/** Drags the plan by so many pixels. */
export function pan(view: Viewport, dx_px: number, dy_px: number): Viewport {
  const [east, north] = view.centre_m;
  return { ...view, centre_m: [east - dx_px * view.m_per_px, north + dy_px * view.m_per_px] };
}

export function centredOn(view: Viewport, centre_m: Metres): Viewport {
  return { ...view, centre_m };
}

/** The same part in a picture of another size. */
export function resized(view: Viewport, width_px: number, height_px: number): Viewport {
  return { ...view, width_px, height_px };
}

export function isInside(view: Viewport, [x, y]: Pixel): boolean {
  return x >= 0 && y >= 0 && x <= view.width_px && y <= view.height_px;
}

function bounded(m_per_px: number): number {
  return Math.min(COARSEST_M_PER_PX, Math.max(FINEST_M_PER_PX, m_per_px));
}
