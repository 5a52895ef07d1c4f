/** Rates as numbers people can report: never 0% or 100% where nothing is known. */

import type { Language } from "../i18n/index.ts";
import { translate } from "../i18n/index.ts";
import type { RateLine, Verdict } from "./contract.ts";
import { spell } from "./duration.ts";

/** `96.4%`, or `—` where there is no rate. Rounded down, so that 89.96% is never printed as the 90% it is not. */
export function percent(rate: number | null, digits = 1): string {
  if (rate === null) return "—";
  const scale = 10 ** digits;
  return `${(Math.floor(rate * 100 * scale + 1e-6) / scale).toFixed(digits)}%`;
}

/** The verdict's colour token: grey where there is none to give. */
export function verdictTone(verdict: Verdict): "ok" | "bad" | "unknown" {
  if (verdict === "met") return "ok";
  return verdict === "missed" ? "bad" : "unknown";
}

/** How the number came about, with its seconds. */
export function computed(language: Language, line: RateLine): string {
  const seconds = {
    online: grouped(line.online_s),
    service: grouped(line.in_service_s),
    unobserved: grouped(line.unobserved_s),
    rate: percent(line.online_rate, 2),
  };
  return translate(language, line.online_rate === null ? "health.computed_none" : "health.computed", seconds);
}

/** The rate with planned outages counted in, with its seconds; empty where none were left out. */
export function unadjusted(language: Language, line: RateLine): string {
  if (line.planned_s === 0) return "";
  return translate(language, "health.unadjusted", {
    planned: spell(language, line.planned_s),
    online: grouped(line.full_online_s),
    service: grouped(line.full_in_service_s),
    rate: percent(line.full_online_rate, 2),
  });
}

/** `12,345`: whole ones, as durations are told, so that both say the same. */
export function grouped(value: number): string {
  return Math.floor(value).toLocaleString("en-US");
}

/** Lowest rate first, cameras without a rate last, then by name. */
export function worstFirst<T extends { online_rate: number | null; name: string }>(lines: readonly T[]): T[] {
  return [...lines].sort((a, b) => {
    if (a.online_rate === null || b.online_rate === null) {
      if (a.online_rate !== b.online_rate) return a.online_rate === null ? 1 : -1;
      return a.name.localeCompare(b.name, "zh-CN");
    }
    return a.online_rate - b.online_rate || a.name.localeCompare(b.name, "zh-CN");
  });
}
