// The words of the audit, bound; what a broken place is called, and whose it is.

import type { BrokenPlace, Vouches } from "../../../wire/types.ts";
import type { IconName } from "../../kit/icons.tsx";
import type { Tone } from "../../kit/state.tsx";
import { en } from "../../words/en/audit.ts";
import { calendarDay } from "../../words/format.ts";
import { area } from "../../words/index.ts";
import { kitEn, kitZh } from "../../words/kit.ts";
import { zh } from "../../words/zh/audit.ts";
import { kindWord } from "../waiting/words.ts";
import { dotted } from "../words.ts";

export const t = area({ ...kitZh, ...zh }, { ...kitEn, ...en });

/** What happened there. */
export function faultWords(place: BrokenPlace, now: number, zone: string): string {
  const n = place.n ?? 0;
  const day = place.day ? calendarDay(place.day, now, zone) : "";
  switch (place.fault) {
    case "altered":
      return t("fault.altered", { n });
    case "missing":
      return t("fault.missing", { n });
    case "cut":
      return t("fault.cut", { n });
    case "stranger":
      return t("fault.stranger");
    case "root":
      return t("fault.root", { day });
    case "rewritten":
      return t("fault.rewritten", { day, n: place.times ?? 1 });
    case "unrooted":
      return t("fault.unrooted", { day });
    case "changed":
      return t(place.field ? "fault.changedField" : "fault.changed", { field: place.field ?? "" });
    case "unwritten":
      return t("fault.unwritten");
    case "gone":
      return t("fault.gone");
    case "rekeyed":
      return t("fault.rekeyed");
    case "unrecorded":
      return t("fault.unrecorded");
    case "witness":
      return t(place.device_name ? "fault.witness" : "fault.witnessAny", { day });
  }
}

/** Whose chain it is in. */
export function writerWords({ writer, lineage, person_name, device_name }: BrokenPlace): string {
  switch (writer) {
    case "device":
      return dotted(person_name, device_name);
    case "office":
      return t("writer.office", { name: person_name || t("writer.somebody") });
    case "server":
      return t("writer.server");
    case "unknown":
      return t("writer.unknown", { id: lineage?.slice(0, 8) ?? "" });
    default:
      return t("writer.none");
  }
}

/** What the record is, and where. */
export function aboutWords({ record, record_kind, title, site_name }: BrokenPlace): string {
  return record ? dotted(title || kindWord(record_kind ?? ""), site_name) : "";
}

/** Where the record is shown, if it has a page. */
export function aboutHref({ record, record_kind }: BrokenPlace): string | null {
  return record ? pageOf(record_kind ?? "", record) : null;
}

/** The page of a record of this kind. */
export function pageOf(kind: string, record: string): string | null {
  if (kind === "asset") return `/office/assets/${record}`;
  if (kind === "inspection") return `/office/review/${record}`;
  if (kind === "assignment") return `/office/assignments/${record}`;
  return kind === "visit" ? `/office/visits/${record}` : null;
}

export const VERDICTS: Readonly<Record<Vouches, readonly [IconName, Tone]>> = {
  agrees: ["tick", "plain"],
  differs: ["alert", "bad"],
  restored: ["history", "quiet"],
  silent: ["dash", "quiet"],
};
