// A page of a pull becomes the base layer. Rule: rows, drops, token and what settles in the outbox are
// one transaction, and a page that was asked for from another place is not applied at all.

import { digestOf, EMPTY, minus, plus, type Sum } from "../core/digest.ts";
import { isSameJson } from "../core/json.ts";
import { key, keysOf } from "../core/kinds.ts";
import type { Received } from "../core/ndjson.ts";
import { arrived, type Entry, pendingEntry, type Reached } from "../core/outbox.ts";
import { witnessOf } from "../core/witness.ts";
import type { End, GoneLine, Id, Made, Start } from "../wire/types.ts";
import { keepAnchors } from "./anchors.ts";
import type { BaseRow, PositionRow, ScopeRow } from "./database.ts";
import type { Store } from "./store.ts";

export interface PageRecord {
  readonly line: Received;
  readonly mark: string;
}

/** A whole page: its End has been seen. */
export interface Page {
  /** The place that was asked from. */
  readonly epoch: number;
  readonly token: string | null;
  readonly generation: number;
  readonly start: Start;
  readonly lines: readonly (PageRecord | { readonly line: GoneLine })[];
  readonly end: End;
}

export type Applied =
  | { readonly kind: "stale" }
  | {
      readonly kind: "applied";
      /** Scopes whose digest at the head is not the server's. */
      readonly differing: readonly string[];
      /** Rows were lost or changed under the digest that was carried along: the system's doing. */
      readonly isDamaged: boolean;
      /** Ops that were offered again because what they promised did not come. */
      readonly offeredAgain: number;
    };

export interface Applying {
  readonly now: number;
  /** Sum the digests anew from the rows; once in a session, to find damage by the system. */
  readonly recount: boolean;
  /** When, by this device: said with what is offered as a witness. */
  readonly made: Made;
}

export function applyPage(
  store: Store,
  page: Page,
  { now, recount, made }: Applying,
): Promise<Applied> {
  const also = [store.db.blobs, store.db.anchors];
  return store.change<Applied>(async () => {
    const position = await store.position();
    const isFrom = position.epoch === page.epoch && position.token === page.token;
    if (!isFrom || position.generation !== page.generation) {
      return { value: { kind: "stale" }, records: [] };
    }
    const work = new PageWork(store, page, position);
    await work.load();
    await work.drop();
    await work.place();
    await work.vouch(now);
    const atHeads = !page.end.more;
    if (position.isSweeping) await work.sweep();
    const differing = await work.settleScopes(recount && atHeads);
    const again = await work.settleOutbox(atHeads, now);
    await store.db.state.put({
      ...position,
      token: page.end.token,
      isSweeping: position.isSweeping && !atHeads,
      isRepair: position.isRepair === true && !atHeads,
    });
    await work.testify(made, now);
    const value: Applied = {
      kind: "applied",
      differing,
      isDamaged: work.isDamaged,
      offeredAgain: again,
    };
    return { value, records: work.changed() };
  }, also);
}

/** Why everything is pulled again: the token was refused, the system lost rows, or nobody knows. */
export type RepairCause = "token" | "damage" | "mismatch";

/**
 * Pull everything again from zero under a new generation; what is not seen again is swept at each
 * head. Only from the place at which the cause was found: two tabs that find it repair once.
 */
export async function startRepair(
  store: Store,
  found: Pick<Page, "epoch" | "token" | "generation">,
  cause: RepairCause,
): Promise<void> {
  await store.change(async () => {
    const position = await store.position();
    const isThere = position.epoch === found.epoch && position.generation === found.generation;
    if (!isThere || position.token !== found.token) return { value: undefined, records: [] };
    await store.db.state.put({
      ...position,
      token: null,
      generation: position.generation + 1,
      isSweeping: true,
      // A token that was refused says nothing of a loss.
      isRepair: position.isRepair === true || cause !== "token",
    });
    const { repairs, mismatches = 0, ...report } = await store.report();
    await store.db.state.put({
      ...report,
      repairs: repairs + Number(cause !== "token"),
      mismatches: mismatches + Number(cause === "mismatch"),
    });
    return { value: undefined, records: [] };
  });
}

