// The outbox between the screens and the wire. Rule: each step is one transaction, and doing a step
// twice, or dying between two, loses nothing and sends nothing twice under another number.

import { firstRun } from "../core/batch.ts";
import { acknowledged, type Entry, offeredAgain, refused, rewoundEntry } from "../core/outbox.ts";
import type { Id, Op, Problem, PushAnswer } from "../wire/types.ts";
import type { PersonDatabase, PositionRow } from "./database.ts";
import type { Store } from "./store.ts";
import { rewindUploads } from "./uploads.ts";

/** Who asked, and in which history: an answer counts only while this is so. */
export interface Asker {
  readonly epoch: number;
  readonly device: Id;
}

export interface Batch extends Asker {
  readonly lastAcked: string | null;
  readonly ops: readonly Op[];
}

interface Limits {
  readonly opsMax: number;
  readonly bytesMax: number;
  /** Numbers that the server would not read in this round; passed over so that they block nothing. */
  readonly without: ReadonlySet<number>;
}

/** Take the first ops that wait, and mark them as sent before a byte leaves. Null when none waits. */
export async function takeBatch(store: Store, limits: Limits): Promise<Batch | null> {
  return store.change(async () => {
    const { epoch, device, lastAcked } = await store.position();
    const waiting = await store.db.outbox
      .where("state")
      .equals("pending")
      .filter((entry) => !limits.without.has(entry.n))
      .limit(limits.opsMax)
      .toArray();
    const ops = firstRun(
      waiting.map((entry) => entry.op),
      limits.opsMax,
      limits.bytesMax,
    );
    const taken = waiting.slice(0, ops.length).filter((entry) => !entry.sent);
    await store.db.outbox.bulkPut(taken.map((entry) => ({ ...entry, sent: true })));
    const batch = ops.length > 0 ? { epoch, device, lastAcked, ops } : null;
    return { value: batch, records: [] };
  });
}

export interface Answered {
  /** Ops of the batch that have an outcome now; 0 when the answer was out of date. */
  readonly count: number;
}

function isOurs(position: PositionRow, asked: Asker): boolean {
  return position.epoch === asked.epoch && position.device === asked.device;
}

/**
 * Keep what the server said to a batch at `now`. An answer to what another epoch or another device
 * of this person asked changes nothing, nor does one that comes twice: outcomes are immutable.
 */
export async function keepAnswer(
  store: Store,
  batch: Batch,
  answer: PushAnswer,
  now: number,
): Promise<Answered> {
  const outcomes = new Map((answer.outcomes ?? []).map((outcome) => [outcome.n, outcome]));
  return store.change(async () => {
    const { db } = store;
    const position = await store.position();
    if (!isOurs(position, batch) || answer.epoch !== batch.epoch) {
      return { value: { count: 0 }, records: [] };
    }
    const entries = await db.outbox.bulkGet(batch.ops.map((op) => op.n));
    const by = { now, lineage: position.lineage ?? null };
    const next: Entry[] = [];
    for (const entry of entries) {
      const outcome = entry && outcomes.get(entry.n);
      // Under our number, but of another op: not an answer to this one.
      if (!entry || !outcome || (outcome.id && outcome.id !== entry.id)) continue;
      // A leader that hung and came back: whoever took over has kept this answer already.
      const isOpen = entry.state === "pending" || entry.state === "refused";
      if (isOpen) next.push(acknowledged(entry, outcome, by));
    }
    if (next.length === 0) return { value: { count: 0 }, records: [] };
    await db.outbox.bulkPut(next);
    await db.state.put({
      ...position,
      lastAcked: answer.last_acked ?? position.lastAcked,
      backedUpTo: further(position.backedUpTo, answer.backed_up_to ?? null),
    });
    return { value: { count: next.length }, records: next.map((entry) => entry.record) };
  });
}

function further(known: number | null, told: number | null): number | null {
  return told === null ? known : Math.max(told, known ?? 0);
}

