/** Tables of the patrol page: patrols with their next run and last result, flights, runs of the schedule. */

import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";

import { ask, isUnderWay } from "../app/fleet.ts";
import { EverySecond, Watch } from "../app/controllers.ts";
import { serverNowMs, store } from "../app/wall.ts";
import type { Flight, Patrol, PatrolRun, ReasonText } from "../model/drone-contract.ts";
import { droneView } from "../model/drones.ts";
import { counter, spell } from "../model/duration.ts";
import { lastResult, nextRun, openRun, outcomeTone, patrolStatus } from "../model/patrols.ts";
import { percent } from "../model/rates.ts";
import { mayFly } from "../model/roles.ts";
import { planOf } from "../model/route.ts";
import { leastSeparation } from "../model/separation.ts";
import { distanceWords, linkWords, separationWords } from "./drone-words.ts";
import { WallElement } from "./element.ts";
import { reasonStyles } from "./fleet-styles.ts";
import { patrolTableStyles } from "./patrol-styles.ts";
import { reasonList } from "./reasons.ts";
import { shared, tables } from "./styles.ts";

const TABS = ["patrols", "flights", "runs"] as const;
type Tab = (typeof TABS)[number];

export class PatrolTables extends WallElement {
  static override styles = [shared, tables, reasonStyles, patrolTableStyles];

  @property({ attribute: false }) chosenId: string | null = null;
  @state() private tab: Tab = "patrols";

  protected readonly watch = new Watch(this, (s) => [
    s.fleet.loaded,
    s.fleet.patrols,
    s.fleet.flights,
    s.fleet.runs,
    s.session,
    s.ordering,
  ]);
  protected readonly clock = new EverySecond(this);

  override render(): TemplateResult {
    const { flights, runs } = store.state.fleet;
    return html`<div class="tabs" role="tablist">
        ${TABS.map(
          (tab) => html`<button role="tab" data-tab=${tab} aria-selected=${tab === this.tab} @click=${() => (this.tab = tab)}>
            ${this.t(`patrol.tab.${tab}`)}
          </button>`,
        )}
      </div>
      <div class="list" tabindex="0" role="tabpanel">
        ${this.tab === "patrols" ? this.patrols() : this.tab === "flights" ? this.flights(flights) : this.runs(runs)}
      </div>`;
  }

  private heads(words: readonly string[]): TemplateResult {
    return html`<thead>
      <tr>
        ${words.map((word) => html`<th>${word}</th>`)}
      </tr>
    </thead>`;
  }

  private nothing(words: string): TemplateResult {
    return html`<div class="nothing">${store.state.fleet.loaded ? words : this.t("patrol.loading")}</div>`;
  }

  private patrols(): TemplateResult {
    const { patrols } = store.state.fleet;
    if (patrols.length === 0) return this.nothing(this.t("patrol.none"));
    const heads = ["patrol", "schedule", "next", "plan", "last", "completion"] as const;
    return html`<table>
      ${this.heads([...heads.map((head) => this.t(`patrol.col.${head}`)), ""])}
      <tbody>
        ${patrols.map((patrol) => this.patrol(patrol))}
      </tbody>
    </table>`;
  }

  private patrol(patrol: Patrol): TemplateResult {
    const { drones, flights, runs } = store.state.fleet;
    const status = patrolStatus(patrol, drones.values(), serverNowMs());
    const names = patrol.drones.map((id) => drones.get(id)?.drone.name ?? id).join(" · ");
    return html`<tr data-patrol-id=${patrol.id} data-status=${status} class=${patrol.id === this.chosenId ? "chosen" : ""}>
      <td>
        <button class="plain name" aria-pressed=${patrol.id === this.chosenId} title=${this.t("patrol.show_route")} @click=${() => this.choose(patrol.id)}>
          ${patrol.name}
        </button>
        <div class="sub">${this.word("route.kind", patrol.route_kind)} · ${patrol.altitude_m} m · ${names}</div>
      </td>
      <td>
        <div>${patrol.schedule ?? this.t("patrol.by_hand")}</div>
        <div class="sub">${this.t(`patrol.launch.${patrol.launch}`)}</div>
      </td>
      <td>${this.next(patrol, status)}</td>
      <td>${this.plan(patrol)}</td>
      <td class="wrap">${this.last(lastResult(patrol, flights, runs))}</td>
      <td>${this.completion(patrol)}</td>
      <td>${mayFly(store.state.session.user?.role) ? this.act(patrol) : nothing}</td>
    </tr>`;
  }

