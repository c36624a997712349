// All records of this device as screens see them: base and overlay, in memory, kept up to date by what
// each transaction names. Rule: reading inside a component, `computed` or `effect` subscribes to just
// what was read, so an answer to one device does not draw fifteen hundred again.

import { batch, type Signal, signal } from "@preact/signals-core";
import { isMapping } from "../core/json.ts";
import { isKind, key, keysOf } from "../core/kinds.ts";
import type { Entry } from "../core/outbox.ts";
import { overlaid } from "../core/overlay.ts";
import { NOTHING, type Tally, tallyOf, together } from "../core/status.ts";
import type { UploadState } from "../core/upload.ts";
import type { Records as RecordsOf, Seen } from "../core/work.ts";
import type { Bodies, KindName } from "../wire/kinds.ts";
import type { Id } from "../wire/types.ts";
import type { BaseRow } from "./database.ts";
import type { Change, Store } from "./store.ts";

/** What is kept of one record. */
interface Held {
  readonly seen: Seen<KindName> | undefined;
  readonly topics: readonly string[];
  readonly tally: Tally | undefined;
  /** Ops about it that are nobody's edit; `isOpen`: not answered yet. */
  readonly witnesses: readonly { readonly op: Id; readonly isOpen: boolean }[];
  /** Ops that an edit on its way, or taken, stands in place of. */
  readonly replaced: readonly Id[];
}

const WORK = "work";
const EVERYTHING = 2_000;

export class Records implements RecordsOf {
  readonly #store: Store;
  readonly #held = new Map<Id, Held>();
  readonly #topics = new Map<string, Set<Id>>();
  readonly #lists = new Map<string, readonly Seen<KindName>[]>();
  readonly #ticks = new Map<string, Signal<number>>();
  readonly #photos = new Map<Id, UploadState>();
  // Gathered when they are asked for, and again after every change.
  #witnesses: ReadonlyMap<Id, { readonly isOpen: boolean }> | undefined;
  #replaced: ReadonlySet<Id> | undefined;
  readonly #stop: () => void;
  #revision = 0;
  #queue: Promise<void> = Promise.resolve();

  private constructor(store: Store) {
    this.#store = store;
    this.#stop = store.onChange((change) => this.#enqueue(change));
  }

  /** Read everything once, and follow every change from then on. */
  static async open(store: Store): Promise<Records> {
    const records = new Records(store);
    await records.refresh();
    return records;
  }

  /** Read everything again if anything was missed: after the page was frozen, for example. */
  async refresh(): Promise<void> {
    const revision = await this.#store.read(() => this.#store.revision());
    if (revision !== this.#revision || revision === 0) {
      await this.#enqueue({ revision, records: "all" });
    }
  }

  record<K extends KindName>(kind: K, id: Id): Seen<K> | undefined {
    this.#listen(`id:${id}`);
    const seen = this.#held.get(id)?.seen;
    return isOf(seen, kind) ? seen : undefined;
  }

  ofKind<K extends KindName>(kind: K): readonly Seen<K>[] {
    return this.#list(`kind:${kind}`, kind);
  }

  /** Records of a kind in one scope, `site:<id>` for example; what only this device knows is not. */
  inScope<K extends KindName>(kind: K, scope: string): readonly Seen<K>[] {
    return this.#list(`scope:${kind}:${scope}`, kind);
  }

  by<K extends KindName>(kind: K, name: string, value: string): readonly Seen<K>[] {
    return this.#list(key(kind, name, value), kind);
  }