/** Keep whole, here, what the server would not read at all. */
export async function keepRefused(
  store: Store,
  refusals: ReadonlyMap<number, Problem | undefined>,
): Promise<void> {
  await store.change(async () => {
    const entries = await store.db.outbox.bulkGet([...refusals.keys()]);
    const next = entries
      .filter((entry) => entry?.state === "pending")
      .flatMap((entry) => (entry ? [refused(entry, refusals.get(entry.n))] : []));
    await store.db.outbox.bulkPut(next);
    return { value: undefined, records: next.map((entry) => entry.record) };
  });
}

/** Offer refused ops once more: at each start of the app, and when a person asks. */
export async function retryRefused(store: Store): Promise<void> {
  await store.change(async () => {
    const entries = await store.db.outbox.where("state").equals("refused").toArray();
    await store.db.outbox.bulkPut(entries.map((entry) => offeredAgain(entry)));
    return { value: undefined, records: entries.map((entry) => entry.record) };
  });
}

/**
 * Begin under another epoch, in one transaction: everything kept is offered again, nothing that the
 * server said before counts, and the next pull starts from zero under a new generation. Safe to
 * repeat. `lastAcked` came sealed with the answer to `asked`; an answer to another is passed over.
 */
export async function rewound(
  store: Store,
  asked: Asker,
  epoch: number,
  lastAcked: string | null,
): Promise<void> {
  await store.change(async () => {
    const { db } = store;
    const position = await store.position();
    if (!isOurs(position, asked) || position.epoch === epoch) {
      return { value: undefined, records: [] };
    }
    const kept = await db.outbox.toArray();
    await db.outbox.bulkPut(kept.map(rewoundEntry));
    await rewindUploads(store);
    await db.scopes.toCollection().modify({ pos: 0, head: 0, matches: false });
    await db.state.put({
      ...position,
      epoch,
      token: null,
      lastAcked,
      backedUpTo: null,
      generation: position.generation + 1,
      isSweeping: true,
      isRepair: true,
    });
    return { value: undefined, records: "all" as const };
  }, [store.db.uploads]);
}

/** The server does not know this `last_acked` as ours; it finds the place by the numbers then. */
export async function forgetLastAcked(store: Store, lastAcked: string): Promise<void> {
  await store.change(async () => {
    const position = await store.position();
    if (position.lastAcked === lastAcked) {
      await store.db.state.put({ ...position, lastAcked: null });
    }
    return { value: undefined, records: [] };
  });
}

/** How many ops and how many records wait to be answered. */
export async function waiting(store: Store): Promise<{ ops: number; records: ReadonlySet<Id> }> {
  const entries = await store.read((db) => db.outbox.where("state").equals("pending").toArray());
  return { ops: entries.length, records: new Set(entries.map((entry) => entry.record)) };
}

/** Everything that the server has not answered, whole, in its order. */
export function unsent(store: Store): Promise<readonly Entry[]> {
  return store.read(unsentIn);
}

function unsentIn(db: PersonDatabase): Promise<Entry[]> {
  const open = db.outbox.where("state").anyOf("pending", "refused");
  return open.filter((entry) => entry.over === undefined).sortBy("n");
}

/**
 * The same for a rescue file, and never rewritten from now on: the file may be imported before the op
 * is sent. Then the op that comes is known already, and what was joined into it since would be lost.
 */
export async function takeUnsent(store: Store): Promise<readonly Entry[]> {
  try {
    return await store.change(async () => {
      const found = await unsentIn(store.db);
      const fresh = found.filter((entry) => !entry.sent);
      await store.db.outbox.bulkPut(fresh.map((entry) => ({ ...entry, sent: true })));
      return { value: found, records: [] };
    });
  } catch {
    // Storage that takes nothing any more joins nothing either; it may still be read.
    return unsent(store);
  }
}
