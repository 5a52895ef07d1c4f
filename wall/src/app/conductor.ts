/** Keeps the state current while somebody is signed in: event stream, data channel, catch-up, hot-spot, sounds, title. */

import { api, ApiError, onSessionLost } from "../api/client.ts";
import { AlertChannel } from "../api/channel.ts";
import { EventFeed } from "../api/events.ts";
import { languageOf } from "../i18n/index.ts";
import { caughtUp, neighbour, receive, reopened, waiting, waitingByLevel } from "../model/alerts.ts";
import type { AlertBook, AlertPath } from "../model/alerts.ts";
import type { Alert, Camera } from "../model/contract.ts";
import { LEVEL_SHAPE } from "../model/levels.ts";
import { heard, lostSeconds } from "../model/link.ts";
import { nextHotspot } from "../model/hotspot.ts";
import { mayWatch } from "../model/roles.ts";
import { fleetFeed, keepFleet, loadFleet } from "./fleet.ts";
import { REPEAT_MS, Sounder } from "./sound.ts";
import { translate } from "../i18n/index.ts";
import { placements, store, tracks } from "./wall.ts";

const PAGE_LIMIT = 200;
const POLL_MS = 3_000;
const ASK_AGAIN_MS = 2_000;

const feed = new EventFeed({
  opened: (anew) => {
    store.set({ book: reopened(store.state.book) });
    void catchUp();
    if (anew) void loadRegister();
    if (anew) void loadFleet();
  },
  broken: () => {
    store.set({ book: reopened(store.state.book) });
    void checkSession();
  },
  alert: (alert) => take(alert, "sse"),
  camera: takeCamera,
  detector: (status) => store.set({ detector: { status, heardAtMs: Date.now() } }),
  tracks: (update) => tracks.post(update, Date.now()),
  health: (summary) => store.set({ summary }),
  ...fleetFeed,
  ping: (now) => store.set({ link: heard(store.state.link, now, Date.now()) }),
});

const channel = new AlertChannel({ opened: () => void catchUp(), alert: (alert) => take(alert, "channel") });

export const sounder = new Sounder((soundBlocked) => store.set({ soundBlocked }));

let catching: Promise<void> | null = null;
let lastSoundAtMs = 0;
let polledAtMs = 0;
let sounding = false;

/** Starts listening to the session; called once. */
export function conduct(): void {
  onSessionLost(() => {
    if (store.state.session.status !== "signed_out") {
      const wasIn = store.state.session.status === "signed_in";
      store.set({ session: { status: "signed_out", user: store.state.session.user, over: wasIn } });
    }
  });
  store.listen(follow);
  setInterval(everySecond, 1000);
  const gesture = (): void => void sounder.unlock();
  for (const name of ["pointerdown", "keydown"]) window.addEventListener(name, gesture);
}

/** Loads the site and the cameras; the event stream keeps them current from then on. */
export async function loadRegister(): Promise<void> {
  try {
    const watches = mayWatch(store.state.session.user?.role);
    const [site, cameras] = await Promise.all([api.site(), watches ? api.cameras() : []]);
    store.set({
      site,
      language: store.state.settings.language ?? languageOf(site.language),
      cameras: {
        byId: new Map(cameras.map((camera) => [camera.id, camera])),
        order: cameras.map((camera) => camera.id),
        loaded: true,
      },
      // Only the event stream proves that alerts come; who may not have it counts the answer itself.
      link: watches ? store.state.link : heard(store.state.link, site.now, Date.now()),
    });
  } catch (error) {
    askAgain(error, loadRegister);
  }
}

/** A question the server did not answer is asked again while somebody is signed in. */
function askAgain(error: unknown, question: () => Promise<void>): void {
  if (!(error instanceof ApiError)) throw error;
  // Refused outright: the account may have been given a new one-time password.
  if (error.status === 403) return void checkSession();
  setTimeout(() => {
    if (store.state.session.status === "signed_in") void question();
  }, ASK_AGAIN_MS);
}

/** Fetches what happened after the cursor; two calls at once share one. */
export function catchUp(): Promise<void> {
  catching ??= fetchMissed().finally(() => {
    catching = null;
  });
  return catching;
}

