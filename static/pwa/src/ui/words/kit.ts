// The shared words, bound: what the kit itself says.

import { en } from "./en/kit.ts";
import { area } from "./index.ts";
import { zh } from "./zh/kit.ts";

export const t = area(zh, en);
/** Keys of the phrases that take no values: names of states, answers and places. */
export type Label = {
  [Key in keyof typeof zh]: (typeof zh)[Key] extends `${string}{${string}` ? never : Key;
}[keyof typeof zh];
export { en as kitEn, zh as kitZh };
