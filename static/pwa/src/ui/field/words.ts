// The field's words, bound, with those of the kit.

import type { Words } from "../../wire/types.ts";
import { en } from "../words/en/field.ts";
import { area, language } from "../words/index.ts";
import { kitEn, kitZh, type Label } from "../words/kit.ts";
import { zh } from "../words/zh/field.ts";

export const t = area({ ...kitZh, ...zh }, { ...kitEn, ...en });

/** Keys of the phrases that take no values, the kit's among them. */
export type FieldLabel =
  | Label
  | {
      [Key in keyof typeof zh]: (typeof zh)[Key] extends `${string}{${string}` ? never : Key;
    }[keyof typeof zh];

/** A text of a record that exists in both languages. */
export function inLanguage(words: Words): string {
  return language.value === "en" ? words.en : words.zh;
}
