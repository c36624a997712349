// The words of what waits, bound, with those of the kit and the office beside it.

import { en } from "../../words/en/waiting.ts";
import { area } from "../../words/index.ts";
import { kitEn, kitZh } from "../../words/kit.ts";
import { zh } from "../../words/zh/waiting.ts";

export const t = area({ ...kitZh, ...zh }, { ...kitEn, ...en });

const KINDS = [
  "asset",
  "assignment",
  "attachment",
  "finding",
  "inspection",
  "room",
  "signature",
  "site",
  "tag",
  "visit",
] as const;

/** The kind of a record in words; one of a newer server is a record. */
export function kindWord(kind: string): string {
  const known = KINDS.find((one) => one === kind);
  return known ? t(`kind.${known}`) : t("waiting.unnamed");
}
