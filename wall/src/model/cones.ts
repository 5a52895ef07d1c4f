/** The sector a camera sees, drawn schematically: how far it sees is not known. */

import type { Pixel } from "./viewport.ts";

/** Where a camera's angle is not configured. */
export const USUAL_FOV_DEG = 70;
const STEP_DEG = 10;

/**
 * Args:
 *   apex: where the camera stands.
 *   bearing_deg: clockwise from north; it looks along the middle of the sector.
 *   fov_deg: whole angle of the sector.
 *   radius_px: its length.
 *
 * Returns:
 *   Corners of the polygon, the apex first; a camera that sees all round has a circle without its apex.
 */
export function cone(apex: Pixel, bearing_deg: number, fov_deg: number, radius_px: number): Pixel[] {
  const angle = Math.min(360, Math.max(1, fov_deg));
  const count = Math.max(2, Math.ceil(angle / STEP_DEG));
  const arc = Array.from({ length: count + 1 }, (_, i) => {
    const bearing = bearing_deg - angle / 2 + (angle * i) / count;
    return along(apex, bearing, radius_px);
  });
  return angle === 360 ? arc : [apex, ...arc];
}

/** The pixel in a direction, clockwise from north. */
export function along([x, y]: Pixel, bearing_deg: number, length_px: number): Pixel {
  const radians = (bearing_deg * Math.PI) / 180;
  return [x + Math.sin(radians) * length_px, y - Math.cos(radians) * length_px];
}
