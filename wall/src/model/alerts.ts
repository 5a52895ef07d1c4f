/**
 * The alerts this page knows. Every path (SSE, data channel, catch-up) ends here; the newest `seq` of an id wins.
 *
 * `cursor` is the seq up to which nothing can be missing: only the catch-up answer and SSE (ordered, replayed) move it.
 * The data channel is unordered and has no replay, so what it brings is shown but proves nothing about what came before.
 */

import { word } from "../i18n/index.ts";
import type { Language } from "../i18n/index.ts";
import type { Alert } from "./contract.ts";
import { urgency } from "./levels.ts";

export interface AlertBook {
  readonly byId: ReadonlyMap<string, Alert>;
  readonly cursor: number;
  /** Whether the first catch-up has been answered: before it an empty rail means nothing. */
  readonly loaded: boolean;
  /** Whether SSE has brought everything after `cursor` since the last catch-up. */
  readonly contiguous: boolean;
}

export type AlertPath = "sse" | "channel" | "answer";

export const EMPTY_BOOK: AlertBook = { byId: new Map(), cursor: 0, loaded: false, contiguous: false };

/** Handled alerts kept in memory; unhandled ones are never let go. */
export const KEPT_HANDLED = 300;

/** Upserts one alert; returns the same book when it brings nothing new. */
export function receive(book: AlertBook, alert: Alert, path: AlertPath): AlertBook {
  const cursor = path === "sse" && book.contiguous ? Math.max(book.cursor, alert.seq) : book.cursor;
  const known = book.byId.get(alert.id);
  if (known !== undefined && known.seq >= alert.seq) {
    return cursor === book.cursor ? book : { ...book, cursor };
  }
  const byId = new Map(book.byId);
  byId.set(alert.id, alert);
  return { ...book, byId: trimmed(byId), cursor };
}

/** The event stream broke or was opened anew: until the catch-up is answered nothing moves the cursor. */
export function reopened(book: AlertBook): AlertBook {
  return book.contiguous ? { ...book, contiguous: false } : book;
}

/** Takes a page of the catch-up; `lastSeq` is the store's seq when `complete`, else the page's last. */
export function caughtUp(book: AlertBook, alerts: readonly Alert[], lastSeq: number): AlertBook {
  const byId = new Map(book.byId);
  for (const alert of alerts) {
    const known = byId.get(alert.id);
    if (known === undefined || known.seq < alert.seq) byId.set(alert.id, alert);
  }
  return { byId: trimmed(byId), cursor: Math.max(book.cursor, lastSeq), loaded: true, contiguous: true };
}

/** New alerts, highest level first, newest first within a level. */
export function waiting(book: AlertBook): Alert[] {
  return [...book.byId.values()]
    .filter((alert) => alert.state === "new")
    .sort((a, b) => urgency(a.level) - urgency(b.level) || newestFirst(a, b));
}

/** Acknowledged and false alarms, newest first. */
export function handled(book: AlertBook): Alert[] {
  return [...book.byId.values()].filter((alert) => alert.state !== "new").sort(newestFirst);
}

/** How many alerts of each level wait, most urgent first, empty levels left out. */
export function waitingByLevel(alerts: readonly Alert[]): { level: Alert["level"]; count: number }[] {
  const counts = new Map<Alert["level"], number>();
  for (const alert of alerts) counts.set(alert.level, (counts.get(alert.level) ?? 0) + 1);
  return [...counts].map(([level, count]) => ({ level, count })).sort((a, b) => urgency(a.level) - urgency(b.level));
}

/** The alert to select after `id` left the list: the one that took its place, else the last. */
export function neighbour(before: readonly string[], after: readonly string[], id: string | null): string | null {
  if (id === null) return null;
  if (after.includes(id)) return id;
  const index = before.indexOf(id);
  if (index < 0) return null;
  return after[Math.min(index, after.length - 1)] ?? null;
}

function newestFirst(a: Alert, b: Alert): number {
  if (a.occurred_at !== b.occurred_at) return a.occurred_at < b.occurred_at ? 1 : -1;
  return a.id < b.id ? 1 : -1;
}

function trimmed(byId: Map<string, Alert>): Map<string, Alert> {
  const surplus = [...byId.values()].filter((alert) => alert.state !== "new").sort(newestFirst).slice(KEPT_HANDLED);
  for (const alert of surplus) byId.delete(alert.id);
  return byId;
}

/** Whether a drone raised it about itself: no camera saw anything. */
export function isAboutDrone(alert: Alert): boolean {
  return alert.kind.startsWith("drone_");
}

/** What an alert is about, in words: its rule's name; what no rule of the site raised is named by its kind. */
export function ruleWords(language: Language, alert: Alert): string {
  const named = alert.rule_name !== "" && alert.kind !== "camera_offline" && !isAboutDrone(alert);
  return named ? alert.rule_name : word(language, "alert.kind", alert.kind);
}

/** What the server tells of an alert, in the page's language where it has that. */
export function detailWords(language: Language, alert: Alert): string {
  return language === "en" && alert.detail_en !== "" ? alert.detail_en : alert.detail;
}
