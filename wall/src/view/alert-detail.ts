/** One alert large: picture or clip, facts, the steps taken, what can be done next. Lies over the grid, not over the rail. */

import { html, nothing } from "lit";
import type { PropertyValues, TemplateResult } from "lit";
import { state } from "lit/decorators.js";

import { api, ApiError } from "../api/client.ts";
import { acknowledge, explain, openReasons, showInHotspot } from "../app/actions.ts";
import { takeDispatches } from "../app/fleet.ts";
import { EverySecond, Watch } from "../app/controllers.ts";
import { secondsSince, store } from "../app/wall.ts";
import type { Words } from "../i18n/index.ts";
import { detailWords, isAboutDrone, ruleWords } from "../model/alerts.ts";
import type { Alert, Step } from "../model/contract.ts";
import { ago } from "../model/duration.ts";
import { placeWords, sureness } from "../model/place.ts";
import { mayHandle } from "../model/roles.ts";
import { LEVEL_SHAPE } from "../model/levels.ts";
import { detailStyles } from "./detail-styles.ts";
import "./dispatch-panel.ts";
import { dispatchSteps } from "./dispatch-steps.ts";
import { WallElement } from "./element.ts";
import { icons } from "./icons.ts";
import "./snapshot.ts";
import "./site-map.ts";
import { shared } from "./styles.ts";

type Shown = "snapshot" | "clip" | "map";
type Steps = { readonly of: string; readonly seq: number; readonly steps: readonly Step[]; readonly problem: Words | null };

export class AlertDetail extends WallElement {
  static override styles = [shared, detailStyles];

  @state() private show: Shown = "snapshot";
  @state() private clipBroken: string | null = null;
  @state() private fetched: Steps | null = null;

  protected readonly watch = new Watch(this, (s) => [
    s.detailId,
    s.detailId === null ? null : s.book.byId.get(s.detailId),
    s.detailId === null ? null : s.fleet.dispatches.get(s.detailId),
    s.cameras,
  ]);
  protected readonly clock = new EverySecond(this);
  private shownId: string | null = null;

  override render(): TemplateResult {
    const alert = this.alert;
    if (alert === undefined) return html``;
    return html`<section role="dialog" aria-label=${this.t("detail.title")}>
      <header>
        <span class="level ${alert.level}">${LEVEL_SHAPE[alert.level]} ${this.t(`level.${alert.level}`)}</span>
        <h2>${ruleWords(this.language, alert)}</h2>
        <span class="dim">${alert.camera_name}</span>
        <span class="state ${alert.state}">${this.t(`alert.state.${alert.state}`)}</span>
        <span class="dim since">${ago(this.language, secondsSince(alert.occurred_at))}</span>
        <button class="plain close" aria-label=${this.t("detail.close")} title="${this.t("detail.close")} (Esc)" @click=${this.close}>
          ${icons.close}
        </button>
      </header>
      <div class="body">
        <div class="picture">${this.tabs(alert)} ${this.picture(alert)}</div>
        <aside>${this.facts(alert)} ${this.steps(alert)}
          <lookout-dispatch-panel .alert=${alert}></lookout-dispatch-panel>
          ${this.actions(alert)}</aside>
      </div>
    </section>`;
  }

  private get alert(): Alert | undefined {
    const id = store.state.detailId;
    return id === null ? undefined : store.state.book.byId.get(id);
  }

  protected override willUpdate(_changed: PropertyValues<this>): void {
    const alert = this.alert;
    if (alert === undefined) return;
    if (alert.id !== this.shownId) {
      this.shownId = alert.id;
      // A drone leaves no picture behind: what there is to see of its alert is where it is.
      this.show = isAboutDrone(alert) && alert.snapshot_sha256 === null ? "map" : "snapshot";
    }
    if (this.fetched?.of !== alert.id || this.fetched.seq < alert.seq) void this.fetchSteps(alert);
  }

  private async fetchSteps(alert: Alert): Promise<void> {
    const known = this.fetched?.of === alert.id ? this.fetched.steps : [];
    this.fetched = { of: alert.id, seq: alert.seq, steps: known, problem: null };
    try {
      const full = await api.alert(alert.id);
      if (this.shownId !== alert.id) return;
      takeDispatches(alert.id, full.dispatch ?? []);
      this.fetched = { of: alert.id, seq: Math.max(alert.seq, full.seq), steps: full.steps ?? [], problem: null };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.fetched = { of: alert.id, seq: alert.seq, steps: known, problem: explain(error) };
    }
  }

  private tabs(alert: Alert): TemplateResult {
    const ready = alert.clip.state === "ready";
    const clip = {
      pending: this.t("detail.clip_pending"),
      ready: `${this.t("detail.clip")} ${alert.clip.duration_s === null ? "" : this.t("detail.seconds", { seconds: Math.round(alert.clip.duration_s) })}`,
      unavailable: this.t("detail.clip_unavailable"),
    }[alert.clip.state];
    return html`<div class="tabs" role="tablist">
      <button role="tab" aria-selected=${this.show === "snapshot"} @click=${() => (this.show = "snapshot")}>${this.t("detail.snapshot")}</button>
      <button
        role="tab"
        aria-selected=${this.show === "clip"}
        ?disabled=${!ready}
        title=${alert.clip.problem}
        @click=${this.playClip}
      >
        ${clip}
      </button>
      <button role="tab" data-tab="map" aria-selected=${this.show === "map"} @click=${() => (this.show = "map")}>${this.t("detail.map")}</button>
    </div>`;
  }

