/** Durations and instants in words; pure, the zone and the clock come in. */

import { translate } from "../i18n/index.ts";
import type { Language } from "../i18n/index.ts";

/** `00:12`, `01:40`, `2:03:04`: for counters that tick. */
export function counter(seconds_s: number): string {
  const whole = Math.max(0, Math.floor(seconds_s));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = `${String(minutes).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** `3 分钟`, `2 小时 5 分钟`: the two largest units. */
export function spell(language: Language, seconds_s: number): string {
  const whole = Math.max(0, Math.floor(seconds_s));
  if (whole < 60) return translate(language, "time.seconds", { count: whole });
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return translate(language, "time.minutes", { count: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return pair(language, "time.hours", hours, "time.minutes", minutes % 60);
  return pair(language, "time.days", Math.floor(hours / 24), "time.hours", hours % 24);
}

/** `3 分钟前`. */
export function ago(language: Language, seconds_s: number): string {
  if (seconds_s < 1) return translate(language, "time.now");
  return translate(language, "time.ago", { duration: spell(language, seconds_s) });
}

/** Age of a picture: `<1 秒`, `4 秒`. */
export function pictureAge(language: Language, milliseconds_ms: number): string {
  if (milliseconds_ms < 1000) return translate(language, "time.under_second");
  return spell(language, milliseconds_ms / 1000);
}

export type InstantStyle = "brief" | "clock" | "day" | "full" | "minute";

const STYLES: Readonly<Record<InstantStyle, Intl.DateTimeFormatOptions>> = {
  clock: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  brief: { month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" },
  minute: { hour: "2-digit", minute: "2-digit" },
  day: { month: "short", day: "numeric", weekday: "short" },
  full: { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" },
};

const formats = new Map<string, Intl.DateTimeFormat>();

/** An instant on the wall's clock, in the district's zone. */
export function instant(language: Language, timezone: string, at: Date, style: InstantStyle): string {
  const key = `${language} ${timezone} ${style}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", {
      ...STYLES[style],
      timeZone: timezone,
      hourCycle: "h23",
    });
    formats.set(key, format);
  }
  return format.format(at);
}

function pair(
  language: Language,
  large: "time.hours" | "time.days",
  count: number,
  small: "time.minutes" | "time.hours",
  rest: number,
): string {
  const head = translate(language, large, { count });
  return rest === 0 ? head : `${head} ${translate(language, small, { count: rest })}`;
}
