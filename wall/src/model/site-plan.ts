/** Everything the map has to show, as places: its origin, and what has to fit into it. */

import type { GeoPoint, LatLon, SiteMap } from "./drone-contract.ts";
import type { HeardDrone } from "./drones.ts";
import { isPlace } from "./projection.ts";

export function geoPoint([lat, lon]: LatLon): GeoPoint {
  return { lat, lon };
}

/** Where metres are counted from: the site, else the middle of what stands on the map; null where nothing does. */
export function originOf(map: SiteMap | null, others: readonly GeoPoint[]): GeoPoint | null {
  if (map !== null && isPlace(map.site)) return map.site;
  const all = [...(map === null ? [] : standing(map)), ...others].filter(isPlace);
  if (all.length === 0) return null;
  const middle = (values: readonly number[]): number => (Math.min(...values) + Math.max(...values)) / 2;
  return { lat: middle(all.map(({ lat }) => lat)), lon: middle(all.map(({ lon }) => lon)) };
}

/** What stands still: cameras, docks and the corners of zones. */
export function standing(map: SiteMap): GeoPoint[] {
  return [...map.cameras, ...map.homes, ...map.zones.flatMap((zone) => zone.points.map(geoPoint))].filter(isPlace);
}

/** The last known place of a drone, however old, else its dock. */
export function placeOf({ drone }: HeardDrone): GeoPoint {
  const position = drone.telemetry?.position;
  return isPlace(position) ? position : drone.home;
}
