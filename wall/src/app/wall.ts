/** The page's one store, its boxes and its clock. */

import { languageOf } from "../i18n/index.ts";
import { place } from "../model/arrangement.ts";
import type { LayoutSize, Placement } from "../model/arrangement.ts";
import type { Camera } from "../model/contract.ts";
import { mayWatch } from "../model/roles.ts";
import { loadSettings } from "./settings.ts";
import { initialState, PAGES } from "./state.ts";
import type { Page, WallState } from "./state.ts";
import { Store } from "./store.ts";
import { TrackBoard } from "./tracks.ts";

function pageOfHash(): WallState["page"] {
  return PAGES.find((page) => `#/${page}` === location.hash) ?? "live";
}

const settings = loadSettings();

export const store = new Store(
  initialState(settings, settings.language ?? languageOf("zh-CN"), pageOfHash(), Date.now()),
);

export const tracks = new TrackBoard();

/** The server's clock, as far as pings tell. */
export function serverNowMs(): number {
  return Date.now() + store.state.link.offsetMs;
}

/** Seconds since an instant of the server, never negative. */
export function secondsSince(at: string): number {
  return Math.max(0, (serverNowMs() - Date.parse(at)) / 1000);
}

/** Pages a person may see. */
export function pagesOf(state: WallState): readonly Page[] {
  return mayWatch(state.session.user?.role) ? PAGES : ["health"];
}

export function layoutSize(state: WallState): LayoutSize {
  return state.zoomed === null ? state.settings.size : 1;
}

/** Cameras on the grid now and their slots. */
export function placements(state: WallState): Placement[] {
  const order = state.cameras.order;
  if (state.zoomed !== null) return place([state.zoomed], 1, 0, null);
  return place(order, state.settings.size, state.gridPage, state.hotspot.cameraId);
}

/** The camera standing in the hot-spot. */
export function hotspotCamera(state: WallState): Camera | undefined {
  const hot = placements(state).find((placement) => placement.slot === 0);
  return hot === undefined ? undefined : state.cameras.byId.get(hot.cameraId);
}
