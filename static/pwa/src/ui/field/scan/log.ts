// What was scanned just now, newest first. Rule: the scans of assets are kept on the device; codes that
// are unknown or wrong only while the app is open, because there is nothing to open later.

import { signal } from "@preact/signals";
import { scanned } from "../../../db/desk.ts";
import type { Session } from "../../../sync/session.ts";
import type { Id } from "../../../wire/types.ts";

export interface Scan {
  readonly at: number;
  readonly asset: Id | null;
  /** The code of a tag that no asset here has. */
  readonly code: string | null;
  /** When the same asset was scanned before in the same round; null the first time. */
  readonly before: number | null;
}

const SHOWN_MAX = 20;
/** A camera reads the same label many times while it is held there. */
export const SAME_MS = 10_000;

const recent = signal<readonly Scan[]>([]);

/** Scans of this session of the app, then those that were kept from earlier ones. */
export function recentScans(): readonly Scan[] {
  return recent.value;
}

/** When an asset was scanned before, within the round that began at `since`; null: not. */
export function scannedBefore(before: number | null, since: number, now: number): number | null {
  if (before === null || before < since || now - before < SAME_MS) return null;
  return before;
}

/** Take what earlier sessions of the app kept, once. */
export async function recallScans(session: Session): Promise<void> {
  const rows = await session.store.read((db) => db.scans.orderBy("at").reverse().toArray());
  const here = new Set(recent.peek().map(({ asset }) => asset));
  const kept = rows
    .filter(({ asset }) => !here.has(asset))
    .map(({ asset, at }): Scan => ({ asset, at, code: null, before: null }));
  recent.value = [...recent.peek(), ...kept].slice(0, SHOWN_MAX);
}

/**
 * Write down that an asset was scanned. Gives when that happened before in this round; the same label
 * seen again within seconds is the same scan.
 */
export async function noteAsset(
  session: Session,
  asset: Id,
  since: number,
): Promise<number | null> {
  const now = session.pen.now();
  const row = await session.store.read((db) => db.scans.get(asset));
  const before = scannedBefore(row?.at ?? null, since, now);
  const isSame = row !== undefined && now - row.at < SAME_MS && now >= row.at;
  await scanned(session.store, asset, now);
  const known = recent.peek().find((scan) => scan.asset === asset);
  const again = isSame ? (known?.before ?? null) : before;
  const rest = recent.peek().filter((scan) => scan.asset !== asset);
  recent.value = [{ at: now, asset, code: null, before: again }, ...rest].slice(0, SHOWN_MAX);
  return again;
}

/** Write down a code that is not known here. */
export function noteCode(code: string, at: number): void {
  const rest = recent.peek().filter((scan) => scan.code !== code);
  recent.value = [{ at, asset: null, code, before: null }, ...rest].slice(0, SHOWN_MAX);
}

/** Another person's list is not this person's. */
export function forgetScans(): void {
  recent.value = [];
}
