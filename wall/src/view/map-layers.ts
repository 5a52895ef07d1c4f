/** Layers of the map, each a function from what is known to SVG; the view comes in, nothing is kept. */

import { nothing, svg } from "lit";
import type { SVGTemplateResult } from "lit";

import { translate, word } from "../i18n/index.ts";
import type { Language } from "../i18n/index.ts";
import type { AirZone, GeoPoint, MapCamera, MapHome, PlanPoint } from "../model/drone-contract.ts";
import type { Level } from "../model/contract.ts";
import { cone, USUAL_FOV_DEG } from "../model/cones.ts";
import { centredBox, keptLabels } from "../model/labels.ts";
import type { Box } from "../model/labels.ts";
import { LEVEL_SHAPE } from "../model/levels.ts";
import type { RouteParts } from "../model/route.ts";
import type { Grid } from "../model/scale-bar.ts";
import { geoPoint } from "../model/site-plan.ts";
import type { Trail } from "../model/trail.ts";
import { segments } from "../model/trail.ts";
import type { Pixel } from "../model/viewport.ts";
import { drawnOrder, heights, ZONE_WORDS, zoneLook } from "../model/zones.ts";

/** How a map is drawn now. */
export interface Drawing {
  readonly language: Language;
  readonly at: (point: GeoPoint) => Pixel;
  /** Pixels per design pixel: symbols grow with the room's scale. */
  readonly scale: number;
  readonly m_per_px: number;
}

const CONE_M = 60;
/** Height of letters, and from a camera down to its name; in design pixels. */
export const LETTER_PX = 12;
const CAMERA_NAME_PX = 18;

export function gridLayer(grid: Grid, width_px: number, height_px: number): SVGTemplateResult {
  const lines = [
    ...grid.xs.map((x) => `M${x.toFixed(1)} 0V${height_px}`),
    ...grid.ys.map((y) => `M0 ${y.toFixed(1)}H${width_px}`),
  ];
  return svg`<path class="grid" d=${lines.join("")}></path>`;
}

/** Hatchings of the zones; every look has a direction of its own. */
export function hatchings(scale: number): SVGTemplateResult {
  const step = 8 * scale;
  return svg`<defs>
    <pattern id="hatch-no-fly" patternUnits="userSpaceOnUse" width=${step} height=${step}>
      <path class="hatch forbidden" d="M0 ${step}L${step} 0M0 0L${step} ${step}"></path>
    </pattern>
    <pattern id="hatch-timed-on" patternUnits="userSpaceOnUse" width=${step} height=${step}>
      <path class="hatch timed" d="M0 ${step}L${step} 0"></path>
    </pattern>
    <pattern id="hatch-timed-off" patternUnits="userSpaceOnUse" width=${step} height=${step}>
      <circle class="hatch-dot" cx=${step / 2} cy=${step / 2} r=${scale}></circle>
    </pattern>
  </defs>`;
}

export function zoneLayer(drawing: Drawing, zones: readonly AirZone[]): SVGTemplateResult {
  return svg`<g class="zones">${drawnOrder(zones).map((zone) => zoneShape(drawing, zone))}</g>`;
}

interface ZoneLabel {
  readonly lines: readonly string[];
  readonly at: Pixel;
}

/** A zone's words, and where they stand. */
function zoneLabel(drawing: Drawing, zone: AirZone): ZoneLabel {
  const look = zoneLook(zone);
  const corners = zone.points.map((point) => drawing.at(geoPoint(point)));
  const words = `${translate(drawing.language, ZONE_WORDS[look])} · ${zone.name === "" ? zone.id : zone.name}`;
  const more = [zone.active.join(" "), heights(zone)].filter((part) => part !== "").join(" · ");
  const line = 15 * drawing.scale;
  const ys = corners.map(([, y]) => y);
  const small = Math.max(...ys) - Math.min(...ys) < 5 * line;
  // In a small zone the words would cover its hatching: they stand above it.
  const above = more === "" ? 0 : line;
  const at = zone.kind === "keep_in" || small ? topOf(corners, above + 6 * drawing.scale) : middleOf(corners);
  return { lines: more === "" ? [words] : [words, more], at };
}

/** Room that the words of the zones take. */
export function zoneLabelBoxes(drawing: Drawing, zones: readonly AirZone[]): Box[] {
  return zones.map((zone) => {
    const { lines, at } = zoneLabel(drawing, zone);
    return centredBox(at, lines, LETTER_PX * drawing.scale);
  });
}

