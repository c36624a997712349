// What one presence on site covers: the inspections handed in, and what was planned and not done.
// Rule: pure reading; an inspection is judged by the form that it was answered on.

import { isReturned, type Seen, stepOf, targetState } from "../../../core/work.ts";
import type { Records } from "../../../db/records.ts";
import { DEFAULTS } from "../../../wire/defaults.ts";
import type { Severity } from "../../../wire/types.ts";
import { reportedOf } from "../inspect/say.ts";
import { readSheet, type Sheet } from "../inspect/sheet.ts";
import { workOfVisit } from "./presence.ts";

export interface AbnormalHere {
  /** Of its finding, or of the answer that has none yet. */
  readonly key: string;
  readonly asset: string;
  readonly severity: Severity;
  readonly text: string;
}

export interface Coverage {
  readonly visit: Seen<"visit">;
  readonly site: Seen<"site"> | undefined;
  readonly zone: string;
  /** All that belongs to this visit. */
  readonly mine: readonly Seen<"inspection">[];
  /** What of it is handed in, by the name of the asset. */
  readonly inspected: readonly Sheet[];
  /** Begun, not handed in: not part of what is signed. */
  readonly drafts: number;
  readonly abnormalAssets: number;
  readonly abnormal: readonly AbnormalHere[];
  /** Planned in the rounds that were worked on, and not inspected by anybody. */
  readonly notInspected: readonly string[];
  readonly photos: number;
}

const SEVERITIES: readonly string[] = ["urgent", "major", "minor", "advice"];

export function coverageOf(records: Records, visit: Seen<"visit">, now: number): Coverage {
  const site = records.record("site", visit.data.site);
  const zone = site?.data.time_zone ?? DEFAULTS.Site.time_zone;
  const mine = workOfVisit(records, visit, zone);
  const inspected = mine
    .filter(({ data }) => stepOf(data).step === "submitted")
    .flatMap((one) => sheetOf(records, one, now))
    .toSorted((one, other) => (one.asset.data.name < other.asset.data.name ? -1 : 1));
  const abnormal = inspected
    .flatMap((sheet) => abnormalOf(records, sheet, now))
    .toSorted((one, other) => rank(one.severity) - rank(other.severity));
  const isLive = ({ data }: Seen<"inspection">): boolean => stepOf(data).step === "draft";
  return {
    visit,
    site,
    zone,
    mine,
    inspected,
    drafts: mine.filter((one) => isLive(one) && !isReturned(one.data)).length,
    abnormalAssets: inspected.filter((sheet) => reportedOf(sheet, now).length > 0).length,
    abnormal,
    notInspected: notInspected(records, visit, mine),
    photos: inspected.reduce((sum, sheet) => sum + [...sheet.photos.values()].flat().length, 0),
  };
}

/** The findings of an inspection, which its signature covers; and abnormal answers without one. */
function abnormalOf(
  records: Pick<Records, "by">,
  sheet: Sheet,
  now: number,
): readonly AbnormalHere[] {
  const asset = sheet.asset.data.name;
  const found = records.by("finding", "inspection", sheet.id);
  const items = new Set(found.map(({ data }) => data.item));
  const reported = reportedOf(sheet, now).filter(({ path }) => !items.has(path));
  return [
    ...found.map(({ id, data: { severity, text } }) => ({ key: id, asset, severity, text })),
    ...reported.map(({ path, severity, text }) => ({
      key: `${sheet.id}/${path}`,
      asset,
      severity,
      text,
    })),
  ];
}

function rank(severity: string): number {
  return SEVERITIES.indexOf(severity);
}

function sheetOf(records: Records, one: Seen<"inspection">, now: number): readonly Sheet[] {
  const { assignment = null, asset } = one.data;
  const found = readSheet(records, { assignment, asset }, { ownId: one.id, typed: [], now });
  return found.kind === "sheet" ? [found.sheet] : [];
}

function notInspected(
  records: Records,
  visit: Seen<"visit">,
  mine: readonly Seen<"inspection">[],
): readonly string[] {
  const rounds = new Set([visit.data.assignment, ...mine.map(({ data }) => data.assignment)]);
  const names: string[] = [];
  for (const id of rounds) {
    const round = id ? records.record("assignment", id) : undefined;
    for (const { asset, withdrawn } of round?.data.targets ?? []) {
      if (withdrawn || round === undefined) continue;
      const done = records
        .by("inspection", "assignment", round.id)
        .find(({ data }) => data.asset === asset);
      const state = targetState(done?.data);
      if (state === "submitted" || state === "accepted") continue;
      names.push(records.record("asset", asset)?.data.name ?? asset);
    }
  }
  return names;
}