/** Past this many records a page is told as "all": naming them costs more than reading anew. */
const NAMED_MAX = 5_000;

/** The same record, whatever place of the feed it stands at: a restored server writes others. */
function isLike(one: BaseRow, other: BaseRow): boolean {
  const isHere = one.version === other.version && one.scope === other.scope;
  return isHere && isSameJson(one.data, other.data);
}

/** Nothing has changed since the digest was last found to match. */
function isSame(before: ScopeRow | undefined, head: number, { count, sum }: Sum): boolean {
  const stands = before?.matches === true && before.pos === head;
  return stands && before.count === count && before.sum === sum;
}

class PageWork {
  readonly #store: Store;
  readonly #page: Page;
  readonly #position: PositionRow;
  readonly #sums = new Map<string, Sum>();
  readonly #before = new Map<string, ScopeRow>();
  readonly #scopes = new Map<string, ScopeRow>();
  readonly #changed = new Set<Id>();
  /** Rows as they were before this page took or replaced them. */
  readonly #lost: BaseRow[] = [];
  isDamaged = false;

  constructor(store: Store, page: Page, position: PositionRow) {
    this.#store = store;
    this.#page = page;
    this.#position = position;
  }

  changed(): readonly Id[] | "all" {
    return this.#changed.size > NAMED_MAX ? "all" : [...this.#changed];
  }

  async load(): Promise<void> {
    for (const row of await this.#store.db.scopes.toArray()) {
      this.#before.set(row.scope, row);
      this.#sums.set(row.scope, { count: row.count, sum: row.sum });
    }
  }

