/**
 * An alert's snapshot with its box. The frame keeps its size whether the picture is there or not.
 *
 * Browsers open six connections to a server: pictures of old alerts wait for the live views to be opened.
 */

import { css, html, nothing, svg } from "lit";
import type { TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";

import { api } from "../api/client.ts";
import { backoffMs } from "../model/backoff.ts";
import { isAboutDrone } from "../model/alerts.ts";
import type { Alert } from "../model/contract.ts";
import { WallElement } from "./element.ts";
import { icons } from "./icons.ts";
import { shared } from "./styles.ts";

const AGAIN_MS = 2_000;
const LONGEST_MS = 60_000;

export class Snapshot extends WallElement {
  static override styles = [
    shared,
    css`
      :host {
        position: relative;
        display: block;
        overflow: hidden;
        background: var(--picture);
      }
      img,
      svg {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
        object-fit: contain;
      }
      rect {
        fill: none;
        vector-effect: non-scaling-stroke;
      }
      .halo {
        stroke: rgb(0 0 0 / 0.6);
        stroke-width: calc(4px * var(--room-scale));
      }
      .box {
        stroke: currentColor;
        stroke-width: calc(2px * var(--room-scale));
      }
      .none .icon {
        position: static;
        width: 2rem;
        height: 2rem;
        color: var(--orange);
      }
      .none {
        position: absolute;
        inset: 0;
        display: grid;
        place-content: center;
        color: var(--dim);
        font-size: 0.86rem;
        text-align: center;
      }
    `,
  ];

  @property({ attribute: false }) alert: Alert | null = null;
  @state() private size: readonly [number, number] = [16, 9];
  @state() private brokenFor: string | null = null;
  private tries = 0;
  private again: ReturnType<typeof setTimeout> | undefined;

  override render(): TemplateResult {
    const alert = this.alert;
    if (alert?.kind === "camera_offline") return html`<div class="none hatched">${icons.offline}</div>`;
    if (alert !== null && isAboutDrone(alert) && alert.snapshot_sha256 === null) {
      return html`<div class="none hatched">${icons.drone}</div>`;
    }
    if (alert === null || alert.snapshot_sha256 === null) {
      return html`<div class="none hatched">${this.t("alert.no_snapshot")}</div>`;
    }
    if (this.brokenFor === alert.id) return html`<div class="none hatched">${this.t("detail.snapshot_broken")}</div>`;
    return html`<img
        src=${api.snapshotUrl(alert.id)}
        alt=""
        loading="lazy"
        fetchpriority="low"
        decoding="async"
        @load=${this.loaded}
        @error=${() => this.failed(alert.id)}
      />
      ${this.box(alert)}`;
  }

  private box(alert: Alert): TemplateResult | typeof nothing {
    if (alert.box_xyxy === null) return nothing;
    const [left, top, right, bottom] = alert.box_xyxy;
    const [width, height] = this.size;
    const place = [left * width, top * height, (right - left) * width, (bottom - top) * height] as const;
    return html`<svg class=${alert.level} viewBox="0 0 ${width} ${height}" aria-hidden="true">
      ${["halo", "box"].map((name) => svg`<rect class=${name} x=${place[0]} y=${place[1]} width=${place[2]} height=${place[3]}></rect>`)}
    </svg>`;
  }

  /** A picture that could not be had is asked for again: the server may just be starting. */
  private failed(alertId: string): void {
    this.brokenFor = alertId;
    this.tries += 1;
    clearTimeout(this.again);
    this.again = setTimeout(() => (this.brokenFor = null), backoffMs(this.tries, 1, AGAIN_MS, LONGEST_MS));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.again);
    this.brokenFor = null;
  }

  private loaded(event: Event): void {
    this.tries = 0;
    const image = event.target as HTMLImageElement;
    this.size = [image.naturalWidth, image.naturalHeight];
  }
}

customElements.define("lookout-snapshot", Snapshot);
