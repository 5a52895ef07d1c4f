/** What became of drones sent to an alert's place, as steps of the alert. */

import { store } from "../app/wall.ts";
import { translate, word } from "../i18n/index.ts";
import type { Language } from "../i18n/index.ts";
import type { DispatchChanged } from "../model/drone-contract.ts";
import { spell } from "../model/duration.ts";
import { reasonWords } from "../model/patrols.ts";

export interface DispatchStep {
  readonly change: DispatchChanged;
  readonly words: { readonly title: string; readonly more: string };
}

export function dispatchSteps(language: Language, alertId: string): DispatchStep[] {
  const { dispatches, drones } = store.state.fleet;
  return (dispatches.get(alertId) ?? []).map((change) => {
    const name = drones.get(change.drone_id)?.drone.name ?? change.drone_id;
    const title = `${name} · ${word(language, "dispatch.stage", change.stage)}`;
    return { change, words: { title, more: details(language, change) } };
  });
}

function details(language: Language, change: DispatchChanged): string {
  const figures = [
    change.distance_m === null ? "" : translate(language, "dispatch.off_by", { metres: change.distance_m.toFixed(1) }),
    change.drift_m === null ? "" : translate(language, "dispatch.drift", { metres: change.drift_m.toFixed(1) }),
    change.held_s === null ? "" : translate(language, "dispatch.held", { duration: spell(language, change.held_s) }),
  ];
  const reasons = change.reasons.map((reason) => reasonWords(language, reason));
  return [word(language, "actor", change.actor), ...figures, ...reasons].filter((part) => part !== "").join(" · ");
}
