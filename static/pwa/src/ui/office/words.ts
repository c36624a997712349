// The office's words, bound, with those of the kit; and the names of what the wire calls by a code.

import { display } from "../../core/tags.ts";
import type { DeviceState, Replacement, Role, Severity, Words } from "../../wire/types.ts";
import type { IconName } from "../kit/icons.tsx";
import { en as assetsEn } from "../words/en/assets.ts";
import { en as officeEn } from "../words/en/office.ts";
import { en as peopleEn } from "../words/en/people.ts";
import { en as reviewEn } from "../words/en/review.ts";
import { area, language } from "../words/index.ts";
import { kitEn, kitZh } from "../words/kit.ts";
import { zh as assetsZh } from "../words/zh/assets.ts";
import { zh as officeZh } from "../words/zh/office.ts";
import { zh as peopleZh } from "../words/zh/people.ts";
import { zh as reviewZh } from "../words/zh/review.ts";

const zh = { ...officeZh, ...reviewZh, ...assetsZh, ...peopleZh };
const en = { ...officeEn, ...reviewEn, ...assetsEn, ...peopleEn };
export const t = area({ ...kitZh, ...zh }, { ...kitEn, ...en });

type Named<Prefix extends string> = {
  [Key in keyof typeof zh]: Key extends `${Prefix}.${infer Name}` ? Name : never;
}[keyof typeof zh];

/** A text of a record that exists in both languages. */
export function inLanguage(words: Words | null | undefined): string {
  if (!words) return "";
  return language.value === "en" ? words.en : words.zh;
}

/** The shape of each severity; the word stands beside it. */
export const SEVERITY_ICONS: Readonly<Record<Severity, IconName>> = {
  urgent: "needsYou",
  major: "alert",
  minor: "flag",
  advice: "pen",
};

/** Worst first, as lists show them. */
export const SEVERITIES: readonly Severity[] = ["urgent", "major", "minor", "advice"];

export const CATEGORIES: readonly Named<"category">[] = [
  "server-room",
  "cold-aisle",
  "ups",
  "air-conditioner",
  "server",
  "database",
  "backup",
  "network",
  "security",
  "desktop",
  "printer",
  "pos",
];

export const STATUSES: readonly Named<"status">[] = [
  "in-use",
  "standby",
  "in-repair",
  "missing",
  "retired",
];

export function roleWord(role: Role): string {
  return t(`role.${role}`);
}

export function deviceWord(state: DeviceState): string {
  return t(`device.${state}`);
}

/** Of an asset; a status of a newer server is shown as it came. */
export function statusWord(status: string): string {
  const known = STATUSES.find((one) => one === status);
  return known ? t(`status.${known}`) : status;
}

/** A replaced part with both serial numbers, as far as they are known. */
export function partWords({ part, old, new: fresh }: Replacement): string {
  const unknown = t("result.partUnknown");
  return t("result.part", { part, old: old || unknown, new: fresh || unknown });
}

/** The codes of a device's tags, as they are printed; null where it has none. */
export function tagWords(codes: readonly string[]): string | null {
  const printed = codes.map(display).join(t("list.and"));
  return printed === "" ? null : t("asset.tagCode", { code: printed });
}

/** Join what is there with a middle dot. */
export function dotted(...parts: readonly (string | null | undefined | false)[]): string {
  return parts.filter((part) => part).join(" · ");
}
