// What the screens of the office share: who is signed in, what was read, and whether it is live.
// Rule: what was read stays on the screen while it is read again; a failure is told beside it. Nothing
// read outlives the session.

import { signal } from "@preact/signals";
import { createContext } from "preact";
import { useCallback, useContext, useEffect, useState } from "preact/hooks";
import type { Answer, Failed, OfficeClient, Read } from "../../sync/office.ts";
import { DEFAULTS } from "../../wire/defaults.ts";
import type { Me } from "../../wire/types.ts";

export type Office = {
  readonly client: OfficeClient;
  readonly me: Me;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly random: (length: number) => Uint8Array<ArrayBuffer>;
  /** Of the sites: the one clock of the office, for what belongs to no single site too. */
  readonly zone: string;
};

export const OfficeContext = createContext<Office | null>(null);

export function useOffice(): Office {
  const office = useContext(OfficeContext);
  if (office === null) throw new Error("a screen of the office outside of a session");
  return office;
}

/** Whether this person may do one of them anywhere: shows or hides, the server decides. */
export function useMay(...actions: readonly string[]): boolean {
  const { may } = useOffice().me;
  return actions.some((action) => may.includes(action));
}

/** Goes up when something may have changed: what is on the screen is read again. */
export const pulse = signal(0);

// Several pokes of one push come together; so do a decision made here and the poke it makes.
const SETTLE_MS = 400;
let settling: ReturnType<typeof setTimeout> | undefined;

// Counts what happens, so that a read can be told to have begun after the news it is for.
let turns = 0;
let newsAt = 0;

/** Everything on the screen is read again now. */
export function readAgain(): void {
  turns += 1;
  newsAt = turns;
  pulse.value += 1;
}

/** Something may have changed: what was not read since is read again, once, after a moment. */
export function beat(): void {
  turns += 1;
  newsAt = turns;
  clearTimeout(settling);
  settling = setTimeout(() => {
    pulse.value += 1;
  }, SETTLE_MS);
}

let mayRead: Promise<void> = Promise.resolve();

/** Let reads wait until what is given back is called: until the line that tells of changes stands. */
export function holdReads(): () => void {
  let release = (): void => undefined;
  mayRead = new Promise((resolve) => {
    release = resolve;
  });
  return release;
}

let heard = 0;
let awaited: (() => void) | null = null;

/** A poke came: something changed, perhaps what was written here. */
export function poked(): void {
  heard += 1;
  beat();
  const release = awaited;
  awaited = null;
  // The pokes of one change come together.
  if (release) setTimeout(release);
}

// A poke follows the answer to the write that made it within a round trip, or it came before.
const POKE_MS_MAX = 150;

/**
 * Write something that makes a poke. What is read next waits for that poke, so that it is not read
 * once for the answer and once more for the poke; never longer than `POKE_MS_MAX`.
 */
export async function awaitingPoke<T>(write: () => Promise<Answer<T>>): Promise<Answer<T>> {
  const before = heard;
  const answer = await write();
  if (answer.kind !== "ok") return answer;
  beat();
  if (heard === before && live.peek().isUp) {
    awaited?.();
    const release = holdReads();
    awaited = release;
    setTimeout(release, POKE_MS_MAX);
  }
  return answer;
}

export type Live = {
  /** The line of pokes stands. */
  readonly isUp: boolean;
  /** When something was last read, by this machine's clock. */
  readonly readAt: number | null;
};
export const live = signal<Live>({ isUp: false, readAt: null });

/** The zone in which most rounds of today are; that of a site by default until they were read. */
export const siteZone = signal<string>(DEFAULTS.Site.time_zone);

/** The instant that relative words ("3 minutes ago") speak of; moved on by the shell. */
export const minute = signal(0);

/** The last read of a place: shared by all who show it, given up when nobody does. */
type Reading<T> = {
  /** The turn in which it was sent; Infinity while it is held. */
  began: number;
  readonly answer: Promise<Answer<T> | null>;
  readonly stop: () => void;
  users: number;
};
type Readings<T> = Map<string, Reading<T>>;

type Ask<T> = (client: OfficeClient, path: string, signal: AbortSignal) => Promise<Answer<T>>;

/** A place on the server whose answers are kept until the session ends. */
export type Kept<T> = Read<T> & {
  readonly kept: Map<string, T>;
  readonly readings: Readings<T>;
  readonly ask: Ask<T>;
};

const shelves = new Set<{ clear: () => void }>();
// A day of going through results stays well below it.
const KEPT_MAX = 40;

