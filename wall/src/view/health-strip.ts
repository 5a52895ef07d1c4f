/** Bottom strip: each camera's last hour, a column a minute; folded to one line or open with names. */

import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";

import { api, ApiError } from "../api/client.ts";
import { choose } from "../app/actions.ts";
import { Watch } from "../app/controllers.ts";
import { store } from "../app/wall.ts";
import type { Strip } from "../model/contract.ts";
import { cellAt, countMinutes, countNotAnalysed, stripRows } from "../model/strip.ts";
import type { StripRow } from "../model/strip.ts";
import { WallElement } from "./element.ts";
import { icons } from "./icons.ts";
import { paintStrip, stripInk } from "./strip-painter.ts";
import { stripStyles } from "./strip-styles.ts";
import { shared } from "./styles.ts";

const REFRESH_MS = 60_000;
const RETRY_MS = 5_000;
const MINUTES = 60;
const LEGEND = ["O", "D", "X", "N"] as const;

export class HealthStrip extends WallElement {
  static override styles = [shared, stripStyles];

  @state() private strip: Strip | null = null;
  @state() private failed = false;
  @state() private pointed = "";

  protected readonly watch = new Watch(this, (s) => [s.settings.stripOpen, s.cameras.byId]);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly measure = new ResizeObserver(() => this.paint());

  override connectedCallback(): void {
    super.connectedCallback();
    this.measure.observe(this);
    void this.refresh();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.measure.disconnect();
    clearTimeout(this.timer);
  }

  private async refresh(): Promise<void> {
    clearTimeout(this.timer);
    try {
      this.strip = await api.strip(MINUTES);
      this.failed = false;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.failed = true;
    }
    if (this.isConnected) this.timer = setTimeout(() => void this.refresh(), this.failed ? RETRY_MS : REFRESH_MS);
  }

  private get rows(): StripRow[] {
    return this.strip === null ? [] : stripRows(this.strip);
  }

  private name(cameraId: string): string {
    return store.state.cameras.byId.get(cameraId)?.name ?? cameraId;
  }

  protected override updated(): void {
    this.paint();
  }

  override render(): TemplateResult {
    const open = store.state.settings.stripOpen;
    return html`<section class=${open ? "open" : ""} aria-label=${this.t("strip.label")}>
      <div class="title dim">${this.t("strip.title")}</div>
      ${this.strip === null
        ? html`<div class="waiting hatched dim">${this.t(this.failed ? "strip.failed" : "strip.loading")}</div>`
        : open
          ? this.named()
          : html`<canvas role="img" aria-label=${this.words()} @pointermove=${this.point} @pointerleave=${this.leave}></canvas>`}
      <div class="pointed">${this.pointed}</div>
      <button
        class="plain"
        aria-expanded=${open}
        aria-label=${this.t(open ? "strip.collapse" : "strip.expand")}
        title=${this.t(open ? "strip.collapse" : "strip.expand")}
        @click=${() => choose({ stripOpen: !open })}
      >
        ${icons.chevron}
      </button>
    </section>`;
  }

  private named(): TemplateResult {
    const strip = this.strip;
    return html`<div class="named">
      <div class="names">${this.rows.map((row) => html`<div>${this.name(row.cameraId)}</div>`)}</div>
      <div class="plot">
        <canvas role="img" aria-label=${this.words()} @pointermove=${this.point} @pointerleave=${this.leave}></canvas>
      </div>
      <div class="foot">
        <span class="dim">${strip === null ? nothing : this.instant(strip.from, "minute")}</span>
        <span class="legend">
          ${LEGEND.map((code) => html`<span class="key ${code}"><i></i>${this.t(`strip.${code}`)}</span>`)}
          <span class="key A"><i></i>${this.t("strip.A")}</span>
        </span>
        <span class="dim">${strip === null ? nothing : this.instant(strip.to, "minute")}</span>
      </div>
    </div>`;
  }

  /** The strip in words, for those who do not see it. */
  private words(): string {
    return this.rows
      .map((row) =>
        this.t("strip.camera", {
          name: this.name(row.cameraId),
          offline: countMinutes(row, "X"),
          unknown: countMinutes(row, "N"),
          blind: countNotAnalysed(row),
        }),
      )
      .join("; ");
  }

  private paint(): void {
    const canvas = this.renderRoot.querySelector("canvas");
    if (canvas === null) return;
    const gap_px = store.state.settings.stripOpen ? Math.round(3 * window.devicePixelRatio) : 1;
    paintStrip(canvas, this.rows, stripInk(this), gap_px);
  }

  private point(event: PointerEvent): void {
    const strip = this.strip;
    const cell = cellAt(
      this.rows,
      event.offsetX / (event.target as HTMLElement).clientWidth,
      event.offsetY / (event.target as HTMLElement).clientHeight,
    );
    if (cell === null || strip === null) return this.leave();
    const at = new Date(Date.parse(strip.from) + cell.index * 60_000);
    const words = [this.name(cell.row.cameraId), this.instant(at, "minute"), this.t(`strip.${cell.minute.code}`)];
    if (cell.minute.notAnalysed) words.push(this.t("strip.A"));
    this.pointed = words.join(" · ");
  }

  private leave(): void {
    this.pointed = "";
  }
}

customElements.define("lookout-strip", HealthStrip);
