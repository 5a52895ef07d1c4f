/** The camera list: lamps that exist, state, cause in words, what is analysed. */

import { css, html } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";

import { zoom } from "../app/actions.ts";
import { EverySecond, Watch } from "../app/controllers.ts";
import { secondsSince, store } from "../app/wall.ts";
import { chooseCameras } from "../model/camera-list.ts";
import type { CameraFilter } from "../model/camera-list.ts";
import type { Camera, StreamStatus } from "../model/contract.ts";
import { spell } from "../model/duration.ts";
import { LEVEL_SHAPE } from "../model/levels.ts";
import { analysedLamp, isOnline, reachableLamp, streamingLamp } from "../model/tile.ts";
import type { Lamp } from "../model/tile.ts";
import { WallElement } from "./element.ts";
import { shared, tables } from "./styles.ts";

const FILTERS: readonly CameraFilter[] = ["all", "offline", "not_analysed"];

export class CamerasPage extends WallElement {
  static override styles = [
    shared,
    tables,
    css`
      :host {
        overflow: auto;
        background: var(--background);
        scrollbar-width: thin;
        scrollbar-color: var(--line-strong) transparent;
      }
      section {
        display: grid;
        gap: 1rem;
        padding: 1rem 1.2rem 2rem;
      }
      header {
        display: flex;
        align-items: center;
        gap: 0.6rem;
      }
      h1 {
        margin: 0 0.6rem 0 0;
        font-size: 1.4rem;
        font-weight: 600;
      }
      .filter[aria-pressed="true"] {
        border-color: var(--blue);
        color: var(--blue);
      }
      input {
        margin-left: auto;
        width: 18rem;
        padding: 0.35rem 0.6rem;
        border: 1px solid var(--line-strong);
        border-radius: var(--radius);
        background: var(--panel);
      }
      .list {
        overflow-x: auto;
        background: var(--panel);
        border: 1px solid var(--line);
        border-radius: var(--radius);
      }
      .lamps {
        display: flex;
        gap: 0.9rem;
      }
      .lamp {
        display: inline-flex;
        align-items: center;
        gap: 0.35rem;
      }
      .lamp i {
        width: 0.7rem;
        height: 0.7rem;
        border-radius: 50%;
        background: var(--ok);
      }
      .lamp.off i {
        background: none;
        border: 2px solid var(--orange);
      }
      .lamp.off {
        color: var(--orange);
      }
      .lamp.unknown i {
        border-radius: 0;
        height: 2px;
        background: var(--unknown);
      }
      .lamp.unknown {
        color: var(--dim);
      }
      .name {
        padding: 0;
        border: 0;
        font-weight: 500;
        text-decoration: underline;
        text-decoration-color: var(--line-strong);
        text-underline-offset: 0.25em;
      }
      .name:hover {
        background: none;
        color: var(--blue);
      }
      .marks {
        display: flex;
        flex-wrap: wrap;
        gap: 0 0.7rem;
        max-width: 24rem;
      }
      tbody tr:last-child td {
        border-bottom: 0;
      }
      .none {
        padding: 2rem;
        color: var(--dim);
      }
      @media (max-width: 1599px) {
        th,
        td {
          padding: 0.4rem 0.5rem;
        }
        .lamps {
          gap: 0.6rem;
        }
        .rules {
          display: none;
        }
      }
    `,
  ];

  @state() private filter: CameraFilter = "all";
  @state() private sought = "";

  protected readonly watch = new Watch(this, (s) => [s.cameras]);
  protected readonly clock = new EverySecond(this);

  override render(): TemplateResult {
    const { byId, order } = store.state.cameras;
    const all = order.flatMap((id) => byId.get(id) ?? []);
    const shown = chooseCameras(all, this.filter, this.sought);
    return html`<section>
      <header>
        <h1>${this.t("cameras.title")}</h1>
        ${FILTERS.map(
          (filter) =>
            html`<button class="filter" aria-pressed=${filter === this.filter} @click=${() => (this.filter = filter)}>
              ${this.t(`cameras.filter.${filter}`, { count: chooseCameras(all, filter, "").length })}
            </button>`,
        )}
        <input
          type="search"
          aria-label=${this.t("cameras.search")}
          placeholder=${this.t("cameras.search")}
          @input=${(event: InputEvent) => (this.sought = (event.target as HTMLInputElement).value)}
        />
      </header>
      <div class="list">${shown.length === 0 ? html`<div class="none">${this.t("cameras.none")}</div>` : this.table(shown)}</div>
    </section>`;
  }