async function fetchMissed(): Promise<void> {
  try {
    if (!store.state.book.loaded) {
      const newest = await api.newestAlerts(PAGE_LIMIT);
      const open = await api.waitingAlerts(PAGE_LIMIT);
      changeBook(caughtUp(store.state.book, [...newest.alerts, ...open.alerts], newest.last_seq));
      return;
    }
    for (;;) {
      const page = await api.alertsAfter(store.state.book.cursor, PAGE_LIMIT);
      const complete = page.alerts.length < PAGE_LIMIT;
      const lastOfPage = Math.max(store.state.book.cursor, ...page.alerts.map((alert) => alert.seq));
      changeBook(caughtUp(store.state.book, page.alerts, complete ? page.last_seq : lastOfPage));
      if (complete) return;
    }
  } catch (error) {
    askAgain(error, catchUp);
  }
}

/** Takes an alert from any path. */
export function take(alert: Alert, path: AlertPath): void {
  const known = store.state.book.byId.get(alert.id);
  changeBook(receive(store.state.book, alert, path));
  const isNews = known === undefined && alert.state === "new" && store.state.book.loaded;
  if (isNews && !store.state.settings.muted) {
    sounder.play(alert.level);
    lastSoundAtMs = Date.now();
  }
}

function changeBook(book: AlertBook): void {
  const state = store.state;
  if (book === state.book) return;
  const before = waiting(state.book).map((alert) => alert.id);
  const open = waiting(book);
  const after = open.map((alert) => alert.id);
  const selected = state.selectedId ?? null;
  const selectedId = selected === null ? (after[0] ?? null) : stillThere(book, selected, before, after);
  store.set({ book, selectedId, hotspot: nextHotspot(state.hotspot, open, Date.now()) });
}

function stillThere(book: AlertBook, selected: string, before: string[], after: string[]): string | null {
  const handledNow = !after.includes(selected) && !before.includes(selected) && book.byId.has(selected);
  return handledNow ? selected : (neighbour(before, after, selected) ?? after[0] ?? null);
}

function takeCamera(camera: Camera): void {
  const slice = store.state.cameras;
  const byId = new Map(slice.byId);
  byId.set(camera.id, camera);
  const order = slice.byId.has(camera.id) ? slice.order : [...slice.order, camera.id];
  store.set({ cameras: { ...slice, byId, order } });
}

async function checkSession(): Promise<void> {
  try {
    const session = await api.session();
    if (session.must_change_password) {
      store.set({ session: { status: "must_change_password", user: session.user, over: false } });
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

/** Opens and closes the transports as the session comes and goes, and asks for the boxes of the tiles on screen. */
function follow(): void {
  const state = store.state;
  if (state.session.status !== "signed_in") {
    feed.stop();
    channel.stop();
    return;
  }
  if (!sounding) {
    sounding = true;
    void sounder.unlock();
  }
  if (!mayWatch(state.session.user?.role)) return;
  const shown = state.page === "live" ? placements(state).map((placement) => placement.cameraId) : [];
  feed.start([...shown].sort());
  channel.start();
}

function everySecond(): void {
  const state = store.state;
  const nowMs = Date.now();
  const open = waiting(state.book);
  const hotspot = nextHotspot(state.hotspot, open, nowMs);
  const toast = state.toast !== null && nowMs >= state.toast.untilMs ? null : state.toast;
  store.set({ hotspot, toast });
  document.title = title(open);
  if (state.session.status === "signed_in") {
    if (mayWatch(state.session.user?.role)) void keepFleet(nowMs);
    else void pollInstead(nowMs);
  }
  const loudest = open[0];
  const repeat = loudest === undefined ? null : REPEAT_MS[loudest.level];
  const lost = lostSeconds(state.link, nowMs) > 0;
  if (loudest === undefined || repeat === null || lost || state.settings.muted) return;
  if (state.session.status === "signed_in" && nowMs - lastSoundAtMs >= repeat) {
    lastSoundAtMs = nowMs;
    sounder.play(loudest.level);
  }
}

/** Who may not have the event stream asks now and then instead. */
async function pollInstead(nowMs: number): Promise<void> {
  if (nowMs - polledAtMs < POLL_MS) return;
  polledAtMs = nowMs;
  await loadRegister();
  await catchUp();
}

function title(open: readonly Alert[]): string {
  const brand = translate(store.state.language, "brand");
  const counts = waitingByLevel(open).map(({ level, count }) => `${LEVEL_SHAPE[level]}${count}`);
  return counts.length === 0 ? brand : `${counts.join(" ")} · ${brand}`;
}
