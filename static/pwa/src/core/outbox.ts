// The life of an op on this device: pending → acknowledged → settled, or refused by the way.
// Rule: pure; every step is written here, and each is safe to repeat.
//
//   pending       made, not answered. `sent` once it has been on the wire, or in a rescue file: never
//                 rewritten after that.
//   acknowledged  the server has it and said its outcome; it stays on top of the base until the base
//                 has reached that position.
//   settled       the base shows its consequence; kept until the server has a backup of it.
//   refused       the server would not even read it, alone, while it read what came after. It stays
//                 here whole, is shown as "needs you", and blocks nothing.

import type { Id, Op, Outcome, OutcomeName, Problem } from "../wire/types.ts";

export type EntryState = "pending" | "acknowledged" | "settled" | "refused";

export interface Position {
  readonly scope: string;
  readonly seq: number;
}

export interface Entry {
  readonly n: number;
  readonly id: Id;
  readonly record: Id;
  readonly kind: string;
  readonly op: Op;
  readonly state: EntryState;
  readonly sent: boolean;
  /** Milliseconds since 1970 by this device. */
  readonly madeAt: number;
  /** 1 while screens show it on top of the base; absent after. Sparse, so that the index is small. */
  readonly overlay?: 1;
  /** 1 while an applied op waits for a matching digest; absent before and after. Sparse too. */
  readonly unconfirmed?: 1;
  readonly outcome?: OutcomeName;
  readonly position?: Position;
  readonly problem?: Problem;
  /** When the server last answered it, by this device. */
  readonly answeredAt?: number;
  /** The lineage under which it was first answered: only there does its `n` name it. */
  readonly lineage?: Id;
  readonly settledAt?: number;
  readonly confirmedAt?: number;
  /** The epoch in which it was offered again because its position never came. */
  readonly offeredAgain?: number;
  /** 1: nobody's edit, but what a repair took out of the base, offered as a witness. */
  readonly witness?: 1;
  /** Of a refused one, which the server never had: what its person made of it here. */
  readonly over?: "replaced" | "discarded";
}

export function pendingEntry(op: Op, madeAt: number): Entry {
  const { n, id, record, kind } = op;
  const looks: Pick<Entry, "witness" | "overlay"> = op.witness ? { witness: 1 } : { overlay: 1 };
  return { n, id, record, kind, op, state: "pending", sent: false, madeAt, ...looks };
}

const OUTCOMES: readonly string[] = ["applied", "conflict", "review", "held", "rejected"];

/** A word that a later server says of an op is for its office to deal with: as `review` is. */
function knownOutcome(word: OutcomeName): OutcomeName {
  return OUTCOMES.includes(word) ? word : "review";
}

/** When, and to the device of which lineage, an answer was given. */
export interface Answering {
  readonly now: number;
  readonly lineage: Id | null;
}

/** The server answered. Also for an entry that was answered before: outcomes are immutable. */
export function acknowledged(entry: Entry, outcome: Outcome, by: Answering): Entry {
  const { scope, seq } = outcome;
  const position =
    typeof scope === "string" && typeof seq === "number" ? { scope, seq } : undefined;
  const { position: _old, problem: _problem, ...rest } = entry;
  return {
    ...rest,
    state: "acknowledged",
    sent: true,
    outcome: knownOutcome(outcome.outcome),
    answeredAt: by.now,
    ...(by.lineage !== null && rest.lineage === undefined ? { lineage: by.lineage } : {}),
    ...(position ? { position } : {}),
    ...(outcome.problem ? { problem: outcome.problem } : {}),
  };
}

export function refused(entry: Entry, problem: Problem | undefined): Entry {
  return { ...entry, state: "refused", sent: true, ...(problem ? { problem } : {}) };
}

/** Its person has put another in its place, or let it go: it leaves the screens, and stays here. */
export function over(entry: Entry, how: "replaced" | "discarded"): Entry {
  const { overlay: _overlay, ...rest } = entry;
  return { ...rest, over: how };
}

/**
 * Offer it again: to another device's name, or because what it promised never came. What had left
 * the overlay stays out of it, so that no old value comes up on top of a newer one.
 */
export function offeredAgain(entry: Entry, epoch?: number): Entry {
  if (entry.over !== undefined) return entry;
  const { unconfirmed: _unconfirmed, confirmedAt: _confirmedAt, ...rest } = entry;
  return { ...rest, state: "pending", sent: true, ...(epoch ? { offeredAgain: epoch } : {}) };
}

