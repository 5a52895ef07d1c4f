/** A person's choices in the browser's storage; a value that is not understood falls back to the plain one. */

import type { LayoutSize } from "../model/arrangement.ts";
import { PLAIN_SETTINGS } from "./state.ts";
import type { Settings } from "./state.ts";

export const SCALES = ["auto", "100", "125", "150", "200", "250"] as const;

const KEY = "lookout.settings";

/** Reads settings from JSON text, field by field. */
export function parseSettings(text: string | null): Settings {
  let raw: unknown;
  try {
    raw = JSON.parse(text ?? "null");
  } catch {
    return PLAIN_SETTINGS;
  }
  if (typeof raw !== "object" || raw === null) return PLAIN_SETTINGS;
  const found = raw as Record<string, unknown>;
  const scale = SCALES.find((known) => known === found["scale"]) ?? PLAIN_SETTINGS.scale;
  const sizes: readonly LayoutSize[] = [1, 4, 9];
  return {
    language: found["language"] === "zh" || found["language"] === "en" ? found["language"] : null,
    scale,
    muted: found["muted"] === true,
    size: sizes.find((known) => known === found["size"]) ?? PLAIN_SETTINGS.size,
    stripOpen: found["stripOpen"] === true,
  };
}

export function loadSettings(): Settings {
  return parseSettings(localStorage.getItem(KEY));
}

export function saveSettings(settings: Settings): void {
  localStorage.setItem(KEY, JSON.stringify(settings));
}

/** Puts the chosen text size on the document. */
export function applyScale(scale: string): void {
  const root = document.documentElement;
  for (const name of SCALES) root.classList.toggle(`scale-${name}`, name !== "auto" && name === scale);
}
