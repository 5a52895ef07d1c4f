/** The grid: which tiles stand where. Tiles keep their place in the document and move by style alone. */

import { css, html } from "lit";
import type { PropertyValues, TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";

import { Watch } from "../app/controllers.ts";
import { layoutSize, placements, store } from "../app/wall.ts";
import { prefersWideGrid } from "../model/arrangement.ts";
import "./camera-tile.ts";
import { WallElement } from "./element.ts";
import { shared } from "./styles.ts";

/** A room with so few cameras gets larger cells in the nine-tile layout. */
const SIX = 6;

export class CameraGrid extends WallElement {
  static override styles = [
    shared,
    css`
      :host {
        display: block;
        min-width: 0;
        min-height: 0;
        background: var(--background);
      }
      .grid {
        display: grid;
        gap: calc(2px * var(--room-scale));
        width: 100%;
        height: 100%;
      }
      .n1 {
        grid: 100% / 100%;
      }
      .n4 {
        grid: repeat(2, minmax(0, 1fr)) / repeat(2, minmax(0, 1fr));
        grid-template-areas: "s0 s1" "s2 s3";
      }
      .n9 {
        grid: repeat(4, minmax(0, 1fr)) / repeat(3, minmax(0, 1fr));
        grid-template-areas: "s1 s0 s0" "s2 s0 s0" "s3 s4 s5" "s6 s7 s8";
      }
      .n9.wide {
        grid: repeat(3, minmax(0, 1fr)) / repeat(4, minmax(0, 1fr));
        grid-template-areas: "s1 s2 s0 s0" "s3 s4 s0 s0" "s5 s6 s7 s8";
      }
      .n9.six {
        grid: repeat(3, minmax(0, 1fr)) / repeat(3, minmax(0, 1fr));
        grid-template-areas: "s1 s0 s0" "s2 s0 s0" "s3 s4 s5";
      }
      .n4 > [data-slot="0"],
      .n9 > [data-slot="0"] {
        grid-area: s0;
      }
      .n4 > [data-slot="1"],
      .n9 > [data-slot="1"] {
        grid-area: s1;
      }
      .n4 > [data-slot="2"],
      .n9 > [data-slot="2"] {
        grid-area: s2;
      }
      .n4 > [data-slot="3"],
      .n9 > [data-slot="3"] {
        grid-area: s3;
      }
      .n9 > [data-slot="4"] {
        grid-area: s4;
      }
      .n9 > [data-slot="5"] {
        grid-area: s5;
      }
      .n9 > [data-slot="6"] {
        grid-area: s6;
      }
      .n9 > [data-slot="7"] {
        grid-area: s7;
      }
      .n9 > [data-slot="8"] {
        grid-area: s8;
      }
      .vacant {
        background: var(--picture);
        opacity: 0.55;
      }
      .nothing {
        display: grid;
        place-content: center;
        height: 100%;
        text-align: center;
        gap: 0.4rem;
      }
      .nothing b {
        font-size: 1.4rem;
        font-weight: 600;
      }
    `,
  ];

  @state() private wide = false;
  protected readonly watch = new Watch(this, (s) => [s.cameras.order, s.cameras.loaded, s.settings.size, s.zoomed, s.gridPage, s.hotspot]);
  private readonly measure = new ResizeObserver(([entry]) => {
    if (entry !== undefined) this.wide = prefersWideGrid(entry.contentRect.width, entry.contentRect.height);
  });

  override connectedCallback(): void {
    super.connectedCallback();
    this.measure.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.measure.disconnect();
  }

  protected override updated(_changed: PropertyValues<this>): void {
    this.dataset["layout"] = String(layoutSize(store.state));
  }

  override render(): TemplateResult {
    const { cameras } = store.state;
    if (!cameras.loaded) return html`<div class="nothing dim">${this.t("link.loading")}</div>`;
    if (cameras.order.length === 0) {
      return html`<div class="nothing"><b>${this.t("tile.none")}</b><span class="dim">${this.t("tile.none_why")}</span></div>`;
    }
    const size = layoutSize(store.state);
    const shown = placements(store.state);
    const taken = new Set(shown.map((placement) => placement.slot));
    const six = size === 9 && store.state.cameras.order.length <= SIX;
    const cells = six ? SIX : size;
    const vacant = Array.from({ length: cells }, (_, slot) => slot).filter((slot) => !taken.has(slot));
    return html`<div class="grid n${size} ${six ? "six" : this.wide ? "wide" : ""}">
      ${repeat(
        shown,
        ({ cameraId }) => cameraId,
        ({ cameraId, slot }) => html`<lookout-tile data-camera-id=${cameraId} data-slot=${slot}></lookout-tile>`,
      )}
      ${vacant.map((slot) => html`<div class="vacant hatched" data-slot=${slot}></div>`)}
    </div>`;
  }
}

customElements.define("lookout-grid", CameraGrid);