/** Offer it again under another epoch: nothing that the server said of it before counts. */
export function rewoundEntry(entry: Entry): Entry {
  const { outcome, position, problem, answeredAt, lineage, offeredAgain: _, ...rest } = entry;
  return entry.over === undefined ? offeredAgain(rest) : entry;
}

/** What the base has reached in one scope. `matches`: at the head, and the digest is the server's. */
export interface Reached {
  readonly pos: number;
  readonly matches: boolean;
}

interface Arrival {
  /** Of every scope that the device holds. */
  readonly scopes: ReadonlyMap<string, Reached>;
  /** Every scope is at its head. */
  readonly atHeads: boolean;
  /** Whether the disposition of this op is in the base; asked only where one must be. */
  readonly hasDisposition: (op: Id) => boolean;
  readonly epoch: number;
  readonly now: number;
}

/**
 * What becomes of an acknowledged entry when a page has arrived; the same object when nothing does.
 * It leaves the overlay on a last page only, when base and heads are of one snapshot: before it the
 * record may be on its way from another scope, and the rest of a conflict in the record's own.
 */
export function arrived(entry: Entry, page: Arrival): Entry {
  if (entry.state === "settled") return confirmed(entry, page);
  if (entry.state !== "acknowledged" || !page.atHeads) return entry;
  const { position } = entry;
  const scope = position && page.scopes.get(position.scope);
  // The device does not hold that scope: its base can never show the consequence.
  if (position === undefined || scope === undefined) return settled(entry, page.now);
  const isThere = scope.pos >= position.seq;
  if (entry.outcome === "applied" && isThere) return confirmed(settled(entry, page.now), page);
  if (isThere && (entry.outcome === "applied" || page.hasDisposition(entry.id))) {
    return settled(entry, page.now);
  }
  // At the heads, and still not there. Once in an epoch: the same answer again proves nothing more.
  if (entry.offeredAgain !== page.epoch) return offeredAgain(entry, page.epoch);
  return isThere ? settled(entry, page.now) : entry;
}

function settled(entry: Entry, now: number): Entry {
  const { overlay: _overlay, ...rest } = entry;
  const waits: Pick<Entry, "unconfirmed"> = entry.outcome === "applied" ? { unconfirmed: 1 } : {};
  return { ...rest, ...waits, state: "settled", settledAt: now };
}

/** Confirmed: applied, its position pulled, and the scope's digest is the server's. */
function confirmed(entry: Entry, page: Arrival): Entry {
  const scope = entry.position && page.scopes.get(entry.position.scope);
  const isDue = entry.unconfirmed === 1 && entry.position !== undefined && scope?.matches === true;
  if (!isDue || scope.pos < (entry.position?.seq ?? 0)) return entry;
  const { unconfirmed: _unconfirmed, ...rest } = entry;
  return { ...rest, confirmedAt: page.now };
}

/** Without backups on the server, what is settled is kept so long after its answer. */
export const KEPT_MS_DEFAULT = 30 * 24 * 3_600_000;

interface Keeping {
  /** Of this lineage: own ops up to this number survive any restore. Null: never told. */
  readonly backedUpTo: number | null;
  readonly lineage: Id | null;
  readonly now: number;
  /** Whether somebody has decided what becomes of an op that was not simply applied. */
  readonly isDecided: (op: Id) => boolean;
}

/** Tell whether this entry may go; entries go from the front only. */
export function mayGo(entry: Entry, keeping: Keeping): boolean {
  if (!isDone(entry, keeping.isDecided)) return false;
  const { backedUpTo, lineage, now } = keeping;
  // Numbers are counted per lineage: what another one answered is not covered by this one's backup.
  const isOurs = entry.lineage === undefined || entry.lineage === lineage;
  if (backedUpTo !== null && isOurs && entry.over === undefined) return entry.n <= backedUpTo;
  return now - (entry.answeredAt ?? entry.settledAt ?? entry.madeAt) > KEPT_MS_DEFAULT;
}

/** Nothing more becomes of it; it is kept only against a restore of the server. */
export function isDone(entry: Entry, isDecided: Keeping["isDecided"]): boolean {
  if (entry.state === "refused") return entry.over !== undefined;
  return entry.state === "settled" && (entry.outcome === "applied" || isDecided(entry.id));
}