  /** What stands in the outbox for these records together. */
  tally(ids: readonly Id[]): Tally {
    for (const id of ids) this.#listen(`id:${id}`);
    return ids.map((id) => this.#held.get(id)?.tally ?? NOTHING).reduce(together, NOTHING);
  }

  /** Every record that this device has written to, with its tally; subscribes to all of them. */
  touched(): readonly { readonly id: Id; readonly tally: Tally }[] {
    this.#listen(WORK);
    return [...(this.#topics.get(WORK) ?? [])].flatMap((id) => {
      const tally = this.#held.get(id)?.tally;
      return tally ? [{ id, tally }] : [];
    });
  }

  /** Whatever kind it is of; for a list of what was written here. */
  any(id: Id): Seen<KindName> | undefined {
    this.#listen(`id:${id}`);
    return this.#held.get(id)?.seen;
  }

  /** What this device witnesses of rows that the server lost, by op; subscribes as `touched` does. */
  witnesses(): ReadonlyMap<Id, { readonly isOpen: boolean }> {
    this.#listen(WORK);
    this.#witnesses ??= new Map(
      [...this.#held.values()].flatMap(({ witnesses }) => witnesses.map((one) => [one.op, one])),
    );
    return this.#witnesses;
  }

  /** Ops that their person has mended or let go here; the server may not have said so yet. */
  replaced(): ReadonlySet<Id> {
    this.#listen(WORK);
    this.#replaced ??= new Set([...this.#held.values()].flatMap(({ replaced }) => replaced));
    return this.#replaced;
  }

  /** Attachments whose bytes this device owes the server: here, or lost before they were sent. */
  photosHere(): ReadonlyMap<Id, UploadState> {
    this.#listen(WORK);
    return this.#photos;
  }

  close(): void {
    this.#stop();
  }

  #list<K extends KindName>(topic: string, kind: K): readonly Seen<K>[] {
    this.#listen(topic);
    let list = this.#lists.get(topic);
    if (list === undefined) {
      const ids = [...(this.#topics.get(topic) ?? [])];
      list = ids.flatMap((id) => this.#held.get(id)?.seen ?? []);
      this.#lists.set(topic, list);
    }
    return isListOf(list, kind) ? list : [];
  }

  #listen(topic: string): void {
    let tick = this.#ticks.get(topic);
    if (tick === undefined) {
      tick = signal(0);
      this.#ticks.set(topic, tick);
    }
    // Reading it subscribes whoever reads; its number means nothing.
    void tick.value;
  }

  /** One after the other, so that an older reading never overwrites a newer one. */
  #enqueue(change: Change): Promise<void> {
    this.#queue = this.#queue.then(() => this.#follow(change)).catch(() => undefined);
    return this.#queue;
  }

  async #follow({ revision, records }: Change): Promise<void> {
    if (revision < this.#revision) return;
    // Another tab's message was missed: what it named is not known.
    const missed = revision > this.#revision + 1;
    const all = missed || records === "all" || records.length > EVERYTHING;
    if (all) await this.#readAll();
    else await this.#readSome(records);
    this.#revision = revision;
  }

  async #readAll(): Promise<void> {
    const { rows, entries, photos } = await this.#store.read((db) =>
      db.transaction("r", [db.base, db.outbox, db.uploads], async () => ({
        rows: await db.base.toArray(),
        entries: await db.outbox.toArray(),
        photos: await db.uploads.where("state").notEqual("sent").toArray(),
      })),
    );
    const ids = new Set([...this.#held.keys(), ...rows.map((row) => row.id)]);
    for (const entry of entries) ids.add(entry.record);
    this.#photos.clear();
    for (const { attachment, state } of photos) this.#photos.set(attachment, state);
    this.#place(ids, rows, entries);
  }

  async #readSome(ids: readonly Id[]): Promise<void> {
    const { rows, entries, photos } = await this.#store.read((db) =>
      db.transaction("r", [db.base, db.outbox, db.uploads], async () => ({
        rows: await db.base.bulkGet([...ids]),
        entries: await db.outbox.where("record").anyOf(ids).toArray(),
        photos: await db.uploads.bulkGet([...ids]),
      })),
    );
    for (const [at, id] of ids.entries()) {
      const state = photos[at]?.state ?? "sent";
      if (state === "sent") this.#photos.delete(id);
      else this.#photos.set(id, state);
    }
    this.#place(
      new Set(ids),
      rows.filter((row) => row !== undefined),
      entries,
    );
  }

  #place(ids: ReadonlySet<Id>, rows: readonly BaseRow[], entries: readonly Entry[]): void {
    const base = new Map(rows.map((row) => [row.id, row]));
    const outbox = new Map<Id, Entry[]>();
    for (const entry of entries) {
      const mine = outbox.get(entry.record);
      if (mine) mine.push(entry);
      else outbox.set(entry.record, [entry]);
    }
    const touched = new Set<string>([WORK]);
    for (const id of ids) {
      const held = heldOf(id, base.get(id), outbox.get(id) ?? []);
      for (const topic of this.#held.get(id)?.topics ?? []) {
        this.#topics.get(topic)?.delete(id);
        touched.add(topic);
      }
      for (const topic of held.topics) {
        const set = this.#topics.get(topic) ?? new Set();
        this.#topics.set(topic, set.add(id));
        touched.add(topic);
      }
      touched.add(`id:${id}`);
      if (held.seen || held.tally || held.witnesses.length > 0) this.#held.set(id, held);
      else this.#held.delete(id);
    }
    this.#witnesses = undefined;
    this.#replaced = undefined;
    batch(() => {
      for (const topic of touched) {
        this.#lists.delete(topic);
        const tick = this.#ticks.get(topic);
        if (tick !== undefined) tick.value += 1;
      }
    });
  }
}

function heldOf(id: Id, row: BaseRow | undefined, entries: readonly Entry[]): Held {
  const kind = row?.kind ?? entries[0]?.kind ?? "";
  const ops = entries.filter((entry) => entry.overlay === 1).toSorted((a, b) => a.n - b.n);
  const patches = ops.map((entry) => entry.op);
  const data = overlaid(row?.data, patches);
  const edits = entries.filter((entry) => !entry.witness && !entry.over);
  const work = {
    tally: edits.length > 0 ? tallyOf(edits) : undefined,
    witnesses: entries.flatMap(({ witness, id: op, state }) =>
      witness ? [{ op, isOpen: state === "pending" }] : [],
    ),
    replaced: entries.flatMap(({ op, outcome }) =>
      op.replaces && outcome !== "rejected" ? [op.replaces] : [],
    ),
  };
  const topics = work.tally ? [WORK] : [];
  if (data === undefined || !isKind(kind)) return { seen: undefined, topics, ...work };
  const scope = row?.scope ?? null;
  const seen = seenOf(id, kind, scope, row?.version ?? 0, data);
  topics.push(`kind:${kind}`, ...keysOf(kind, data));
  if (scope !== null) topics.push(`scope:${kind}:${scope}`);
  return { seen, topics, ...work };
}

/** A record as screens are given it; undefined when its body is none. */
export function seenOf(
  id: Id,
  kind: KindName,
  scope: string | null,
  version: number,
  data: Readonly<Record<string, unknown>>,
): Seen<KindName> | undefined {
  return isBody(data) ? { id, kind, scope, version, data } : undefined;
}

/**
 * What is in the base came from the server, which keeps nothing that its kind does not allow; what
 * is on top was made by this app. So the shape is taken as given, and only here.
 */
function isBody(data: unknown): data is Bodies[KindName] {
  return isMapping(data);
}

function isOf<K extends KindName>(seen: Seen<KindName> | undefined, kind: K): seen is Seen<K> {
  return seen?.kind === kind;
}

/** A topic holds records of one kind, so the first speaks for all. */
function isListOf<K extends KindName>(
  list: readonly Seen<KindName>[],
  kind: K,
): list is readonly Seen<K>[] {
  return list[0] === undefined || list[0].kind === kind;
}
