// One tab syncs for all. Rule: a Web Lock decides who leads; who waits asks the leader now and then
// whether it is alive, and takes the lock from one that does not answer. Two leaders for a moment do
// no harm (a page is kept only where it was asked from, an answer only once); none would.

import type { World } from "../core/world.ts";
import type { LeaseRow } from "../db/database.ts";
import type { Channel, Store } from "../db/store.ts";

/** How often a waiting tab asks. */
export const PING_MS = 30_000;
/** A leader that says nothing for so long after a question is hung. Messages are not throttled in
 *  background tabs as timers are, so that a hidden leader answers in time. */
export const HUNG_MS = 15_000;
export const LEASE_MS = 30_000;

/** What is used of the Web Locks API. */
export interface Locks {
  request(
    name: string,
    options: { readonly steal?: boolean; readonly signal?: AbortSignal },
    held: () => Promise<void>,
  ): Promise<unknown>;
}

interface Word {
  readonly xunjian: "ping" | "alive";
}

function isWord(message: unknown): message is Word {
  return typeof message === "object" && message !== null && "xunjian" in message;
}

export interface Leadership {
  readonly name: string;
  readonly world: World;
  readonly channel: Channel;
  /** Null where the browser has none: then a lease in the database decides. */
  readonly locks: Locks | null;
  readonly store: Store;
  /** Names this tab in the lease. */
  readonly tab: string;
}

/** Lead whenever this tab may, until `signal` is aborted. `work` ends when its signal is aborted. */
export async function lead(
  { name, world, channel, locks, store, tab }: Leadership,
  work: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  if (locks === null) return leadByLease({ world, store, tab }, work, signal);
  let steal = false;
  while (!signal.aborted) {
    const request = new LockRequest({ world, channel }, work);
    const stop = (): void => request.end();
    signal.addEventListener("abort", stop);
    const end = await request.take(locks, name, steal);
    signal.removeEventListener("abort", stop);
    // Not had, and nobody ended the wait: this browser does not give locks here.
    if (end === "denied" && !signal.aborted) {
      return leadByLease({ world, store, tab }, work, signal);
    }
    steal = end === "hung";
  }
}

/** One request for the lock: waiting for it, and the work while it is held. */
class LockRequest {
  readonly #near: Pick<Leadership, "world" | "channel">;
  readonly #work: (signal: AbortSignal) => Promise<void>;
  readonly #over = new AbortController();
  #isLeader = false;
  #working: Promise<void> = Promise.resolve();

  constructor(near: Pick<Leadership, "world" | "channel">, work: LockRequest["start"]) {
    this.#near = near;
    this.#work = work;
  }

  end(): void {
    this.#over.abort();
  }

  async take(locks: Locks, name: string, steal: boolean): Promise<"ended" | "hung" | "denied"> {
    const { signal } = this.#over;
    // With `steal` the lock is had at once; a signal is of no use there and not allowed.
    const options: Parameters<Locks["request"]>[1] = steal ? { steal } : { signal };
    const ended = (): "ended" | "denied" => (this.#isLeader || signal.aborted ? "ended" : "denied");
    // Rejected when another tab takes it from us, or when we gave up waiting: both are ends.
    const request = locks.request(name, options, () => this.start(signal)).then(ended, ended);
    const end = await Promise.race([request, this.#watch(signal)]);
    this.end();
    await request;
    await this.#working;
    return end;
  }

  async start(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    this.#isLeader = true;
    const { channel } = this.#near;
    const deaf = channel.listen((message) => {
      if (isWord(message) && message.xunjian === "ping") channel.post({ xunjian: "alive" });
    });
    this.#working = this.#work(signal).finally(deaf);
    await this.#working;
  }

  /** Ask the leader from time to time; resolves when it no longer answers. */
  async #watch(signal: AbortSignal): Promise<"hung"> {
    for (;;) {
      await this.#near.world.wait(PING_MS, signal);
      if (signal.aborted || this.#isLeader) return never();
      const isHung = await isSilent(this.#near, signal);
      if (signal.aborted || this.#isLeader) return never();
      if (isHung) return "hung";
    }
  }
}

/** Ask, and tell whether nobody answers in time. */
async function isSilent(
  { world, channel }: Pick<Leadership, "world" | "channel">,
  signal: AbortSignal,
): Promise<boolean> {
  const heard = new AbortController();
  const stop = (): void => heard.abort();
  const deaf = channel.listen((message) => {
    if (isWord(message) && message.xunjian === "alive") stop();
  });
  signal.addEventListener("abort", stop);
  channel.post({ xunjian: "ping" });
  await world.wait(HUNG_MS, heard.signal);
  deaf();
  signal.removeEventListener("abort", stop);
  return !heard.signal.aborted;
}

/** The other side of the race decides. */
function never(): Promise<never> {
  return new Promise(() => undefined);
}

async function leadByLease(
  { world, store, tab }: Pick<Leadership, "world" | "store" | "tab">,
  work: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    if (await renew(store, tab, world.now())) {
      const ending = new AbortController();
      const working = work(ending.signal);
      while (!signal.aborted && (await renew(store, tab, world.now()))) {
        await world.wait(LEASE_MS / 3, signal);
      }
      ending.abort();
      await working;
      if (signal.aborted) await release(store, tab);
    } else {
      await world.wait(LEASE_MS / 3, signal);
    }
  }
}

/** Take or keep the lease; false while another tab has it. */
async function renew(store: Store, tab: string, now: number): Promise<boolean> {
  return store.resilience.run(() =>
    store.db.transaction("rw", store.db.state, async () => {
      const row = await store.db.state.get("lease");
      const isOthers = row?.key === "lease" && row.holder !== tab && row.until > now;
      if (isOthers) return false;
      const lease: LeaseRow = { key: "lease", holder: tab, until: now + LEASE_MS };
      await store.db.state.put(lease);
      return true;
    }),
  );
}

async function release(store: Store, tab: string): Promise<void> {
  await store.resilience.run(() =>
    store.db.transaction("rw", store.db.state, async () => {
      const row = await store.db.state.get("lease");
      if (row?.key === "lease" && row.holder === tab) await store.db.state.delete("lease");
    }),
  );
}
