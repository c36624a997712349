// IndexedDB that is closed by the system (dexie#2008, #2296) is opened again, and what failed is done
// again. Rule: only work that may be repeated runs through here.

import type Dexie from "dexie";

/** What the storage of this device is like; said in words on the sync screen. */
export type StorageState = "fine" | "full" | "broken" | "newer-app";

const LOST: readonly string[] = ["DatabaseClosedError", "InvalidStateError", "OpenFailedError"];
/** These stay, however often the database is opened. */
const LASTING: readonly string[] = ["QuotaExceededError", "VersionError", "MissingAPIError"];
const ATTEMPTS_MAX = 4;

export class Resilience {
  readonly #db: Dexie;
  #openings = 0;
  #state: StorageState = "fine";
  #opening: Promise<void> | undefined;
  /** Told of every change; screens show it. */
  onStorage: (state: StorageState) => void = () => undefined;

  constructor(db: Dexie) {
    this.#db = db;
  }

  /**
   * Run work on the database, anew after a lost connection. Tells what became of the storage: that
   * a full device has room again is shown by a write alone.
   */
  async run<T>(work: () => PromiseLike<T>, isRead = false): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const openings = this.#openings;
      try {
        return await this.#told(work, isRead);
      } catch (error) {
        if (attempt >= ATTEMPTS_MAX || !isLost(error)) throw error;
        // Whoever failed on the same connection shares one reopening. It may fail because Dexie opens
        // again by itself at the same moment; the next attempt finds what came of it.
        if (this.#openings === openings) await this.#reopen().catch(() => undefined);
      }
    }
  }

  tell(state: StorageState): void {
    this.#state = state;
    this.onStorage(state);
  }

  async #told<T>(work: () => PromiseLike<T>, isRead: boolean): Promise<T> {
    try {
      const value = await work();
      if (!isRead || this.#state !== "full") this.tell("fine");
      return value;
    } catch (error) {
      this.tell(stateFor(error));
      throw error;
    }
  }

  async #reopen(): Promise<void> {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    await this.#opening;
  }

  async #open(): Promise<void> {
    this.#openings += 1;
    this.#db.close({ disableAutoOpen: false });
    await this.#db.open();
  }
}

/** The names of an error and of those that caused it. */
function namesOf(error: unknown): readonly string[] {
  const names: string[] = [];
  for (let one = error; one instanceof Error || one instanceof DOMException; ) {
    names.push(one.name, one.message);
    const inner: unknown = "inner" in one ? one.inner : undefined;
    if (inner === one || names.length > 8) break;
    one = inner;
  }
  return names;
}

function isLost(error: unknown): boolean {
  const names = namesOf(error);
  if (names.some((name) => LASTING.includes(name))) return false;
  return names.some((name) => LOST.includes(name) || /Indexed Database server lost/.test(name));
}

export function isFull(error: unknown): boolean {
  return namesOf(error).includes("QuotaExceededError");
}

function stateFor(error: unknown): StorageState {
  if (isFull(error)) return "full";
  return namesOf(error).includes("VersionError") ? "newer-app" : "broken";
}
