// How far one inspection is, and whether something of it is abnormal. Rule: the form is read by
// core/forms as everywhere; one reading per state of the inspection, because lists ask for many.

import { HELD_STATES, type Judge, type Seen } from "../../core/work.ts";
import type { Session } from "../../sync/session.ts";
import type { Id } from "../../wire/types.ts";
import { readSheet } from "./inspect/sheet.ts";

export interface Progress {
  readonly asked: number;
  readonly answered: number;
  readonly abnormal: number;
}

const known = new WeakMap<Seen<"inspection">, Progress>();

/** What is answered in an inspection, and how much of it is out of order; null without its form. */
export function progressOf(session: Session, inspection: Seen<"inspection">): Progress | null {
  const before = known.get(inspection);
  if (before) return before;
  const { assignment = null, asset } = inspection.data;
  const subject = { assignment, asset };
  const given = { ownId: inspection.id, typed: [], now: session.pen.now() };
  const found = readSheet(session.records, subject, given);
  if (found.kind !== "sheet" || found.sheet.id !== inspection.id) return null;
  const { asked, answered, abnormal } = found.sheet.evaluation.totals;
  const progress = { asked, answered, abnormal };
  known.set(inspection, progress);
  return progress;
}

export function judgeFor(session: Session): Judge {
  return (inspection) => (progressOf(session, inspection)?.abnormal ?? 0) > 0;
}

/** The person's own open rounds in which this asset is a target, the most urgent first. */
export function openRoundsOf(session: Session, asset: Id): readonly Seen<"assignment">[] {
  const { person } = session.person;
  return session.records
    .by("assignment", "asset", asset)
    .filter(({ data }) => data.assignee === person || data.backup === person)
    .filter(({ data }) => HELD_STATES.includes(data.state ?? "planned"))
    .filter(({ data }) => data.targets.some((one) => one.asset === asset && !one.withdrawn))
    .toSorted((one, other) => (one.data.due_at < other.data.due_at ? -1 : 1));
}
