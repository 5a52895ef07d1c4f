/** One drone: how it is, and what a pilot may order. Figures of a drone that is not heard are struck out. */

import { html, nothing, svg } from "lit";
import type { PropertyValues, TemplateResult } from "lit";
import { property } from "lit/decorators.js";

import { give, isUnderWay } from "../app/fleet.ts";
import { EverySecond, Watch } from "../app/controllers.ts";
import { store } from "../app/wall.ts";
import type { Drone, DroneOrder, DroneTelemetry, Flight } from "../model/drone-contract.ts";
import { batteryTone, droneView, height } from "../model/drones.ts";
import type { DroneView, HeardDrone } from "../model/drones.ts";
import { ordersOf } from "../model/orders.ts";
import { mayFly } from "../model/roles.ts";
import { leastSeparation } from "../model/separation.ts";
import { age_ms, sightCount } from "../model/sights.ts";
import { distanceWords, linkCause, linkWords, percentWords, separationWords } from "./drone-words.ts";
import { WallElement } from "./element.ts";
import { droneCardStyles, reasonStyles } from "./fleet-styles.ts";
import "./hold-button.ts";
import { reasonList } from "./reasons.ts";
import { sightShapeStyles } from "./sight-legend.ts";
import { sightList, sightListStyles } from "./sight-list.ts";
import { shared } from "./styles.ts";

export class DroneCard extends WallElement {
  static override styles = [shared, reasonStyles, sightShapeStyles, sightListStyles, droneCardStyles];

  @property({ attribute: "data-drone-id" }) droneId = "";
  @property({ type: Boolean, reflect: true }) chosen = false;

  protected readonly watch = new Watch(this, (s) => [
    s.fleet.drones.get(this.droneId),
    s.sights.get(s.fleet.drones.get(this.droneId)?.drone.camera_id ?? ""),
    s.fleet.patrols,
    s.ordering,
    s.session,
  ]);
  protected readonly clock = new EverySecond(this);

  private get heard(): HeardDrone | undefined {
    return store.state.fleet.drones.get(this.droneId);
  }

  protected override updated(_changed: PropertyValues<this>): void {
    const heard = this.heard;
    if (heard === undefined) return;
    const view = droneView(heard, Date.now());
    this.dataset["link"] = view.link;
    this.dataset["state"] = view.state;
    this.dataset["airborne"] = String(view.isAirborne);
  }

  override render(): TemplateResult {
    const heard = this.heard;
    if (heard === undefined) return html``;
    const view = droneView(heard, Date.now());
    const { drone } = heard;
    return html`<header>
        <button class="plain name" title=${this.t("drone.show")} @click=${this.choose}>${drone.name}</button>
        ${view.link === "live"
          ? html`<span class="state ${view.isAirborne ? "airborne" : ""}">${this.word("flight.state", view.state)}</span>`
          : html`<span class="state was">${this.t("drone.was", { state: this.word("flight.state", view.state) })}</span>`}
      </header>
      <div class="link ${view.link}" role="status">
        <i></i>${linkWords(this.language, view)}
        <span class="why">${view.link === "live" ? (drone.telemetry?.mode ?? "") : linkCause(this.language, view)}</span>
      </div>
      ${drone.telemetry === null ? nothing : this.figures(drone.telemetry, view)} ${this.progress(drone.flight)} ${this.separation(drone)}
      ${this.message(heard, view)} ${mayFly(store.state.session.user?.role) ? this.orders(view) : nothing}
      ${view.isAirborne ? this.sights(drone.camera_id) : nothing}`;
  }

  private choose(): void {
    this.dispatchEvent(new CustomEvent("drone-chosen", { detail: this.droneId, bubbles: true, composed: true }));
  }

