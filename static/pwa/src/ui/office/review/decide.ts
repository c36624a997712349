// Accepting, returning, and taking it back. Rule: a decision names the versions that were on the screen;
// where they moved on, nothing is decided, the result is shown as it is now, and what was written stays.

import { useState } from "preact/hooks";
import type { Failed } from "../../../sync/office.ts";
import type { Decided, Decision, InspectionDetail, InspectionRow } from "../../../wire/types.ts";
import { WRITES } from "../api.ts";
import { awaitingPoke, useOffice } from "../state.ts";
import {
  acceptance,
  type Done,
  dropRemarks,
  filledRemarks,
  noteDone,
  noteUndone,
  remarksFor,
  returning,
} from "./desk.ts";

export type Deciding = {
  readonly isBusy: boolean;
  readonly failed: Failed | null;
  /** The last failure was that the result had changed. */
  readonly hasMoved: boolean;
  readonly accept: (detail: InspectionDetail, reason: string) => Promise<boolean>;
  readonly sendBack: (detail: InspectionDetail) => Promise<boolean>;
  readonly undo: (one: Done) => Promise<boolean>;
  readonly clear: () => void;
};

function isMoved(failed: Failed | null): boolean {
  return failed?.kind === "refused" && failed.slug === "version-moved-on";
}

/** `onMoved` shows the result as it is now. */
export function useDeciding(onMoved: () => void): Deciding {
  const { client } = useOffice();
  const [isBusy, setBusy] = useState(false);
  const [failed, setFailed] = useState<Failed | null>(null);
  const send = async (path: string, body: unknown): Promise<Decided | null> => {
    if (isBusy) return null;
    setBusy(true);
    setFailed(null);
    const answer = await awaitingPoke(() => client.write<Decided>(path, body));
    setBusy(false);
    if (answer.kind === "ok") return answer.value;
    setFailed(answer);
    if (isMoved(answer)) onMoved();
    return null;
  };
  const decide = async (row: InspectionRow, decision: Decision): Promise<boolean> => {
    const decided = await send(WRITES.decide(row.id), decision);
    if (decided === null) return false;
    const remarks = decision.remarks?.length ?? 0;
    noteDone({ row, decided, remarks });
    dropRemarks(row.id);
    return true;
  };
  return {
    isBusy,
    failed,
    hasMoved: isMoved(failed),
    accept: (detail, reason) => decide(detail.row, acceptance(detail, reason)),
    sendBack: async (detail) => {
      const remarks = remarksFor(detail.row.id);
      if (filledRemarks(remarks).length === 0) return false;
      return decide(detail.row, returning(detail, remarks));
    },
    undo: async (one) => {
      const decided = await send(WRITES.undo(one.row.id), { seen: one.decided.seen });
      if (decided !== null) noteUndone(one);
      return decided !== null;
    },
    clear: () => setFailed(null),
  };
}
