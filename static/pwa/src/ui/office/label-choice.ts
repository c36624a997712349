// The assets that were chosen for a sheet of labels: kept while one goes through lists and pages.

import { signal } from "@preact/signals";
import { LABELS_PER_PRINT_MAX } from "../../wire/limits.ts";
import type { Id } from "../../wire/types.ts";
import { alsoForget } from "./state.ts";

export type Chosen = { readonly id: Id; readonly name: string; readonly note: string };

export const MAX = LABELS_PER_PRINT_MAX;
/** In the order in which they were chosen: the order on the sheet. */
export const chosen = signal<ReadonlyMap<Id, Chosen>>(new Map());
alsoForget(() => {
  chosen.value = new Map();
});

type Row = { readonly id: Id; readonly name: string; readonly number?: string };

/** Choose it, or take it off again; a full sheet takes no more. */
export function toggle(row: Row): void {
  const next = new Map(chosen.peek());
  if (next.delete(row.id)) chosen.value = next;
  else choose(row);
}

export function choose({ id, name, number = "" }: Row): void {
  if (chosen.peek().size >= MAX) return;
  chosen.value = new Map(chosen.peek()).set(id, { id, name, note: number });
}

/** Sheets that `labels` take when the first `skip` places of the first one are free. */
export function sheets(labels: number, skip: number, perSheet: number): number {
  return labels === 0 ? 0 : Math.ceil((labels + skip) / perSheet);
}
