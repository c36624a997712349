// Ordering reports, and looking while one is made. Rule: asked again only while something is under way.

import { useEffect, useState } from "preact/hooks";
import type { Failed } from "../../../sync/office.ts";
import type { ReportOrder, ReportOrdered, ReportRow } from "../../../wire/types.ts";
import { WRITES } from "../api.ts";
import { useOffice } from "../state.ts";

const POLL_MS = 1_500;

/** Read again after a moment, while one of these rows is being made. */
export function usePolling(rows: readonly ReportRow[], again: () => void): void {
  const isWaiting = rows.some((row) => row.state === "waiting");
  useEffect(() => {
    if (!isWaiting) return;
    const timer = setInterval(again, POLL_MS);
    return () => clearInterval(timer);
  }, [isWaiting, again]);
}

/** Order one; what became of it is told until the next order. */
export function useOrders(again: () => void) {
  const { client } = useOffice();
  const [busy, setBusy] = useState<string | null>(null);
  const [failed, setFailed] = useState<Failed | null>(null);
  const [ordered, setOrdered] = useState<ReportOrdered | null>(null);
  const order = async (wanted: ReportOrder): Promise<void> => {
    setBusy(keyOf(wanted));
    const answer = await client.write<ReportOrdered>(WRITES.reports, wanted);
    setBusy(null);
    setFailed(answer.kind === "ok" ? null : answer);
    setOrdered(answer.kind === "ok" ? answer.value : null);
    again();
  };
  return { busy, failed, ordered, order };
}

export function keyOf({ of, language }: Pick<ReportOrder, "of" | "language">): string {
  return `${of} ${language}`;
}
