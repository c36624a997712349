// The roots that this person's tablet was told, kept for ever. Rule: only ever added to. They outlive the
// records that told of them: a sweep, a rewind, another credential and the end of the store.

import { type AnchorRow, anchorOf, heard } from "../core/anchors.ts";
import type { Received } from "../core/ndjson.ts";
import type { PersonDatabase } from "./database.ts";
import type { Store } from "./store.ts";

type Line = Pick<Received, "kind" | "data">;

/** Keep what these records tell, in the transaction that applies them. */
export async function keepAnchors(
  { anchors }: Pick<PersonDatabase, "anchors">,
  records: readonly Line[],
  now: number,
): Promise<void> {
  for (const { kind, data } of records) {
    const told = kind === "anchor" ? anchorOf(data) : null;
    if (told === null) continue;
    const known = await anchors.get([told.epoch, told.day]);
    const row = heard(known, told, now);
    if (row !== known) await anchors.put(row);
  }
}

/** All of them, the oldest first. */
export function heldAnchors(store: Store): Promise<readonly AnchorRow[]> {
  return store.read((db) => db.anchors.orderBy("[epoch+day]").toArray());
}
