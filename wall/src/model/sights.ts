/**
 * What drones' cameras see on the ground. A place ages: only what stands in the newest frame, taken moments ago, is live.
 *
 *   live --not in the newest frame, or 2 s old--> seen (dim, with its age) --10 s old--> gone
 */

import type { GeoPoint, GroundSighting, SightsUpdate } from "./drone-contract.ts";
import { isPlace } from "./projection.ts";
import type { Pixel } from "./viewport.ts";

/** Somebody or something with a place, as last seen. */
export interface Sighted {
  readonly sighting: GroundSighting & { readonly place: GeoPoint };
  readonly frame: Frame;
}

/** When a frame was taken on the server's clock, and when its word came on the page's. */
export interface Frame {
  readonly capturedAtMs: number;
  readonly receivedAtMs: number;
}

export interface CameraSights {
  readonly cameraId: string;
  readonly droneId: string;
  readonly newest: Frame;
  readonly update: SightsUpdate;
  /** By track, also those the newest frame does not show. */
  readonly sighted: ReadonlyMap<number, Sighted>;
}

/** By camera. */
export type Sights = ReadonlyMap<string, CameraSights>;

export const NO_SIGHTS: Sights = new Map();
export const LIVE_MS = 2_000;
export const GONE_MS = 10_000;
/** How strongly the last of it is drawn: words must be readable as long as they stand. */
export const FAINTEST = 0.35;
/** Of one camera; the oldest go first. */
export const MOST_SIGHTED = 80;

/**
 * From one standard deviation to the ellipse that holds 95% (chi-square with two degrees of freedom, 5.991), and from the
 * root mean square error to the circle that does (at most; docs/drone-sight.md).
 */
export const SIGMA_TO_95 = Math.sqrt(5.991);
export const RMS_TO_95 = 2;

/** Takes a frame; one that is older than the newest of its camera changes nothing. */
export function withSights(sights: Sights, update: SightsUpdate, nowMs: number, offsetMs: number): Sights {
  const known = sights.get(update.camera_id);
  const frame: Frame = { capturedAtMs: Date.parse(update.captured_at), receivedAtMs: nowMs };
  if (Number.isNaN(frame.capturedAtMs) || (known !== undefined && frame.capturedAtMs < known.newest.capturedAtMs)) return sights;
  const sighted = new Map([...(known?.sighted ?? [])].filter(([, { frame: seen }]) => age_ms(seen, nowMs, offsetMs) < GONE_MS));
  for (const sighting of update.sightings) {
    const { place } = sighting;
    if (!isPlace(place)) continue;
    sighted.delete(sighting.track_id);
    sighted.set(sighting.track_id, { sighting: { ...sighting, place }, frame });
  }
  const kept = new Map([...sighted].slice(-MOST_SIGHTED));
  const camera = { cameraId: update.camera_id, droneId: update.drone_id, newest: frame, update, sighted: kept };
  return new Map(sights).set(update.camera_id, camera);
}

/** Without cameras of which nothing was told for so long that nothing of them is shown; the same where there is none. */
export function withoutGone(sights: Sights, nowMs: number, offsetMs: number): Sights {
  const kept = [...sights].filter(([, camera]) => age_ms(camera.newest, nowMs, offsetMs) < GONE_MS);
  return kept.length === sights.size ? sights : new Map(kept);
}

/** Age of a frame: by the server's clock, and never less than since its word came, however wrong that clock is. */
export function age_ms(frame: Frame, nowMs: number, offsetMs: number): number {
  return Math.max(0, nowMs + offsetMs - frame.capturedAtMs, nowMs - frame.receivedAtMs);
}

export interface SightView {
  readonly sighting: Sighted["sighting"];
  readonly cameraId: string;
  readonly isLive: boolean;
  readonly age_s: number;
  /** 1 while live, then less and less. */
  readonly strength: number;
}

/** What is to be drawn of a camera now: the faded first, so that the live lies over it. */
export function sightViews(camera: CameraSights, nowMs: number, offsetMs: number): SightView[] {
  const views = [...camera.sighted.values()].flatMap(({ sighting, frame }) => {
    const age = age_ms(frame, nowMs, offsetMs);
    if (age >= GONE_MS) return [];
    const isLive = frame === camera.newest && age < LIVE_MS;
    const strength = isLive ? 1 : 1 - (1 - FAINTEST) * (age / GONE_MS);
    return [{ sighting, cameraId: camera.cameraId, isLive, age_s: age / 1000, strength }];
  });
  return views.sort(liveLast);
}

/** Everything to draw of some cameras. */
export interface SightsPicture {
  readonly looks: readonly { readonly cameraId: string; readonly footprint: readonly GeoPoint[] }[];
  readonly views: readonly SightView[];
}

