// The words of reports, bound; what a report is called and how it stands.
// Rule: a state is said of the server's own row, and a failure says what is safe.

import type { Language, ReportRow } from "../../../wire/types.ts";
import type { IconName } from "../../kit/icons.tsx";
import type { Tone } from "../../kit/state.tsx";
import { en } from "../../words/en/reports.ts";
import { clock, day } from "../../words/format.ts";
import { area } from "../../words/index.ts";
import { kitEn, kitZh } from "../../words/kit.ts";
import { zh } from "../../words/zh/reports.ts";
import { minute } from "../state.ts";
import { dotted, inLanguage } from "../words.ts";

export const t = area({ ...kitZh, ...zh }, { ...kitEn, ...en });

const PROBLEMS = ["report-unset", "report-too-slow", "store-unreachable"] as const;

export type Standing = { readonly icon: IconName; readonly tone: Tone; readonly words: string };

/** How one revision stands. */
export function standingOf(row: ReportRow): Standing {
  const n = row.revision;
  if (row.state === "failed") return { icon: "alert", tone: "warn", words: t("state.failed") };
  if (row.state === "waiting") {
    const { progress = 0 } = row;
    const words = progress > 0 ? t("state.waiting", { n: progress }) : t("state.queued");
    return { icon: progress > 0 ? "underWay" : "clock", tone: "plain", words };
  }
  return row.superseded_at
    ? { icon: "history", tone: "quiet", words: t("state.superseded", { n }) }
    : { icon: "tick", tone: "plain", words: t("state.ready", { n }) };
}

/** Why it failed, and what is safe. */
export function problemWords(row: ReportRow): string {
  const known = PROBLEMS.find((one) => one === row.problem);
  return known ? t(`problem.${known}`) : t("problem.other", { code: row.problem ?? "" });
}

export function languageWord(language: Language): string {
  return t(`lang.${language}`);
}

/** What it is a report of: the round, or whose visit on which day. */
export function subjectWords(row: ReportRow): string {
  const title = inLanguage(row.title);
  if (row.of_kind === "assignment") return dotted(title, t("of.assignment"));
  const when = row.visited_at ? day(row.visited_at, row.time_zone, minute.value) : "";
  return dotted(title, t("of.visit", { name: dotted(row.engineer_name, when) }));
}

/** "11月18日 09:10–16:20" */
export function spanOf(from: string, to: string | null | undefined, zone: string): string {
  const start = `${day(from, zone, minute.value)} ${clock(from, zone)}`;
  return to ? `${start}–${clock(to, zone)}` : start;
}

export function fileOf(row: ReportRow): string {
  return `/office/reports/${row.id}/file`;
}

/** Where anybody verifies it. */
export function verifyOf(row: ReportRow): string {
  return `/verify/${row.code.replaceAll("-", "")}`;
}
