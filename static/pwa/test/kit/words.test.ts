// Both languages say the same things, and switching is seen at once.

import { effect } from "@preact/signals";
import { afterEach, expect, test } from "vitest";
import { area, firstLanguage, language, setLanguage } from "../../src/ui/words/index.ts";

type Entry = string | { readonly one: string; readonly other: string };
type Dictionary = Readonly<Record<string, Entry>>;

const zh = import.meta.glob<{ zh: Dictionary }>("../../src/ui/words/zh/*.ts", { eager: true });
const en = import.meta.glob<{ en: Dictionary }>("../../src/ui/words/en/*.ts", { eager: true });

const forms = (entry: Entry) => (typeof entry === "string" ? [entry] : [entry.one, entry.other]);
const places = (phrase: string) => [...new Set(phrase.match(/\{\w+\}/g) ?? [])].sort();

const areas = Object.entries(zh).map(([path, module]) => {
  const other = en[path.replace("/zh/", "/en/")];
  return { path, chinese: module.zh, english: other?.en ?? {} };
});

afterEach(() => setLanguage("zh-CN"));

test("there are areas, and as many in English as in Chinese", () => {
  expect(areas.length).toBeGreaterThan(0);
  expect(Object.keys(en)).toHaveLength(areas.length);
});

test.each(areas)("$path has the same keys in both languages", ({ chinese, english }) => {
  expect(Object.keys(english).sort()).toEqual(Object.keys(chinese).sort());
});

test.each(areas)("$path asks for the same values in both languages", ({ chinese, english }) => {
  for (const [key, entry] of Object.entries(chinese)) {
    const said = forms(entry).flatMap(places);
    for (const phrase of forms(english[key] ?? "")) {
      expect({ key, places: places(phrase) }).toEqual({ key, places: said });
    }
  }
});

test.each(areas)(
  "$path has no empty phrase, no exclamation mark and no straight plural",
  (words) => {
    for (const dictionary of [words.chinese, words.english]) {
      for (const [key, entry] of Object.entries(dictionary)) {
        for (const phrase of forms(entry)) {
          expect(phrase.trim(), key).not.toBe("");
          expect(phrase, key).not.toMatch(/[!！]|\(s\)/);
        }
        if (typeof entry !== "string") expect(entry.other, key).toContain("{n}");
      }
    }
  },
);

const t = area(
  { plain: "同步", left: "还差 {n} 张照片", from: "{who}，{time}" },
  {
    plain: "Sync",
    left: { one: "{n} photo left", other: "{n} photos left" },
    from: "{who}, {time}",
  },
);

test("a phrase takes its values", () => {
  expect(t("from", { who: "周立群", time: "16:20" })).toBe("周立群，16:20");
});

test("English counts one and many apart, Chinese does not", () => {
  expect([0, 1, 2].map((n) => t("left", { n }))).toEqual([
    "还差 0 张照片",
    "还差 1 张照片",
    "还差 2 张照片",
  ]);
  setLanguage("en");
  expect([0, 1, 2].map((n) => t("left", { n }))).toEqual([
    "0 photos left",
    "1 photo left",
    "2 photos left",
  ]);
});

test("a switch is seen at once, is remembered, and tells the page", () => {
  const seen: string[] = [];
  const stop = effect(() => {
    seen.push(t("plain"));
  });
  setLanguage("en");
  stop();
  expect(seen).toEqual(["同步", "Sync"]);
  expect(localStorage.getItem("xunjian.language")).toBe("en");
  expect(document.documentElement.lang).toBe("en");
  expect(language.value).toBe("en");
});

test("the first language is the stored one, else the browser's, else Chinese", () => {
  expect(firstLanguage("en", ["zh-HK"])).toBe("en");
  expect(firstLanguage(null, ["de-DE", "en-GB", "zh-CN"])).toBe("en");
  expect(firstLanguage(null, ["zh-TW", "en"])).toBe("zh-CN");
  expect(firstLanguage("xx", [])).toBe("zh-CN");
});
