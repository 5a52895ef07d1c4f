/** Health: the online rate against its target, by station, grid and camera; every number tells its seconds. */

import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";

import { api, ApiError } from "../api/client.ts";
import { explain } from "../app/actions.ts";
import { EverySecond } from "../app/controllers.ts";
import { secondsSince } from "../app/wall.ts";
import type { Words } from "../i18n/index.ts";
import type { CameraHealth, GroupHealth, HealthReport, OfflineTogether, PlannedOutage, RateLine } from "../model/contract.ts";
import { spell } from "../model/duration.ts";
import { computed, grouped, percent, unadjusted, verdictTone, worstFirst } from "../model/rates.ts";
import { WallElement } from "./element.ts";
import { healthStyles } from "./health-styles.ts";
import { rateBar, rateBarStyles, toneOf } from "./rate-bar.ts";
import { shared, tables } from "./styles.ts";

const WINDOWS = ["1h", "today", "last-week"] as const;
type Window = (typeof WINDOWS)[number];
const REFRESH_MS = 10_000;
const ONLINE = new Set(["streaming", "degraded"]);

export class HealthPage extends WallElement {
  static override styles = [shared, tables, rateBarStyles, healthStyles];

  @state() private chosen: Window = "today";
  @state() private report: HealthReport | null = null;
  @state() private problem: Words | null = null;
  @state() private opened: string | null = null;

  protected readonly clock = new EverySecond(this);
  private timer: ReturnType<typeof setTimeout> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.refresh();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  private async refresh(): Promise<void> {
    clearTimeout(this.timer);
    const asked = this.chosen;
    try {
      const report = await api.health(asked);
      if (asked !== this.chosen) return;
      this.report = report;
      this.problem = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = explain(error);
    }
    if (this.isConnected) this.timer = setTimeout(() => void this.refresh(), REFRESH_MS);
  }

  private choose(window: Window): void {
    if (window === this.chosen) return;
    this.chosen = window;
    this.report = null;
    void this.refresh();
  }

  override render(): TemplateResult {
    const report = this.report;
    return html`<section>
      <header>
        <h1>${this.t("health.title")}</h1>
        <div class="windows" role="group" aria-label=${this.t("health.window")}>
          ${WINDOWS.map(
            (window) =>
              html`<button aria-pressed=${window === this.chosen} @click=${() => this.choose(window)}>
                ${this.t(`health.window.${window}`)}
              </button>`,
          )}
        </div>
        <span class="dim range">${report === null ? nothing : this.range(report)}</span>
        ${this.problem === null ? nothing : html`<span class="problem" role="alert">${this.t("health.failed")}: ${this.problem(this.language)}</span>`}
      </header>
      ${report === null ? this.waiting() : this.figures(report)}
    </section>`;
  }

  private waiting(): TemplateResult {
    if (this.problem === null) return html`<div class="waiting dim">${this.t("health.loading")}</div>`;
    return html`<div class="waiting"><button @click=${() => void this.refresh()}>${this.t("health.retry")}</button></div>`;
  }

  private range(report: HealthReport): string {
    const { from, to } = report.window;
    return this.t("health.range", { from: this.instant(from, "full"), to: this.instant(to, "full") });
  }

  private figures(report: HealthReport): TemplateResult {
    const tone = verdictTone(report.verdict);
    return html`<div class="hero">
        <div class="headline" data-verdict=${report.verdict}>
          <div class="figure ${tone}" title=${computed(this.language, report)}>
            ${report.online_rate === null ? html`<span class="word">${this.t(`verdict.${report.verdict}`)}</span>` : percent(report.online_rate)}
          </div>
          <div class="verdict">
            <b class=${tone}>${this.t(`verdict.${report.verdict}`)}</b>
            <span class="dim">${this.t("health.target")} ${percent(report.target, 0)}${this.gap(report)}</span>
          </div>
          ${rateBar(report.online_rate, report.target, tone)}
          <p class="dim">${computed(this.language, report)}</p>
          ${report.planned_s === 0 ? nothing : html`<p class="dim">${unadjusted(this.language, report)}</p>`}
        </div>
        ${this.facts(report)}
      </div>
      ${report.together.map((one) => this.together(report, one))}
      <div class="tables">
        <div class="by-camera">${this.cameras(report)}</div>
        <div class="groups">
          ${this.groups(this.t("health.by_station"), report.by_station, report.target)}
          ${this.groups(this.t("health.by_grid"), report.by_grid, report.target)}
          ${report.planned.length === 0 ? nothing : this.planned(report)}
        </div>
      </div>`;
  }

  private gap(report: HealthReport): string {
    if (report.online_rate === null) return "";
    const points = (report.online_rate - report.target) * 100;
    const size = Math.abs(points) < 0.05 ? "0.0" : Math.abs(points).toFixed(1);
    if (size === "0.0") return ` · ${this.t("health.gap_even")}`;
    return ` · ${this.t(points > 0 ? "health.gap_above" : "health.gap_below", { points: size })}`;
  }

