// A person's edits become ops. Rule: `n`, the op and the bytes of its photo are written in one
// transaction, so that a number is never used twice and a name never stands without its bytes.

import { coalesced, type Edit, opOf, overlaps } from "../core/edit.ts";
import { mintId } from "../core/ids.ts";
import { type Entry, pendingEntry } from "../core/outbox.ts";
import { begun } from "../core/upload.ts";
import { type Clock, madeAt, type Random } from "../core/world.ts";
import type { Id, Made } from "../wire/types.ts";
import type { BlobRow } from "./database.ts";
import { withRoom } from "./keeping.ts";
import type { Store } from "./store.ts";

/** Who writes, and by which clock. `session` is minted when the app starts. */
export interface Pen extends Clock {
  readonly person: Id;
  readonly session: Id;
  readonly random: Random;
}

/** The bytes of a photo that an edit of the same call names. */
export interface Photo {
  readonly attachment: Id;
  readonly bytes: ArrayBuffer;
  readonly sha256: string;
}

/**
 * Write edits, all or none, and give their numbers. An edit that only sets again what an op that was
 * never sent sets, changes that op. Throws EditRefused or NotJson for a fault of the caller, and
 * Dexie's QuotaExceededError when the device is full and nothing more may go: then nothing was
 * written.
 */
export async function write(
  store: Store,
  pen: Pen,
  edits: readonly Edit[],
  photos: readonly Photo[] = [],
): Promise<readonly number[]> {
  const now = pen.now();
  const made = madeAt(pen, pen.session);
  // Minted before the transaction, which may run twice: the second time it finds them.
  const minted = edits.map((edit) => ({ edit, id: mintId(now, pen.random) }));
  const blobs = photos.map((photo): BlobRow => ({ ...photo, created: now }));
  const uploads = blobs.map(({ bytes, ...photo }) => begun({ ...photo, bytes: bytes.byteLength }));
  const work = async () => {
    const numbers: number[] = [];
    for (const { edit, id } of minted)
      numbers.push(await put(store, pen.person, made, now, edit, id));
    if (blobs.length > 0) await store.db.blobs.bulkPut(blobs);
    if (uploads.length > 0) await store.db.uploads.bulkPut(uploads);
    return { value: numbers, records: edits.map((edit) => edit.record) };
  };
  return withRoom(store, now, () => store.change(work, [store.db.blobs, store.db.uploads]));
}

/** Inside a transaction: take the next number, and write the op of an edit under it. */
export async function put(
  store: Store,
  by: Id,
  made: Made,
  now: number,
  edit: Edit,
  id: Id,
): Promise<number> {
  const { db } = store;
  const mine = await db.outbox.where("record").equals(edit.record).toArray();
  const written = mine.find((entry) => entry.id === id);
  if (written !== undefined) return written.n;
  const last = mine.at(-1);
  if (last?.state === "pending" && !last.sent) {
    const op = coalesced(last.op, edit, by, made);
    if (op !== undefined) {
      await db.outbox.put({ ...last, op, madeAt: now });
      return last.n;
    }
  }
  const { nextN: n } = await store.counter();
  const base = baseOf(edit, (await db.base.get(edit.record))?.version ?? 0, mine);
  const op = opOf(edit, { n, id, by, base, made });
  await db.state.put({ key: "counter", nextN: n + 1 });
  await db.outbox.add(pendingEntry(op, now));
  return n;
}

/**
 * The version that was on the screen for these fields. Where an own op lies on top, the person did
 * not see what came below it meanwhile: then it is the base of that op.
 */
function baseOf(edit: Edit, version: number, mine: readonly Entry[]): number {
  const covering = mine.filter((entry) => entry.overlay === 1 && overlaps(entry.op, edit));
  return Math.min(edit.base ?? version, version, ...covering.map(({ op }) => op.base ?? 0));
}