  private table(cameras: readonly Camera[]): TemplateResult {
    const heads = ["camera", "unit", "lamps", "state", "stream", "analysed", "rules"] as const;
    return html`<table>
      <thead>
        <tr>
          ${heads.map((head) => html`<th class=${head}>${this.t(`cameras.col.${head}`)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${cameras.map((camera) => this.row(camera))}
      </tbody>
    </table>`;
  }

  private row(camera: Camera): TemplateResult {
    const online = isOnline(camera);
    const planned = camera.planned ?? null;
    const known = camera.state !== "disabled" && camera.state !== "unobserved" && planned === null;
    const stream = camera.live_stream === "sub" ? (camera.streams.sub ?? camera.streams.main) : camera.streams.main;
    const cause = online || !known ? "" : this.word("cause", camera.cause);
    return html`<tr data-camera-id=${camera.id} data-camera-state=${camera.state}>
      <td>
        <button class="plain name" title=${this.t("cameras.watch")} @click=${() => zoom(camera.id)}>${camera.name}</button>
        <div class="sub">${camera.id}</div>
      </td>
      <td>
        <div>${camera.unit}</div>
        <div class="sub">${[camera.station, camera.grid].filter((part) => part !== "").join(" · ")}</div>
      </td>
      <td>
        <div class="lamps">
          ${this.lamp("reachable", reachableLamp(camera))} ${this.lamp("streaming", streamingLamp(camera))}
          ${this.lamp("analysed", analysedLamp(camera))}
        </div>
      </td>
      <td title=${stream.detail}>
        <div class=${planned !== null ? "dim" : online ? "ok" : known ? "bad" : "dim"} title=${planned?.reason ?? ""}>
          ${planned === null
            ? this.word("state", camera.state)
            : this.t("state.planned", { until: this.instant(planned.until, "brief") })}${cause === "" ? "" : ` · ${cause}`}
        </div>
        <div class="sub">${camera.since === null ? "" : this.t("cameras.for", { duration: spell(this.language, secondsSince(camera.since)) })}</div>
      </td>
      <td>${this.streamWords(stream, camera)}</td>
      <td class=${camera.analysed.state === "not_analysed" ? "bad" : ""} title=${this.word("cause", camera.analysed.cause)}>
        ${this.analysedWords(camera)}
      </td>
      <td class="rules">
        <div class="marks">
          ${camera.rules.map(
            (rule) =>
              html`<span title="${this.t(`level.${rule.level}`)} · ${this.word("alert.kind", rule.kind)}"
                ><span class=${rule.level}>${LEVEL_SHAPE[rule.level]}</span> ${rule.name === "" ? rule.id : rule.name}</span
              >`,
          )}
        </div>
      </td>
    </tr>`;
  }

  private lamp(kind: "reachable" | "streaming" | "analysed", lamp: Lamp): TemplateResult {
    const label = `${this.t(`cameras.lamp.${kind}`)}: ${this.t(`cameras.lamp.${lamp}`)}`;
    return html`<span class="lamp ${lamp}" role="img" aria-label=${label} title=${label}
      ><i></i>${this.t(`cameras.lamp.${kind}`)}</span
    >`;
  }

  private streamWords(stream: StreamStatus, camera: Camera): TemplateResult {
    if (stream.width_px === 0) return html`<span class="dim">—</span>`;
    const size = `${stream.codec === "hevc" ? "H.265" : stream.codec.toUpperCase().replace("H264", "H.264")} ${stream.width_px}×${stream.height_px}`;
    const flow = isOnline(camera) ? `${stream.fps.toFixed(0)} fps · ${(stream.bitrate_bits_s / 1e6).toFixed(1)} Mbit/s` : "";
    return html`<div>${size}</div>
      <div class="sub">${flow}${camera.transcoded ? ` · ${this.t("tile.transcoding")}` : ""}</div>`;
  }

  private analysedWords(camera: Camera): string {
    if (camera.analysed.state !== "analysed") return this.t(`analysis.${camera.analysed.state}`);
    return this.t("cameras.fps", {
      analysed: camera.analysed.analysed_fps.toFixed(1),
      wanted: camera.analysed.wanted_fps.toFixed(0),
    });
  }
}

customElements.define("lookout-cameras-page", CamerasPage);
