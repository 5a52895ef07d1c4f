/** The dialog about an order: what it would do and what speaks against it, then why it was refused. */

import { css, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";

import { closeOrder, isUnderWay, orderWords, send } from "../app/fleet.ts";
import { EverySecond, Watch } from "../app/controllers.ts";
import { store } from "../app/wall.ts";
import type { Patrol, PatrolPlan } from "../model/drone-contract.ts";
import { counter, spell } from "../model/duration.ts";
import { orderKey } from "../model/order-dialog.ts";
import type { Order, OrderDialog as Dialog, OrderFailure } from "../model/order-dialog.ts";
import { against } from "../model/patrols.ts";
import { errorWords } from "../model/place.ts";
import { percent } from "../model/rates.ts";
import { planOf } from "../model/route.ts";
import { distanceWords } from "./drone-words.ts";
import { WallElement } from "./element.ts";
import { reasonStyles } from "./fleet-styles.ts";
import "./hold-button.ts";
import { reasonList, unheard } from "./reasons.ts";
import { shared } from "./styles.ts";

export class OrderDialog extends WallElement {
  static override styles = [
    shared,
    reasonStyles,
    css`
      .veil {
        position: fixed;
        inset: 0;
        z-index: 65;
        display: grid;
        place-content: center;
        background: rgb(5 8 11 / 0.6);
      }
      .panel {
        display: grid;
        gap: 0.9rem;
        width: min(34rem, calc(100vw - 2rem));
        max-height: calc(100vh - 2rem);
        overflow: auto;
        padding: 1.3rem 1.5rem;
        background: var(--panel-raised);
        border: 1px solid var(--line-strong);
        border-radius: calc(var(--radius) * 2);
        box-shadow: 0 1rem 3rem rgb(0 0 0 / 0.5);
      }
      h2 {
        margin: 0;
        font-size: 1.3rem;
        font-weight: 600;
      }
      h3 {
        margin: 0 0 0.4rem;
        color: var(--orange);
        font-size: 1.07rem;
        font-weight: 600;
      }
      p {
        margin: 0;
        line-height: 1.5;
      }
      dl {
        display: grid;
        grid-template-columns: repeat(3, 1fr);
        gap: 0.75rem;
        margin: 0;
      }
      dt {
        color: var(--dim);
      }
      dd {
        margin: 0;
        font-size: 1.3rem;
        font-weight: 600;
      }
      .drones {
        display: flex;
        flex-wrap: wrap;
        gap: 0.4rem;
      }
      .drones button[aria-pressed="true"] {
        border-color: var(--blue);
        color: var(--blue);
      }
      .failure {
        padding: 0.75rem 0.9rem;
        border: 1px solid var(--orange);
        border-radius: var(--radius);
      }
      .buttons {
        display: flex;
        justify-content: end;
        gap: 0.6rem;
      }
      .buttons button {
        padding: 0.5rem 1.1rem;
      }
      .danger {
        border-color: var(--orange);
        background: color-mix(in srgb, var(--orange) 22%, var(--panel-raised));
        font-weight: 600;
      }
    `,
  ];

  /** The drone chosen for a start; null: the patrol's first. */
  @state() private droneId: string | null = null;
  protected readonly watch = new Watch(this, (s) => [s.order, s.ordering, s.fleet]);
  protected readonly clock = new EverySecond(this);
  private shown: string | null = null;
  private focusedBefore: HTMLElement | null = null;

  protected override willUpdate(): void {
    const order = store.state.order;
    const key = order === null ? null : orderKey(order.order);
    if (key === this.shown) return;
    this.shown = key;
    this.droneId = order?.order.kind === "start" ? order.order.droneId : null;
    if (key !== null) this.focusedBefore = deepFocus();
  }

  protected override updated(): void {
    const panel = this.renderRoot.querySelector<HTMLElement>(".panel");
    if (panel === null) {
      this.focusedBefore?.focus();
      this.focusedBefore = null;
    } else if (this.shadowRoot?.activeElement === null) {
      panel.querySelector<HTMLElement>("[data-first]")?.focus();
    }
  }

  override render(): TemplateResult | typeof nothing {
    const dialog = store.state.order;
    if (dialog === null) return nothing;
    const title = orderWords(dialog.order)(this.language);
    return html`<div
      class="veil"
      @click=${(event: Event) => {
        if (event.target === event.currentTarget) closeOrder();
      }}
      @keydown=${this.keepFocus}
    >
      <div class="panel" role="dialog" aria-modal="true" aria-label=${title} data-order=${dialog.order.kind}>
        <h2>${title}</h2>
        ${dialog.failure === null ? this.question(dialog.order) : this.failure(dialog.order, dialog.failure)}
        ${this.buttons(dialog)}
      </div>
    </div>`;
  }

  private question(order: Order): TemplateResult {
    switch (order.kind) {
      case "start":
      case "confirm":
        return this.plan(order.patrolId);
      case "drone":
        return html`<p>${this.word("order.asks", order.order)}</p>`;
      case "dispatch":
        return this.arrival(order.alertId, order.droneId);
    }
  }

  private plan(patrolId: string): TemplateResult {
    const { patrols, drones } = store.state.fleet;
    const patrol = patrols.find((known) => known.id === patrolId);
    if (patrol === undefined) return html`<p>${this.t("patrol.gone")}</p>`;
    const droneId = this.chosenDrone(patrol);
    const plan = planOf(patrol.plans, droneId);
    const heard = droneId === null ? undefined : drones.get(droneId);
    const reasons = [...unheard(heard), ...against(plan, heard)];
    return html`${patrol.drones.length > 1 ? this.choices(patrol, droneId) : nothing} ${this.figures(plan)}
      ${reasons.length === 0
        ? html`<p class="ok">✓ ${this.t("order.nothing_against")}</p>`
        : html`<div class="failure"><h3>${this.t("order.against")}</h3>${reasonList(this.language, reasons)}</div>`}
      <p class="dim">${this.t("order.checked_again")}</p>`;
  }

  private chosenDrone(patrol: Patrol): string | null {
    const dialog = store.state.order;
    if (dialog?.order.kind === "confirm") return patrol.awaiting?.drone_id ?? patrol.drones[0] ?? null;
    return this.droneId ?? patrol.drones[0] ?? null;
  }

  private choices(patrol: Patrol, droneId: string | null): TemplateResult | typeof nothing {
    if (store.state.order?.order.kind !== "start") return nothing;
    return html`<div class="drones" role="group" aria-label=${this.t("order.drone")}>
      ${patrol.drones.map(
        (id) => html`<button aria-pressed=${id === droneId} @click=${() => (this.droneId = id)}>
          ${store.state.fleet.drones.get(id)?.drone.name ?? id}
        </button>`,
      )}
    </div>`;
  }

  private figures(plan: PatrolPlan | undefined): TemplateResult {
    if (plan === undefined) return html`<p class="dim">${this.t("order.no_plan")}</p>`;
    const rows = [
      [this.t("order.distance"), distanceWords(plan.distance_m)],
      [this.t("order.duration"), plan.duration_s === null ? "—" : counter(plan.duration_s)],
      [this.t("order.energy"), percent(plan.energy_share, 0)],
    ] as const;
    return html`<dl>
        ${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
      </dl>
      <p class="dim">${this.t("order.planned_at", { time: this.instant(plan.planned_at, "clock") })}</p>`;
  }

  private arrival(alertId: string, droneId: string): TemplateResult {
    const offer = store.state.fleet.offers.get(alertId);
    const candidate = offer?.candidates.find((known) => known.drone_id === droneId);
    const seconds = candidate?.arrival_s ?? null;
    const error_m = offer?.place_error_m ?? null;
    return html`<dl>
        <div><dt>${this.t("dispatch.arrival")}</dt><dd>${seconds === null ? "—" : spell(this.language, seconds)}</dd></div>
        <div><dt>${this.t("order.distance")}</dt><dd>${distanceWords(candidate?.distance_m ?? null)}</dd></div>
        <div><dt>${this.t("order.place_error")}</dt><dd>${error_m === null ? "—" : errorWords(this.language, error_m)}</dd></div>
      </dl>
      ${candidate !== undefined && candidate.reasons.length > 0
        ? html`<div class="failure"><h3>${this.t("order.against")}</h3>${reasonList(this.language, candidate.reasons)}</div>`
        : nothing}
      <p>${this.t("order.asks.dispatch")}</p>`;
  }

  private failure(order: Order, failure: OrderFailure): TemplateResult {
    const title = this.t(`order.failure.${failure.kind}`);
    return html`<div class="failure" role="alert" data-failure=${failure.kind}>
      <h3>${title}</h3>
      ${failure.reasons.length > 0 ? reasonList(this.language, failure.reasons) : html`<p>${failure.words(this.language)}</p>`}
      ${failure.kind === "no_answer" ? html`<p>${this.t(isReturn(order) ? "order.unknown_return" : "order.unknown")}</p>` : nothing}
    </div>
    ${isReturn(order) ? this.again(order) : nothing}`;
  }

  /** Calling it back must not wait for this dialog to be closed. */
  private again(order: Order): TemplateResult {
    return html`<lookout-hold-button
      data-order="return"
      .label=${this.t("order.action.return")}
      .hint=${this.t("order.hold")}
      ?busy=${isUnderWay(order)}
      @held=${() => void send(order)}
    ></lookout-hold-button>`;
  }

  private buttons({ order, failure }: Dialog): TemplateResult {
    if (failure !== null) {
      return html`<div class="buttons"><button data-first @click=${closeOrder}>${this.t("order.close")}</button></div>`;
    }
    const whole = this.whole(order);
    const busy = isUnderWay(whole);
    return html`<div class="buttons">
      <button data-first @click=${closeOrder}>${this.t("order.cancel")}</button>
      <button class=${order.kind === "drone" ? "danger" : "primary"} data-send ?disabled=${busy} @click=${() => void send(whole)}>
        ${busy ? this.t("order.sending") : this.word("order.do", order.kind === "drone" ? order.order : order.kind)}
      </button>
    </div>`;
  }

  /** The order with the drone that was chosen here. */
  private whole(order: Order): Order {
    return order.kind === "start" ? { ...order, droneId: this.droneId ?? order.droneId } : order;
  }

  /** Tab stays within the dialog. */
  private keepFocus(event: KeyboardEvent): void {
    if (event.key !== "Tab") return;
    const buttons = [...this.renderRoot.querySelectorAll<HTMLElement>(".panel button:not([disabled]), .panel lookout-hold-button")];
    const at = buttons.indexOf(this.shadowRoot?.activeElement as HTMLElement);
    const next = buttons[(at + (event.shiftKey ? -1 : 1) + buttons.length) % buttons.length];
    event.preventDefault();
    next?.focus();
  }
}

function isReturn(order: Order): boolean {
  return order.kind === "drone" && order.order === "return";
}

/** What has the focus, through the shadow roots. */
function deepFocus(): HTMLElement | null {
  let found = document.activeElement;
  while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
  return found instanceof HTMLElement ? found : null;
}

customElements.define("lookout-order-dialog", OrderDialog);
