// Small pictures of photos that were taken elsewhere. Rule: they only save a download: a few of them, the
// least looked at go first, and none keeps a place that the person's own work could need.

import type { Id } from "../wire/types.ts";
import type { PreviewRow } from "./database.ts";
import type { Store } from "./store.ts";

/** Some forty kilobytes each: what a morning's devices showed last time. */
export const PREVIEWS_MAX = 200;

/** Give it, and remember that it was looked at. */
export function preview(store: Store, attachment: Id, at: number): Promise<PreviewRow | undefined> {
  return store.read(async ({ previews }) => {
    const row = await previews.get(attachment);
    if (row !== undefined) await previews.update(attachment, { at }).catch(() => undefined);
    return row;
  });
}

/** Keep one, if there is room without asking for it. */
export async function keepPreview({ db }: Store, row: PreviewRow): Promise<void> {
  await db
    .transaction("rw", db.previews, async () => {
      await db.previews.put(row);
      const old = await db.previews.orderBy("at").reverse().offset(PREVIEWS_MAX).primaryKeys();
      await db.previews.bulkDelete(old);
    })
    .catch(() => undefined);
}

/** Inside a transaction: what this device may no longer see is no longer shown. */
export async function dropStrangers({ db }: Store): Promise<void> {
  const ids = await db.previews.toCollection().primaryKeys();
  const rows = await db.base.bulkGet(ids);
  await db.previews.bulkDelete(ids.filter((_, at) => rows[at] === undefined));
}
