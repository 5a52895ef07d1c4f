/** The rail of alerts: what waits, most urgent first; what was handled, folded away. */

import { css, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";

import { Watch } from "../app/controllers.ts";
import { store } from "../app/wall.ts";
import { handled, ruleWords, waiting, waitingByLevel } from "../model/alerts.ts";
import type { Alert } from "../model/contract.ts";
import { LEVEL_SHAPE } from "../model/levels.ts";
import "./alert-card.ts";
import { WallElement } from "./element.ts";
import { icons } from "./icons.ts";
import { shared } from "./styles.ts";

/** Cards drawn at once; more wait behind a count. */
const DRAWN = 40;
const DRAWN_HANDLED = 20;

export class AlertRail extends WallElement {
  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 0;
        background: var(--panel);
        border-left: 1px solid var(--line);
      }
      .head {
        display: flex;
        align-items: center;
        gap: 0.75rem;
        height: 2.6rem;
        padding: 0 0.75rem;
        border-bottom: 1px solid var(--line);
        font-weight: 600;
      }
      .head h2 {
        margin: 0;
        flex: 1;
        font-size: 1.07rem;
        font-weight: 600;
      }
      .cards {
        flex: 1;
        min-height: 0;
        display: grid;
        align-content: start;
        grid-auto-rows: max-content;
        gap: 0.4rem;
        padding: 0.4rem;
        overflow-y: auto;
        overflow-x: hidden;
        scrollbar-width: thin;
        scrollbar-color: var(--line-strong) transparent;
      }
      .nothing {
        flex: 1;
        display: grid;
        place-content: center;
        justify-items: center;
        gap: 0.45rem;
        padding: 1rem;
        color: var(--dim);
        text-align: center;
      }
      .nothing .icon {
        width: 2.4rem;
        height: 2.4rem;
        color: var(--ok);
      }
      .nothing b {
        color: var(--text);
        font-weight: 500;
        font-size: 1.07rem;
      }
      .rest {
        color: var(--dim);
        text-align: center;
        padding: 0.3rem;
      }
      .fold {
        display: flex;
        align-items: center;
        justify-content: space-between;
        height: 2.4rem;
        padding: 0 0.75rem;
        border: 0;
        border-top: 1px solid var(--line);
        border-radius: 0;
        background: none;
        color: var(--dim);
      }
      .fold .icon {
        transform: rotate(180deg);
      }
      .fold[aria-expanded="true"] .icon {
        transform: none;
      }
      .handled {
        flex: 0 1 45%;
        border-top: 1px solid var(--line);
      }
      .handled lookout-alert-card {
        opacity: 0.75;
      }
    `,
  ];

  protected readonly watch = new Watch(this, (s) => [s.book, s.selectedId, s.handledOpen]);
  private readonly seen = new Set<string>();
  private settled = false;

  protected override updated(): void {
    this.settled = store.state.book.loaded;
  }

  override render(): TemplateResult {
    const { book, handledOpen } = store.state;
    const open = waiting(book);
    const done = handled(book);
    return html`<div class="head">
        <h2>${this.t("alert.rail")}</h2>
        ${waitingByLevel(open).map(
          ({ level, count }) =>
            html`<span class=${level} title=${this.t(`level.${level}`)} aria-label="${this.t(`level.${level}`)} ${count}">
              ${LEVEL_SHAPE[level]} ${count}
            </span>`,
        )}
      </div>
      <div class="hidden-label" role="alert">${this.announcement(open)}</div>
      ${open.length === 0 ? this.nothing(done) : this.cards(open)}
      ${done.length === 0
        ? nothing
        : html`${handledOpen ? this.done(done) : nothing}
            <button
              class="fold"
              aria-expanded=${handledOpen}
              @click=${() => store.set({ handledOpen: !handledOpen })}
            >
              ${this.t("alert.handled", { count: done.length })} ${icons.chevron}
            </button>`}`;
  }

  private cards(open: readonly Alert[]): TemplateResult {
    const drawn = open.slice(0, DRAWN);
    return html`<div class="cards" role="list" aria-label=${this.t("alert.waiting")}>
      ${repeat(
        drawn,
        (alert) => alert.id,
        (alert) => this.card(alert),
      )}
      ${open.length > DRAWN ? html`<div class="rest">${this.t("alert.more", { count: open.length - DRAWN })}</div>` : nothing}
    </div>`;
  }

  private done(done: readonly Alert[]): TemplateResult {
    return html`<div class="cards handled" role="list">
      ${repeat(
        done.slice(0, DRAWN_HANDLED),
        (alert) => alert.id,
        (alert) => this.card(alert),
      )}
    </div>`;
  }

  /** A card slides in once: when its alert is first seen here. */
  private card(alert: Alert): TemplateResult {
    const fresh = !this.seen.has(alert.id) && this.settled;
    this.seen.add(alert.id);
    return html`<lookout-alert-card
      .alert=${alert}
      ?fresh=${fresh}
      ?selected=${store.state.selectedId === alert.id}
    ></lookout-alert-card>`;
  }

  private nothing(done: readonly Alert[]): TemplateResult {
    if (!store.state.book.loaded) return html`<div class="nothing">${this.t("alert.loading")}</div>`;
    const last = done[0];
    return html`<div class="nothing">
      ${icons.check}<b>${this.t("alert.none")}</b>
      <span>
        ${last === undefined
          ? this.t("alert.none_why")
          : this.t("alert.last", { time: this.instant(last.occurred_at, "clock") })}
      </span>
    </div>`;
  }

  private announcement(open: readonly Alert[]): string {
    const newest = open.reduce<Alert | null>((a, b) => (a === null || b.seq > a.seq ? b : a), null);
    if (newest === null) return "";
    const rule = ruleWords(this.language, newest);
    return this.t("alert.new_announce", {
      level: this.t(`level.${newest.level}`),
      what: `${newest.camera_name} ${rule}`,
    });
  }
}

customElements.define("lookout-alert-rail", AlertRail);
