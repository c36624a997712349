// The status line: what is true of the work on this device, in numbers that screens put into words.
// Rule: pure. What is counted is an *item*: an inspection with its photos and signatures, or a single
// record; never ops or bytes, which nobody can see on a rack.

import type { Disposition, Id } from "../wire/types.ts";
import type { Entry } from "./outbox.ts";

/** What stands in the outbox for one record. */
export interface Tally {
  readonly pending: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly unconfirmed: number;
  /** The latest time at which something of it was confirmed; null when nothing was. */
  readonly confirmedAt: number | null;
}

export const NOTHING: Tally = {
  pending: 0,
  acknowledged: 0,
  refused: 0,
  unconfirmed: 0,
  confirmedAt: null,
};

export function tallyOf(entries: readonly Entry[]): Tally {
  return entries.map(single).reduce(together, NOTHING);
}

function single(entry: Entry): Tally {
  return {
    pending: entry.state === "pending" ? 1 : 0,
    acknowledged: entry.state === "acknowledged" ? 1 : 0,
    refused: entry.state === "refused" ? 1 : 0,
    unconfirmed: entry.unconfirmed ?? 0,
    confirmedAt: entry.confirmedAt ?? null,
  };
}

export function together(one: Tally, other: Tally): Tally {
  const times = [one.confirmedAt, other.confirmedAt].filter((at) => at !== null);
  return {
    pending: one.pending + other.pending,
    acknowledged: one.acknowledged + other.acknowledged,
    refused: one.refused + other.refused,
    unconfirmed: one.unconfirmed + other.unconfirmed,
    confirmedAt: times.length > 0 ? Math.max(...times) : null,
  };
}

/** One item: what its records have in the outbox, and what else is known of it. */
export interface Item {
  readonly id: Id;
  readonly tally: Tally;
  /** Photos on this device whose bytes the server does not hold. */
  readonly photosLeft: number;
  /** Of these, what is stored here is not what was taken: they cannot be sent. */
  readonly photosLost: number;
  /** Of an inspection: not submitted yet. */
  readonly isDraft: boolean;
  /** Of an inspection: sent back by the office, and not submitted again. */
  readonly isReturned: boolean;
  /** Something about it was refused or conflicts, and nobody has decided yet. */
  readonly needsYou: boolean;
  /** Something about it waits for a decision in the office. */
  readonly isWithOffice: boolean;
}

/**
 * Where one item is. `received`: the server has everything, the receipt is not proven yet.
 * `answers-received`: so too, but for photos. `none`: this device did nothing to it.
 */
export type ItemState =
  | "needs-you"
  | "returned"
  | "draft"
  | "waiting"
  | "answers-received"
  | "with-office"
  | "received"
  | "confirmed"
  | "none";

export function itemState(item: Item): ItemState {
  const { pending, acknowledged, refused, unconfirmed, confirmedAt } = item.tally;
  const isTouched = pending + acknowledged + refused + unconfirmed > 0 || confirmedAt !== null;
  if (item.needsYou || refused > 0 || item.photosLost > 0) return "needs-you";
  if (item.isReturned) return "returned";
  if (item.isDraft && isTouched) return "draft";
  if (pending > 0) return "waiting";
  if (item.photosLeft > 0) return "answers-received";
  if (item.isWithOffice) return "with-office";
  if (acknowledged + unconfirmed > 0) return "received";
  return confirmedAt === null ? "none" : "confirmed";
}

export type Phase =
  | "idle"
  | "syncing"
  | "offline"
  | "enrol-again"
  | "cloned-device"
  | "update-needed"
  /** The office takes this device out of service: it sends what it holds and receives nothing. */
  | "draining"
  /** Nothing was left to send, and nothing is here any more. */
  | "erased";

export interface Status {
  readonly phase: Phase;
  readonly draft: number;
  readonly waiting: number;
  /** Items whose answers are with the server while photos are still here. */
  readonly answersReceived: number;
  readonly photosLeft: number;
  readonly confirmed: number;
  /** The latest confirmation, in milliseconds since 1970 by this device; null while none. */
  readonly confirmedAt: number | null;
  readonly needsYou: number;
  /** Ops that wait for a decision in the office; nothing is asked of the engineer. */
  readonly withOffice: number;
  readonly returned: number;
  /** Ops that the server has not answered: while there is one, nothing here may be wiped. */
  readonly unsentOps: number;
  /** Of these, nobody's edits: what this device saw of records that the server lost. */
  readonly witnesses: number;
}

/** Add everything up. `dispositions`: those that nobody has settled. */
export function statusOf(
  phase: Phase,
  items: readonly Item[],
  dispositions: readonly Disposition[],
  witnesses = 0,
): Status {
  const states = items.map(itemState);
  const count = (state: ItemState) => states.filter((one) => one === state).length;
  const all = items.map((item) => item.tally).reduce(together, NOTHING);
  const asked = dispositions.filter(isForPerson).length;
  const behind = [...heldBehind(dispositions).values()].flat().length;
  return {
    phase,
    draft: count("draft"),
    waiting: count("waiting"),
    answersReceived: count("answers-received"),
    photosLeft: items.reduce((sum, item) => sum + item.photosLeft, 0),
    confirmed: count("confirmed"),
    confirmedAt: all.confirmedAt,
    needsYou: asked + all.refused + items.reduce((sum, item) => sum + item.photosLost, 0),
    withOffice: dispositions.length - asked - behind,
    returned: items.filter((item) => item.isReturned).length,
    unsentOps: all.pending + all.refused + witnesses,
    witnesses,
  };
}

/**
 * What waits behind ops that the engineer is asked about, by the op that it waits for in the end:
 * it runs when that is mended, and nothing is asked about itself.
 */
export function heldBehind(
  dispositions: readonly Disposition[],
): ReadonlyMap<Id, readonly Disposition[]> {
  const byOp = new Map(dispositions.map((one) => [one.op, one]));
  const behind = new Map<Id, readonly Disposition[]>();
  for (const one of dispositions) {
    if (one.outcome !== "held") continue;
    const root = rootOf(one, byOp);
    if (root !== undefined && isForPerson(root)) {
      behind.set(root.op, [...(behind.get(root.op) ?? []), one]);
    }
  }
  return behind;
}

function rootOf(held: Disposition, byOp: ReadonlyMap<Id, Disposition>): Disposition | undefined {
  const seen = new Set<Id>();
  let one: Disposition | undefined = held;
  while (one?.outcome === "held" && one.cause && !seen.has(one.op)) {
    seen.add(one.op);
    one = byOp.get(one.cause);
  }
  return one;
}

/** A refusal or a conflict is shown to the engineer; a review or a held op waits for others. */
export function isForPerson({ outcome, settled }: Disposition): boolean {
  return !settled && (outcome === "rejected" || outcome === "conflict");
}
