/** A plan that is dragged, zoomed and reached by keys: what all maps have, whatever they draw. */

import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";

import type { Metres } from "../model/projection.ts";
import { scaleBar } from "../model/scale-bar.ts";
import { fit, pan, resized, stillFits, zoomAt } from "../model/viewport.ts";
import type { Pixel, Viewport } from "../model/viewport.ts";
import { WallElement } from "./element.ts";

/** Kept free around what is shown. */
export const MARGIN_PX = 44;
const STEP_PX = 60;
const ZOOM = 1.3;
const DRAG_PX = 3;

const KEYS: Readonly<Record<string, (view: Viewport) => Viewport>> = {
  ArrowLeft: (view) => pan(view, STEP_PX, 0),
  ArrowRight: (view) => pan(view, -STEP_PX, 0),
  ArrowUp: (view) => pan(view, 0, STEP_PX),
  ArrowDown: (view) => pan(view, 0, -STEP_PX),
  "+": (view) => zoomAt(view, ZOOM, middle(view)),
  "=": (view) => zoomAt(view, ZOOM, middle(view)),
  "-": (view) => zoomAt(view, 1 / ZOOM, middle(view)),
};

export abstract class MapView extends WallElement {
  @state() protected view: Viewport | null = null;
  @state() protected dragged = false;
  @state() private size: readonly [number, number] = [0, 0];

  /** Whether a person has moved the plan: then it no longer fits itself to what it shows. */
  protected moved = false;
  private drag: { readonly id: number; readonly from: Pixel; readonly view: Viewport } | null = null;
  private readonly sized = new ResizeObserver(([entry]) => {
    if (entry !== undefined) this.size = [entry.contentRect.width, entry.contentRect.height];
  });

  /** Everything that has to be seen; null while there is nothing. */
  protected abstract get shown(): readonly Metres[] | null;

  override connectedCallback(): void {
    super.connectedCallback();
    this.sized.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sized.disconnect();
  }

  /** Brings the view up to date with the size of the element and with what there is to show. */
  protected lookAgain(): void {
    const [width, height] = this.size;
    const { view, shown } = this;
    if (width === 0 || height === 0 || shown === null) return;
    const isSameSize = view !== null && view.width_px === width && view.height_px === height;
    if (view !== null && this.moved) this.view = isSameSize ? view : resized(view, width, height);
    else if (!isSameSize || !stillFits(view, shown)) {
      this.view = fit(shown, width, height, Math.min(MARGIN_PX * this.scale, height / 5));
    }
  }

  /** Pixels per design pixel. */
  protected get scale(): number {
    return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 14;
  }

  protected move(view: Viewport): void {
    this.moved = true;
    this.view = view;
  }

  protected showAll(): void {
    this.moved = false;
    this.view = null;
    this.requestUpdate();
  }

  protected tools(): TemplateResult {
    const zoom = (factor: number) => (): void => {
      if (this.view !== null) this.move(zoomAt(this.view, factor, middle(this.view)));
    };
    return html`<div class="tools">
      <button aria-label=${this.t("map.nearer")} title=${this.t("map.nearer")} @click=${zoom(ZOOM)}>+</button>
      <button aria-label=${this.t("map.farther")} title=${this.t("map.farther")} @click=${zoom(1 / ZOOM)}>−</button>
      <button aria-label=${this.t("map.all")} title=${this.t("map.all")} @click=${this.showAll}>⤢</button>
    </div>`;
  }

  protected corner(): TemplateResult | typeof nothing {
    if (this.view === null) return nothing;
    const bar = scaleBar(this.view.m_per_px, 140 * this.scale);
    return html`<div class="corner right scale">
      <span aria-hidden="true">${this.t("map.north")} ↑</span>
      <span>
        ${bar.label}
        <svg width=${bar.width_px + 2} height="8" viewBox="-1 0 ${bar.width_px + 2} 8" aria-hidden="true">
          <path d="M0 0V6H${bar.width_px}V0"></path>
        </svg>
      </span>
    </div>`;
  }

  protected wheel(event: WheelEvent): void {
    if (this.view === null) return;
    event.preventDefault();
    this.move(zoomAt(this.view, event.deltaY < 0 ? ZOOM : 1 / ZOOM, [event.offsetX, event.offsetY]));
  }

  protected press(event: PointerEvent): void {
    if (this.view === null || event.button !== 0) return;
    this.drag = { id: event.pointerId, from: [event.clientX, event.clientY], view: this.view };
  }

  protected dragTo(event: PointerEvent): void {
    const drag = this.drag;
    if (drag === null || event.pointerId !== drag.id) return;
    const [dx, dy] = [event.clientX - drag.from[0], event.clientY - drag.from[1]];
    // A click that trembles is still a click: only a drag takes the pointer.
    if (!this.dragged && Math.hypot(dx, dy) < DRAG_PX) return;
    if (!this.dragged) (event.currentTarget as Element).setPointerCapture(event.pointerId);
    this.dragged = true;
    this.move(pan(drag.view, dx, dy));
  }

  protected release(): void {
    this.drag = null;
    this.dragged = false;
  }

  protected key(event: KeyboardEvent): void {
    if (this.view === null || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "0") this.showAll();
    else {
      const change = KEYS[event.key];
      if (change === undefined) return;
      this.move(change(this.view));
    }
    event.preventDefault();
    event.stopPropagation();
  }
}

function middle(view: Viewport): Pixel {
  return [view.width_px / 2, view.height_px / 2];
}
