// How far this device's clock is from the server's. Shown, flagged over five minutes, never deciding.
// Rule: pure. The smallest round trip wins, because the truth lies within ± half of it.

import type { Id } from "../wire/types.ts";

export const SKEW_FLAG_MS = 300_000;

export interface Skew {
  /** Add this to the device's time to have the server's. */
  readonly offsetMs: number;
  readonly uncertaintyMs: number;
  readonly session: Id;
  readonly measuredAt: number;
  /** How often the device's clock jumped while the app was open. */
  readonly jumps: number;
  /** The largest of these jumps, forward or back; 0 or absent without one. */
  readonly jumpMs?: number;
}

/** Clocks are corrected by less all the time, and nobody is told. */
const JUMP_MS_MIN = 1_000;

interface Exchange {
  /** By the clock, which may be set meanwhile. */
  readonly sentAt: number;
  readonly receivedAt: number;
  /** By the monotonic clock: the round trip. Absent: nothing tells of a clock that was set in it. */
  readonly elapsedMs?: number;
  /** The server's time, in milliseconds since 1970, between the two. */
  readonly serverAt: number;
  readonly session: Id;
}

/**
 * Keep the better of what is known and one more exchange. A jump is counted where the clock moved
 * against the monotonic one within the exchange, or where two measurements of one session cannot
 * both be true: a tablet that slept between them moved one clock against the other, and no jump.
 */
export function measured(known: Skew | undefined, seen: Exchange): Skew {
  const before = known?.session === seen.session ? known : undefined;
  const wallMs = seen.receivedAt - seen.sentAt;
  const elapsedMs = seen.elapsedMs ?? wallMs;
  const moved = wallMs - elapsedMs;
  if (Math.abs(moved) >= JUMP_MS_MIN) return jumped(before ?? unknownSkew(seen), moved);
  if (!(elapsedMs >= 0) || !Number.isFinite(seen.serverAt)) return known ?? unknownSkew(seen);
  const fresh: Skew = {
    // `+ 0`: half a millisecond behind is nothing, and not minus nothing.
    offsetMs: Math.round(seen.serverAt - (seen.receivedAt - elapsedMs / 2)) + 0,
    uncertaintyMs: Math.ceil(elapsedMs / 2),
    session: seen.session,
    measuredAt: seen.receivedAt,
    jumps: before?.jumps ?? 0,
    jumpMs: before?.jumpMs ?? 0,
  };
  if (before === undefined) return fresh;
  const apart = fresh.offsetMs - before.offsetMs;
  // The clock went on by as much as the server's fell behind it.
  if (Math.abs(apart) > fresh.uncertaintyMs + before.uncertaintyMs) return jumped(fresh, -apart);
  return fresh.uncertaintyMs <= before.uncertaintyMs ? fresh : before;
}

function jumped(skew: Skew, by: number): Skew {
  const largest = skew.jumpMs ?? 0;
  const jumpMs = Math.abs(by) > Math.abs(largest) ? Math.round(by) : largest;
  return { ...skew, jumps: skew.jumps + 1, jumpMs };
}

/** Nothing is claimed when nothing could be measured. */
function unknownSkew(seen: Exchange): Skew {
  return {
    offsetMs: 0,
    uncertaintyMs: Number.POSITIVE_INFINITY,
    session: seen.session,
    measuredAt: seen.receivedAt,
    jumps: 0,
    jumpMs: 0,
  };
}

/** Tell whether the clock is wrong by more than five minutes, whatever the uncertainty. */
export function isFlagged(skew: Skew): boolean {
  return Math.abs(skew.offsetMs) - skew.uncertaintyMs > SKEW_FLAG_MS;
}
