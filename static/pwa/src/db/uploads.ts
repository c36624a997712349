// The photos on their way: which are due, and what became of one. Rule: each step is one transaction on
// small rows; a row that another tab took further, or that is gone, is left as it is.

import { afterAttempt, inOrder, rewoundUpload, type Upload } from "../core/upload.ts";
import type { Id } from "../wire/types.ts";
import type { BlobRow } from "./database.ts";
import { withRoom } from "./keeping.ts";
import type { Store } from "./store.ts";

export interface Due {
  /** In the order in which they go. */
  readonly uploads: readonly Upload[];
  /** When the next that has to wait may go; null: none waits. */
  readonly nextAt: number | null;
}

export function dueUploads(store: Store, now: number): Promise<Due> {
  return store.read(async (db) => {
    const here = await db.uploads.where("state").equals("here").toArray();
    const due = here.filter(({ dueAt }) => dueAt <= now);
    const ids = due.map(({ attachment }) => attachment);
    const named = await db.outbox.where("record").anyOf(ids).toArray();
    const untold = new Set(
      named.filter(({ state }) => state === "pending").map(({ record }) => record),
    );
    const times = here.filter(({ dueAt }) => dueAt > now).map(({ dueAt }) => dueAt);
    return {
      uploads: inOrder(due, (attachment) => !untold.has(attachment)),
      nextAt: times.length > 0 ? times.reduce((a, b) => Math.min(a, b)) : null,
    };
  });
}

export function uploadsHere(store: Store): Promise<readonly Upload[]> {
  return store.read((db) => db.uploads.where("state").notEqual("sent").sortBy("created"));
}

export function bytesOf(store: Store, attachment: Id): Promise<BlobRow | undefined> {
  return store.read((db) => db.blobs.get(attachment));
}

/**
 * Change what is known of one photo's way; gives the row after it, or undefined when it is not here
 * to be sent any more. Screens hear of it when its state changes.
 */
export function changeUpload(
  store: Store,
  attachment: Id,
  now: number,
  change: (upload: Upload) => Upload,
): Promise<Upload | undefined> {
  const { db } = store;
  const work = async () => {
    const row = await db.uploads.get(attachment);
    if (row?.state !== "here") return { value: undefined, records: [] };
    const next = { ...row, ...change(row) };
    await db.uploads.put(next);
    return { value: next, records: next.state === row.state ? [] : [attachment] };
  };
  return withRoom(store, now, () => store.change(work, [db.uploads]));
}

/** The server holds bytes of these digests: none of them need be sent. */
export function markSent(
  store: Store,
  now: number,
  sha256s: ReadonlySet<string>,
): Promise<readonly Id[]> {
  const { db } = store;
  const work = async () => {
    const here = await db.uploads.where("state").equals("here").toArray();
    const there = here.filter(({ sha256 }) => sha256s.has(sha256));
    const whole = { kind: "whole" } as const;
    await db.uploads.bulkPut(there.map((row) => ({ ...row, ...afterAttempt(row, whole, now, 0) })));
    const ids = there.map(({ attachment }) => attachment);
    return { value: ids, records: ids };
  };
  return withRoom(store, now, () => store.change(work, [db.uploads]));
}

/** A person asks: what waits for its time need not any more. */
export async function hurryUploads(store: Store): Promise<void> {
  const { db } = store;
  await store.resilience.run(() =>
    db.uploads.where("state").equals("here").modify({ dueAt: 0, failures: 0 }),
  );
}

/** Its person knows that it is lost: nothing of it stays here. */
export async function letGoOfLost(store: Store, attachment: Id): Promise<void> {
  const { db } = store;
  await store.change(async () => {
    const row = await db.uploads.get(attachment);
    if (row?.state !== "lost") return { value: undefined, records: [] };
    await db.uploads.delete(attachment);
    await db.blobs.delete(attachment);
    return { value: undefined, records: [attachment] };
  }, [db.uploads, db.blobs]);
}

/** Inside a transaction: under another epoch nothing that the server said of bytes counts. */
export async function rewindUploads({ db }: Store): Promise<void> {
  const rows = await db.uploads.toArray();
  await db.uploads.bulkPut(rows.map(rewoundUpload));
}
