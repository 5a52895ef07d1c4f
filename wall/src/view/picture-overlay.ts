/**
 * Boxes, zones and lines over a picture; an SVG letterboxed exactly like the video under it. Boxes are drawn anew with the
 * pictures the tile paints, and with each update of the tracks while it is not known when those were captured.
 */

import { css, html, nothing, svg } from "lit";
import type { PropertyValues, SVGTemplateResult, TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";

import { Watch } from "../app/controllers.ts";
import { store, tracks } from "../app/wall.ts";
import type { Camera, Level, PicturePoint, TrackBox } from "../model/contract.ts";
import { BOXES_LIVE_MS, boxConfidence, freshBoxes } from "../model/tracks.ts";
import { WallElement } from "./element.ts";

/** Every picture of 15 a second, every other one of 25: more would cost and not be seen. */
const REDRAW_MS = 60;

export class PictureOverlay extends WallElement {
  static override styles = css`
    :host {
      position: absolute;
      inset: 0;
      pointer-events: none;
    }
    svg {
      display: block;
      width: 100%;
      height: 100%;
    }
    rect,
    polygon,
    line {
      fill: none;
      vector-effect: non-scaling-stroke;
    }
    .halo {
      stroke: rgb(0 0 0 / 0.55);
      stroke-width: calc(3.5px * var(--room-scale));
    }
    .box {
      stroke: var(--text);
      stroke-width: calc(1.5px * var(--room-scale));
    }
    .box.red {
      stroke: var(--red);
    }
    .box.orange {
      stroke: var(--orange);
    }
    .box.yellow {
      stroke: var(--yellow);
    }
    .box.blue {
      stroke: var(--blue);
    }
    .box.red,
    .box.orange,
    .box.yellow,
    .box.blue {
      stroke-width: calc(2.5px * var(--room-scale));
    }
    .zone {
      stroke-width: calc(1.5px * var(--room-scale));
      stroke-dasharray: 5 4;
      stroke: currentColor;
      fill: currentColor;
      fill-opacity: 0.1;
      stroke-opacity: 0.8;
    }
    .red {
      color: var(--red);
    }
    .orange {
      color: var(--orange);
    }
    .yellow {
      color: var(--yellow);
    }
    .blue {
      color: var(--blue);
    }
    .none {
      color: var(--dim);
    }
    text {
      font-family: var(--sans);
      fill: var(--text);
      paint-order: stroke;
      stroke: rgb(0 0 0 / 0.75);
      stroke-width: 4px;
      stroke-linejoin: round;
    }
  `;

  @property({ attribute: false }) camera: Camera | null = null;
  /** Words on the boxes: only where the picture is large. */
  @property({ type: Boolean }) labels = false;
  @property({ type: Boolean }) zones = false;
  /** Boxes only over a moving picture. */
  @property({ type: Boolean }) boxes = false;

  protected readonly watch = new Watch(this, (s) => [s.book]);
  @state() private shown: readonly TrackBox[] = [];
  private stop: (() => void) | null = null;
  private fading: ReturnType<typeof setTimeout> | undefined;
  private listeningTo: string | null = null;
  /** When the picture under the boxes was captured, by the server's clock. */
  private paintedMs: number | null = null;
  private drawnAtMs = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    this.follow();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop?.();
    this.stop = null;
    this.listeningTo = null;
    this.paintedMs = null;
    this.shown = [];
    clearTimeout(this.fading);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("camera")) this.follow();
    if (changed.has("camera") || changed.has("boxes")) this.draw();
  }

  private follow(): void {
    const id = this.camera?.id ?? null;
    if (id === this.listeningTo) return;
    this.stop?.();
    this.listeningTo = id;
    this.paintedMs = null;
    this.stop = id === null ? null : tracks.listen(id, () => this.analysed());
  }

  /** The tile painted a picture that was captured at this instant of the server's clock, null while that is not known. */
  painted(capturedMs: number | null): void {
    this.paintedMs = capturedMs;
    if (capturedMs !== null && performance.now() - this.drawnAtMs >= REDRAW_MS) this.draw();
  }

  private analysed(): void {
    if (this.paintedMs === null) this.draw();
  }

  private draw(): void {
    const boxes = this.isConnected && this.boxes && this.camera !== null ? this.boxesOf(this.camera) : [];
    if (boxes.length === 0 && this.shown.length === 0) return;
    this.shown = boxes;
    this.drawnAtMs = performance.now();
    clearTimeout(this.fading);
    if (boxes.length > 0) this.fading = setTimeout(() => this.draw(), BOXES_LIVE_MS + 50);
  }

  override render(): TemplateResult {
    const camera = this.camera;
    if (camera === null) return html``;
    const stream = camera.streams.main;
    const width = stream.width_px > 0 ? stream.width_px : 1280;
    const height = stream.height_px > 0 ? stream.height_px : 720;
    const levels = levelsOfTracks(camera.id);
    return html`<svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="xMidYMid meet" aria-hidden="true">
      ${this.zones ? this.areas(camera, width, height) : nothing}
      ${this.shown.map((box) => this.box(box, levels.get(box.track_id), width, height))}
    </svg>`;
  }

  private boxesOf(camera: Camera): readonly TrackBox[] {
    const { offsetMs } = store.state.link;
    return freshBoxes(tracks.newestOf(camera.id), Date.now(), offsetMs, boxConfidence(camera), this.paintedMs);
  }

  private box(track: TrackBox, level: Level | undefined, width: number, height: number): SVGTemplateResult {
    const [left, top, right, bottom] = track.box_xyxy;
    const x = left * width;
    const y = top * height;
    const w = Math.max(0, right - left) * width;
    const h = Math.max(0, bottom - top) * height;
    const size = height * 0.026;
    return svg`<rect class="halo" x=${x} y=${y} width=${w} height=${h}></rect>
      <rect class="box ${level ?? ""}" data-track-id=${track.track_id} x=${x} y=${y} width=${w} height=${h}></rect>
      ${this.labels
        ? svg`<text x=${x} y=${Math.max(size, y - size * 0.35)} font-size=${size}>${this.word("class", track.class_name)} ${Math.round(track.confidence * 100)}%</text>`
        : nothing}`;
  }

  private areas(camera: Camera, width: number, height: number): SVGTemplateResult[] {
    const size = height * 0.032;
    const zones = camera.zones.map((zone) => {
      const level = camera.rules.find((rule) => rule.zone === zone.id)?.level ?? "none";
      const [x, y] = zone.points[0] ?? [0, 0];
      return svg`<polygon class="zone ${level}" points=${scaled(zone.points, width, height)}></polygon>
        <text x=${x * width} y=${Math.max(size, y * height - size * 0.4)} font-size=${size}>${zone.name === "" ? zone.id : zone.name}</text>`;
    });
    const lines = camera.rules.flatMap((rule) => {
      if (!rule.line) return [];
      const [[ax, ay], [bx, by]] = rule.line;
      return svg`<line class="zone ${rule.level}" x1=${ax * width} y1=${ay * height} x2=${bx * width} y2=${by * height}></line>
        <text x=${ax * width} y=${Math.max(size, ay * height - size * 0.4)} font-size=${size}>${rule.name === "" ? rule.id : rule.name}</text>`;
    });
    return [...zones, ...lines];
  }
}

function scaled(points: readonly PicturePoint[], width: number, height: number): string {
  return points.map(([x, y]) => `${x * width},${y * height}`).join(" ");
}

function levelsOfTracks(cameraId: string): ReadonlyMap<number, Level> {
  const found = new Map<number, Level>();
  for (const alert of store.state.book.byId.values()) {
    const current = alert.camera_id === cameraId && alert.state === "new" && alert.ended_at === null;
    if (current && alert.track_id !== null) found.set(alert.track_id, alert.level);
  }
  return found;
}

customElements.define("lookout-picture-overlay", PictureOverlay);
