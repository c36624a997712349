// The engine: when to sync, one round after the other, and what to do after each way that a round can
// end. Rule: it never gives up and never hurries; clock, chance, waiting and network are given.
//
//   idle ──wake──► syncing ──at the heads──► idle            (next: a wake, or the poll)
//                     ├─ unreachable, 429, 5xx ──► offline    (next: back-off with full jitter)
//                     ├─ pull refused with 426 ──► update-needed  (sends, asks to update)
//                     ├─ another protocol is spoken ──► update-needed  (keeps, asks to update)
//                     ├─ pull refused as draining ──► draining  (sends and reports; next: the poll)
//                     ├─ told that it is dead, and nothing is held ──► erased  (the end)
//                     └─ 401 / cloned ──► enrol-again / cloned-device  (keeps all; next: `enrolled`)

import { type ReadonlySignal, signal } from "@preact/signals-core";
import { backoffMs } from "../core/backoff.ts";
import type { Skew } from "../core/skew.ts";
import type { Phase } from "../core/status.ts";
import { fraction, type World } from "../core/world.ts";
import type { RoomMade } from "../db/database.ts";
import { erase } from "../db/holdings.ts";
import { prune } from "../db/keeping.ts";
import { retryRefused } from "../db/outbox.ts";
import type { Store } from "../db/store.ts";
import type { Id, Problem } from "../wire/types.ts";
import { type Failure, slugOf } from "./http.ts";
import { Puller } from "./pull.ts";
import { type Line, type Progress, Pusher } from "./push.ts";

export const POLL_MS = 300_000;
/** While pokes do not come through. */
export const POLL_WITHOUT_POKES_MS = 60_000;
export const SAVED_MS = 2_000;

/** Push and pull again in one round, when an epoch changed or something is offered again. */
const PASSES_MAX = 8;

export type Reason = "start" | "visible" | "online" | "saved" | "button" | "poke" | "enrolled";

export interface SyncState {
  readonly phase: Phase;
  /** Items (records) of this round that were sent, of how many. */
  readonly sending: Progress | null;
  /** Records that came, of how many: shown at the first sync. */
  readonly receiving: Progress | null;
  /** When the next attempt comes by itself, in milliseconds since 1970; null while one is running. */
  readonly nextAt: number | null;
  /** What the server last said against us, if it did. */
  readonly problem: Problem | null;
  /** The last round that ended at the heads; null before the first. */
  readonly lastSuccess: number | null;
  readonly skew: Skew | null;
  /** The first sync has been at the heads once: everything of the rounds is here. */
  readonly isComplete: boolean;
  /** Why no new work may be begun, said by the server and not taken back since; null: it may. */
  readonly closed: Closed | null;
  /** What was let go before its time because the device was full. */
  readonly room: RoomMade | null;
  /** How often what is here differed from the server's, and how often nothing explained it. */
  readonly checks: { readonly repairs: number; readonly mismatches: number };
}

/** The app is too old, or the device is taken out of service. */
export type Closed = "update-needed" | "draining" | "erased";

export const RESTING: SyncState = {
  phase: "idle",
  sending: null,
  receiving: null,
  nextAt: null,
  problem: null,
  lastSuccess: null,
  skew: null,
  isComplete: false,
  closed: null,
  room: null,
  checks: { repairs: 0, mismatches: 0 },
};

/** Why a person cannot sync until they enrol again. */
export type Lost = "enrol-again" | "cloned-device";

export type Found =
  | { readonly kind: "active"; readonly credential: string }
  | { readonly kind: Lost }
  /** Nobody is known here by that name any more. */
  | { readonly kind: "erased" };

export interface Credentials {
  find(): Promise<Found>;
  /** The server does not take it any more. Work stays. */
  lose(as: Lost): Promise<void>;
  /** The device was ended, and the store is empty. */
  forget(): Promise<void>;
}

export type Ended = { readonly kind: "done" | "erased" | Lost } | Failure;

export class Engine {
  readonly #store: Store;
  readonly #world: World;
  readonly #credentials: Credentials;
  readonly #pusher = new Pusher();
  readonly #puller: Puller;
  readonly #appVersion: string;
  readonly #state = signal<SyncState>(RESTING);
  #dueAt = 0;
  /** Before this nothing but a person's own button: the server asked for it. */
  #notBefore = 0;
  #attempt = 0;
  #hasPokes = false;
  /** The stream of pokes broke, and was not tried again since. */
  #isCut = false;
  #rest = new AbortController();

