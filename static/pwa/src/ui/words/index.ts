// The words of the app: one typed dictionary per area and language, switched at once.
// Rule: every word a person reads comes from here; both languages have the same keys, or the
// compiler refuses. Chinese is written first; English is the translation.
//
// To add an area (say `rounds`):
//   1. zh/rounds.ts   export const zh = { due: "今天 {time} 前", left: "还差 {n} 张照片" } as const;
//   2. en/rounds.ts   export const en: Translation<typeof zh> = { due: "Due {time}",
//                       left: { one: "{n} photo left", other: "{n} photos left" } };
//   3. in the face    export const t = area({ ...kitZh, ...zh }, { ...kitEn, ...en });
// Then t("left", { n: 2 }). A placeholder that is missing or misspelt does not compile. English
// plurals follow `{n}`; Chinese has none. Components that call t are drawn again on a switch.

import { effect, signal } from "@preact/signals";

export type Language = "zh-CN" | "en";
export const LANGUAGES: readonly Language[] = ["zh-CN", "en"];

const STORED = "xunjian.language";

type Plural = { readonly one: string; readonly other: string };
type Entry = string | Plural;
type Chinese = Readonly<Record<string, string>>;
/** The English of an area: the same keys, each a phrase or, where a count decides, two. */
export type Translation<Zh extends Chinese> = { readonly [Key in keyof Zh]: Entry };

type Placeholder<Phrase> = Phrase extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholder<Rest>
  : never;
type Params<Phrase> = [Placeholder<Phrase>] extends [never]
  ? []
  : [params: { readonly [Name in Placeholder<Phrase>]: string | number }];
/** The phrase of a key in the language of the moment. */
export type Say<Zh extends Chinese> = <Key extends keyof Zh & string>(
  key: Key,
  ...params: Params<Zh[Key]>
) => string;

const plural = new Intl.PluralRules("en");

function choose(entry: Entry, n: string | number | undefined): string {
  if (typeof entry === "string") return entry;
  return plural.select(Number(n)) === "one" ? entry.one : entry.other;
}

/** Put values in the places of a phrase; a place without a value stays visible as `{name}`. */
export function fill(phrase: string, params: Readonly<Record<string, string | number>>): string {
  return phrase.replace(/\{(\w+)\}/g, (place, name: string) => String(params[name] ?? place));
}

/** Bind an area's two dictionaries; the function reads the language each time it is called. */
export function area<const Zh extends Chinese>(zh: Zh, en: Translation<Zh>): Say<Zh> {
  return (key, ...[params]) => {
    const values: Readonly<Record<string, string | number>> = params ?? {};
    const entry: Entry = (language.value === "en" ? en[key] : zh[key]) ?? key;
    return fill(choose(entry, values.n), values);
  };
}

// A device may refuse storage (private window, policy): then the choice lasts until it is closed.
function stored(): string | null {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}

/** The language stored on the device, else the first one of the browser's that we speak. */
export function firstLanguage(kept: string | null, wanted: readonly string[]): Language {
  for (const tag of kept === null ? wanted : [kept, ...wanted]) {
    if (tag.startsWith("zh")) return "zh-CN";
    if (tag.startsWith("en")) return "en";
  }
  return "zh-CN";
}

export const language = signal<Language>(firstLanguage(stored(), navigator.languages));

/** Switch at once, everywhere, and remember it on this device. */
export function setLanguage(next: Language): void {
  language.value = next;
  try {
    localStorage.setItem(STORED, next);
  } catch {
    // Nothing to mend: the switch itself has happened.
  }
}

// Screen readers and fonts choose by <html lang>.
effect(() => {
  document.documentElement.lang = language.value;
});
