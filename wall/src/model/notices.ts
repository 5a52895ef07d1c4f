/** What the top bar warns of: drones in the air that are not heard, runs that wait for a person, analysis that lags or is silent. */

import type { MessageKey, Params } from "../i18n/index.ts";
import type { Camera, DetectorStatus } from "./contract.ts";
import type { Fleet } from "./fleet.ts";
import { airborne } from "./fleet.ts";
import { droneView } from "./drones.ts";
import { openRun } from "./patrols.ts";

export interface Phrase {
  readonly key: MessageKey;
  readonly params: Params;
}

export interface Notice {
  readonly title: Phrase;
  readonly why: Phrase;
  /** The server's own words, where it has some. */
  readonly text: string | null;
}

const SILENT_MS = 5_000;
/** Below this share of what the cameras ask for the rate counts as reduced (measured rates tremble). */
const REDUCED = 0.9;

export function notices(
  heartbeat: { readonly status: DetectorStatus; readonly heardAtMs: number } | null,
  cameras: ReadonlyMap<string, Camera>,
  nowMs: number,
): Notice[] {
  if (heartbeat === null || nowMs - heartbeat.heardAtMs > SILENT_MS) {
    return isSilent(heartbeat !== null, cameras) ? [plain("top.analysis_silent", "top.analysis_silent_why")] : [];
  }
  const { status } = heartbeat;
  const found: Notice[] = [];
  if (status.model_warning !== "") {
    found.push({ ...plain("top.model_warning", "top.model_warning"), text: status.model_warning });
  }
  if (status.capacity_fps < status.wanted_fps * REDUCED) {
    const analysed = status.cameras.reduce((sum, camera) => sum + camera.analysed_fps, 0);
    const params = {
      analysed: Math.round(analysed),
      wanted: Math.round(status.wanted_fps),
      capacity: Math.round(status.capacity_fps),
      engine: status.engine,
    };
    found.push({
      title: { key: "top.analysis_reduced", params },
      why: { key: "top.analysis_reduced_why", params },
      text: null,
    });
  }
  return found;
}

/** A page that was opened while the detector is away has heard nothing itself: it goes by what the server says of cameras. */
function isSilent(wasHeard: boolean, cameras: ReadonlyMap<string, Camera>): boolean {
  const wanting = [...cameras.values()].filter((camera) => camera.enabled && camera.analysed.state !== "not_configured");
  return wasHeard ? wanting.length > 0 : wanting.some((camera) => camera.analysed.cause === "detector_silent");
}

/** Drones that are in the air, as far as is known, and not heard; patrols that wait for a person. */
export function fleetNotices(fleet: Fleet, pageNowMs: number, serverNowMs: number): Notice[] {
  const lost = airborne(fleet, pageNowMs).flatMap((heard) => {
    const view = droneView(heard, pageNowMs);
    if (view.link === "live") return [];
    const params = { name: heard.drone.name, seconds: view.silent_s };
    return { title: { key: "top.drone_lost", params }, why: { key: "top.drone_lost_why", params }, text: null } as const;
  });
  const waiting = fleet.patrols.flatMap((patrol) => {
    if (openRun(patrol, serverNowMs) === null) return [];
    const params = { name: patrol.name };
    return { title: { key: "top.awaiting", params }, why: { key: "top.awaiting_why", params }, text: null } as const;
  });
  return [...lost, ...waiting];
}

function plain(title: MessageKey, why: MessageKey): Notice {
  return { title: { key: title, params: {} }, why: { key: why, params: {} }, text: null };
}
