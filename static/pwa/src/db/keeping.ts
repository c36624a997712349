// How long what the server has is kept here: against a restore, until its backup holds it. Rule: from the
// front only, never anything that the server has not answered, and what needs its person stays.

import { type Entry, isDone, KEPT_MS_DEFAULT, mayGo } from "../core/outbox.ts";
import type { Id } from "../wire/types.ts";
import type { BlobRow, PositionRow } from "./database.ts";
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
    const photos = await covered(store, position, now);
    await store.db.blobs.bulkDelete([...photos]);
    const records = [...entries.map((entry) => entry.record), ...photos];
    return { value: { ops: entries.length, photos: photos.length }, records };
  }, [store.db.blobs]);
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

/** Photos whose bytes the server holds and whose name nothing here still has to tell. */
async function received(store: Store): Promise<readonly Id[]> {
  const { base, blobs, outbox } = store.db;
  // By their keys: the bytes of a day's photos do not belong into memory.
  const ids = await blobs.toCollection().primaryKeys();
  const rows = await base.bulkGet(ids);
  const there = rows.flatMap((row) => (row?.data.received_at ? [row.id] : []));
  const named = await outbox.where("record").anyOf(there).toArray();
  const open = named.filter(({ state }) => state !== "settled").map(({ record }) => record);
  return there.filter((id) => !open.includes(id));
}

/**
 * The bytes that may go. A receipt says nothing of backups; but a backup of any op that was made
 * after the receipt was seen holds the receipt too. Without backups: thirty days after it.
 */
async function covered(store: Store, position: PositionRow, now: number): Promise<readonly Id[]> {
  const { nextN } = await store.counter();
  const gone: Id[] = [];
  for (const id of await received(store)) {
    const blob = await store.db.blobs.get(id);
    if (blob?.received === undefined)
      await store.db.blobs.update(id, { received: { at: now, nextN } });
    else if (isCovered(blob.received, position, now)) gone.push(id);
  }
  return gone;
}

function isCovered(
  { at, nextN }: NonNullable<BlobRow["received"]>,
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
      const { ops, photos } = await makeRoom(store, now).catch(() => ({ ops: 0, photos: 0 }));
      if (ops + photos > 0 && attempt < ATTEMPTS_MAX) continue;
      store.resilience.tell("full");
      throw error;
    }
  }
}

/** Give up the oldest of what the server has, and note it to be said. */
function makeRoom(store: Store, now: number): Promise<Gone> {
  const { db } = store;
  return store.change(async () => {
    const photos = (await oldest(store)).slice(0, PHOTOS_AT_ONCE);
    await db.blobs.bulkDelete([...photos]);
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
    return { value: gone, records };
  }, [db.blobs]);
}

async function oldest(store: Store): Promise<readonly Id[]> {
  const ids = await received(store);
  const rows: { readonly id: Id; readonly created: number }[] = [];
  for (const id of ids) {
    const blob = await store.db.blobs.get(id);
    if (blob) rows.push({ id, created: blob.created });
  }
  return rows.toSorted((one, other) => one.created - other.created).map(({ id }) => id);
}
