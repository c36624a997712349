// A machine whose clock the test turns. Rule: behaves, and knows nothing of what it carries.

import { createHash } from "node:crypto";
import type { Channel } from "../../src/db/store.ts";
import type { Locks } from "../../src/sync/leader.ts";
import type { Machine, PageEvent } from "../../src/sync/machine.ts";

interface Timer {
  readonly at: number;
  readonly ring: () => void;
}

// As long as a slow machine needs, to load a part of the app for instance.
const PATIENCE_MS = 30_000;

/** Let everything that can go on without the clock go on, until `isSo`. */
export async function until(isSo: () => boolean | Promise<boolean>, what = "the condition") {
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end) {
    if (await isSo()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`${what} never came true`);
}

/** Let whatever is under way come to rest. */
export async function rest(turns = 300): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** One browser: tabs of it share the bus and the locks. */
export class Browser {
  readonly lines = new Map<string, Set<(message: unknown) => void>>();
  readonly locks = new FakeLocks();
}

export class FakeMachine implements Machine {
  readonly subtle = crypto.subtle;
  readonly origin = "https://xunjian.example";
  readonly browser: Browser;
  locks: Locks | null;
  answer: (address: string, init: RequestInit) => Promise<Response>;
  #now = 1_800_000_000_000;
  #seed: number;
  #timers: Timer[] = [];
  readonly #page = new Set<(event: PageEvent) => void>();

  constructor(answer: FakeMachine["answer"], { seed = 1, browser = new Browser() } = {}) {
    this.answer = answer;
    this.browser = browser;
    this.locks = browser.locks;
    this.#seed = seed;
  }

  readonly now = (): number => this.#now;
  readonly monotonic = (): number => this.#now - 1_800_000_000_000;
  // Without the thread pool, so that what comes to rest does so in the same turns on a busy machine.
  readonly sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> =>
    new Uint8Array(createHash("sha256").update(bytes).digest()).buffer;
  readonly persist = async (): Promise<boolean> => true;
  readonly fetch = (address: string, init: RequestInit): Promise<Response> =>
    this.answer(address, init);

  /** xorshift32: the same chance in every run. */
  readonly random = (length: number): Uint8Array<ArrayBuffer> =>
    new Uint8Array(length).map(() => {
      this.#seed ^= this.#seed << 13;
      this.#seed ^= this.#seed >>> 17;
      this.#seed ^= this.#seed << 5;
      return this.#seed & 255;
    });

  readonly wait = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const ring = (): void => {
        this.#timers = this.#timers.filter((one) => one !== timer);
        signal.removeEventListener("abort", ring);
        resolve();
      };
      const timer: Timer = { at: this.#now + ms, ring };
      this.#timers.push(timer);
      signal.addEventListener("abort", ring);
    });

  /** Turn the clock on, ringing what is due in order; what that starts comes to rest in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await rest();
    for (;;) {
      const [next] = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.at);
      next.ring();
      await rest();
    }
    this.#now = end;
  }

  readonly onPage = (hear: (event: PageEvent) => void): (() => void) => {
    this.#page.add(hear);
    return () => this.#page.delete(hear);
  };

  page(event: PageEvent): void {
    for (const hear of this.#page) hear(event);
  }

  readonly channel = (name: string): Channel => {
    const line = this.browser.lines.get(name) ?? new Set();
    this.browser.lines.set(name, line);
    const mine = new Set<(message: unknown) => void>();
    return {
      post: (message) => {
        const copy = structuredClone(message);
        for (const hear of line) if (!mine.has(hear)) queueMicrotask(() => hear(copy));
      },
      listen: (hear) => {
        line.add(hear);
        mine.add(hear);
        return () => {
          line.delete(hear);
          mine.delete(hear);
        };
      },
      close: () => {
        for (const hear of mine) line.delete(hear);
      },
    };
  };
}

interface Holder {
  readonly lose: (error: Error) => void;
}

/** Web Locks as far as they are used: exclusive, first come first served, abort and steal. */
export class FakeLocks implements Locks {
  #holder: Holder | null = null;
  #queue: (() => void)[] = [];

  request(
    _name: string,
    options: { readonly steal?: boolean; readonly signal?: AbortSignal },
    held: () => Promise<void>,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const take = (): void => {
        const holder: Holder = { lose: reject };
        this.#holder = holder;
        void held()
          .then(resolve, reject)
          .finally(() => {
            if (this.#holder === holder) this.#pass();
          });
      };
      if (options.steal) {
        this.#holder?.lose(new DOMException("stolen", "AbortError"));
        return take();
      }
      if (this.#holder === null) return take();
      this.#queue.push(take);
      options.signal?.addEventListener("abort", () => {
        this.#queue = this.#queue.filter((one) => one !== take);
        reject(new DOMException("given up", "AbortError"));
      });
    });
  }

  #pass(): void {
    this.#holder = null;
    this.#queue.shift()?.();
  }
}
