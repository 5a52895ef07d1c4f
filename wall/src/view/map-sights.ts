/** What drones' cameras see, on the map: shape and word of the class, error as an ellipse, dimmed with its age, then gone. */

import { nothing, svg } from "lit";
import type { SVGTemplateResult } from "lit";

import { translate, word } from "../i18n/index.ts";
import type { Language } from "../i18n/index.ts";
import { boxAt, centredBox, freePlaces } from "../model/labels.ts";
import type { Box } from "../model/labels.ts";
import { isOutline, sightShape } from "../model/sight-shapes.ts";
import { classCounts, ellipse95, sightGroups, turn_deg, within95_m } from "../model/sights.ts";
import type { SightGroup, SightView } from "../model/sights.ts";
import type { GeoPoint } from "../model/drone-contract.ts";
import { LETTER_PX, pointList } from "./map-layers.ts";
import type { Drawing } from "./map-layers.ts";

/** From the middle of a symbol down to its words: below it, else above; in design pixels. */
const WORDS_PX: readonly number[] = [21, -12];
/** Half a shape, in design pixels. */
const HALF_PX = 8;
/** Shapes nearer than this would cover each other, or leave their words no room. */
const NEAR_PX = 20;

/** The ground that is in the picture now. */
export function footprintLayer(drawing: Drawing, footprint: readonly GeoPoint[], cameraId: string): SVGTemplateResult | typeof nothing {
  if (footprint.length === 0) return nothing;
  return svg`<polygon class="footprint" data-camera-id=${cameraId} points=${pointList(footprint.map(drawing.at))}></polygon>`;
}

/** What is drawn with one shape. */
export function groupsOf(drawing: Drawing, views: readonly SightView[]): SightGroup[] {
  const pixels = views.map((view) => drawing.at(view.sighting.place));
  return sightGroups(views, pixels, NEAR_PX * drawing.scale);
}

/** Room that the shapes take. */
export function sightBoxes(drawing: Drawing, groups: readonly SightGroup[]): Box[] {
  const half = HALF_PX * drawing.scale;
  return groups.map(({ first }) => {
    const [x, y] = drawing.at(first.sighting.place);
    return boxAt([x - half, y - half], 2 * half, 2 * half);
  });
}

/** Args: taken: words that stand already; who finds no room for its own keeps its shape, and its words under the pointer. */
export function sightLayer(drawing: Drawing, groups: readonly SightGroup[], taken: readonly Box[]): SVGTemplateResult {
  const words = groups.map((group) => groupWords(drawing.language, group));
  const boxes = groups.map(({ first }, i) => {
    const [x, y] = drawing.at(first.sighting.place);
    return WORDS_PX.map((down) => centredBox([x, y + down * drawing.scale], [words[i] ?? ""], LETTER_PX * drawing.scale));
  });
  // The live come last and are drawn over the others; their words come first.
  const places = freePlaces([...boxes].reverse(), [...taken, ...sightBoxes(drawing, groups)]).reverse();
  return svg`<g class="sights">${groups.map(({ all }) => all.map((view) => errorShape(drawing, view)))}
    ${groups.map(({ all }) => all.slice(1).map((view) => dot(drawing, view)))}
    ${groups.map(({ first }, i) => symbol(drawing, first, words[i] ?? "", WORDS_PX[places[i] ?? -1]))}</g>`;
}

function errorShape(drawing: Drawing, { sighting, isLive, strength }: SightView): SVGTemplateResult | typeof nothing {
  const ellipse = ellipse95(sighting);
  if (ellipse === null) return nothing;
  const [x, y] = drawing.at(sighting.place);
  const turned = `translate(${x.toFixed(1)} ${y.toFixed(1)}) rotate(${turn_deg(ellipse)})`;
  const [rx, ry] = [ellipse.major_m, ellipse.minor_m].map((metres) => (metres / drawing.m_per_px).toFixed(1));
  return svg`<ellipse class="error ${isLive ? "live" : "old"}" transform=${turned} rx=${rx} ry=${ry} opacity=${strength.toFixed(2)}></ellipse>`;
}

/** Where one of a group stands that has no shape of its own. */
function dot(drawing: Drawing, { sighting, isLive }: SightView): SVGTemplateResult {
  const [x, y] = drawing.at(sighting.place);
  return svg`<circle class="one ${isLive ? "live" : "old"}" cx=${x.toFixed(1)} cy=${y.toFixed(1)} r=${2.2 * drawing.scale}></circle>`;
}

function symbol(drawing: Drawing, { sighting, cameraId, isLive, strength }: SightView, words: string, down_px: number | undefined): SVGTemplateResult {
  const [x, y] = drawing.at(sighting.place);
  const { scale } = drawing;
  const look = `${isLive ? "live" : "old"} ${isOutline(sighting.class_name) ? "outline" : ""}`;
  return svg`<g class="sight ${look}" data-sight="${cameraId}/${sighting.track_id}" data-live=${isLive} opacity=${strength.toFixed(2)}>
    <title>${words}</title>
    <path class="shape" transform="translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${scale})" d=${sightShape(sighting.class_name)}></path>
    ${down_px === undefined ? nothing : svg`<text x=${x.toFixed(1)} y=${(y + down_px * scale).toFixed(1)} text-anchor="middle">${words}</text>`}
  </g>`;
}

/** Of one what `sightWords` says; of several how many of each class: `人员 12 · 卡车 4`. */
export function groupWords(language: Language, { first, all }: SightGroup): string {
  if (all.length === 1) return sightWords(language, first);
  const counts = classCounts(all).map(([name, count]) => `${word(language, "class", name)} ${count}`);
  return [...counts, ...(first.isLive ? [] : [agoWords(language, first)])].join(" · ");
}

/** `人员 ±9 m` while it is live; `人员 4 秒前` once it is not. */
export function sightWords(language: Language, view: SightView): string {
  const what = word(language, "class", view.sighting.class_name);
  if (!view.isLive) return `${what} ${agoWords(language, view)}`;
  const error_m = within95_m(view.sighting);
  return error_m === null ? what : `${what} ±${error_m} m`;
}

function agoWords(language: Language, { age_s }: SightView): string {
  return translate(language, "sights.ago", { seconds: Math.max(1, Math.floor(age_s)) });
}