  private playClip(): void {
    this.clipBroken = null;
    this.show = "clip";
  }

  private picture(alert: Alert): TemplateResult {
    if (this.show === "map") return html`<lookout-site-map .alert=${alert}></lookout-site-map>`;
    if (this.show === "clip" && this.clipBroken === alert.id) return html`<div class="broken hatched">${this.t("detail.clip_broken")}</div>`;
    if (this.show === "clip") {
      return html`<video
        src=${api.clipUrl(alert.id)}
        controls
        autoplay
        loop
        .muted=${true}
        playsinline
        @error=${() => (this.clipBroken = alert.id)}
      ></video>`;
    }
    return html`<lookout-snapshot .alert=${alert}></lookout-snapshot>`;
  }

  private facts(alert: Alert): TemplateResult {
    const rows: [string, string][] = [
      [this.t("detail.kind"), this.word("alert.kind", alert.kind)],
      [this.t("detail.camera"), `${alert.camera_name} (${alert.camera_id})`],
      [this.t("detail.class"), alert.class_name === "" ? "" : this.word("class", alert.class_name)],
      [this.t("detail.triggers"), alert.triggers > 1 ? String(alert.triggers) : ""],
      [this.t("detail.confidence"), alert.confidence === null ? "" : `${Math.round(alert.confidence * 100)}%`],
      [this.t("detail.occurred"), this.instant(alert.occurred_at, "full")],
      [this.t("detail.last_seen"), alert.triggers > 1 ? this.instant(alert.last_seen_at, "full") : ""],
      [this.t("detail.ended"), alert.ended_at === null ? this.t("alert.ongoing") : this.instant(alert.ended_at, "full")],
      [this.t("detail.place"), placeWords(this.language, alert)],
      [this.t("detail.sureness"), sureness(this.language, alert)],
      [this.t("detail.note"), detailWords(this.language, alert)],
      [this.t("detail.reason"), alert.false_alarm_reason === null ? "" : this.word("reason", alert.false_alarm_reason)],
    ];
    return html`<dl>
      ${rows.filter(([, value]) => value !== "").map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}
    </dl>`;
  }

  private steps(alert: Alert): TemplateResult {
    const fetched = this.fetched?.of === alert.id ? this.fetched : null;
    const raised: Step = { at: alert.created_at, actor: "system", action: "raised", note: "" };
    return html`<h3>${this.t("detail.steps")}</h3>
      ${fetched !== null && fetched.problem !== null
        ? html`<p class="bad">${this.t("detail.failed")}: ${fetched.problem(this.language)}</p>`
        : html`<ol>
            ${[raised, ...(fetched?.steps ?? [])].map((step) => ({ at: step.at, row: this.step(step) })).concat(this.dispatched(alert))
              .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
              .map(({ row }) => row)}
          </ol>`}`;
  }

  private step(step: Step): TemplateResult {
    return html`<li>
      <time class="dim" title=${this.instant(step.at, "full")}>${this.instant(step.at, "clock")}</time>
      <span>${this.word("action", step.action)}</span>
      <span class="dim">${this.word("actor", step.actor)}${step.note === "" ? "" : ` · ${this.word("reason", step.note)}`}</span>
    </li>`;
  }

  /** What drones did for this alert, among the steps people took. */
  private dispatched(alert: Alert): { at: string; row: TemplateResult }[] {
    return dispatchSteps(this.language, alert.id).map(({ change, words }) => ({
      at: change.at,
      row: html`<li data-stage=${change.stage}>
        <time class="dim" title=${this.instant(change.at, "full")}>${this.instant(change.at, "clock")}</time>
        <span>${words.title}</span>
        <span class="dim">${words.more}</span>
      </li>`,
    }));
  }

  private actions(alert: Alert): TemplateResult {
    const handles = mayHandle(store.state.session.user?.role);
    return html`<div class="actions">
      ${handles && alert.state === "new"
        ? html`<button class="primary" @click=${() => void acknowledge(alert.id)}>${this.t("alert.acknowledge")} <kbd>A</kbd></button>`
        : nothing}
      ${!handles || alert.state === "false_alarm"
        ? nothing
        : html`<button @click=${() => openReasons(alert.id)}>${this.t("alert.false_alarm")} <kbd>F</kbd></button>`}
      ${store.state.cameras.byId.has(alert.camera_id)
        ? html`<button @click=${() => showInHotspot(alert.camera_id)}>${this.t("detail.show_live")}</button>`
        : nothing}
    </div>`;
  }

  private close(): void {
    store.set({ detailId: null });
  }
}

customElements.define("lookout-alert-detail", AlertDetail);