export function sightsPicture(cameras: readonly CameraSights[], nowMs: number, offsetMs: number): SightsPicture {
  const looks = cameras.map((camera) => ({ cameraId: camera.cameraId, footprint: liveFootprint(camera, nowMs, offsetMs) }));
  const views = cameras.flatMap((camera) => sightViews(camera, nowMs, offsetMs));
  return { looks: looks.filter(({ footprint }) => footprint.length > 0), views: views.sort(liveLast) };
}

function liveLast(a: SightView, b: SightView): number {
  return Number(a.isLive) - Number(b.isLive) || b.age_s - a.age_s;
}

/** What lies so close on the map that its shapes would cover each other: drawn as one, with its count. */
export interface SightGroup {
  /** Whose shape stands for all; the first. */
  readonly first: SightView;
  readonly all: readonly SightView[];
}

/**
 * Args:
 *   views: to be drawn.
 *   at: where each is drawn, in pixels.
 *   near_px: shapes nearer than this to that of a group belong to it; the live never to the old.
 */
export function sightGroups(views: readonly SightView[], at: readonly Pixel[], near_px: number): SightGroup[] {
  const groups: { first: SightView; pixel: Pixel; all: SightView[] }[] = [];
  views.forEach((view, i) => {
    const pixel = at[i] ?? [0, 0];
    const own = groups.find(
      (group) => group.first.isLive === view.isLive && Math.hypot(group.pixel[0] - pixel[0], group.pixel[1] - pixel[1]) < near_px,
    );
    if (own === undefined) groups.push({ first: view, pixel, all: [view] });
    else own.all.push(view);
  });
  return groups;
}

/** How many of each class, most first. */
export function classCounts(views: readonly SightView[]): [string, number][] {
  return grouped(views, ({ sighting }) => sighting.class_name).map(([name, ones]) => [name, ones.length]);
}

/** The ground in the picture, while that is now; else nothing. */
export function liveFootprint(camera: CameraSights, nowMs: number, offsetMs: number): readonly GeoPoint[] {
  const { footprint } = camera.update;
  const isLive = age_ms(camera.newest, nowMs, offsetMs) < LIVE_MS;
  return isLive && footprint.length > 2 && footprint.every(isPlace) ? footprint : [];
}

/** Metres that 95% of true places lie within; null where nobody tells. Rounded up: never surer than it is. */
export function within95_m({ error_m }: GroundSighting): number | null {
  return error_m === null ? null : Math.ceil(error_m * RMS_TO_95);
}

/** How the error lies on the ground: half axes of the 95% ellipse, and the bearing of the long one. */
export function ellipse95({ error_m, major_m, minor_m, major_bearing_deg }: GroundSighting): Ellipse | null {
  if (major_m !== null && minor_m !== null && major_bearing_deg !== null) {
    return { major_m: major_m * SIGMA_TO_95, minor_m: minor_m * SIGMA_TO_95, bearing_deg: major_bearing_deg };
  }
  return error_m === null ? null : { major_m: error_m * RMS_TO_95, minor_m: error_m * RMS_TO_95, bearing_deg: 0 };
}

/** How far an ellipse whose long half axis lies to the right is turned clockwise on a map with north up. */
export function turn_deg({ bearing_deg }: Ellipse): number {
  return bearing_deg - 90;
}

export interface Ellipse {
  readonly major_m: number;
  readonly minor_m: number;
  readonly bearing_deg: number;
}

/** What one camera sees now, counted: by class with the span of errors, and by why there is no place. */
export interface SightCount {
  readonly placed: readonly ClassCount[];
  readonly unplaced: readonly { readonly why: string; readonly count: number }[];
  /** Why nothing at all can be placed; empty where it can. */
  readonly blind: string;
}

export interface ClassCount {
  readonly className: string;
  readonly count: number;
  readonly least_m: number | null;
  readonly most_m: number | null;
}

/** null while the newest frame is not of now: counts of then are no counts. */
export function sightCount(camera: CameraSights, nowMs: number, offsetMs: number): SightCount | null {
  if (age_ms(camera.newest, nowMs, offsetMs) >= LIVE_MS) return null;
  const { sightings, unplaced: blind } = camera.update;
  const placed = grouped(sightings.filter(({ place }) => isPlace(place)), ({ class_name }) => class_name);
  const unplaced = grouped(sightings.filter(({ place }) => !isPlace(place)), (one) => (one.unplaced === "" ? "no_pose" : one.unplaced));
  return {
    placed: placed.map(([className, ones]) => {
      const errors = ones.map(within95_m).filter((error) => error !== null);
      const span = errors.length === 0 ? [null, null] : [Math.min(...errors), Math.max(...errors)];
      return { className, count: ones.length, least_m: span[0] ?? null, most_m: span[1] ?? null };
    }),
    unplaced: unplaced.map(([why, ones]) => ({ why, count: ones.length })),
    blind,
  };
}

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return [...groups].sort(([a, ones], [b, others]) => others.length - ones.length || (a < b ? -1 : 1));
}
