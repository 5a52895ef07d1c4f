/** Patrols: the map, the drones with what may be ordered, and the tables of patrols, flights and runs. */

import { html } from "lit";
import type { TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";

import { loadFleet } from "../app/fleet.ts";
import { Watch } from "../app/controllers.ts";
import { store } from "../app/wall.ts";
import { droneView } from "../model/drones.ts";
import "./drone-card.ts";
import { WallElement } from "./element.ts";
import { patrolPageStyles } from "./patrol-styles.ts";
import "./patrol-tables.ts";
import { shared } from "./styles.ts";
import "./site-map.ts";

export class PatrolPage extends WallElement {
  static override styles = [shared, patrolPageStyles];

  @state() private droneId: string | null = null;
  @state() private patrolId: string | null = null;

  protected readonly watch = new Watch(this, (s) => [s.fleet, s.fleetProblem]);

  override connectedCallback(): void {
    super.connectedCallback();
    void loadFleet();
  }

  override render(): TemplateResult {
    return html`<lookout-site-map
        .droneId=${this.droneId}
        .patrolId=${this.patrolId}
        @drone-chosen=${this.chooseDrone}
      ></lookout-site-map>
      <lookout-patrol-tables
        .chosenId=${this.patrolId}
        @patrol-chosen=${(event: CustomEvent<string>) => (this.patrolId = this.patrolId === event.detail ? null : event.detail)}
      ></lookout-patrol-tables>
      <aside aria-label=${this.t("patrol.drones")} @drone-chosen=${this.chooseDrone}>
        <h2>${this.t("patrol.drones")}</h2>
        ${this.cards()}
      </aside>`;
  }

  private chooseDrone(event: CustomEvent<string>): void {
    this.droneId = this.droneId === event.detail ? null : event.detail;
  }

  /** Those in the air come first: their RETURN is never below the fold of those that stand. */
  private cards(): TemplateResult {
    const { fleet, fleetProblem } = store.state;
    if (!fleet.loaded) {
      return html`<div class="none" role="status">${fleetProblem?.(this.language) ?? this.t("patrol.loading")}</div>`;
    }
    if (fleet.drones.size === 0) {
      return html`<div class="none"><b>${this.t("patrol.no_drones")}</b>${this.t("patrol.no_drones_why")}</div>`;
    }
    const now = Date.now();
    const rank = (heard: Parameters<typeof droneView>[0]): number => (droneView(heard, now).isAirborne ? 0 : 1);
    const cards = [...fleet.drones.values()].sort((a, b) => rank(a) - rank(b));
    return html`${repeat(
      cards,
      ({ drone }) => drone.id,
      ({ drone }) => html`<lookout-drone-card data-drone-id=${drone.id} ?chosen=${drone.id === this.droneId}></lookout-drone-card>`,
    )}`;
  }
}

customElements.define("lookout-patrol-page", PatrolPage);
