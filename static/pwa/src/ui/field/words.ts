// The field's words, bound, with those of the kit.

import type { Words } from "../../wire/types.ts";
import { en } from "../words/en/field.ts";
import { en as mendEn } from "../words/en/mend.ts";
import { area, language } from "../words/index.ts";
import { kitEn, kitZh, type Label } from "../words/kit.ts";
import { zh } from "../words/zh/field.ts";
import { zh as mendZh } from "../words/zh/mend.ts";

export const t = area({ ...kitZh, ...zh, ...mendZh }, { ...kitEn, ...en, ...mendEn });

type Chinese = typeof zh & typeof mendZh;

/** Keys of the phrases that take no values, the kit's among them. */
export type FieldLabel =
  | Label
  | {
      [Key in keyof Chinese]: Chinese[Key] extends `${string}{${string}` ? never : Key;
    }[keyof Chinese];

/** A text of a record that exists in both languages. */
export function inLanguage(words: Words): string {
  return language.value === "en" ? words.en : words.zh;
}
