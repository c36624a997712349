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
}

interface Exchange {
  readonly sentAt: number;
  readonly receivedAt: number;
  /** The server's time, in milliseconds since 1970, between the two. */
  readonly serverAt: number;
  readonly session: Id;
}

/** Keep the better of what is known and one more exchange. */
export function measured(known: Skew | undefined, seen: Exchange): Skew {
  const roundTrip = seen.receivedAt - seen.sentAt;
  // Negative or not a number: the clock was set while we waited, or the server's time is unreadable.
  if (!(roundTrip >= 0) || !Number.isFinite(seen.serverAt)) return known ?? unknownSkew(seen);
  const fresh: Skew = {
    offsetMs: Math.round(seen.serverAt - (seen.sentAt + seen.receivedAt) / 2),
    uncertaintyMs: Math.ceil(roundTrip / 2),
    session: seen.session,
    measuredAt: seen.receivedAt,
    jumps: known?.session === seen.session ? known.jumps : 0,
  };
  if (known === undefined || known.session !== seen.session) return fresh;
  const apart = Math.abs(fresh.offsetMs - known.offsetMs);
  if (apart > fresh.uncertaintyMs + known.uncertaintyMs)
    return { ...fresh, jumps: known.jumps + 1 };
  return fresh.uncertaintyMs <= known.uncertaintyMs ? fresh : known;
}

/** Nothing is claimed when nothing could be measured. */
function unknownSkew(seen: Exchange): Skew {
  return {
    offsetMs: 0,
    uncertaintyMs: Number.POSITIVE_INFINITY,
    session: seen.session,
    measuredAt: seen.receivedAt,
    jumps: 1,
  };
}

/** Tell whether the clock is wrong by more than five minutes, whatever the uncertainty. */
export function isFlagged(skew: Skew): boolean {
  return Math.abs(skew.offsetMs) - skew.uncertaintyMs > SKEW_FLAG_MS;
}
