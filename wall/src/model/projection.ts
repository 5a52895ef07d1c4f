/**
 * WGS-84 degrees to metres east and north of a place, and back.
 *
 * Radii of curvature of the ellipsoid at the middle latitude (Source: Snyder, Map Projections, USGS PP 1395, 4-20, 4-21);
 * within 10 km of the origin it is closer than a metre to the ellipsoid's own distances, far below a pixel.
 */

import type { GeoPoint } from "./drone-contract.ts";

/** Metres [east, north] of the origin. */
export type Metres = readonly [number, number];

const SEMI_MAJOR_M = 6_378_137;
const ECCENTRICITY_SQUARED = 6.694_379_990_14e-3;
const DEGREE = Math.PI / 180;

/** Radii at a latitude: along the meridian, and of the parallel circle. */
function radii(lat: number): { north_m: number; east_m: number } {
  const sine = Math.sin(lat * DEGREE);
  const w = 1 - ECCENTRICITY_SQUARED * sine * sine;
  return {
    north_m: (SEMI_MAJOR_M * (1 - ECCENTRICITY_SQUARED)) / (w * Math.sqrt(w)),
    east_m: (SEMI_MAJOR_M / Math.sqrt(w)) * Math.cos(lat * DEGREE),
  };
}

/** Metres east and north of the origin. */
export function project(origin: GeoPoint, point: GeoPoint): Metres {
  const { north_m, east_m } = radii((origin.lat + point.lat) / 2);
  return [(point.lon - origin.lon) * DEGREE * east_m, (point.lat - origin.lat) * DEGREE * north_m];
}

/** The position so many metres from the origin. */
export function unproject(origin: GeoPoint, [east, north]: Metres): GeoPoint {
  const first = origin.lat + north / radii(origin.lat).north_m / DEGREE;
  const lat = origin.lat + north / radii((origin.lat + first) / 2).north_m / DEGREE;
  return { lat, lon: origin.lon + east / radii((origin.lat + lat) / 2).east_m / DEGREE };
}

/** Straight distance on the ground. */
export function distance_m(from: GeoPoint, to: GeoPoint): number {
  return Math.hypot(...project(from, to));
}

/** Whether a position is one: a receiver without a fix says 0, 0. */
export function isPlace(point: GeoPoint | null | undefined): point is GeoPoint {
  if (point === null || point === undefined) return false;
  const known = Number.isFinite(point.lat) && Number.isFinite(point.lon);
  return known && Math.abs(point.lat) <= 90 && Math.abs(point.lon) <= 180 && (point.lat !== 0 || point.lon !== 0);
}