  constructor(store: Store, world: World, session: Id, credentials: Credentials, appVersion = "") {
    this.#appVersion = appVersion;
    this.#store = store;
    this.#world = world;
    this.#credentials = credentials;
    this.#puller = new Puller(session);
  }

  get state(): ReadonlySignal<SyncState> {
    return this.#state;
  }

  /**
   * Told by the stream of pokes: while it stands, polling can be rare. One that stands again after
   * a failure shows that the server is there, so what waits is not left to the back-off. One that
   * broke and is not had again asks whether the server is there: the status line says where it is.
   */
  set hasPokes(stands: boolean) {
    const isBack = stands && !this.#hasPokes && this.#attempt > 0;
    const isGone = !stands && this.#isCut;
    this.#isCut = !stands && this.#hasPokes;
    this.#hasPokes = stands;
    if (isBack) this.wake("online");
    if (isGone) this.wake("poke");
  }

  /** Ask for a round. What was saved waits two seconds for more; after a failure it waits its turn. */
  wake(reason: Reason): void {
    const now = this.#world.now();
    const isPatient = reason === "saved" || reason === "poke";
    if (isPatient && this.#attempt > 0) return;
    const isPerson = reason === "button" || reason === "enrolled";
    const soonest = isPerson ? now : Math.max(now, this.#notBefore);
    this.#dueAt = Math.min(this.#dueAt, soonest + (reason === "saved" ? SAVED_MS : 0));
    this.#rest.abort();
  }

  /** Lead until `signal` is aborted: a round at once, then whenever one is due. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = (): void => this.#rest.abort();
    signal.addEventListener("abort", stop);
    try {
      await retryRefused(this.#store).catch(() => undefined);
      await this.recall().catch(() => undefined);
      this.#dueAt = 0;
      while (!signal.aborted) {
        const ended = await this.round(signal);
        if (signal.aborted) break;
        this.#plan(ended);
        await this.#untilDue(signal);
      }
    } finally {
      signal.removeEventListener("abort", stop);
      this.#tell({ phase: "idle", sending: null, receiving: null, nextAt: null });
    }
  }

  /** Say again what the store remembers of earlier rounds. */
  async recall(): Promise<void> {
    const report = await this.#store.read(() => this.#store.report());
    const { lastSuccess, skew, isComplete, repairs, mismatches = 0, room = null } = report;
    const checks = { repairs, mismatches };
    this.#tell({ lastSuccess, skew, isComplete, room, checks });
    // Without a network too: an update is what makes it another version.
    const isOld = this.#appVersion !== "" && report.refusedVersion === this.#appVersion;
    const closed = isOld ? "update-needed" : report.isDraining ? "draining" : null;
    if (closed === null) return;
    this.#tell({ closed });
    if (this.#state.peek().phase === "idle") this.#tell({ phase: closed });
  }

  /** One round: send what waits, fetch what changed. Whatever is thrown inside is a failure of it. */
  async round(signal: AbortSignal): Promise<Ended> {
    this.#dueAt = Number.POSITIVE_INFINITY;
    try {
      const found = await this.#credentials.find();
      if (found.kind !== "active") return found;
      this.#tell({ phase: "syncing", nextAt: null });
      const { credential } = found;
      const ended = await this.#passes({
        world: this.#world,
        store: this.#store,
        credential,
        signal,
        appVersion: this.#appVersion,
      });
      if (isOld(ended)) await this.#store.note({ refusedVersion: this.#appVersion });
      if (isDraining(ended)) await this.#store.note({ isDraining: true });
      const lost = lostBy(ended);
      if (lost === null) return ended;
      // Said of a credential that was replaced meanwhile, it says nothing of the new one.
      const now = await this.#credentials.find();
      if (now.kind !== "active" || now.credential !== credential) return { kind: "unreachable" };
      if (isEnd(ended) && (await erase(this.#store))) {
        await this.#credentials.forget();
        return { kind: "erased" };
      }
      await this.#credentials.lose(lost);
      return ended;
    } catch {
      // The storage of the device failed; Resilience has told screens how. Sending may still work.
      return { kind: "unreachable" };
    }
  }

  async #passes(line: Line): Promise<Ended> {
    for (let pass = 0; pass < PASSES_MAX; pass += 1) {
      const pushed = await this.#pusher.run(line, (sending) => this.#tell({ sending }));
      // A server that cannot take may still be able to give, and what is here is not touched by it.
      const mayPull = pushed.kind === "done" || isOfOps(pushed);
      if (!mayPull) return pushed;
      const pulled = await this.#puller.run(line, (receiving) => this.#tell({ receiving }));
      if (pulled.kind === "rewound") continue;
      if (pushed.kind !== "done") return pushed;
      if (pulled.kind !== "done") return pulled;
      if (pulled.offeredAgain > 0) continue;
      await this.#succeeded();
      return { kind: "done" };
    }
    return { kind: "later", status: 200, afterMs: null };
  }

  async #succeeded(): Promise<void> {
    const now = this.#world.now();
    const taken = { refusedVersion: null, isDraining: false };
    await this.#store.note({ lastSuccess: now, isComplete: true, ...taken });
    await this.recall();
    await prune(this.#store, now);
  }

  /** Decide what the end of a round means, and when the next one comes. */
  #plan(ended: Ended): void {
    const now = this.#world.now();
    const poll = now + (this.#hasPokes ? POLL_MS : POLL_WITHOUT_POKES_MS);
    const problem = ended.kind === "refused" ? ended.problem : null;
    const phase = phaseAfter(ended);
    // What could not be asked is as it was.
    if (phase === "idle" || isClosed(phase))
      this.#tell({ closed: phase === "idle" ? null : phase });
    if (phase !== "offline") {
      this.#attempt = 0;
      this.#notBefore = 0;
      // Without a credential nothing comes by itself; enrolling again wakes us.
      const isLost = phase === "erased" || lostBy(ended) !== null;
      this.#sleep(phase, isLost ? Number.POSITIVE_INFINITY : poll, problem);
      return;
    }
    const afterMs = ended.kind === "later" ? (ended.afterMs ?? 0) : 0;
    const pause = Math.max(afterMs, backoffMs(this.#attempt, fraction(this.#world.random)));
    this.#attempt += 1;
    this.#notBefore = now + afterMs;
    this.#sleep("offline", now + pause, problem);
  }

  #sleep(phase: Phase, dueAt: number, problem: Problem | null): void {
    this.#dueAt = Math.min(this.#dueAt, dueAt);
    const nextAt = Number.isFinite(this.#dueAt) ? this.#dueAt : null;
    this.#tell({ phase, sending: null, receiving: null, nextAt, problem });
  }

  async #untilDue(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const ms = this.#dueAt - this.#world.now();
      if (ms <= 0) return;
      this.#rest = new AbortController();
      // Infinity: only a wake ends it. A day is as good, and timers can hold it.
      await this.#world.wait(Math.min(ms, 86_400_000), this.#rest.signal);
    }
  }

  #tell(state: Partial<SyncState>): void {
    this.#state.value = { ...this.#state.value, ...state };
  }
}

/** The server failed on what was sent, or would not read it; it is there, and it knows us. */
function isOfOps(failure: Failure): boolean {
  if (failure.kind === "later") return failure.status === 500;
  return failure.kind === "refused" && [400, 413, 415].includes(failure.status);
}

/** This app is too old for the server, or its version of the protocol is spoken there no more. */
function isOld(ended: Ended): boolean {
  if (ended.kind !== "refused") return false;
  return ended.status === 426 || slugOf(ended.problem) === "unsupported-protocol";
}

/** The server says that this device was ended: not merely that it does not know it. */
function isEnd(ended: Ended): boolean {
  return ended.kind === "refused" && slugOf(ended.problem) === "device-ended";
}

function isDraining(ended: Ended): boolean {
  return ended.kind === "refused" && slugOf(ended.problem) === "device-draining";
}

function isClosed(phase: Phase): phase is Closed {
  return phase === "update-needed" || phase === "draining" || phase === "erased";
}

/** What a round that ended so leaves the engine in; `offline`: what is tried again by itself. */
function phaseAfter(ended: Ended): Phase {
  if (ended.kind === "done") return "idle";
  if (ended.kind === "erased") return "erased";
  if (isOld(ended)) return "update-needed";
  if (isDraining(ended)) return "draining";
  return lostBy(ended) ?? "offline";
}

function lostBy(ended: Ended): Lost | null {
  if (ended.kind === "enrol-again" || ended.kind === "cloned-device") return ended.kind;
  if (ended.kind !== "refused") return null;
  if (ended.status === 401) return "enrol-again";
  const isClone = ended.status === 409 && slugOf(ended.problem) === "cloned-device";
  return isClone ? "cloned-device" : null;
}
