/** What a person does on the page. */

import { api, ApiError } from "../api/client.ts";
import { phrase, word } from "../i18n/index.ts";
import type { Language, Words } from "../i18n/index.ts";
import { ruleWords, waiting } from "../model/alerts.ts";
import { pageCount, wrapPage } from "../model/arrangement.ts";
import type { LayoutSize } from "../model/arrangement.ts";
import type { Alert, FalseAlarmReason, Session } from "../model/contract.ts";
import { NO_FLEET } from "../model/fleet.ts";
import { HOME, pin } from "../model/hotspot.ts";
import { EMPTY_BOOK } from "../model/alerts.ts";
import { linkAtStart } from "../model/link.ts";
import { loadRegister, take } from "./conductor.ts";
import { applyScale, saveSettings } from "./settings.ts";
import { NO_CAMERAS } from "./state.ts";
import type { Page, Settings } from "./state.ts";
import { isOnItsWay, isUnwanted, takenBack, withoutAnswered, withSent } from "../model/sent.ts";
import type { SentList } from "../model/sent.ts";
import { mayHandle } from "../model/roles.ts";
import { hotspotCamera, pagesOf, store } from "./wall.ts";

const UNDO_MS = 5_000;
const TOAST_MS = 4_000;

export function toast(words: Words, tone: "plain" | "error" = "plain", undoAlertId: string | null = null): void {
  const untilMs = Date.now() + (undoAlertId === null ? TOAST_MS : UNDO_MS);
  store.set({ toast: { words, tone, undoAlertId, untilMs } });
}

/** The words for a refusal. */
export function explain(error: ApiError): Words {
  if (error.status === 0) return phrase("error.unreachable");
  if (error.status === 403 && error.zh === "") return phrase("error.forbidden");
  const unexpected = phrase("error.unexpected", { status: error.status });
  return (language) => (language === "zh" ? error.zh : error.en) || unexpected(language);
}

async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status !== 401) toast(explain(error), "error");
  }
}

/** Takes a session the server granted; the same person keeps the page's place, another one starts afresh. */
export async function enter(session: Session): Promise<void> {
  const before = store.state.session.user;
  if (before !== null && before.name !== session.user.name) {
    store.set({ book: EMPTY_BOOK, cameras: NO_CAMERAS, fleet: NO_FLEET, order: null });
    store.set({ hotspot: HOME, selectedId: null, detailId: null, gridPage: 0 });
  }
  const status = session.must_change_password ? "must_change_password" : "signed_in";
  store.set({ session: { status, user: session.user, over: false }, link: linkAtStart(Date.now()) });
  if (!pagesOf(store.state).includes(store.state.page)) store.set({ page: "health" });
  if (status === "signed_in") await loadRegister();
}

export function signOut(): Promise<void> {
  return attempt(async () => {
    await api.signOut();
    location.reload();
  });
}

export function go(page: Page): void {
  if (!pagesOf(store.state).includes(page)) return;
  history.replaceState(null, "", `#/${page}`);
  store.set({ page, zoomed: null, detailId: null });
}

export function choose(part: Partial<Settings>): void {
  const settings = { ...store.state.settings, ...part };
  saveSettings(settings);
  applyScale(settings.scale);
  store.set({ settings, language: settings.language ?? store.state.language });
}

function refuses(): boolean {
  if (mayHandle(store.state.session.user?.role)) return false;
  toast(phrase("error.forbidden"), "error");
  return true;
}

export function setLanguage(language: Language): void {
  choose({ language });
}

export function setLayout(size: LayoutSize): void {
  const { order } = store.state.cameras;
  choose({ size });
  store.set({ zoomed: null, gridPage: wrapPage(store.state.gridPage, order.length, size), page: "live" });
}

export function turnPage(step: number): void {
  const { cameras, settings, gridPage } = store.state;
  store.set({ zoomed: null, gridPage: wrapPage(gridPage + step, cameras.order.length, settings.size) });
}

/** Pages of the grid in the present layout. */
export function gridPages(): number {
  return pageCount(store.state.cameras.order.length, store.state.settings.size);
}

export function zoom(cameraId: string | null): void {
  store.set({ zoomed: cameraId, page: "live", detailId: null });
  history.replaceState(null, "", "#/live");
}

export function showInHotspot(cameraId: string): void {
  store.set({ hotspot: pin(cameraId, Date.now()), zoomed: null, detailId: null, page: "live" });
  history.replaceState(null, "", "#/live");
}

/** Pins what the hot-spot shows, or lets it follow the alerts again. */
export function togglePin(): void {
  const camera = hotspotCamera(store.state);
  if (store.state.hotspot.pinned) store.set({ hotspot: HOME });
  else if (camera !== undefined) store.set({ hotspot: pin(camera.id, Date.now()) });
}

export function select(step: number): void {
  const ids = waiting(store.state.book).map((alert) => alert.id);
  if (ids.length === 0) return;
  const at = ids.indexOf(store.state.selectedId ?? "");
  const next = ids[at < 0 ? 0 : Math.min(ids.length - 1, Math.max(0, at + step))] ?? null;
  store.set({ selectedId: next, detailId: store.state.detailId === null ? null : next });
}

function titleOf(alert: Alert): Words {
  return (language) => `${alert.camera_name} · ${ruleWords(language, alert)}`;
}

/** Acknowledgements on their way. */
let sent: SentList = [];

export function acknowledge(id: string): Promise<void> {
  const alert = store.state.book.byId.get(id);
  if (alert === undefined || alert.state !== "new" || refuses()) return Promise.resolve();
  const isSecond = isOnItsWay(sent, id);
  sent = withSent(sent, id);
  if (isSecond) return Promise.resolve();
  return attempt(async () => {
    let unwanted = false;
    const answer = await api.acknowledge(id).finally(() => {
      unwanted = isUnwanted(sent, id);
      sent = withoutAnswered(sent, id);
    });
    take(answer, "answer");
    if (unwanted) return takeBack(id);
    toast(phrase("alert.acknowledged_toast", { what: titleOf(alert) }), "plain", id);
  });
}

/** Takes back the newest acknowledgement: one that is on its way as soon as it was answered, else the one of the toast. */
export function undo(): Promise<void> {
  const before = sent;
  sent = takenBack(sent);
  if (sent !== before) {
    toast(phrase("alert.undo_waits_toast"));
    return Promise.resolve();
  }
  const id = store.state.toast?.undoAlertId ?? null;
  return id === null ? Promise.resolve() : attempt(() => takeBack(id));
}

async function takeBack(id: string): Promise<void> {
  take(await api.undo(id), "answer");
  store.set({ selectedId: id });
  toast(phrase("alert.undone_toast"));
}

export function openReasons(id: string | null): void {
  if (id !== null && refuses()) return;
  const state = id === null ? undefined : store.state.book.byId.get(id)?.state;
  store.set({ reasonForId: state === undefined || state === "false_alarm" ? null : id });
}

export function markFalse(id: string, reason: FalseAlarmReason): Promise<void> {
  store.set({ reasonForId: null });
  return attempt(async () => {
    take(await api.falseAlarm(id, reason), "answer");
    toast(phrase("alert.false_alarm_toast", { reason: (language) => word(language, "reason", reason) }));
  });
}
