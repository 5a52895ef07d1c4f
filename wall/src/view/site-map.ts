/** The plan of the site: zones, cameras and their view, routes, drones, alerts. Offline: a grid of metres, no tiles. */

import { html, nothing, svg } from "lit";
import type { PropertyValues, SVGTemplateResult, TemplateResult } from "lit";
import { property } from "lit/decorators.js";

import { EverySecond, Watch } from "../app/controllers.ts";
import { store } from "../app/wall.ts";
import { ruleWords } from "../model/alerts.ts";
import type { Alert } from "../model/contract.ts";
import type { GeoPoint, MapCamera, Patrol, SiteMap as SiteMapAnswer } from "../model/drone-contract.ts";
import { droneView } from "../model/drones.ts";
import { boxAt, labelPlaces } from "../model/labels.ts";
import type { Box } from "../model/labels.ts";
import { around, marked, sureness } from "../model/place.ts";
import type { PlacedAlert } from "../model/place.ts";
import { isPlace, project } from "../model/projection.ts";
import type { Metres } from "../model/projection.ts";
import { planOf, splitRoute } from "../model/route.ts";
import { grid } from "../model/scale-bar.ts";
import { sightsPicture } from "../model/sights.ts";
import type { SightsPicture } from "../model/sights.ts";
import { originOf, placeOf, standing } from "../model/site-plan.ts";
import { centredOn, fit, toPixel } from "../model/viewport.ts";
import { droneSymbol, LABEL_PX } from "./map-drone.ts";
import type { DrawnDrone } from "./map-drone.ts";
import { cameraLayer, cameraNameBoxes, gridLayer, hatchings, homeLayer, placeBox, placeMark, pointList, routeLayer, trailLayer, zoneLabelBoxes, zoneLayer } from "./map-layers.ts";
import type { Drawing, RouteLook } from "./map-layers.ts";
import { footprintLayer, groupsOf, sightBoxes, sightLayer } from "./map-sights.ts";
import { MapView, MARGIN_PX } from "./map-view.ts";
import { mapStyles } from "./map-styles.ts";
import { sightLegend, sightShapeStyles } from "./sight-legend.ts";
import { shared } from "./styles.ts";

/** Zones that turn with the hour are asked for every ten seconds; older than this they may be wrong. */
const OLD_MAP_MS = 45_000;

export class SiteMap extends MapView {
  static override styles = [shared, mapStyles, sightShapeStyles];

  /** The patrol whose route stands out. */
  @property({ attribute: false }) patrolId: string | null = null;
  @property({ attribute: false }) droneId: string | null = null;
  /** The alert this map is about: its camera's view and its place stand out, and the map shows their surroundings. */
  @property({ attribute: false }) alert: Alert | null = null;

  protected readonly watch = new Watch(this, (s) => [s.fleet, s.sights, s.cameras, s.book]);
  protected readonly clock = new EverySecond(this);
  private origin: GeoPoint | null = null;

  private get site(): SiteMapAnswer | null {
    return store.state.fleet.map?.site ?? null;
  }

  /** Cameras but those on drones: they are where their drone is, whatever place the config gives them. */
  private get standingCameras(): readonly MapCamera[] {
    const { map, drones } = store.state.fleet;
    const carried = new Set([...drones.values()].map(({ drone }) => drone.camera_id));
    return (map?.site.cameras ?? []).filter(({ id }) => !carried.has(id));
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    // Once chosen the origin stays: what is drawn must not jump when a drone appears.
    this.origin ??= originOf(this.site, [...this.dronePlaces(), ...this.alertPlaces()]);
    if (changed.has("alert") && changed.get("alert")?.id !== this.alert?.id) this.showAll();
    this.lookAgain();
    if (changed.has("patrolId")) this.showRoute();
    if (changed.has("droneId") && this.droneId !== null) this.showDrone(this.droneId);
  }

  protected override get shown(): Metres[] | null {
    if (this.origin === null) return null;
    const about = this.alertPlaces();
    const drones = this.dronePlaces();
    const all = about.length > 0 ? about : [...(this.site === null ? [] : standing(this.site)), ...drones, ...this.planned()];
    return all.map((point) => this.metres(point));
  }

  private planned(): GeoPoint[] {
    return store.state.fleet.patrols.flatMap((patrol) => patrol.plans.flatMap((plan) => plan.points));
  }

  private dronePlaces(): GeoPoint[] {
    return [...store.state.fleet.drones.values()].map(placeOf);
  }

  private alertPlaces(): GeoPoint[] {
    if (this.alert === null) return [];
    const camera = this.standingCameras.find((known) => known.id === this.alert?.camera_id);
    const subject = [...store.state.fleet.drones.values()].find(
      ({ drone }) => drone.id === this.alert?.camera_id || (drone.camera_id !== null && drone.camera_id === this.alert?.camera_id),
    );
    const sent = [...store.state.fleet.drones.values()].filter(({ drone }) => drone.telemetry?.alert_id === this.alert?.id);
    return [...around(this.alert), subject === undefined ? camera : placeOf(subject), ...sent.map(placeOf)].filter(isPlace);
  }

