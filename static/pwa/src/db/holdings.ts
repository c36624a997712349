// What this device still holds that the server has not taken, and the end of a store. Rule: a store is
// emptied only in the transaction that has seen that nothing unacknowledged is in it.

import type { Id } from "../wire/types.ts";
import type { PersonDatabase } from "./database.ts";
import type { Store } from "./store.ts";

export interface Holdings {
  /** Records with something that the server has not answered, or that is still being typed. */
  readonly unsent: number;
  /** Of the oldest of it, in milliseconds since 1970 by this device; null while there is none. */
  readonly unsentSince: number | null;
  /** Photos whose bytes the server does not hold. */
  readonly photosLeft: number;
}

export function holdings(store: Store): Promise<Holdings> {
  return store.read((db) =>
    db.transaction("r", [db.outbox, db.drafts, db.uploads, db.base], () => count(db)),
  );
}

async function count(db: PersonDatabase): Promise<Holdings> {
  const entries = await db.outbox.where("state").anyOf("pending", "refused").toArray();
  const drafts = await db.drafts.toArray();
  const records = new Set<Id>([...entries, ...drafts].map(({ record }) => record));
  const times = [...entries.map(({ madeAt }) => madeAt), ...drafts.map(({ at }) => at)];
  const unsentSince = times.length > 0 ? times.reduce((a, b) => Math.min(a, b)) : null;
  return { unsent: records.size, unsentSince, photosLeft: await photosLeft(db) };
}

async function photosLeft(db: PersonDatabase): Promise<number> {
  // Lost ones too: the server does not have them, and their person has not let them go.
  const here = await db.uploads.where("state").notEqual("sent").primaryKeys();
  const rows = await db.base.bulkGet(here);
  return rows.filter((row) => !row?.data.received_at).length;
}

/**
 * Empty the store, if the server has everything. False: something is held, and nothing was touched.
 * Where the exchange stood and which number comes next stays: it tells of nobody's work.
 */
export async function erase(store: Store): Promise<boolean> {
  const { db } = store;
  const tables = [db.blobs, db.uploads, db.previews, db.drafts, db.scans];
  return store.change(async () => {
    const { unsent, photosLeft } = await count(db);
    if (unsent + photosLeft > 0) return { value: false, records: [] };
    await Promise.all([db.base, db.outbox, db.scopes, ...tables].map((table) => table.clear()));
    await db.state.delete("report");
    const position = await db.state.get("position");
    if (position?.key === "position")
      await db.state.put({ ...position, token: null, lastAcked: null, isSweeping: true });
    return { value: true, records: "all" as const };
  }, tables);
}