  private choose(id: string): void {
    this.dispatchEvent(new CustomEvent("patrol-chosen", { detail: id, bubbles: true, composed: true }));
  }

  private next(patrol: Patrol, status: string): TemplateResult {
    if (status === "flying" || status === "starting") return this.underWay(patrol, status);
    const now = serverNowMs();
    const run = openRun(patrol, now);
    if (run !== null) {
      const left_s = run.confirm_until === null ? null : (Date.parse(run.confirm_until) - now) / 1000;
      return html`<div class="awaiting">! ${this.t("patrol.status.awaiting")}</div>
        <div class="sub">${left_s === null ? "" : this.t("patrol.confirm_left", { time: counter(left_s) })}</div>`;
    }
    const next = nextRun(patrol, now);
    if (next === null) return html`<span class="dim">—</span>`;
    const wait = next.in_s <= 0 ? this.t("patrol.due_now") : next.in_s < 86_400 ? counter(next.in_s) : spell(this.language, next.in_s);
    return html`<div>${wait}</div>
      <div class="sub" title=${this.instant(next.at, "full")}>
        ${next.in_s < 86_400 ? this.instant(next.at, "minute") : this.instant(next.at, "day")}
      </div>`;
  }

  /** In the air, and if the drone is not heard: that, first of all. */
  private underWay(patrol: Patrol, status: string): TemplateResult {
    const flying = [...store.state.fleet.drones.values()].filter(({ drone }) => drone.flight?.patrol_id === patrol.id);
    const lost = flying.map((heard) => droneView(heard, Date.now())).find((view) => view.link !== "live");
    if (lost !== undefined) return html`<span class="bad">✕ ${linkWords(this.language, lost)}</span>`;
    return html`<span class="flying">▲ ${this.word("patrol.status", status)}</span>`;
  }

  private plan(patrol: Patrol): TemplateResult {
    const plan = planOf(patrol.plans, null);
    if (plan === undefined) return html`<span class="dim">—</span>`;
    const facts = [plan.duration_s === null ? "—" : counter(plan.duration_s), percent(plan.energy_share, 0)].join(" · ");
    return html`<div>${distanceWords(plan.distance_m)}</div>
      <div class="sub">${facts}</div>
      ${plan.problems.length > 0 ? html`<div class="bad">✕ ${this.t("patrol.problems", { count: plan.problems.length })}</div>` : nothing}`;
  }

  private last(result: ReturnType<typeof lastResult>): TemplateResult {
    if (result === null) return html`<span class="dim">${this.t("patrol.never")}</span>`;
    if (result.kind === "flight") {
      const { flight } = result;
      return html`<div>${this.outcome(flight)} <span class="sub">${this.instant(flight.started_at, "full")}</span></div>
        ${this.reasons(flight.reasons)}`;
    }
    const { run } = result;
    return html`<div><span class="bad">✕ ${this.word("run.decision", run.decision)}</span> <span class="sub">${this.instant(run.due_at, "full")}</span></div>
      ${this.reasons(run.reasons)}`;
  }

  private outcome(flight: Flight): TemplateResult {
    const { outcome } = flight;
    if (outcome === null) return html`<span class="flying">▲ ${this.word("flight.state", flight.state)}</span>`;
    const tone = outcomeTone(outcome);
    return html`<span class=${tone}>${tone === "ok" ? "✓" : "✕"} ${this.word("flight.outcome", outcome)}</span>`;
  }

  private reasons(reasons: readonly ReasonText[]): TemplateResult | typeof nothing {
    return reasons.length === 0 ? nothing : reasonList(this.language, reasons);
  }

  private completion({ completion }: Patrol): TemplateResult {
    const { rate, done, due } = completion;
    const parts = (["refused", "missed", "failed", "held", "skipped"] as const).flatMap((name) =>
      completion[name] > 0 ? [`${this.t(`completion.${name}`)} ${completion[name]}`] : [],
    );
    return html`<div title=${this.t("completion.window", { days: completion.days })}>
        ${rate === null ? html`<span class="unknown">${this.t("verdict.no_data")}</span>` : html`<b>${percent(rate)}</b> <span class="sub">${done}/${due}</span>`}
      </div>
      <div class="sub">${parts.join(" · ")}</div>`;
  }

