// One person's local store: transactions over the database, told to every tab after they commit.
// Rule: whatever changes what a screen shows goes through `change`, which raises the revision in the
// same transaction; a tab that sees a gap in the revisions reads everything again.

import type { Table } from "dexie";
import { type Entry, offeredAgain, rewoundEntry } from "../core/outbox.ts";
import { rewoundUpload } from "../core/upload.ts";
import type { Id } from "../wire/types.ts";
import type {
  CounterRow,
  PersonDatabase,
  PositionRow,
  ReportRow,
  RevisionRow,
  StateRow,
} from "./database.ts";
import { Resilience } from "./resilience.ts";

/** What a transaction changed. `all`: too much to name. */
export interface Change {
  readonly revision: number;
  readonly records: readonly Id[] | "all";
}

/** A line to the other tabs (BroadcastChannel). */
export interface Channel {
  post(message: unknown): void;
  /** Give every message of other tabs, until the returned function is called. */
  listen(hear: (message: unknown) => void): () => void;
  close(): void;
}

export type Listener = (change: Change) => Promise<void> | void;

export class Store {
  readonly db: PersonDatabase;
  readonly resilience: Resilience;
  readonly #channel: Channel;
  readonly #listeners = new Set<Listener>();
  readonly #stop: () => void;

  constructor(db: PersonDatabase, channel: Channel) {
    this.db = db;
    this.resilience = new Resilience(db);
    this.#channel = channel;
    this.#stop = channel.listen((message) => {
      if (isChange(message)) void this.#tell(message);
    });
  }

  /** Be told of every change, of this tab and of the others. */
  onChange(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Run one transaction over records and outbox; it may run twice, so it mints nothing inside.
   * Resolves when it is committed and the screens of this tab know.
   */
  async change<T>(
    work: () => Promise<{ readonly value: T; readonly records: readonly Id[] | "all" }>,
    also: readonly Table[] = [],
  ): Promise<T> {
    const { db } = this;
    const tables = [db.base, db.outbox, db.scopes, db.state, ...also];
    const { value, change } = await this.resilience.run(() =>
      db.transaction("rw", tables, async () => {
        const { value, records } = await work();
        const revision = (await this.revision()) + (records.length > 0 ? 1 : 0);
        if (records.length > 0) await db.state.put({ key: "revision", revision });
        return { value, change: { revision, records } };
      }),
    );
    if (change.records.length > 0) {
      this.#channel.post(change);
      await this.#tell(change);
    }
    return value;
  }

  /** Read; once more after a lost connection. */
  read<T>(work: (db: PersonDatabase) => PromiseLike<T>): Promise<T> {
    return this.resilience.run(() => work(this.db), true);
  }

  async revision(): Promise<number> {
    const row = await this.db.state.get("revision");
    return isRevision(row) ? row.revision : 0;
  }

  async position(): Promise<PositionRow> {
    const row = await this.db.state.get("position");
    if (row?.key === "position") return row;
    throw new Error("this store was never enrolled");
  }

  async counter(): Promise<CounterRow> {
    const row = await this.db.state.get("counter");
    return row?.key === "counter" ? row : { key: "counter", nextN: 1 };
  }

  async report(): Promise<ReportRow> {
    const row = await this.db.state.get("report");
    if (row?.key === "report") return row;
    return { key: "report", lastSuccess: null, skew: null, repairs: 0, isComplete: false };
  }

  /** Change members of the report. */
  async note(members: Partial<ReportRow>): Promise<void> {
    const { db } = this;
    await this.resilience.run(() =>
      db.transaction("rw", db.state, async () => {
        await db.state.put({ ...(await this.report()), ...members, key: "report" });
      }),
    );
  }

  close(): void {
    this.#stop();
    this.#channel.close();
    this.#listeners.clear();
    this.db.close();
  }

  async #tell(change: Change): Promise<void> {
    await Promise.all([...this.#listeners].map((listener) => listener(change)));
  }
}

/** What an enrolment gave. */
export interface Joined {
  readonly device: Id;
  readonly lineage: Id;
  readonly epoch: number;
  readonly nextN: number;
}

/**
 * Begin, or begin again, with the device that an enrolment gave. What waits in the outbox stays and
 * keeps its numbers; positions of another device or epoch are worth nothing. What was not applied
 * is offered again, so that this device too is told of it; under another epoch, everything is.
 */
export async function joined(store: Store, given: Joined): Promise<void> {
  await store.change(async () => {
    const { db } = store;
    const row = await db.state.get("position");
    const old = row?.key === "position" ? row : undefined;
    const { nextN } = await store.counter();
    await db.state.put({ key: "counter", nextN: Math.max(nextN, given.nextN) });
    const isRewound = old !== undefined && old.epoch !== given.epoch;
    const kept = await db.outbox.toArray();
    const again = isRewound
      ? kept.map(rewoundEntry)
      : kept.filter(isNotApplied).map((entry) => offeredAgain(entry));
    await db.outbox.bulkPut(again);
    // Where a photo was begun belongs to the device that began it.
    await db.uploads.bulkPut(
      (await db.uploads.toArray()).map((row) =>
        isRewound ? rewoundUpload(row) : { ...row, url: null, offset: 0, dueAt: 0 },
      ),
    );
    await db.scopes.toCollection().modify({ pos: 0, head: 0, matches: false });
    const isSame = old?.lineage === given.lineage && !isRewound;
    await db.state.put({
      key: "position",
      epoch: given.epoch,
      token: null,
      lastAcked: isSame ? old.lastAcked : null,
      backedUpTo: isSame ? old.backedUpTo : null,
      generation: (old?.generation ?? 0) + 1,
      isSweeping: true,
      isRepair: isRewound,
      device: given.device,
      lineage: given.lineage,
    });
    return { value: undefined, records: "all" as const };
  }, [store.db.uploads]);
}

function isNotApplied({ state, outcome }: Entry): boolean {
  return (state === "acknowledged" || state === "settled") && outcome !== "applied";
}

function isRevision(row: StateRow | undefined): row is RevisionRow {
  return row?.key === "revision";
}

function isChange(message: unknown): message is Change {
  return typeof message === "object" && message !== null && "revision" in message;
}
