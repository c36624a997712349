// What the machine gives to the app: instants, chance, waiting, SHA-256.
// Rule: types alone. The real ones are named in src/main.tsx and nowhere else, so that every layer
// can be run by a test with a clock that it turns itself.

import type { Id, Made } from "../wire/types.ts";

export interface Clock {
  /** Milliseconds since 1970 by this device: shown to people, never decides. */
  readonly now: () => number;
  /** Milliseconds since the page started; never goes back (`performance.now`). */
  readonly monotonic: () => number;
}

/** `length` bytes from the system's source. */
export type Random = (length: number) => Uint8Array<ArrayBuffer>;

/** The SHA-256 of some bytes (`crypto.subtle.digest`). */
export type Sha256 = (bytes: Uint8Array<ArrayBuffer>) => Promise<ArrayBuffer>;

/** Resolve after `ms`, or at once when `signal` is aborted. Never rejects. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

export interface World extends Clock {
  readonly random: Random;
  readonly sha256: Sha256;
  readonly wait: Wait;
  readonly fetch: (address: string, init: RequestInit) => Promise<Response>;
}

/** When something is made, as an op says it: by both clocks, in one session of the app. */
export function madeAt({ now, monotonic }: Clock, session: Id): Made {
  const wall = new Date(now()).toISOString();
  return { wall, session, monotonic_ms: Math.max(0, Math.round(monotonic())) };
}

/** Give a number from 0 up to 1 for the chance that back-off needs. */
export function fraction(random: Random): number {
  const [a = 0, b = 0, c = 0, d = 0] = random(4);
  return (((a << 24) | (b << 16) | (c << 8) | d) >>> 0) / 2 ** 32;
}
