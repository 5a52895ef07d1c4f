/** One alert on the rail. */

import { css, html, nothing } from "lit";
import type { PropertyValues, TemplateResult } from "lit";
import { property } from "lit/decorators.js";

import { acknowledge, openReasons } from "../app/actions.ts";
import { EverySecond } from "../app/controllers.ts";
import { secondsSince, store } from "../app/wall.ts";
import { detailWords, isAboutDrone, ruleWords } from "../model/alerts.ts";
import type { Alert } from "../model/contract.ts";
import { counter } from "../model/duration.ts";
import { mayHandle } from "../model/roles.ts";
import { LEVEL_SHAPE } from "../model/levels.ts";
import { WallElement } from "./element.ts";
import { icons } from "./icons.ts";
import { shared } from "./styles.ts";
import "./snapshot.ts";

export class AlertCard extends WallElement {
  static override styles = [
    shared,
    css`
      :host {
        position: relative;
        display: grid;
        grid-template-columns: calc(4px * var(--room-scale)) 8.6rem minmax(0, 1fr);
        column-gap: 0.6rem;
        padding-right: 0.6rem;
        background: var(--panel-raised);
        border: 1px solid var(--line);
        border-radius: var(--radius);
        overflow: hidden;
        cursor: pointer;
      }
      :host([fresh]) {
        animation: arrive 0.28s ease-out;
      }
      @keyframes arrive {
        from {
          transform: translateX(2rem);
          opacity: 0;
        }
      }
      :host([selected]) {
        border-color: var(--text);
        box-shadow: 0 0 0 1px var(--text);
      }
      :host([data-level="red"][data-state="new"]) {
        background: color-mix(in srgb, var(--red) 13%, var(--panel-raised));
      }
      .edge {
        background: currentColor;
      }
      lookout-snapshot {
        width: 8.6rem;
        height: 4.85rem;
        margin: 0.5rem 0;
        border-radius: calc(var(--radius) / 2);
      }
      .words {
        display: grid;
        grid-template-rows: auto auto auto;
        align-content: center;
        gap: 0.12rem;
        min-width: 0;
        padding: 0.4rem 0;
      }
      .head {
        display: flex;
        align-items: baseline;
        gap: 0.35rem;
        font-weight: 600;
      }
      .head .time {
        margin-left: auto;
        color: var(--text);
        font-size: 1.07rem;
      }
      .what {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        font-size: 1.07rem;
        font-weight: 600;
      }
      .where,
      .more {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        color: var(--dim);
      }
      .more {
        display: flex;
        gap: 0.6rem;
        font-size: 0.93rem;
      }
      .told {
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .more .icon {
        display: inline-block;
        vertical-align: -0.2em;
      }
      .actions {
        grid-column: 2 / -1;
        display: flex;
        gap: 0.35rem;
        padding: 0 0 0.5rem;
      }
      .actions button {
        flex: 1;
        padding: 0.25rem 0.3rem;
      }
      .actions .primary kbd {
        background: none;
        border-color: rgb(11 15 20 / 0.45);
        color: var(--on-level);
      }
    `,
  ];

  @property({ attribute: false }) alert: Alert | null = null;
  @property({ type: Boolean, reflect: true }) selected = false;
  @property({ type: Boolean, reflect: true }) fresh = false;

  protected readonly clock = new EverySecond(this);

  override connectedCallback(): void {
    super.connectedCallback();
    this.setAttribute("role", "listitem");
    this.addEventListener("click", this.pick);
    this.addEventListener("dblclick", this.openDetail);
  }

  private readonly pick = (): void => {
    if (this.alert !== null) store.set({ selectedId: this.alert.id });
  };

  private readonly openDetail = (): void => {
    if (this.alert !== null) store.set({ detailId: this.alert.id });
  };

  protected override updated(changed: PropertyValues<this>): void {
    const alert = this.alert;
    if (alert === null) return;
    this.dataset["alertId"] = alert.id;
    this.dataset["level"] = alert.level;
    this.dataset["state"] = alert.state;
    this.setAttribute("aria-current", String(this.selected));
    if (changed.has("selected") && this.selected) this.scrollIntoView({ block: "nearest" });
  }

  override render(): TemplateResult {
    const alert = this.alert;
    if (alert === null) return html``;
    const what = ruleWords(this.language, alert);
    const told = alert.kind === "camera_offline" || isAboutDrone(alert);
    return html`<span class="edge ${alert.level}"></span>
      <lookout-snapshot .alert=${alert}></lookout-snapshot>
      <div class="words">
        <div class="head">
          <span class=${alert.level}>${LEVEL_SHAPE[alert.level]} ${this.t(`level.${alert.level}`)}</span>
          <time class="time" datetime=${alert.occurred_at} title=${this.instant(alert.occurred_at, "full")}>
            ${counter(secondsSince(alert.occurred_at))}
          </time>
        </div>
        <div class="what" title=${what}>${what}</div>
        <div class="where" title=${alert.camera_name}>${alert.camera_name}</div>
        <div class="more">
          ${told ? html`<span class="told" title=${detailWords(this.language, alert)}>${detailWords(this.language, alert)}</span>` : html`<span>${this.objects(alert)}</span>`}
          ${alert.state === "new"
            ? html`<span>${this.t(alert.ended_at === null ? "alert.ongoing" : "alert.ended")}</span>`
            : html`<span>${this.t(`alert.state.${alert.state}`)}</span>`}
          ${alert.clip.state === "ready" ? html`<span title=${this.t("detail.clip")}>${icons.clip}</span>` : nothing}
        </div>
      </div>
      ${this.selected ? this.actions(alert) : nothing}`;
  }

  private objects(alert: Alert): string {
    const name = this.word("class", alert.class_name);
    return alert.triggers > 1 ? `${name} ×${alert.triggers}` : name;
  }

  private actions(alert: Alert): TemplateResult {
    return html`<div class="actions">
      ${alert.state === "new" && mayHandle(store.state.session.user?.role)
        ? html`<button class="primary" @click=${() => void acknowledge(alert.id)}>
              ${this.t("alert.acknowledge")} <kbd>A</kbd>
            </button>
            <button @click=${() => openReasons(alert.id)}>${this.t("alert.false_alarm")} <kbd>F</kbd></button>`
        : nothing}
      <button @click=${this.openDetail}>${this.t("alert.detail")} <kbd>↵</kbd></button>
    </div>`;
  }
}

customElements.define("lookout-alert-card", AlertCard);
