/** Words in the language of the page. */

import { en } from "./en.ts";
import { zh } from "./zh.ts";
import type { MessageKey } from "./zh.ts";

export type { MessageKey } from "./zh.ts";
export type Language = "zh" | "en";
export type Params = Readonly<Record<string, string | number>>;

const TABLES: Readonly<Record<Language, Readonly<Record<MessageKey, string>>>> = { zh, en };

/** The message with its `{placeholders}` filled. */
export function translate(language: Language, key: MessageKey, params: Params = {}): string {
  return TABLES[language][key].replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    return value === undefined ? whole : String(value);
  });
}

/** A word for a code the server sent; the code itself where this page knows no word for it. */
export function word(language: Language, family: string, code: string): string {
  const key = `${family}.${code}`;
  return isKey(key) ? translate(language, key) : code;
}

/** Words that are spoken later, in whatever language the page has then. */
export type Words = (language: Language) => string;

/** The message with its `{placeholders}` filled, some of them with words of the same language. */
export function phrase(key: MessageKey, params: Readonly<Record<string, string | number | Words>> = {}): Words {
  return (language) => {
    const spoken = Object.entries(params).map(([name, value]) => [name, typeof value === "function" ? value(language) : value]);
    return translate(language, key, Object.fromEntries(spoken) as Params);
  };
}

/** The language of a site's setting such as `zh-CN`. */
export function languageOf(setting: string): Language {
  return setting.toLowerCase().startsWith("en") ? "en" : "zh";
}

function isKey(key: string): key is MessageKey {
  return Object.hasOwn(zh, key);
}