  private figures(telemetry: DroneTelemetry, view: DroneView): TemplateResult {
    const speed = view.position?.ground_speed_m_s ?? null;
    const { metres, above } = view.position === null ? { metres: null, above: "ground" } : height(view.position);
    const rows: readonly (readonly [string, string, string])[] = [
      [this.t("drone.battery"), percentWords(telemetry.battery_percent), batteryTone(telemetry.battery_percent)],
      [this.t(above === "ground" ? "drone.height_ground" : "drone.height_home"), metres === null ? "—" : `${Math.round(metres)} m`, ""],
      [this.t("drone.from_home"), distanceWords(telemetry.distance_from_home_m), ""],
      [this.t("drone.speed"), speed === null ? "—" : `${speed.toFixed(1)} m/s`, ""],
      [this.t("drone.satellites"), telemetry.satellites === null ? "—" : String(telemetry.satellites), ""],
      [this.t("drone.heading"), view.position?.heading_deg == null ? "—" : `${Math.round(view.position.heading_deg)}°`, ""],
    ];
    const old = view.link !== "live" || (view.position !== null && !view.isCurrent);
    return html`<dl class=${old ? "old" : ""}>
      ${rows.map(([name, value, tone]) => html`<div><dt>${name}</dt><dd class=${old ? "" : tone}>${value}</dd></div>`)}
    </dl>`;
  }

  /** The least distance from another drone so far on this flight. */
  private separation(drone: Drone): TemplateResult | typeof nothing {
    const least = leastSeparation(drone, drone.flight);
    if (least === null) return nothing;
    const name = store.state.fleet.drones.get(least.otherId ?? "")?.drone.name ?? least.otherId ?? "—";
    const words = this.t("drone.separation", { name, distance: separationWords(least) });
    return html`<p class="apart ${least.isTooNear ? "near" : ""}">${words}</p>`;
  }

  private progress(flight: Flight | null): TemplateResult | typeof nothing {
    if (flight === null) return nothing;
    const name = flight.patrol_name ?? this.t("flight.to_alert");
    const { items_reached: reached, items_total: total } = flight;
    return html`<div class="progress">
      ${this.t("flight.progress", { name, reached, total })}
      <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
        <rect width="100" height="10"></rect>
        ${svg`<rect class="full" width=${total > 0 ? (reached / total) * 100 : 0} height="10"></rect>`}
      </svg>
    </div>`;
  }

  /** What its camera sees on the ground, in words: the map's other half. */
  private sights(cameraId: string | null): TemplateResult | typeof nothing {
    if (cameraId === null) return nothing;
    const camera = store.state.sights.get(cameraId);
    if (camera === undefined) return html`<p class="apart" data-seen="untold">${this.t("sights.untold")}</p>`;
    const { offsetMs } = store.state.link;
    return sightList(this.language, sightCount(camera, Date.now(), offsetMs), age_ms(camera.newest, Date.now(), offsetMs) / 1000);
  }

  /** Why it may not start; what is wrong in flight; the vehicle's own last word. */
  private message({ drone }: HeardDrone, view: DroneView): TemplateResult | typeof nothing {
    const { telemetry, flight } = drone;
    const reasons = flight !== null && flight.reasons.length > 0 ? flight.reasons : view.isAirborne ? [] : (telemetry?.not_ready ?? []);
    if (reasons.length > 0) return reasonList(this.language, reasons);
    if (view.isAirborne && telemetry !== null && telemetry.message !== "") return html`<p class="message">${telemetry.message}</p>`;
    return view.link === "live" && telemetry?.is_ready === true && !view.isAirborne
      ? html`<p class="message ok">✓ ${this.t("drone.ready")}</p>`
      : nothing;
  }

  private orders(view: DroneView): TemplateResult | typeof nothing {
    const offered = ordersOf(view);
    if (offered.length === 0) return nothing;
    const small = offered.filter((order) => order !== "return");
    return html`${small.length === 0 ? nothing : html`<div class="orders">${small.map((order) => this.button(order))}</div>`}
    ${offered.includes("return")
      ? html`<lookout-hold-button
          data-order="return"
          .label=${this.t("order.action.return")}
          .hint=${this.t(view.link === "live" ? "order.hold" : "order.hold_lost")}
          ?busy=${isUnderWay({ kind: "drone", droneId: this.droneId, order: "return" })}
          @held=${() => give({ kind: "drone", droneId: this.droneId, order: "return" })}
        ></lookout-hold-button>`
      : nothing}`;
  }

  private button(order: DroneOrder): TemplateResult {
    const whole = { kind: "drone", droneId: this.droneId, order } as const;
    const asks = order === "land" || order === "abort" ? "…" : "";
    return html`<button data-order=${order} ?disabled=${isUnderWay(whole)} @click=${() => give(whole)}>
      ${this.t(`order.action.${order}`)}${asks}
    </button>`;
  }
}

customElements.define("lookout-drone-card", DroneCard);
