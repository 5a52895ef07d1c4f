/** A drone on the map. One that is not heard now is a grey outline, crossed, with the seconds of its silence. */

import { nothing, svg } from "lit";
import type { SVGTemplateResult } from "lit";

import type { LabelPlace } from "../model/labels.ts";
import type { GeoPoint } from "../model/drone-contract.ts";
import { height } from "../model/drones.ts";
import type { DroneView, HeardDrone } from "../model/drones.ts";
import { linkWords, percentWords } from "./drone-words.ts";
import type { Drawing } from "./map-layers.ts";

export interface DrawnDrone {
  readonly heard: HeardDrone;
  readonly view: DroneView;
  readonly chosen: boolean;
  /** Where it is drawn: its last known position. */
  readonly at: GeoPoint;
  readonly label: LabelPlace;
}

/** Room its words take, in design pixels. */
export const LABEL_PX = { width: 118, height: 32, gap: 19 } as const;

export function droneSymbol(drawing: Drawing, drawn: DrawnDrone): SVGTemplateResult {
  const { view, heard, chosen } = drawn;
  const { drone } = heard;
  const [x, y] = drawing.at(drawn.at);
  const { scale } = drawing;
  const heading = view.position?.heading_deg ?? null;
  const live = view.isCurrent ? (view.isAirborne ? "airborne" : "grounded") : "gone";
  const [left, top] = drawn.label.at;
  const isRight = drawn.label.side === "right";
  const [words, anchor] = isRight ? [left, "start"] : [left + LABEL_PX.width * scale, "end"];
  return svg`<g class="drone ${live} ${chosen ? "chosen" : ""}" data-drone-id=${drone.id} data-link=${view.link} data-current=${view.isCurrent}>
    <title>${drone.name}</title>
    <circle class="ring" cx=${x} cy=${y} r=${15 * scale}></circle>
    ${heading === null
      ? svg`<circle class="body" cx=${x} cy=${y} r=${7 * scale}></circle>`
      : svg`<path class="body" transform="translate(${x} ${y}) rotate(${heading}) scale(${scale})" d="M0 -12L8 9L0 4.500L-8 9Z"></path>`}
    ${live === "gone" ? cross(x, y, 12 * scale) : nothing}
    <text class="name" x=${words} y=${top + 13 * scale} text-anchor=${anchor}>${drone.name}</text>
    <text class="facts" x=${words} y=${top + 28 * scale} text-anchor=${anchor}>${facts(drawing, drawn)}</text>
  </g>`;
}

function cross(x: number, y: number, r: number): SVGTemplateResult {
  return svg`<path class="cross" d="M${x - r} ${y - r}L${x + r} ${y + r}M${x + r} ${y - r}L${x - r} ${y + r}"></path>`;
}

/** Height and battery while it is live; else since when nothing is heard, and nothing that looks like now. */
function facts(drawing: Drawing, { view, heard }: DrawnDrone): string {
  if (!view.isCurrent || view.position === null) return linkWords(drawing.language, view);
  const battery = percentWords(heard.drone.telemetry?.battery_percent ?? null);
  return `↑${Math.round(height(view.position).metres)} m · ${battery}`;
}
