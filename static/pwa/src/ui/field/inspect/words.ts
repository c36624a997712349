// The words of this place, bound, and the words that come with the data.

import type { Words } from "../../../wire/types.ts";
import { en } from "../../words/en/inspect.ts";
import { area, language } from "../../words/index.ts";
import { kitEn, kitZh } from "../../words/kit.ts";
import { zh } from "../../words/zh/inspect.ts";

export const t = area({ ...kitZh, ...zh }, { ...kitEn, ...en });

/** The language of the moment, as data names it. */
export function tongue(): "zh" | "en" {
  return language.value === "en" ? "en" : "zh";
}

/** What a template says, in the language of the moment. */
export function said(words: Words): string {
  return words[tongue()];
}

/** A colon as the language writes it. */
export function after(name: string, text: string): string {
  return tongue() === "zh" ? `${name}：${text}` : `${name}: ${text}`;
}
