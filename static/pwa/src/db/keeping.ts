// How long what the server has is kept here: against a restore, until its backup holds it. Rule: from the
// front only, never anything that the server has not answered, and what needs its person stays.

import { type Entry, isDone, KEPT_MS_DEFAULT, mayGo } from "../core/outbox.ts";
import { mayBeGone, rewoundUpload } from "../core/upload.ts";
import type { Id } from "../wire/types.ts";
import type { PositionRow, UploadRow } from "./database.ts";
import { dropStrangers } from "./previews.ts";
import { isFull } from "./resilience.ts";
import type { Store } from "./store.ts";

export interface Gone {
  readonly ops: number;
  readonly photos: number;
}

/** Let go of what no restore can lose any more. Gives how much went. */
export function prune(store: Store, now: number): Promise<Gone> {
  return store.change(async () => {
    const position = await store.position();
    const isDecided = await decisions(store);
    const keeping = { ...keepingOf(position), now, isDecided };
    const entries = await front(store, (entry) => mayGo(entry, keeping));
    await store.db.outbox.bulkDelete(entries.map((entry) => entry.n));
    const again = await askedAgain(store, now);
    const photos = await covered(store, position, now);
    await dropPhotos(store, photos);
    await dropStrangers(store);
    const records = [...entries.map((entry) => entry.record), ...photos, ...again];
    return { value: { ops: entries.length, photos: photos.length }, records };
  }, [store.db.blobs, store.db.uploads, store.db.previews]);
}

async function dropPhotos({ db }: Store, photos: readonly Id[]): Promise<void> {
  await db.blobs.bulkDelete([...photos]);
  await db.uploads.bulkDelete([...photos]);
}

function keepingOf({ backedUpTo, lineage }: PositionRow) {
  return { backedUpTo, lineage: lineage ?? null };
}

/** Until the first that must stay: what is behind it stays too, so that no gap is ever offered. */
async function front(store: Store, mayLeave: (entry: Entry) => boolean, most = Infinity) {
  const gone: Entry[] = [];
  await store.db.outbox
    .orderBy("n")
    .until((entry) => gone.length >= most || !mayLeave(entry))
    .each((entry) => gone.push(entry));
  return gone;
}

async function decisions(store: Store): Promise<(op: Id) => boolean> {
  const rows = await store.db.base.where("kind").equals("disposition").toArray();
  const settled = rows.filter(({ data }) => data.settled && typeof data.op === "string");
  const decided = new Set(settled.map(({ data }) => data.op));
  return (op) => decided.has(op);
}

/**
 * Photos whose bytes the server holds, the oldest first: it has said so of their digest, or their
 * record has its receipt; and nothing here still has to tell their name.
 */
async function received(store: Store): Promise<readonly UploadRow[]> {
  const { base, outbox, uploads } = store.db;
  const all = await uploads.toArray();
  const rows = await base.bulkGet(all.map(({ attachment }) => attachment));
  const there = all.filter(({ state }, at) => state === "sent" || rows[at]?.data.received_at);
  const ids = there.map(({ attachment }) => attachment);
  const named = await outbox.where("record").anyOf(ids).toArray();
  const open = new Set(
    named.filter(({ state }) => state !== "settled").map(({ record }) => record),
  );
  return there
    .filter(({ attachment }) => !open.has(attachment))
    .toSorted((one, other) => one.created - other.created);
}

/**
 * The server lets go of bytes that no op names for long. Of those whose op was late for it, what it
 * said before counts no more, and it is asked again: from the op on it keeps them.
 */
async function askedAgain(store: Store, now: number): Promise<readonly Id[]> {
  const { base, uploads } = store.db;
  const late = (await received(store)).filter((row) => !row.received && mayBeGone(row, now));
  const rows = await base.bulkGet(late.map(({ attachment }) => attachment));
  const again = late.filter((_, at) => !rows[at]?.data.received_at);
  await uploads.bulkPut(again.map(rewoundUpload));
  return again.map(({ attachment }) => attachment);
}

/**
 * The bytes that may go. A receipt says nothing of backups; but a backup of any op that was made
 * after the receipt was seen holds the receipt too. Without backups: thirty days after it.
 */
async function covered(store: Store, position: PositionRow, now: number): Promise<readonly Id[]> {
  const { nextN } = await store.counter();
  const gone: Id[] = [];
  for (const { attachment, received: seen } of await received(store)) {
    if (seen === undefined)
      await store.db.uploads.update(attachment, { received: { at: now, nextN } });
    else if (isCovered(seen, position, now)) gone.push(attachment);
  }
  return gone;
}

function isCovered(
  { at, nextN }: NonNullable<UploadRow["received"]>,
  { backedUpTo }: PositionRow,
  now: number,
): boolean {
  return backedUpTo === null ? now - at > KEPT_MS_DEFAULT : backedUpTo >= nextN;
}

/** So much goes at once when the device is full: the oldest, and no more than is needed. */
const PHOTOS_AT_ONCE = 8;
const OPS_AT_ONCE = 100;
const ATTEMPTS_MAX = 50;

/**
 * Do what needs space on a full device: what the server holds goes before its backup is known, the
 * oldest first, photos before ops. Throws as `work` does when nothing more may go.
 */
export async function withRoom<T>(store: Store, now: number, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isFull(error)) throw error;
      const hasMade = await makeRoom(store, now).catch(() => false);
      if (hasMade && attempt < ATTEMPTS_MAX) continue;
      store.resilience.tell("full");
      throw error;
    }
  }
}

/** Give up the oldest of what the server has, and note it to be said. False: nothing may go. */
function makeRoom(store: Store, now: number): Promise<boolean> {
  const { db } = store;
  return store.change(async () => {
    // What only saves a download goes first.
    if ((await db.previews.count()) > 0) {
      await db.previews.clear();
      return { value: true, records: [] };
    }
    await askedAgain(store, now);
    const oldest = (await received(store)).slice(0, PHOTOS_AT_ONCE);
    const photos = oldest.map(({ attachment }) => attachment);
    await dropPhotos(store, photos);
    const isDecided = await decisions(store);
    const entries =
      photos.length > 0 ? [] : await front(store, (one) => isDone(one, isDecided), OPS_AT_ONCE);
    await db.outbox.bulkDelete(entries.map((entry) => entry.n));
    const gone = { ops: entries.length, photos: photos.length };
    const report = await store.report();
    const { ops = 0, photos: before = 0 } = report.room ?? {};
    if (gone.ops + gone.photos > 0) {
      const room = { ops: ops + gone.ops, photos: before + gone.photos, at: now };
      await db.state.put({ ...report, room });
    }
    const records = [...entries.map((entry) => entry.record), ...photos];
    return { value: gone.ops + gone.photos > 0, records };
  }, [db.blobs, db.uploads, db.previews]);
}