  /** Fills the map with a chosen route; without one it shows everything again. */
  private showRoute(): void {
    if (this.view === null) return;
    const { width_px, height_px } = this.view;
    const patrol = store.state.fleet.patrols.find((known) => known.id === this.patrolId);
    const points = patrol?.plans[0]?.points ?? [];
    if (points.length > 0) this.move(fit(points.map((point) => this.metres(point)), width_px, height_px, height_px / 5));
    else if (this.patrolId === null) {
      this.showAll();
      this.lookAgain();
    }
  }

  /** Brings a drone into the middle. */
  private showDrone(id: string): void {
    const heard = store.state.fleet.drones.get(id);
    if (heard === undefined || this.view === null) return;
    const [x, y] = toPixel(this.view, this.metres(placeOf(heard)));
    const margin = MARGIN_PX * this.scale;
    if (x > margin && y > margin && x < this.view.width_px - margin && y < this.view.height_px - margin) return;
    this.move(centredOn(this.view, this.metres(placeOf(heard))));
  }

  private metres(point: GeoPoint): Metres {
    return project(this.origin ?? point, point);
  }

  override render(): TemplateResult {
    const view = this.view;
    const { fleet, fleetProblem } = store.state;
    if (view === null) return this.nothingYet();
    const drawing: Drawing = {
      language: this.language,
      at: (point) => toPixel(view, this.metres(point)),
      scale: this.scale,
      m_per_px: view.m_per_px,
    };
    const { looks, views } = this.sights();
    const groups = groupsOf(drawing, views);
    const drones = this.drawnDrones(drawing, sightBoxes(drawing, groups));
    const labels = drones.map(labelBox(drawing.scale));
    const alerts = marked(store.state.book, this.alert);
    const still = [...zoneLabelBoxes(drawing, this.site?.zones ?? []), ...cameraNameBoxes(drawing, this.standingCameras)];
    const taken = [...labels, ...still, ...alerts.map(({ place }) => placeBox(drawing, place))];
    return html`<svg
        class="plan ${this.dragged ? "dragged" : ""}"
        viewBox="0 0 ${view.width_px} ${view.height_px}"
        role="img"
        tabindex="0"
        aria-label=${this.t("map.label", { drones: fleet.drones.size, zones: this.site?.zones.length ?? 0, sights: views.length })}
        @wheel=${this.wheel}
        @pointerdown=${this.press}
        @pointermove=${this.dragTo}
        @pointerup=${this.release}
        @pointercancel=${this.release}
        @keydown=${this.key}
      >
        ${hatchings(drawing.scale)} ${gridLayer(grid(view), view.width_px, view.height_px)}
        ${looks.map(({ footprint, cameraId }) => footprintLayer(drawing, footprint, cameraId))} ${this.standing(drawing, labels)}
        ${this.routes(drawing)} ${sightLayer(drawing, groups, taken)} ${this.alerts(drawing, alerts)} ${this.drones(drawing, drones)}
      </svg>
      ${this.warnings(fleetProblem !== null)} ${this.tools()} ${this.corner()}
      ${sightLegend(this.language, views, looks.length > 0)}`;
  }

  private nothingYet(): TemplateResult {
    const { fleet, fleetProblem } = store.state;
    if (fleetProblem !== null && !fleet.loaded) {
      return html`<div class="empty" role="alert"><b>${this.t("patrol.failed")}</b>${fleetProblem(this.language)}</div>`;
    }
    if (!fleet.loaded) return html`<div class="empty">${this.t("patrol.loading")}</div>`;
    return html`<div class="empty"><b>${this.t("map.nothing")}</b>${this.t("map.nothing_why")}</div>`;
  }

  private standing(drawing: Drawing, labels: readonly Box[]): TemplateResult | SVGTemplateResult | typeof nothing {
    const site = this.site;
    if (site === null) return nothing;
    const byId = store.state.cameras.byId;
    const cameras = this.standingCameras.map((camera) => ({ ...camera, state: byId.get(camera.id)?.state ?? camera.state }));
    const taken = [...zoneLabelBoxes(drawing, site.zones), ...labels];
    return svg`${zoneLayer(drawing, site.zones)} ${cameraLayer(drawing, cameras, this.alert?.camera_id ?? null, taken)}
      ${homeLayer(drawing, site.homes)}`;
  }

  /** What drones' cameras see: of all; on the map of an alert of the camera it is of, and of drones that were sent. */
  private sights(): SightsPicture {
    const { sights, fleet, link } = store.state;
    const cameras = [...sights.values()].filter(({ cameraId, droneId }) => {
      const isSent = fleet.drones.get(droneId)?.drone.telemetry?.alert_id === this.alert?.id;
      return this.alert === null || cameraId === this.alert.camera_id || isSent;
    });
    return sightsPicture(cameras, Date.now(), link.offsetMs);
  }

