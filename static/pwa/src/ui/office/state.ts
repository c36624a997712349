// What the screens of the office share: who is signed in, what was read, and whether it is live.
// Rule: what was read stays on the screen while it is read again; a failure is told beside it. Nothing
// read outlives the session.

import { signal } from "@preact/signals";
import { createContext } from "preact";
import { useCallback, useContext, useEffect, useState } from "preact/hooks";
import type { Failed, OfficeClient, Read } from "../../sync/office.ts";
import type { Me } from "../../wire/types.ts";

export type Office = {
  readonly client: OfficeClient;
  readonly me: Me;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly random: (length: number) => Uint8Array<ArrayBuffer>;
  /** Of this browser: for what belongs to no site. */
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

export type Live = {
  /** The line of pokes stands. */
  readonly isUp: boolean;
  /** When something was last read, by this machine's clock. */
  readonly readAt: number | null;
};
export const live = signal<Live>({ isUp: false, readAt: null });

/** The instant that relative words ("3 minutes ago") speak of; moved on by the shell. */
export const minute = signal(0);

/** A place on the server whose answers are kept until the session ends. */
export type Kept<T> = Read<T> & { readonly kept: Map<string, T> };

const shelves = new Set<{ clear: () => void }>();
// A day of going through results stays well below it.
const KEPT_MAX = 40;

/** Make the shelf of one kind of answer. */
export function shelf<T>(): (path: string) => Kept<T> {
  const kept = new Map<string, T>();
  shelves.add(kept);
  return (path) => ({ path, kept });
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

function keep<T>({ kept, path }: Kept<T>, value: T): void {
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

type Failing = { readonly path: string; readonly failed: Failed };

/** Read a place, again at every pulse, and hold what came. Null reads nothing. */
export function useRead<T>(read: Kept<T> | null): Loaded<T> {
  const { client, now } = useOffice();
  const [failing, setFailing] = useState<Failing | null>(null);
  const [turn, setTurn] = useState(0);
  const again = useCallback(() => setTurn((before) => before + 1), []);
  const [, setArrived] = useState(0);
  const beat = pulse.value;
  const path = read?.path ?? null;
  const kept = read?.kept ?? null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a beat or a turn reads the same place again.
  useEffect(() => {
    if (path === null || kept === null) return;
    const leave = new AbortController();
    void client.read<T>({ path }, leave.signal).then((answer) => {
      if (leave.signal.aborted) return;
      if (answer.kind !== "ok") return setFailing({ path, failed: answer });
      keep({ path, kept }, answer.value);
      live.value = { ...live.peek(), readAt: now() };
      setFailing(null);
      setArrived((before) => before + 1);
    });
    return () => leave.abort();
  }, [client, now, path, kept, beat, turn]);
  const value = path === null ? null : (kept?.get(path) ?? null);
  return { value, failed: failing?.path === path ? failing.failed : null, again };
}
