// The reviewer's desk: the queue as it lies there, remarks that are being written, and what was just
// decided. Rule: pure but for two signals in memory. Nothing on the desk moves by itself: a row that was
// decided stays where it was, so that it can be undone; what is new comes last.

import { signal } from "@preact/signals";
import type {
  Decided,
  Decision,
  InspectionDetail,
  InspectionRow,
  Problem,
} from "../../../wire/types.ts";
import { alsoForget } from "../state.ts";

export type Remarks = Readonly<Record<string, string>>;

const written = signal<Readonly<Record<string, Remarks>>>({});
/** What was decided since the page was opened, the last one last. */
export const done = signal<readonly Done[]>([]);
/** Taken back, and not in the queue that was read yet. */
const coming = new Set<string>();
alsoForget(() => {
  written.value = {};
  done.value = [];
  coming.clear();
});

export type Done = {
  readonly row: InspectionRow;
  readonly decided: Decided;
  /** Remarks that went with a return. */
  readonly remarks: number;
};

export function noteDone(one: Done): void {
  done.value = [...done.peek().filter((other) => other.row.id !== one.row.id), one];
}

export function noteUndone(one: Done): void {
  coming.add(one.row.id);
  done.value = done.peek().filter((other) => other !== one);
}

/** The rows that keep their place although the queue that was read is without them. */
export function staying(fresh: readonly InspectionRow[], current: string | null) {
  for (const row of fresh) coming.delete(row.id);
  const decided = done.value.map((one) => one.row.id);
  return new Set([...decided, ...coming, ...(current === null ? [] : [current])]);
}

/** Remarks being written for one inspection, by path; "" is the whole. */
export function remarksFor(inspection: string): Remarks {
  return written.value[inspection] ?? {};
}

export function writeRemark(inspection: string, path: string, text: string): void {
  const mine = { ...written.peek()[inspection], [path]: text };
  written.value = { ...written.peek(), [inspection]: mine };
}

export function dropRemarks(inspection: string): void {
  const { [inspection]: _, ...others } = written.peek();
  written.value = others;
}

/** Those that say something. */
export function filledRemarks(remarks: Remarks): readonly (readonly [string, string])[] {
  return Object.entries(remarks).filter(([, text]) => text.trim() !== "");
}

export function acceptance(detail: InspectionDetail, reason: string): Decision {
  const said = reason.trim();
  return { decision: "accepted", seen: detail.seen, ...(said ? { reason: said } : {}) };
}

export function returning(detail: InspectionDetail, remarks: Remarks): Decision {
  return {
    decision: "returned",
    seen: detail.seen,
    remarks: filledRemarks(remarks).map(([item, text]) => ({ item, text: text.trim() })),
  };
}

/** The last word of a problem's type. */
export function slugOfProblem(problem: Problem): string {
  return problem.type.split("/").at(-1) ?? "";
}

/** Photos alone do not stand in the way, where somebody says why it may go without. */
export function needsReason(detail: InspectionDetail): boolean {
  return (detail.obstacles ?? []).some((one) => slugOfProblem(one) === "photos-waiting");
}

/** What stands in the way whatever the reason. */
export function barriers(detail: InspectionDetail): readonly Problem[] {
  return (detail.obstacles ?? []).filter((one) => slugOfProblem(one) !== "photos-waiting");
}

/** The same versions: nothing of the result has changed. */
export function isSame(one: InspectionDetail, other: InspectionDetail): boolean {
  const [a, b] = [Object.entries(one.seen), Object.entries(other.seen)];
  return a.length === b.length && a.every(([id, version]) => other.seen[id] === version);
}

export type Order = "abnormal" | "oldest";

/** What needs eyes first; then what has waited longest. */
export function sortQueue(rows: readonly InspectionRow[], order: Order): readonly InspectionRow[] {
  const rank = ({ conflicts = 0, abnormal = 0, warning = 0 }: InspectionRow) =>
    order === "oldest" ? 0 : conflicts * 1_000_000 + abnormal * 1_000 + warning;
  const at = (row: InspectionRow) => row.submitted_at ?? "";
  return [...rows].sort((a, b) => rank(b) - rank(a) || at(a).localeCompare(at(b)));
}

/** The queue after it was read again: rows stay where they lie, new ones come last. */
export function mergeQueue(
  lying: readonly InspectionRow[],
  fresh: readonly InspectionRow[],
  kept: ReadonlySet<string>,
): readonly InspectionRow[] {
  const now = new Map(fresh.map((row) => [row.id, row]));
  const stay = lying.flatMap((row) => now.get(row.id) ?? (kept.has(row.id) ? row : []));
  const here = new Set(stay.map((row) => row.id));
  return [...stay, ...fresh.filter((row) => !here.has(row.id))];
}

/** The row `step` further on; stays at the ends. */
export function neighbour(
  rows: readonly InspectionRow[],
  current: string | null,
  step: 1 | -1,
): InspectionRow | undefined {
  const at = rows.findIndex((row) => row.id === current);
  if (at < 0) return rows[0];
  return rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
}

/** The next one that nobody decided over yet: behind the current one, else from the start. */
export function nextOpen(
  rows: readonly InspectionRow[],
  current: string,
  decided: ReadonlySet<string>,
): InspectionRow | undefined {
  const at = rows.findIndex((row) => row.id === current);
  const round = [...rows.slice(at + 1), ...rows.slice(0, Math.max(at, 0))];
  return round.find((row) => !decided.has(row.id));
}