function zoneShape(drawing: Drawing, zone: AirZone): SVGTemplateResult {
  const look = zoneLook(zone);
  const points = pointList(zone.points.map((point) => drawing.at(geoPoint(point))));
  const { lines, at } = zoneLabel(drawing, zone);
  const [x, y] = at;
  const [words, more] = lines;
  return svg`<g class="zone ${look}" data-zone-id=${zone.id} data-look=${look}>
    <title>${lines.join(" · ")}</title>
    <polygon class="area" points=${points}></polygon>
    <polygon class="edge" points=${points}></polygon>
    <text class="zone-name" x=${x} y=${y} text-anchor="middle">${words}</text>
    ${more === undefined ? nothing : svg`<text class="zone-more" x=${x} y=${y + 15 * drawing.scale} text-anchor="middle">${more}</text>`}
  </g>`;
}

/** Room that the names of cameras take. */
export function cameraNameBoxes(drawing: Drawing, cameras: readonly MapCamera[]): Box[] {
  const below = CAMERA_NAME_PX * drawing.scale;
  return cameras.map((camera) => {
    const [x, y] = drawing.at(camera);
    return centredBox([x, y + below], [camera.name], LETTER_PX * drawing.scale);
  });
}

/** Cameras with their view; a name that would cover another, or words in `taken`, is left to the pointer. */
export function cameraLayer(
  drawing: Drawing,
  cameras: readonly MapCamera[],
  chosenId: string | null,
  taken: readonly Box[],
): SVGTemplateResult {
  const named = keptLabels(cameraNameBoxes(drawing, cameras), taken);
  return svg`<g class="cameras">${cameras.map((camera, i) =>
    cameraShape(drawing, camera, camera.id === chosenId, named[i] === true),
  )}</g>`;
}

function cameraShape(drawing: Drawing, camera: MapCamera, chosen: boolean, named: boolean): SVGTemplateResult {
  const { scale } = drawing;
  const apex = drawing.at(camera);
  const look = cameraLook(camera);
  const length = Math.min(110 * scale, Math.max(26 * scale, CONE_M / drawing.m_per_px));
  const [x, y] = apex;
  const state = word(drawing.language, "state", camera.state);
  const size = 5 * scale;
  return svg`<g class="camera ${look} ${chosen ? "chosen" : ""}" data-camera-id=${camera.id}>
    <title>${camera.name} · ${state}</title>
    ${camera.bearing_deg === null
      ? nothing
      : svg`<polygon class="cone" points=${pointList(cone(apex, camera.bearing_deg, camera.fov_deg ?? USUAL_FOV_DEG, length))}></polygon>`}
    <rect class="body" x=${x - size} y=${y - size} width=${2 * size} height=${2 * size}></rect>
    ${look === "offline" ? svg`<path class="slash" d="M${x - size} ${y + size}L${x + size} ${y - size}"></path>` : nothing}
    ${look === "unknown" ? svg`<text class="doubt" x=${x} y=${y + size * 0.75} text-anchor="middle">?</text>` : nothing}
    ${named || chosen ? svg`<text x=${x} y=${y + CAMERA_NAME_PX * scale} text-anchor="middle">${camera.name}</text>` : nothing}
  </g>`;
}

/** A camera nobody watches is neither online nor offline. */
function cameraLook(camera: MapCamera): "online" | "offline" | "unknown" {
  if (camera.state === "disabled" || camera.state === "unobserved") return "unknown";
  return camera.state === "streaming" || camera.state === "degraded" ? "online" : "offline";
}

export function homeLayer(drawing: Drawing, homes: readonly MapHome[]): SVGTemplateResult {
  const r = 9 * drawing.scale;
  return svg`<g class="homes">${homes.map((home) => {
    const [x, y] = drawing.at(home);
    return svg`<g class="home"><title>${translate(drawing.language, "map.home", { name: home.name })}</title>
      <circle cx=${x} cy=${y} r=${r}></circle>
      <text x=${x} y=${y + r / 2} text-anchor="middle">H</text></g>`;
  })}</g>`;
}

export type RouteLook = "planned" | "chosen" | "flying" | "left";

