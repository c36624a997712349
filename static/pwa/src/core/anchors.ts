// Roots of the office's audit chains, as this device was told them. Rule: pure; the first that was told of
// an epoch and day stays for ever, and another one told later is kept beside it, as a reason for alarm.

import { EPOCH_FIRST, EPOCH_MAX } from "../wire/limits.ts";
import type { AnchorSeen } from "../wire/types.ts";
import type { Mapping } from "./json.ts";

/** What a record tells: a root, and the one that it says it goes on from. */
export interface ToldRoot extends AnchorSeen {
  readonly previous: string;
}

export interface AnchorRow extends ToldRoot {
  /** When it was told, by this device; absent where nobody noted it. */
  readonly at?: number;
  /** What was told later of the same day: the first time that it differed. */
  readonly other?: { readonly root: string; readonly at: number };
}

/** A day of which two roots were told: `held` first, then `root`. */
export interface Contradiction {
  readonly held: AnchorSeen;
  readonly root: string;
  readonly at: number | null;
}

/** How this device vouches for the office's records. */
export interface Vouching {
  /** Null: none was told yet. */
  readonly newest: AnchorSeen | null;
  readonly days: number;
  /** The oldest first. */
  readonly differing: readonly Contradiction[];
}

export const NOTHING_TOLD: Vouching = { newest: null, days: 0, differing: [] };

const DAY = /^\d{4}-\d\d-\d\d$/;
const ROOT = /^[0-9a-f]{64}$/;
const NO_ROOT = "0".repeat(64);

/** The root that a record of kind `anchor` tells; null where it tells none. */
export function anchorOf({ epoch, day, root, previous }: Mapping): ToldRoot | null {
  const isEpoch = typeof epoch === "number" && Number.isSafeInteger(epoch);
  if (!isEpoch || epoch < EPOCH_FIRST || epoch > EPOCH_MAX) return null;
  if (typeof day !== "string" || !DAY.test(day)) return null;
  if (!isRoot(root) || !isRoot(previous)) return null;
  return { epoch, day, root, previous };
}

function isRoot(value: unknown): value is string {
  return typeof value === "string" && ROOT.test(value);
}

/** What is kept once `told` was heard; the same row where that changes nothing. */
export function heard(known: AnchorRow | undefined, told: ToldRoot, at: number): AnchorRow {
  if (known === undefined) return { ...told, at };
  if (known.root === told.root || known.other !== undefined) return known;
  return { ...known, other: { root: told.root, at } };
}

/**
 * What rows, the oldest first, come to. Who makes a day anew without telling it again is found by the day
 * behind it, which goes on from a root that was told to nobody.
 */
export function vouchingOf(rows: readonly AnchorRow[]): Vouching {
  const roots = new Set([NO_ROOT, ...rows.map(({ root }) => root)]);
  const differing = rows.flatMap((row, at): readonly Contradiction[] => {
    const held = seenOf(row);
    const behind = rows[at + 1];
    if (row.other !== undefined) return [{ held, ...row.other }];
    if (behind === undefined || roots.has(behind.previous)) return [];
    return [{ held, root: behind.previous, at: behind.at ?? null }];
  });
  const last = rows.at(-1);
  return { newest: last === undefined ? null : seenOf(last), days: rows.length, differing };
}

/**
 * What this device says with its reports: the newest root, which vouches for all before it; or the
 * first that the office has contradicted, so that the contradiction is not forgotten with the next day.
 */
export function toSay({ newest, differing }: Vouching): AnchorSeen | null {
  return differing[0]?.held ?? newest;
}

function seenOf({ epoch, day, root }: AnchorSeen): AnchorSeen {
  return { epoch, day, root };
}

/** The file that `python -m server verify --witness` reads. */
export function witnessFile(rows: readonly AnchorRow[]): string {
  return `${JSON.stringify({ anchors: rows.map(seenOf) }, null, 1)}\n`;
}

/** The beginning of a root, as it can be compared over the phone. */
export function rootWords(root: string): string {
  return root.slice(0, 16).replace(/(.{4})(?=.)/g, "$1 ");
}
