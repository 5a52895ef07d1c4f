/** Words of the page, English: the map. */

import type { map as zh } from "../zh/map.ts";

export const map: Readonly<Record<keyof typeof zh, string>> = {
  "map.label": "Plan of the site: {drones} drones, {zones} zones, {sights} seen on the ground. Arrow keys move, plus and minus zoom, 0 shows all",
  "map.home": "Dock: {name}",
  "map.north": "N",
  "map.nearer": "Nearer",
  "map.farther": "Farther",
  "map.all": "Show all",
  "map.old": "The map is as of {time}; zones may have changed",
  "map.zones_unknown": "The drone service has not told of its zones: none drawn does not mean none",
  "map.nothing": "Nothing with a place",
  "map.nothing_why": "Give cameras a place, or configure fleet and airspace.",

  "zone.keep_in": "Keep in",
  "zone.keep_in_off": "Keep in (not active)",
  "zone.no_fly": "No fly",
  "zone.timed_on": "Timed no fly · ACTIVE",
  "zone.timed_off": "Timed no fly · not active",

  "sights.title": "What its camera sees",
  "sights.legend": "Shapes of what is seen on the ground",
  "sights.error": "Error: 95% lie within",
  "sights.old": "Seen before, gone after 10 s",
  "sights.footprint": "Ground in the picture",
  "sights.ago": "{seconds} s ago",
  "sights.stale": "Places are {seconds} s old",
  "sights.blind": "Nothing can be placed: {why}",
  "sights.unplaced": "{count} not placed: {why}",
  "sights.none": "Nothing in the picture",
  "sights.untold": "Its picture is not analysed",

  "unplaced.no_pose": "attitude or position of the aircraft unknown",
  "unplaced.pose_old": "the aircraft's attitude is too old",
  "unplaced.gimbal_unknown": "nobody tells where the camera looks",
  "unplaced.too_low": "flies too low",
  "unplaced.above_horizon": "over the horizon",
  "unplaced.grazing": "look too nearly level",
  "unplaced.too_far": "too far, its error too large",
  "unplaced.terrain_unknown": "the terrain file has no height there",
  "unplaced.cut_off": "cut off by the picture's edge",
  "unplaced.no_track": "about no single object",
};
