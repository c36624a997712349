// The words of printing labels, bound, and the papers that can be printed on.

import { en } from "../../words/en/labels.ts";
import { area } from "../../words/index.ts";
import { kitEn, kitZh } from "../../words/kit.ts";
import { zh } from "../../words/zh/labels.ts";

export const t = area({ ...kitZh, ...zh }, { ...kitEn, ...en });

/** As the server knows them; a tape holds one label a page. */
export const PAPERS = {
  "a4-3x8": { columns: 3, rows: 8 },
  "a4-5x13": { columns: 5, rows: 13 },
  "tape-62": { columns: 1, rows: 1 },
} as const;
export type Paper = keyof typeof PAPERS;
export const PAPER_NAMES: readonly Paper[] = ["a4-3x8", "a4-5x13", "tape-62"];

export function perPage(paper: Paper): number {
  return PAPERS[paper].columns * PAPERS[paper].rows;
}
