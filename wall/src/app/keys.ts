/** The keyboard: which key does what, apart from the document. */

import { FALSE_ALARM_REASONS } from "../model/contract.ts";
import type { FalseAlarmReason } from "../model/contract.ts";
import type { LayoutSize } from "../model/arrangement.ts";
import type { Page } from "./state.ts";

export type KeyAction =
  | { readonly do: "layout"; readonly size: LayoutSize }
  | { readonly do: "page"; readonly step: number }
  | { readonly do: "select"; readonly step: number }
  | { readonly do: "reason"; readonly reason: FalseAlarmReason }
  | { readonly do: "go"; readonly page: Page }
  | { readonly do: "open" | "acknowledge" | "undo" | "false_alarm" | "mute" | "zones" | "pin" | "help" | "close" | "dispatch" };

export interface KeyContext {
  readonly reasonsOpen: boolean;
  readonly helpOpen: boolean;
  /** A dialog that asks before an order: nothing but Escape acts behind it. */
  readonly orderOpen: boolean;
  readonly page: Page;
}

const PLAIN: Readonly<Record<string, KeyAction>> = {
  "1": { do: "layout", size: 1 },
  "4": { do: "layout", size: 4 },
  "9": { do: "layout", size: 9 },
  arrowup: { do: "select", step: -1 },
  arrowdown: { do: "select", step: 1 },
  home: { do: "select", step: -Infinity },
  arrowleft: { do: "page", step: -1 },
  arrowright: { do: "page", step: 1 },
  pageup: { do: "page", step: -1 },
  pagedown: { do: "page", step: 1 },
  enter: { do: "open" },
  a: { do: "acknowledge" },
  u: { do: "undo" },
  f: { do: "false_alarm" },
  d: { do: "dispatch" },
  m: { do: "mute" },
  z: { do: "zones" },
  p: { do: "pin" },
  l: { do: "go", page: "live" },
  t: { do: "go", page: "patrol" },
  h: { do: "go", page: "health" },
  c: { do: "go", page: "cameras" },
  "?": { do: "help" },
  escape: { do: "close" },
};

/** What a key means now, or null. */
export function keyAction(key: string, context: KeyContext): KeyAction | null {
  const name = key.toLowerCase();
  if (context.orderOpen) return name === "escape" ? { do: "close" } : null;
  if (context.reasonsOpen) {
    const reason = FALSE_ALARM_REASONS[Number.parseInt(name, 10) - 1];
    if (reason !== undefined) return { do: "reason", reason };
    return name === "escape" ? { do: "close" } : null;
  }
  if (context.helpOpen) return name === "escape" || name === "?" ? { do: "close" } : null;
  const action = Object.hasOwn(PLAIN, name) ? (PLAIN[name] ?? null) : null;
  // A table is scrolled with the arrows; the rail's alerts are moved through on the live page only.
  if (context.page !== "live" && (action?.do === "page" || name === "pageup" || name === "pagedown")) return null;
  return action;
}
