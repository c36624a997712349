// What lies on this device beside the records: photo bytes, text that is being typed, recent scans.
// Rule: none of it is synced from here; bytes leave only when the server has said that it holds them.

import type { Id } from "../wire/types.ts";
import type { BlobRow, DraftRow } from "./database.ts";
import type { Store } from "./store.ts";

const SCANS_MAX = 50;

/** Give the bytes of a photo; undefined when they are not on this device. */
export function photo(store: Store, attachment: Id): Promise<BlobRow | undefined> {
  return store.read((db) => db.blobs.get(attachment));
}

/** Keep what is being typed at `path` of a record, until it becomes an op. */
export async function keepDraft(
  store: Store,
  record: Id,
  path: string,
  value: unknown,
  at: number,
): Promise<void> {
  await store.read((db) => db.drafts.put({ key: `${record}:${path}`, record, value, at }));
}

export async function dropDraft(store: Store, record: Id, path: string): Promise<void> {
  await store.read((db) => db.drafts.delete(`${record}:${path}`));
}

/** Everything typed for a record that is no op yet. */
export function draftsOf(store: Store, record: Id): Promise<readonly DraftRow[]> {
  return store.read((db) => db.drafts.where("record").equals(record).toArray());
}

/** Remember that an asset was scanned; only the latest are kept. */
export async function scanned(store: Store, asset: Id, at: number): Promise<void> {
  await store.read(async (db) => {
    await db.scans.put({ asset, at });
    const old = await db.scans.orderBy("at").reverse().offset(SCANS_MAX).primaryKeys();
    await db.scans.bulkDelete(old);
  });
}

/** Assets by the time of their last scan here, the latest first. */
export async function recentScans(store: Store): Promise<readonly Id[]> {
  const rows = await store.read((db) => db.scans.orderBy("at").reverse().toArray());
  return rows.map((row) => row.asset);
}