  /** Drop every scope that is not named. What waits in the outbox for it stays. */
  async drop(): Promise<void> {
    const named = new Set(this.#page.start.scopes.map(({ scope }) => scope));
    const lost = [...this.#before.keys()].filter((scope) => !named.has(scope));
    if (lost.length === 0) return;
    const { db } = this.#store;
    const rows = db.base.where("scope").anyOf(lost);
    for (const id of await rows.primaryKeys()) this.#changed.add(id);
    await rows.delete();
    await db.scopes.bulkDelete(lost);
    for (const scope of lost) {
      this.#before.delete(scope);
      this.#sums.delete(scope);
    }
  }

  /** Put the records, whatever their version, and remove what has gone from its scope. */
  async place(): Promise<void> {
    const { db } = this.#store;
    const ids = [...new Set(this.#page.lines.map(({ line }) => line.id))];
    const rows = new Map<Id, BaseRow>();
    for (const row of await db.base.bulkGet(ids)) if (row) rows.set(row.id, row);
    for (const one of this.#page.lines) {
      const old = rows.get(one.line.id);
      if (one.line.t === "gone") {
        // Moved: the copy may already be that of the other scope.
        if (old?.scope !== one.line.scope) continue;
        rows.delete(old.id);
        this.#take(old);
      } else if ("mark" in one) {
        const row = this.#rowOf(one.line, one.mark);
        if (old) this.#take(old);
        // A version that only rises cannot come back with other bytes, but after a loss.
        if (old && old.version >= row.version && !isLike(old, row)) this.#lost.push(old);
        rows.set(row.id, row);
        this.#sums.set(row.scope, plus(this.#sums.get(row.scope) ?? EMPTY, row.mark));
      }
      this.#changed.add(one.line.id);
    }
    await db.base.bulkPut([...rows.values()].filter((row) => this.#changed.has(row.id)));
    await db.base.bulkDelete(ids.filter((id) => !rows.has(id)));
  }

  /** Roots are kept beside the records that tell of them: these may go, or say otherwise later. */
  vouch(now: number): Promise<void> {
    const told = this.#page.lines.flatMap((one) => ("mark" in one ? [one.line] : []));
    return keepAnchors(this.#store.db, told, now);
  }

  #rowOf({ id, scope, seq, kind, version, data }: Received, mark: string): BaseRow {
    const { generation } = this.#position;
    return {
      id,
      scope,
      seq,
      kind,
      version,
      data,
      keys: keysOf(kind, data),
      mark,
      generation,
    };
  }

  #take(row: BaseRow): void {
    this.#sums.set(row.scope, minus(this.#sums.get(row.scope) ?? EMPTY, row.mark));
  }

  /** A pull from zero has reached the head of a scope: what it did not see is no longer there. */
  async sweep(): Promise<void> {
    const { db } = this.#store;
    const { generation } = this.#position;
    if ((await db.base.where("generation").below(generation).count()) === 0) return;
    for (const { scope, left } of this.#page.start.scopes) {
      if ((left ?? 0) > 0 || this.#before.get(scope)?.swept === generation) continue;
      const rows = await db.base.where("scope").equals(scope).toArray();
      const old = rows.filter((row) => row.generation < generation);
      for (const row of old) {
        this.#take(row);
        this.#changed.add(row.id);
        this.#lost.push(row);
      }
      await db.base.bulkDelete(old.map((row) => row.id));
    }
  }

  /** Offer what a repair took away: where the server lost it, somebody can find it again. */
  async testify(made: Made, now: number): Promise<void> {
    if (this.#position.isRepair !== true) return;
    const { db } = this.#store;
    for (const row of this.#lost) {
      const { nextN: n } = await this.#store.counter();
      const op = witnessOf(row, { n, by: db.person, device: this.#position.device, made });
      // The same row at the same version was offered before.
      if (op === null || (await db.outbox.where("id").equals(op.id).count()) > 0) continue;
      await db.state.put({ key: "counter", nextN: n + 1 });
      await db.outbox.add(pendingEntry(op, now));
    }
  }

  async settleScopes(recount: boolean): Promise<readonly string[]> {
    const { db } = this.#store;
    const seen = new Map<string, number>();
    for (const { line } of this.#page.lines) {
      seen.set(line.scope, Math.max(line.seq, seen.get(line.scope) ?? 0));
    }
    const differing: string[] = [];
    for (const state of this.#page.start.scopes) {
      const before = this.#before.get(state.scope);
      const isAtHead = (state.left ?? 0) === 0;
      const carried = this.#sums.get(state.scope) ?? EMPTY;
      const sum = recount ? await this.#recount(state.scope) : carried;
      this.isDamaged ||= digestOf(sum) !== digestOf(carried);
      const pos = isAtHead ? state.head : Math.max(before?.pos ?? 0, seen.get(state.scope) ?? 0);
      const told = isAtHead ? (state.digest ?? null) : null;
      const matches = told === null ? isSame(before, state.head, sum) : told === digestOf(sum);
      if (told !== null && !matches) differing.push(state.scope);
      const head = Math.max(state.head, pos);
      const row: ScopeRow = { scope: state.scope, head, pos, ...sum, matches };
      const swept = this.#position.isSweeping && isAtHead ? this.#position.generation : undefined;
      this.#scopes.set(state.scope, swept === undefined ? row : { ...row, swept });
    }
    await db.scopes.bulkPut([...this.#scopes.values()]);
    return differing;
  }

  async #recount(scope: string): Promise<Sum> {
    let sum = EMPTY;
    await this.#store.db.base
      .where("scope")
      .equals(scope)
      .each((row) => {
        sum = plus(sum, row.mark);
      });
    return sum;
  }

  /** Let go of the overlay what the base now shows; give how many are offered again. */
  async settleOutbox(atHeads: boolean, now: number): Promise<number> {
    const { outbox, base } = this.#store.db;
    const open = [
      ...(await outbox.where("state").equals("acknowledged").toArray()),
      ...(await outbox.where("unconfirmed").equals(1).toArray()),
    ];
    const told = await base
      .where("keys")
      .anyOf(open.map((entry) => key("disposition", "op", entry.id)))
      .toArray();
    const dispositions = new Set(told.map((row) => row.data.op));
    const page = {
      scopes: new Map<string, Reached>(this.#scopes),
      atHeads,
      hasDisposition: (op: Id): boolean => dispositions.has(op),
      epoch: this.#position.epoch,
      now,
    };
    const next = open.map((entry) => arrived(entry, page));
    const moved = next.filter((entry, at) => entry !== open[at]);
    await outbox.bulkPut(moved);
    for (const entry of moved) this.#changed.add(entry.record);
    return moved.filter((entry: Entry) => entry.state === "pending").length;
  }
}
