// Readings of one asset over its inspections: a row of figures per item, oldest first. Pure.

import type { InspectionDetail, Judged, Limits } from "../../wire/types.ts";
import { unitWords } from "../words/format.ts";
import { type SheetItem, sheetItems, titleOf } from "./review/sheet-items.ts";

export type Point = {
  readonly at: string;
  readonly value: number;
  readonly verdict: Judged["verdict"];
};

export type Series = {
  readonly path: string;
  readonly title: string;
  readonly unit: string;
  readonly limits: Limits | null;
  readonly entry: SheetItem;
  readonly points: readonly Point[];
};

const RANK: Readonly<Record<string, number>> = { abnormal: 0, warning: 1 };

function takenAt(detail: InspectionDetail): string {
  return detail.row.submitted_at ?? detail.row.started_at ?? "";
}

/**
 * The readings of the newest inspection, each with those of the others before it. What is out of
 * limits comes first, then what has limits; the order of the form within.
 */
export function seriesOf(details: readonly InspectionDetail[]): readonly Series[] {
  const order = [...details].sort((a, b) => takenAt(a).localeCompare(takenAt(b)));
  const newest = order.at(-1);
  if (!newest) return [];
  const pointOf = (detail: InspectionDetail, path: string): readonly Point[] => {
    const judged = (detail.judged ?? []).find((one) => one.path === path);
    return judged && typeof judged.value === "number"
      ? [{ at: takenAt(detail), value: judged.value, verdict: judged.verdict }]
      : [];
  };
  const found = sheetItems(newest).flatMap((entry): readonly Series[] => {
    if (typeof entry.judged.value !== "number") return [];
    const points = order.flatMap((detail) => pointOf(detail, entry.path));
    const { path, judged } = entry;
    const title = titleOf(newest, entry);
    const unit = unitWords(judged.unit ?? "");
    return [{ path, title, entry, points, unit, limits: judged.limits ?? null }];
  });
  const rank = ({ entry, limits }: Series) => RANK[entry.judged.verdict] ?? (limits ? 2 : 3);
  return found.sort((a, b) => rank(a) - rank(b));
}
