import { describe, expect, test } from "vitest";

import { en } from "../src/i18n/en.ts";
import { phrase, translate, word } from "../src/i18n/index.ts";
import { zh } from "../src/i18n/zh.ts";
import type { MessageKey } from "../src/i18n/zh.ts";
import { ago, counter, instant, pictureAge, spell } from "../src/model/duration.ts";
import { computed, grouped, percent, unadjusted, worstFirst } from "../src/model/rates.ts";

const KEYS = Object.keys(zh) as MessageKey[];

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "").sort();
}

describe("languages", () => {
  test("have the same keys", () => {
    expect(Object.keys(en).sort()).toEqual([...KEYS].sort());
  });

  test.each(KEYS)("%s says the same with the same figures", (key) => {
    expect(placeholders(en[key])).toEqual(placeholders(zh[key]));
    expect(en[key].trim()).not.toBe("");
    expect(zh[key].trim()).not.toBe("");
  });

  test("no key stands in two files, where the later one would win", () => {
    const files = Object.values(import.meta.glob<Record<string, object>>("../src/i18n/zh/*.ts", { eager: true }));
    const keys = files.flatMap((file) => Object.values(file).flatMap(Object.keys));
    expect(keys).toHaveLength(KEYS.length);
  });

  test("English has no Chinese in it, but for the name of the other language", () => {
    const mixed = KEYS.filter((key) => /\p{Script=Han}/u.test(en[key]));
    expect(mixed).toEqual(["top.language"]);
  });

  test("fill placeholders and fall back to a code nobody named yet", () => {
    expect(translate("zh", "tile.stale", { seconds: 8 })).toBe("画面已停滞 8 秒");
    expect(word("zh", "cause", "wrong_password")).toBe("认证失败");
    expect(word("en", "class", "forklift")).toBe("forklift");
    expect(word("en", "toString", "")).toBe("");
  });
});

test("a phrase that stands while the language is switched is spoken in the new one, with all that is in it", () => {
  const toast = phrase("alert.false_alarm_toast", { reason: (language) => word(language, "reason", "animal") });
  expect(toast("zh")).toBe("已标记误报：动物");
  expect(toast("en")).toBe(translate("en", "alert.false_alarm_toast", { reason: "Animal" }));
  expect(phrase("password.short", { length: 10 })("zh")).toContain("10");
});

describe("durations", () => {
  test.each([
    [0, "00:00"],
    [12.9, "00:12"],
    [100, "01:40"],
    [7384, "2:03:04"],
    [-5, "00:00"],
  ])("%d s ticks as %s", (seconds, text) => {
    expect(counter(seconds)).toBe(text);
  });

  test.each([
    [42, "42 秒", "42 s"],
    [187, "3 分钟", "3 min"],
    [7500, "2 小时 5 分钟", "2 h 5 min"],
    [7200, "2 小时", "2 h"],
    [200_000, "2 天 7 小时", "2 d 7 h"],
  ])("%d s is spelled out", (seconds, chinese, english) => {
    expect(spell("zh", seconds)).toBe(chinese);
    expect(spell("en", seconds)).toBe(english);
  });

  test("ago and age", () => {
    expect(ago("zh", 0.2)).toBe("刚刚");
    expect(ago("en", 61)).toBe("1 min ago");
    expect(pictureAge("zh", 240)).toBe("<1 秒");
    expect(pictureAge("en", 4200)).toBe("4 s");
  });

  test("instants are told in the district's zone, midnight as 00", () => {
    const at = new Date("2026-03-01T16:05:09Z");
    expect(instant("zh", "Asia/Shanghai", at, "clock")).toBe("00:05:09");
    expect(instant("en", "Asia/Shanghai", at, "full")).toContain("02/03/2026");
  });
});

describe("rates", () => {
  test("no data is never a number, and a rate is never rounded up to its target", () => {
    expect(percent(null)).toBe("—");
    expect(percent(0)).toBe("0.0%");
    expect(percent(0.8996)).toBe("89.9%");
    expect(percent(0.9)).toBe("90.0%");
    expect(percent(1)).toBe("100.0%");
  });

  test("show the seconds they come from", () => {
    const full = { planned_s: 0, full_online_rate: 0.5, full_online_s: 1800, full_in_service_s: 3600 };
    const line = { online_rate: 0.5, online_s: 1800, in_service_s: 3600, unobserved_s: 12, ...full };
    for (const part of ["1,800", "3,600", "50.00%", "12"]) expect(computed("zh", line)).toContain(part);
    expect(computed("en", { ...line, online_rate: null, in_service_s: 0 })).toContain("nothing was observed");
    expect(unadjusted("zh", line)).toBe("");
    const out = { ...line, planned_s: 7200, full_online_rate: 0.25, full_online_s: 2700, full_in_service_s: 10800 };
    for (const part of ["2 h", "2,700", "10,800", "25.00%"]) expect(unadjusted("en", out)).toContain(part);
  });

  test("seconds are whole ones that have passed, as durations are: both say the same", () => {
    expect([grouped(1234.9), grouped(0.6)]).toEqual(["1,234", "0"]);
  });

  test("worst first, unknown last", () => {
    const lines = [
      { name: "b", online_rate: 1 },
      { name: "n", online_rate: null },
      { name: "a", online_rate: 0.2 },
    ];
    expect(worstFirst(lines).map((line) => line.name)).toEqual(["a", "b", "n"]);
  });
});

test("every word is used: by its key, or as one of a family of codes", () => {
  const sources = Object.values(import.meta.glob<string>("../src/**/*.ts", { query: "?raw", import: "default", eager: true }));
  const code = sources.filter((source) => !source.startsWith("/** Words of the page")).join("\n");
  const families = new Set([...code.matchAll(/(?:word\([^"]*"|t\(`)([a-z._]+?)(?:\.\$\{|")/g)].map((match) => match[1]));
  const unused = KEYS.filter((key) => !code.includes(`"${key}"`) && !families.has(key.slice(0, key.lastIndexOf("."))));
  expect(unused).toEqual([]);
});