  private routes(drawing: Drawing): SVGTemplateResult[] {
    if (this.alert !== null) return [];
    return store.state.fleet.patrols.map((patrol) => this.route(drawing, patrol));
  }

  /** The plan of the drone that flies it, with its progress; else the first one, faint or chosen. */
  private route(drawing: Drawing, patrol: Patrol): SVGTemplateResult {
    const flight = [...store.state.fleet.drones.values()].map(({ drone }) => drone.flight).find((own) => own?.patrol_id === patrol.id);
    const plan = planOf(patrol.plans, flight?.drone_id ?? null);
    if (plan === undefined) return svg``;
    const flying = flight !== undefined && flight !== null;
    const parts = splitRoute(plan.points, flying ? flight.items_reached : 0, flying ? flight.items_total : 0);
    const look: RouteLook = flying ? (flight.state === "returning" ? "left" : "flying") : patrol.id === this.patrolId ? "chosen" : "planned";
    return routeLayer(drawing, parts, look, patrol.id);
  }

  private drawnDrones(drawing: Drawing, obstacles: readonly Box[]): DrawnDrone[] {
    const { fleet } = store.state;
    const now = Date.now();
    // Those in the air get the best place for their words, and are drawn over those that stand.
    const seen = [...fleet.drones.values()]
      .map((heard) => ({ heard, view: droneView(heard, now), at: placeOf(heard) }))
      .sort((a, b) => Number(b.view.isAirborne) - Number(a.view.isAirborne));
    const { width, height, gap } = LABEL_PX;
    const pixels = seen.map(({ at }) => drawing.at(at));
    const picture = { left: 0, top: 0, right: this.view?.width_px ?? 0, bottom: this.view?.height_px ?? 0 };
    const labels = labelPlaces(pixels, width * drawing.scale, height * drawing.scale, gap * drawing.scale, picture, obstacles);
    return seen.map(({ heard, view, at }, i) => {
      const label = labels[i] ?? { at: drawing.at(at), side: "right" };
      return { heard, view, chosen: heard.drone.id === this.droneId, at, label };
    });
  }

  private drones(drawing: Drawing, drones: readonly DrawnDrone[]): SVGTemplateResult[] {
    const { trails } = store.state.fleet;
    const shapes = drones.map((drawn) => {
      const { heard, view } = drawn;
      const goal = view.isCurrent ? this.goalOf(drawn) : null;
      return svg`${view.isAirborne ? trailLayer(drawing, trails.get(heard.drone.id) ?? []) : nothing}
        ${goal === null ? nothing : svg`<polyline class="goal" points=${pointList([drawing.at(drawn.at), drawing.at(goal)])}></polyline>`}
        <g @click=${() => this.choose(heard.drone.id)}>${droneSymbol(drawing, drawn)}</g>`;
    });
    return shapes.reverse();
  }

  /** Where it flies to off its route: home, or the place of an alert. */
  private goalOf({ heard, view }: DrawnDrone): GeoPoint | null {
    if (view.state === "returning") return heard.drone.home;
    const alertId = heard.drone.telemetry?.alert_id ?? null;
    if (view.state !== "dispatched" || alertId === null) return null;
    const place = store.state.fleet.dispatches.get(alertId)?.at(-1)?.place ?? store.state.book.byId.get(alertId)?.place;
    return isPlace(place) ? place : null;
  }

  private choose(droneId: string): void {
    this.dispatchEvent(new CustomEvent("drone-chosen", { detail: droneId, bubbles: true, composed: true }));
  }

  private alerts(drawing: Drawing, alerts: readonly PlacedAlert[]): SVGTemplateResult[] {
    return alerts.map((alert) => {
      const words = `${alert.camera_name} · ${ruleWords(this.language, alert)} · ${sureness(this.language, alert)}`;
      return placeMark(drawing, alert.place, alert.place_error_m, alert.level, words);
    });
  }

  private warnings(failed: boolean): TemplateResult | typeof nothing {
    const map = store.state.fleet.map;
    const old = map !== null && Date.now() - map.askedAtMs > OLD_MAP_MS;
    const words = [
      failed || old ? this.t("map.old", { time: map === null ? "—" : this.instant(new Date(map.askedAtMs), "clock") }) : null,
      map !== null && !map.site.zones_known ? this.t("map.zones_unknown") : null,
    ].filter((word) => word !== null);
    return words.length === 0 ? nothing : html`<div class="warning" role="status">${words.map((text) => html`<span>${text}</span>`)}</div>`;
  }
}

function labelBox(scale: number): (drone: DrawnDrone) => Box {
  return ({ label }) => boxAt(label.at, LABEL_PX.width * scale, LABEL_PX.height * scale);
}

customElements.define("lookout-site-map", SiteMap);
