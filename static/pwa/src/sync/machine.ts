// The browser behind everything: its clock, chance, network, locks, and what a page hears.
// Rule: nothing global is named; src/main.tsx hands its `window` over, tests hand over their own.

import type { World } from "../core/world.ts";
import type { Channel } from "../db/store.ts";
import type { Locks } from "./leader.ts";

export type PageEvent = "visible" | "online";

export interface Machine extends World {
  readonly subtle: SubtleCrypto;
  readonly locks: Locks | null;
  readonly origin: string;
  readonly channel: (name: string) => Channel;
  /** Hear when the page comes to the front or the network seems to be back; a hint, no more. */
  readonly onPage: (hear: (event: PageEvent) => void) => () => void;
  /** Ask the system not to clear what is stored here. Gives whether it agreed. */
  readonly persist: () => Promise<boolean>;
}

export function machineOf(window: Window & typeof globalThis): Machine {
  const { crypto, navigator, performance } = window;
  return {
    now: () => window.Date.now(),
    monotonic: () => performance.now(),
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    sha256: (bytes) => crypto.subtle.digest("SHA-256", bytes),
    wait: (ms, signal) => waitIn(window, ms, signal),
    fetch: (address, init) => window.fetch(address, init),
    subtle: crypto.subtle,
    locks: "locks" in navigator ? locksOf(navigator.locks) : null,
    origin: window.location.origin,
    channel: (name) => channelOf(new window.BroadcastChannel(name)),
    onPage: (hear) => onPage(window, hear),
    // Absent in an insecure context and in old WebViews.
    persist: async () => (await navigator.storage?.persist?.()) ?? false,
  };
}

function waitIn(window: Window, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      window.clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = window.setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}

function locksOf(locks: LockManager): Locks {
  return { request: (name, options, held) => locks.request(name, options, held) };
}

function channelOf(line: BroadcastChannel): Channel {
  return {
    post: (message) => line.postMessage(message),
    listen: (hear) => {
      const take = (event: MessageEvent<unknown>): void => hear(event.data);
      line.addEventListener("message", take);
      return () => line.removeEventListener("message", take);
    },
    close: () => line.close(),
  };
}

function onPage(window: Window, hear: (event: PageEvent) => void): () => void {
  const online = (): void => hear("online");
  const shown = (): void => {
    if (window.document.visibilityState === "visible") hear("visible");
  };
  window.addEventListener("online", online);
  window.addEventListener("pageshow", shown);
  window.document.addEventListener("visibilitychange", shown);
  return () => {
    window.removeEventListener("online", online);
    window.removeEventListener("pageshow", shown);
    window.document.removeEventListener("visibilitychange", shown);
  };
}