/** A route: what was flown is thin and dotted, what lies ahead is wide with arrows, what will not be flown is dotted. */
export function routeLayer(drawing: Drawing, parts: RouteParts, look: RouteLook, patrolId: string): SVGTemplateResult {
  const passed = parts.passed.map(drawing.at);
  const ahead = parts.ahead.map(drawing.at);
  const numbered = look === "flying" || look === "chosen";
  return svg`<g class="route ${look}" data-patrol-id=${patrolId} data-passed=${parts.passed.length}>
    ${passed.length > 1 ? svg`<polyline class="passed" points=${pointList(passed)}></polyline>` : nothing}
    ${ahead.length > 1 ? svg`<polyline class="ahead" points=${pointList(ahead)}></polyline>` : nothing}
    ${look === "flying" || look === "chosen" ? arrows(ahead, drawing.scale) : nothing}
    ${numbered ? waypoints(drawing, parts) : nothing}
  </g>`;
}

function waypoints(drawing: Drawing, parts: RouteParts): SVGTemplateResult[] {
  const all = [...parts.passed, ...parts.ahead.slice(parts.passed.length > 0 ? 1 : 0)];
  const work = all.filter((point) => point.kind === "work");
  const apart = 16 * drawing.scale;
  let last: Pixel = [-Infinity, -Infinity];
  return work.flatMap((point: PlanPoint, i) => {
    const pixel = drawing.at(point);
    const done = parts.passed.includes(point);
    // Hundreds of points of a survey would be a smear: those too near to the one before are left out.
    if (Math.hypot(pixel[0] - last[0], pixel[1] - last[1]) < apart) return [];
    last = pixel;
    const r = 7 * drawing.scale;
    return svg`<g class="waypoint ${done ? "done" : ""}"><circle cx=${pixel[0]} cy=${pixel[1]} r=${r}></circle>
      <text x=${pixel[0]} y=${pixel[1] + r / 2} text-anchor="middle">${done ? "✓" : i + 1}</text></g>`;
  });
}

/** Arrow heads in the middle of legs that are long enough to bear one. */
function arrows(points: readonly Pixel[], scale: number): SVGTemplateResult[] {
  return points.slice(1).flatMap((to, i) => {
    const from = points[i] ?? to;
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
    if (length < 40 * scale) return [];
    const degrees = (Math.atan2(to[1] - from[1], to[0] - from[0]) * 180) / Math.PI;
    const middle = `${(from[0] + to[0]) / 2} ${(from[1] + to[1]) / 2}`;
    const turned = `translate(${middle}) rotate(${degrees}) scale(${scale})`;
    return svg`<path class="arrow" transform=${turned} d="M-4 -5L5 0L-4 5"></path>`;
  });
}

export function trailLayer(drawing: Drawing, trail: Trail): SVGTemplateResult {
  return svg`<g class="trail">${segments(trail).map(
    (line) => svg`<polyline points=${pointList(line.map(drawing.at))}></polyline>`,
  )}</g>`;
}

/** Room that the mark of an alert takes. */
export function placeBox(drawing: Drawing, place: GeoPoint): Box {
  const [x, y] = drawing.at(place);
  const { scale } = drawing;
  return { left: x - 9 * scale, top: y - 32 * scale, right: x + 9 * scale, bottom: y + 3 * scale };
}

/** The place of an alert: its level's shape on a spike, in the circle that 95% of true places lie within, where known. */
export function placeMark(drawing: Drawing, place: GeoPoint, error_m: number | null, level: Level, words: string): SVGTemplateResult {
  const [x, y] = drawing.at(place);
  const { scale } = drawing;
  return svg`<g class="place ${level}"><title>${words}</title>
    ${error_m === null ? nothing : svg`<circle class="error" cx=${x} cy=${y} r=${error_m / drawing.m_per_px}></circle>`}
    <path class="spike" d="M${x} ${y}V${y - 14 * scale}"></path>
    <circle class="foot" cx=${x} cy=${y} r=${3 * scale}></circle>
    <text x=${x} y=${y - 16 * scale} text-anchor="middle">${LEVEL_SHAPE[level]}</text>
  </g>`;
}

export function pointList(points: readonly Pixel[]): string {
  return points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
}

function middleOf(points: readonly Pixel[]): Pixel {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  return [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
}

function topOf(points: readonly Pixel[], gap_px: number): Pixel {
  const [x] = middleOf(points);
  return [x, Math.min(...points.map(([, y]) => y)) - gap_px];
}