  private act(patrol: Patrol): TemplateResult | typeof nothing {
    const status = patrolStatus(patrol, store.state.fleet.drones.values(), serverNowMs());
    if (status === "flying" || status === "starting") return nothing;
    const run = openRun(patrol, serverNowMs());
    if (run !== null) {
      const order = { kind: "confirm", patrolId: patrol.id, runId: run.run_id } as const;
      return html`<div class="act">
        <button class="primary" data-act="confirm" ?disabled=${isUnderWay(order)} @click=${() => ask(order)}>${this.t("patrol.confirm")}…</button>
      </div>`;
    }
    const order = { kind: "start", patrolId: patrol.id, droneId: null } as const;
    return html`<div class="act">
      <button data-act="start" ?disabled=${isUnderWay(order)} @click=${() => ask(order)}>${this.t("patrol.start")}…</button>
    </div>`;
  }

  private flights(flights: readonly Flight[]): TemplateResult {
    if (flights.length === 0) return this.nothing(this.t("flights.none"));
    const heads = ["started", "drone", "what", "result", "reasons", "points", "flown", "separation"] as const;
    return html`<table>
      ${this.heads(heads.map((head) => this.t(`flights.col.${head}`)))}
      <tbody>
        ${flights.map((flight) => this.flight(flight))}
      </tbody>
    </table>`;
  }

  private flight(flight: Flight): TemplateResult {
    const lasted_s = flight.ended_at === null ? null : (Date.parse(flight.ended_at) - Date.parse(flight.started_at)) / 1000;
    return html`<tr data-flight-id=${flight.flight_id} data-outcome=${flight.outcome ?? ""}>
      <td>
        <div>${this.instant(flight.started_at, "full")}</div>
        <div class="sub">${this.word("flight.cause", flight.cause)}</div>
      </td>
      <td>${flight.drone_name}</td>
      <td>${flight.patrol_name ?? this.t("flight.to_alert")}</td>
      <td title=${flight.flight_log}>${this.outcome(flight)}</td>
      <td class="wrap">${flight.reasons.length === 0 ? html`<span class="dim">—</span>` : reasonList(this.language, flight.reasons)}</td>
      <td>${flight.items_reached}/${flight.items_total}</td>
      <td>
        <div>${distanceWords(flight.distance_flown_m)}</div>
        <div class="sub">${lasted_s === null ? "" : counter(lasted_s)}</div>
      </td>
      <td>${this.separation(flight)}</td>
    </tr>`;
  }

  /** How near another drone came, and which. */
  private separation(flight: Flight): TemplateResult {
    const { drones } = store.state.fleet;
    const least = leastSeparation(drones.get(flight.drone_id)?.drone, flight);
    if (least === null) return html`<span class="dim" title=${this.t("flights.alone")}>—</span>`;
    const other = least.otherId === null ? "" : (drones.get(least.otherId)?.drone.name ?? least.otherId);
    return html`<div class=${least.isTooNear ? "awaiting" : ""}>${least.isTooNear ? "! " : ""}${separationWords(least)}</div>
      <div class="sub">${other}</div>`;
  }

  private runs(runs: readonly PatrolRun[]): TemplateResult {
    if (runs.length === 0) return this.nothing(this.t("runs.none"));
    const name = (id: string): string => store.state.fleet.patrols.find((patrol) => patrol.id === id)?.name ?? id;
    const tone: Readonly<Record<string, string>> = { launched: "ok", awaiting: "awaiting" };
    const heads = ["due", "patrol", "decision", "reasons", "actor"] as const;
    return html`<table>
      ${this.heads(heads.map((head) => this.t(`runs.col.${head}`)))}
      <tbody>
        ${runs.map(
          (run) => html`<tr data-run-id=${run.run_id} data-decision=${run.decision}>
            <td>${this.instant(run.due_at, "full")}</td>
            <td>${name(run.patrol_id)}</td>
            <td class=${tone[run.decision] ?? "bad"}>${this.word("run.decision", run.decision)}</td>
            <td class="wrap">${run.reasons.length === 0 ? html`<span class="dim">—</span>` : reasonList(this.language, run.reasons)}</td>
            <td>${this.word("actor", run.actor)}</td>
          </tr>`,
        )}
      </tbody>
    </table>`;
  }
}

customElements.define("lookout-patrol-tables", PatrolTables);