/** Read a list page by page, as one that is whole: what is chosen from leaves nothing out. */
export async function everyPage<
  R,
  T extends { readonly total: number; readonly rows: readonly R[] },
>(client: OfficeClient, path: string, signal: AbortSignal): Promise<Answer<T>> {
  const first = await client.read<T>({ path }, signal);
  if (first.kind !== "ok") return first;
  const { total } = first.value;
  const rows = [...first.value.rows];
  while (rows.length < total) {
    const next = await client.read<T>({ path: `${path}&offset=${rows.length}` }, signal);
    if (next.kind !== "ok") return next;
    if (next.value.rows.length === 0) break; // Meanwhile there are fewer.
    rows.push(...next.value.rows);
  }
  return { kind: "ok", value: { ...first.value, rows } };
}

/** Make the shelf of one kind of answer. */
export function shelf<T>(
  ask: Ask<T> = (client, path, signal) => client.read<T>({ path }, signal),
): (path: string) => Kept<T> {
  const kept = new Map<string, T>();
  const readings: Readings<T> = new Map();
  shelves.add(kept);
  shelves.add(readings);
  return (path) => ({ path, kept, readings, ask });
}

/** Have something else cleared with what was read: what was typed, what was just decided. */
export function alsoForget(clear: () => void): void {
  shelves.add({ clear });
}

/** Nothing that was read or typed stays behind for whoever signs in next. */
export function forgetAll(): void {
  for (const one of shelves) one.clear();
  live.value = { isUp: false, readAt: null };
}

function keep<T>({ kept, path }: Pick<Kept<T>, "kept" | "path">, value: T): void {
  kept.delete(path);
  kept.set(path, value);
  const [oldest] = kept.keys();
  if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
}

export type Loaded<T> = {
  /** Null until something was read. */
  readonly value: T | null;
  /** Why the last try gave nothing; the value, if any, is older. */
  readonly failed: Failed | null;
  readonly again: () => void;
};

/** Begin to read a place, or join the read that began after the last news. */
function join<T>(
  client: OfficeClient,
  path: string,
  readings: Readings<T>,
  ask: Ask<T>,
): Reading<T> {
  const known = readings.get(path);
  if (known !== undefined && known.began > newsAt) return known;
  const breaker = new AbortController();
  const answer = mayRead.then(() => {
    if (breaker.signal.aborted) return null;
    turns += 1;
    reading.began = turns;
    return ask(client, path, breaker.signal);
  });
  const stop = () => breaker.abort();
  const reading: Reading<T> = { began: Number.POSITIVE_INFINITY, answer, stop, users: 0 };
  readings.set(path, reading);
  // What failed, or was given up, is no answer to whoever asks next.
  void answer.then((got) => {
    if (got?.kind !== "ok" && readings.get(path) === reading) readings.delete(path);
  });
  return reading;
}

type Failing = { readonly path: string; readonly failed: Failed };

/** Read a place, again at every pulse, and hold what came. Null reads nothing. */
export function useRead<T>(read: Kept<T> | null): Loaded<T> {
  const { client, now } = useOffice();
  const [failing, setFailing] = useState<Failing | null>(null);
  const [turn, setTurn] = useState(0);
  const again = useCallback(() => {
    turns += 1;
    newsAt = turns;
    setTurn((before) => before + 1);
  }, []);
  const [, setArrived] = useState(0);
  const shown = pulse.value;
  const path = read?.path ?? null;
  const kept = read?.kept ?? null;
  const readings = read?.readings ?? null;
  const ask = read?.ask ?? null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a beat or a turn reads the same place again.
  useEffect(() => {
    if (path === null || kept === null || readings === null || ask === null) return;
    const reading = join(client, path, readings, ask);
    reading.users += 1;
    let isGone = false;
    void reading.answer.then((answer) => {
      if (answer === null || isGone) return;
      if (answer.kind !== "ok") return setFailing({ path, failed: answer });
      keep({ path, kept }, answer.value);
      live.value = { ...live.peek(), readAt: now() };
      setFailing(null);
      setArrived((before) => before + 1);
    });
    return () => {
      isGone = true;
      reading.users -= 1;
      // A beat leaves and joins again at once; whoever comes back later reads anew.
      queueMicrotask(() => {
        if (reading.users > 0 || readings.get(path) !== reading) return;
        readings.delete(path);
        reading.stop();
      });
    };
  }, [client, now, path, kept, readings, ask, shown, turn]);
  const value = path === null ? null : (kept?.get(path) ?? null);
  return { value, failed: failing?.path === path ? failing.failed : null, again };
}
