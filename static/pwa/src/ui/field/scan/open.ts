// Where a scan leads: the open inspection of the current round, else the page of the asset.
// Rule: pure reading; scanning twice leads to the same place.

import { inspectionId } from "../../../core/ids.ts";
import type { Seen } from "../../../core/work.ts";
import { targetState } from "../../../core/work.ts";
import type { Session } from "../../../sync/session.ts";
import type { Id } from "../../../wire/types.ts";
import { openRoundsOf, type Progress, progressOf } from "../judge.ts";
import { assetPath, inspectPath } from "../paths.ts";

export interface Destination {
  readonly path: string;
  readonly assignment: Seen<"assignment"> | null;
  readonly inspection: Seen<"inspection"> | undefined;
  readonly progress: Progress | null;
  /** When the round began, milliseconds since 1970; Infinity outside any. */
  readonly since: number;
}

export function destinationOf(session: Session, asset: Id): Destination {
  const rounds = openRoundsOf(session, asset).map((assignment) => ({
    assignment,
    inspection: session.records.record("inspection", inspectionId(assignment.id, asset)),
  }));
  const isOpen = ({ inspection }: (typeof rounds)[number]) =>
    !["submitted", "accepted"].includes(targetState(inspection?.data));
  const chosen = rounds.find(isOpen) ?? rounds[0];
  if (chosen === undefined) {
    return {
      path: assetPath(asset),
      assignment: null,
      inspection: undefined,
      progress: null,
      since: Number.POSITIVE_INFINITY,
    };
  }
  const { assignment, inspection } = chosen;
  return {
    path: inspectPath(assignment.id, asset),
    assignment,
    inspection,
    progress: inspection ? progressOf(session, inspection) : null,
    since: Date.parse(assignment.data.starts_at),
  };
}