  private facts(report: HealthReport): TemplateResult {
    const seconds = (value: number): [string, string] => [spell(this.language, value), this.t("health.seconds", { seconds: grouped(value) })];
    const rows: [string, string, string][] = [
      [this.t("health.coverage"), percent(report.observation_coverage), this.t("health.coverage_why")],
      [this.t("health.online_time"), ...seconds(report.online_s)],
      [this.t("health.service_time"), ...seconds(report.in_service_s)],
      [this.t("health.unobserved_time"), ...seconds(report.unobserved_s)],
      [this.t("health.cameras"), String(report.cameras.length), ""],
      [this.t("health.offline_now"), String(report.offline_now), ""],
    ];
    return html`<dl>
      ${rows.map(
        ([name, value, why]) =>
          html`<div title=${why}>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>`;
  }

  private groups(title: string, lines: readonly GroupHealth[], target: number): TemplateResult {
    return html`<table>
      <thead>
        <tr>
          <th>${title}</th>
          <th class="bar-column"></th>
          <th class="number">${this.t("health.col.rate")}</th>
        </tr>
      </thead>
      <tbody>
        ${worstFirst(lines).map((line) => {
          const tone = toneOf(line.online_rate, target);
          return html`<tr title=${computed(this.language, line)}>
            <td>${line.name === "" ? this.t("health.unassigned") : line.name}</td>
            <td>${rateBar(line.online_rate, target, tone)}</td>
            <td class="number ${tone}">${this.rate(line)}</td>
          </tr>`;
        })}
      </tbody>
    </table>`;
  }

  private together(report: HealthReport, one: OfflineTogether): TemplateResult {
    const names = new Map(report.cameras.map((camera) => [camera.camera_id, camera.name]));
    return html`<div class="together" role="status" data-together=${one.name}>
      <b class="bad">${this.t("health.together", { name: one.name, count: one.camera_ids.length })}</b>
      <span>${this.word("cause", one.cause)} · ${this.t("cameras.for", { duration: spell(this.language, secondsSince(one.since)) })}</span>
      <span class="dim">${one.camera_ids.map((id) => names.get(id) ?? id).join(" · ")}</span>
    </div>`;
  }

  private planned(report: HealthReport): TemplateResult {
    const names = new Map(report.cameras.map((camera) => [camera.camera_id, camera.name]));
    const who = (one: PlannedOutage): string => one.camera_ids.map((id) => names.get(id) ?? id).join("、");
    return html`<table class="planned">
      <thead>
        <tr>
          <th>${this.t("health.planned")}</th>
          <th>${this.t("health.col.planned_time")}</th>
        </tr>
      </thead>
      <tbody>
        ${report.planned.map(
          (one) =>
            html`<tr data-outage-id=${one.id} title=${who(one)}>
              <td>
                <div>${one.reason}</div>
                <div class="sub">
                  ${this.t("health.planned_of", { count: one.camera_ids.length, by: one.approver === "" ? one.filed_by : one.approver })}
                  ${one.is_backdated ? html`<span class="orange">${this.t("health.backdated")}</span>` : nothing}
                </div>
              </td>
              <td>
                <div>${this.instant(one.begins_at, "brief")}</div>
                <div>${this.instant(one.ends_at, "brief")}</div>
              </td>
            </tr>`,
        )}
      </tbody>
    </table>`;
  }

  private rate(line: RateLine): string {
    return line.online_rate === null ? this.t("verdict.no_data") : percent(line.online_rate, 2);
  }

  private cameras(report: HealthReport): TemplateResult {
    if (report.cameras.length === 0) return html`<p class="dim">${this.t("health.empty")}</p>`;
    const heads = ["camera", "station", "state", "cause", "since"] as const;
    return html`<table>
      <thead>
        <tr>
          ${heads.map((head) => html`<th>${this.t(`health.col.${head}`)}</th>`)}
          <th class="number">${this.t("health.col.outages")}</th>
          <th class="bar-column"></th>
          <th class="number">${this.t("health.col.rate")}</th>
        </tr>
      </thead>
      <tbody>
        ${worstFirst(report.cameras).map((camera) => this.camera(camera, report.target))}
      </tbody>
    </table>`;
  }

  private camera(camera: CameraHealth, target: number): TemplateResult {
    const tone = toneOf(camera.online_rate, target);
    const open = this.opened === camera.camera_id;
    const online = ONLINE.has(camera.state);
    const planned = camera.planned_until !== null;
    const known = camera.state !== "unobserved" && camera.state !== "disabled" && !planned;
    const toggle = (): void => void (this.opened = open ? null : camera.camera_id);
    return html`<tr data-camera-id=${camera.camera_id} title=${computed(this.language, camera)} @click=${toggle}>
        <td>
          <button class="plain row" aria-expanded=${open}>${camera.name}</button>
        </td>
        <td class="dim">${[camera.station, camera.grid].filter((part) => part !== "").join(" · ")}</td>
        <td class=${online && !planned ? "" : known ? "bad" : "dim"}>
          ${camera.planned_until === null
            ? this.word("state", camera.state)
            : this.t("state.planned", { until: this.instant(camera.planned_until, "brief") })}
        </td>
        <td>${online || !known ? "" : this.word("cause", camera.cause)}</td>
        <td>${camera.since === null ? "" : spell(this.language, secondsSince(camera.since))}</td>
        <td class="number">${camera.outages}</td>
        <td>${rateBar(camera.online_rate, target, tone)}</td>
        <td class="number ${tone}">${this.rate(camera)}</td>
      </tr>
      ${open
        ? html`<tr class="opened">
            <td colspan="8">${computed(this.language, camera)} ${unadjusted(this.language, camera)}</td>
          </tr>`
        : nothing}`;
  }
}

customElements.define("lookout-health-page", HealthPage);
