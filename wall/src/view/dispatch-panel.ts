/** A drone to an alert's place: who could be there when, sending one after a question, and what became of it. */

import { css, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { property } from "lit/decorators.js";

import { ask, isUnderWay, offerFor } from "../app/fleet.ts";
import { EverySecond, Watch } from "../app/controllers.ts";
import { serverNowMs, store } from "../app/wall.ts";
import type { Alert } from "../model/contract.ts";
import type { DispatchCandidate, DispatchOffered } from "../model/drone-contract.ts";
import { counter, spell } from "../model/duration.ts";
import type { Order } from "../model/order-dialog.ts";
import { askingFor, droneOfCamera, openOffer } from "../model/fleet.ts";
import { sureness, whyNowhere } from "../model/place.ts";
import { mayFly, mayOffer } from "../model/roles.ts";
import { distanceWords } from "./drone-words.ts";
import { WallElement } from "./element.ts";
import { reasonStyles } from "./fleet-styles.ts";
import { reasonList } from "./reasons.ts";
import { shared } from "./styles.ts";

export class DispatchPanel extends WallElement {
  static override styles = [
    shared,
    reasonStyles,
    css`
      :host {
        display: block;
      }
      h3 {
        display: flex;
        align-items: baseline;
        gap: 0.6rem;
        margin: 1.3rem 0 0.5rem;
        padding-top: 1rem;
        border-top: 1px solid var(--line);
        font-size: 1rem;
        font-weight: 600;
      }
      h3 span {
        margin-left: auto;
        font-weight: 400;
        font-size: 0.93rem;
      }
      p {
        margin: 0;
        line-height: 1.5;
      }
      .ask {
        width: 100%;
        padding: 0.5rem;
      }
      ol {
        display: grid;
        gap: 0.6rem;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      ol > li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto auto;
        align-items: center;
        gap: 0.2rem 0.75rem;
      }
      ol > li > ul {
        grid-column: 1 / -1;
      }
      .place {
        margin-bottom: 0.5rem;
      }
      .time {
        font-size: 1.14rem;
        font-weight: 600;
      }
      .sub {
        color: var(--dim);
        font-size: 0.86rem;
      }
    `,
  ];

  @property({ attribute: false }) alert: Alert | null = null;

  protected readonly watch = new Watch(this, (s) => [
    s.fleet.offers,
    s.fleet.dispatches,
    s.ordering,
    s.session,
    s.offersAsked,
  ]);
  protected readonly clock = new EverySecond(this);

  override render(): TemplateResult | typeof nothing {
    const { fleet, session } = store.state;
    if (this.alert === null || fleet.drones.size === 0 || !mayOffer(session.user?.role)) return nothing;
    const nowhere = whyNowhere(this.language, this.alert, droneOfCamera(fleet, this.alert.camera_id) !== undefined);
    if (nowhere !== null) return html`<h3>${this.t("dispatch.title")}</h3><p class="bad" role="status" data-nowhere>✕ ${nowhere}</p>`;
    const offer = openOffer(fleet, this.alert.id, serverNowMs());
    const about = offer === null ? this.alert : { ...this.alert, place_error_m: offer.place_error_m };
    const left_s = offer === null ? 0 : (Date.parse(offer.expires_at) - serverNowMs()) / 1000;
    return html`<h3>
        ${this.t("dispatch.title")}
        ${offer !== null ? html`<span class="dim">${this.t("dispatch.valid_for", { time: counter(left_s) })}</span>` : nothing}
      </h3>
      <p class="sub place">${this.t("dispatch.place", { sureness: sureness(this.language, about) })}</p>
      ${offer !== null ? this.candidates(offer) : this.asking(this.alert.id)}`;
  }

  private asking(alertId: string): TemplateResult {
    const { fleet, offersAsked } = store.state;
    const asking = askingFor(fleet, alertId, offersAsked.get(alertId) ?? null, serverNowMs());
    if (asking === "waiting") return html`<p class="dim" role="status">${this.t("dispatch.asking")}</p>`;
    return html`${asking === "unanswered" ? html`<p class="bad" role="alert">${this.t("dispatch.no_answer")}</p>` : nothing}
      <button class="ask" data-act="offer" @click=${() => offerFor(alertId)}>${this.t("dispatch.ask")} <kbd>D</kbd></button>`;
  }

  private candidates(offer: DispatchOffered): TemplateResult {
    if (offer.candidates.length === 0) return html`<p class="dim">${this.t("dispatch.nobody")}</p>`;
    return html`<ol>
      ${offer.candidates.map((candidate) => this.candidate(offer, candidate))}
    </ol>`;
  }

  private candidate(offer: DispatchOffered, candidate: DispatchCandidate): TemplateResult {
    const order = { kind: "dispatch", alertId: offer.alert_id, droneId: candidate.drone_id } as const;
    const name = store.state.fleet.drones.get(candidate.drone_id)?.drone.name ?? candidate.drone_id;
    return html`<li data-drone-id=${candidate.drone_id} data-ready=${candidate.is_ready}>
      <span>${name} <span class="sub">${distanceWords(candidate.distance_m)}</span></span>
      <span class="time" title=${this.t("dispatch.arrival")}>${candidate.arrival_s === null ? "—" : spell(this.language, candidate.arrival_s)}</span>
      ${candidate.is_ready ? this.send(order) : html`<span class="bad">${this.t("dispatch.not_ready")}</span>`}
      ${candidate.reasons.length > 0 ? reasonList(this.language, candidate.reasons) : nothing}
    </li>`;
  }

  private send(order: Extract<Order, { kind: "dispatch" }>): TemplateResult {
    if (!mayFly(store.state.session.user?.role)) return html`<span class="ok">✓ ${this.t("dispatch.ready")}</span>`;
    return html`<button class="primary" data-act="dispatch" ?disabled=${isUnderWay(order)} @click=${() => ask(order)}>
      ${this.t("dispatch.send")}…
    </button>`;
  }
}

customElements.define("lookout-dispatch-panel", DispatchPanel);
