// Photos on their way to the server: which goes next, one or two at a time, and what to do after each
// way that it can end. Rule: it never gives up, and it never stands in the way of an answer: no op
// waits for a photo, and a photo waits while ops are on the line.
//
//   idle ──wake──► sending ──all there──► idle           (next: a wake, or the first that is due)
//                     ├─ unreachable, 429, 502–507 ──► away   (all wait: back-off with full jitter)
//                     ├─ one is refused, or lost ──► sending  (that one waits; the others go on)
//                     └─ 401 ──► away                    (the engine finds out what that means)

import { type ReadonlySignal, signal } from "@preact/signals-core";
import { backoffMs } from "../core/backoff.ts";
import { isMapping, member } from "../core/json.ts";
import {
  type Attempt,
  afterAttempt,
  further,
  lanes,
  type Pace,
  paceAfter,
  paceAfterCut,
  UNKNOWN_PACE,
  type Upload,
} from "../core/upload.ts";
import { fraction, type World } from "../core/world.ts";
import type { Store } from "../db/store.ts";
import { bytesOf, changeUpload, dueUploads, markSent } from "../db/uploads.ts";
import { DIGESTS_PER_HAVE_MAX } from "../wire/limits.ts";
import type { Id } from "../wire/types.ts";
import type { Found, Reason } from "./engine.ts";
import { type Failure, HEADERS_MS_MAX, json, open, slugOf } from "./http.ts";
import type { Sent } from "./tus.ts";

/** What a photo waits at most for the ops that are on the line. */
export const QUIET_MS_MAX = HEADERS_MS_MAX;
/** So many photos in a row on which the server failed: then it is not the photos. */
const FAULTS_MAX = 3;

export interface Parcel {
  readonly attachment: Id;
  /** What the server has kept of it. */
  readonly sent: number;
  readonly bytes: number;
}

export interface UploadsState {
  readonly phase: "idle" | "sending" | "away";
  readonly active: readonly Parcel[];
  /** When the next attempt comes by itself, in milliseconds since 1970; null while one is running. */
  readonly nextAt: number | null;
  /** The server has no room for them. */
  readonly isServerFull: boolean;
}

export const NO_UPLOADS: UploadsState = {
  phase: "idle",
  active: [],
  nextAt: null,
  isServerFull: false,
};

/** What is asked of the rest of the session. */
export interface Surroundings {
  readonly find: () => Promise<Found>;
  /** Ops are on the line. */
  readonly isBusy: ReadonlySignal<boolean>;
  /** Photos have arrived, or the server does not know us: the engine has reason to ask it. */
  readonly changed: () => void;
}

type Machine = World & { readonly origin: string };
/** `nobody`: there is no credential. `unknown`: the server does not take the one that there is. */
type Ended =
  | { readonly kind: "done"; readonly nextAt: number | null }
  | { readonly kind: "nobody" | "unknown" }
  | Failure;
/** What ends the others on the line too. */
type End = Failure | { readonly kind: "unknown" };

interface Pass {
  readonly credential: string;
  readonly signal: AbortSignal;
}

export class Uploader {
  readonly #store: Store;
  readonly #machine: Machine;
  readonly #near: Surroundings;
  readonly #state = signal<UploadsState>(NO_UPLOADS);
  readonly #active = new Map<Id, Parcel>();
  #pace: Pace = UNKNOWN_PACE;
  #attempt = 0;
  #faults = 0;
  #dueAt = 0;
  #notBefore = 0;
  #rest = new AbortController();

  constructor(store: Store, machine: Machine, near: Surroundings) {
    this.#store = store;
    this.#machine = machine;
    this.#near = near;
  }

  get state(): ReadonlySignal<UploadsState> {
    return this.#state;
  }

  /**
   * Look whether something is to be sent. What was saved waits for the `round` of ops that it causes;
   * one that `failed` may have failed for itself.
   */
  wake(reason: Reason | "round" | "failed"): void {
    if (reason === "saved" || reason === "poke") return;
    if (reason === "failed" && this.#attempt > 0) return;
    const now = this.#machine.now();
    const isPerson = reason === "button" || reason === "enrolled";
    this.#dueAt = Math.min(this.#dueAt, isPerson ? now : Math.max(now, this.#notBefore));
    this.#rest.abort();
  }

  /** Send until `signal` is aborted: at once, then whenever something is due. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = (): void => this.#rest.abort();
    signal.addEventListener("abort", stop);
    try {
      this.#dueAt = 0;
      while (!signal.aborted) {
        const ended = await this.round(signal);
        if (signal.aborted) break;
        this.#plan(ended);
        await this.#untilDue(signal);
      }
    } finally {
      signal.removeEventListener("abort", stop);
      this.#tell({ ...NO_UPLOADS });
    }
  }

  /** One round: what the server has already, then what is due. Whatever is thrown is a failure of it. */
  async round(signal: AbortSignal): Promise<Ended> {
    this.#dueAt = Number.POSITIVE_INFINITY;
    const ending = new AbortController();
    const stop = (): void => ending.abort();
    signal.addEventListener("abort", stop);
    try {
      const found = await this.#near.find();
      if (found.kind !== "active") return { kind: "nobody" };
      return await this.#passes({ credential: found.credential, signal: ending.signal }, stop);
    } catch {
      // The storage of the device failed; Resilience has told screens how.
      return { kind: "unreachable" };
    } finally {
      signal.removeEventListener("abort", stop);
      stop();
    }
  }

  async #passes(pass: Pass, stop: () => void): Promise<Ended> {
    const { uploads, nextAt } = await dueUploads(this.#store, this.#machine.now());
    if (uploads.length === 0) return { kind: "done", nextAt };
    this.#tell({ phase: "sending", nextAt: null });
    const there = await this.#have(pass, uploads);
    if ("kind" in there) return isUnknown(there) ? { kind: "unknown" } : there;
    const failure = await this.#sendAll(
      pass,
      uploads.filter(({ attachment }) => !there.has(attachment)),
      stop,
    );
    const next = await dueUploads(this.#store, this.#machine.now());
    const isDueNow = next.uploads.length > 0;
    if (failure !== null) return failure;
    return { kind: "done", nextAt: isDueNow ? this.#machine.now() : next.nextAt };
  }

  /** Which of them the server holds already: nobody sends these again. */
  async #have(pass: Pass, uploads: readonly Upload[]): Promise<ReadonlySet<Id> | Failure> {
    const there = new Set<Id>();
    // Of those that were begun, their own address says it.
    const fresh = uploads.filter(({ url }) => url === null);
    const sha256s = [...new Set(fresh.map(({ sha256 }) => sha256))];
    for (let at = 0; at < sha256s.length; at += DIGESTS_PER_HAVE_MAX) {
      const sha256 = sha256s.slice(at, at + DIGESTS_PER_HAVE_MAX);
      const opened = await open(this.#machine, {
        path: "/files/have",
        body: JSON.stringify({ sha256 }),
        type: "application/json",
        credential: pass.credential,
        signal: pass.signal,
      });
      if (opened.kind !== "opened") return opened;
      const answer = await json(opened);
      if (!isMapping(answer)) return { kind: "unreachable" };
      const had = member(answer, "have");
      const known = new Set(sha256.filter((one) => Array.isArray(had) && had.includes(one)));
      if (known.size === 0) continue;
      for (const id of await markSent(this.#store, this.#machine.now(), known)) there.add(id);
      this.#near.changed();
    }
    return there;
  }

  /** Null: each was tried. A failure of the way ends them all; a fault of one, only that one. */
  async #sendAll(pass: Pass, uploads: readonly Upload[], stop: () => void) {
    const queue = [...uploads];
    const running = new Set<Promise<void>>();
    let failure: End | null = null;
    const start = (upload: Upload): void => {
      const one = this.#one(pass, upload)
        // The storage of the device failed, not the photo.
        .catch((): End => ({ kind: "unreachable" }))
        .then((ended) => {
          if (ended === null) return;
          failure ??= ended;
          // The other on the line would fail too; what it has sent is kept.
          stop();
        })
        .finally(() => running.delete(one));
      running.add(one);
    };
    for (;;) {
      while (failure === null && running.size < lanes(this.#pace)) {
        const next = queue.shift();
        if (next === undefined) break;
        start(next);
      }
      if (running.size === 0) return failure;
      await Promise.race(running);
    }
  }

  /** Send one photo; null: it is over with this one, well or not, and the next may go. */
  async #one(pass: Pass, upload: Upload): Promise<End | null> {
    const { attachment } = upload;
    this.#follow({ attachment, sent: upload.offset, bytes: upload.bytes });
    try {
      const row = await bytesOf(this.#store, attachment);
      const bytes = new Uint8Array(row?.bytes ?? new ArrayBuffer(0));
      const isWhole = row !== undefined && (await this.#digest(bytes)) === upload.sha256;
      if (!isWhole) {
        await this.#keep(attachment, { kind: "lost" });
        this.#near.changed();
        return null;
      }
      const sent = await this.#send(pass, upload, bytes);
      if (pass.signal.aborted && sent.kind === "unreachable") return null;
      return await this.#judge(upload, sent);
    } finally {
      this.#active.delete(attachment);
      this.#tell({});
    }
  }

  async #send(pass: Pass, upload: Upload, bytes: Uint8Array<ArrayBuffer>): Promise<Sent> {
    const { attachment, sha256, url } = upload;
    const { send } = await import("./tus.ts");
    return send(
      { attachment, sha256, bytes, url },
      {
        ...pass,
        world: this.#machine,
        origin: this.#machine.origin,
        chunkBytes: () => this.#pace.chunkBytes,
        quiet: () => this.#quiet(pass.signal),
        begun: async (begunAt) => {
          // On a device that is full to the brim it goes on all the same: it needs no reload to end.
          await this.#change(attachment, (row) => ({ ...row, url: begunAt })).catch(
            () => undefined,
          );
        },
        kept: (offset, piece, ms) => {
          if (piece > 0) this.#pace = paceAfter(this.#pace, piece, ms);
          if (offset > upload.offset) this.#attempt = 0;
          this.#follow({ attachment, sent: offset, bytes: upload.bytes });
          void this.#change(attachment, (row) => further(row, offset)).catch(() => undefined);
        },
      },
    );
  }

  /** What an attempt that ended so means for the photo, and for all of them. */
  async #judge(upload: Upload, sent: Sent): Promise<End | null> {
    if (isUnknown(sent)) return { kind: "unknown" };
    if (sent.kind === "unreachable" || isTooLarge(sent)) this.#pace = paceAfterCut(this.#pace);
    const attempt = attemptOf(upload, sent);
    await this.#keep(upload.attachment, attempt);
    if (attempt.kind === "away" && (sent.kind === "unreachable" || sent.kind === "later")) {
      return sent;
    }
    const isFault = sent.kind === "later";
    this.#faults = isFault ? this.#faults + 1 : 0;
    if (isFault && this.#faults >= FAULTS_MAX) return sent;
    if (attempt.kind === "whole") {
      this.#attempt = 0;
      this.#near.changed();
    }
    return null;
  }

  #keep(attachment: Id, attempt: Attempt): Promise<Upload | undefined> {
    const now = this.#machine.now();
    const chance = fraction(this.#machine.random);
    return this.#change(attachment, (row) => afterAttempt(row, attempt, now, chance));
  }

  #change(attachment: Id, change: (upload: Upload) => Upload): Promise<Upload | undefined> {
    return changeUpload(this.#store, attachment, this.#machine.now(), change);
  }

  async #digest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    const sum = new Uint8Array(await this.#machine.sha256(bytes));
    return Array.from(sum, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** Answers go first: wait while ops are on the line, but not for ever. */
  async #quiet(signal: AbortSignal): Promise<void> {
    const free = new AbortController();
    const end = (): void => free.abort();
    signal.addEventListener("abort", end);
    const deaf = this.#near.isBusy.subscribe((isBusy) => {
      if (!isBusy) end();
    });
    if (!free.signal.aborted) await this.#machine.wait(QUIET_MS_MAX, free.signal);
    deaf();
    signal.removeEventListener("abort", end);
  }

  #plan(ended: Ended): void {
    const now = this.#machine.now();
    if (ended.kind === "done" || ended.kind === "nobody") {
      this.#attempt = 0;
      this.#notBefore = 0;
      const nextAt = ended.kind === "done" ? ended.nextAt : null;
      this.#sleep("idle", nextAt ?? Number.POSITIVE_INFINITY, false);
      return;
    }
    const afterMs = ended.kind === "later" ? (ended.afterMs ?? 0) : 0;
    const pause = Math.max(afterMs, backoffMs(this.#attempt, fraction(this.#machine.random)));
    this.#attempt += 1;
    // Who does not know us is not asked faster because the engine, who finds out why, has ended.
    this.#notBefore = now + (ended.kind === "unknown" ? pause : afterMs);
    if (ended.kind === "unknown") this.#near.changed();
    this.#sleep("away", now + pause, ended.kind === "later" && ended.status === 507);
  }

  #sleep(phase: UploadsState["phase"], dueAt: number, isServerFull: boolean): void {
    this.#dueAt = Math.min(this.#dueAt, dueAt);
    const nextAt = Number.isFinite(this.#dueAt) ? this.#dueAt : null;
    this.#tell({ phase, nextAt, isServerFull });
  }

  async #untilDue(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const ms = this.#dueAt - this.#machine.now();
      if (ms <= 0) return;
      this.#rest = new AbortController();
      await this.#machine.wait(Math.min(ms, 86_400_000), this.#rest.signal);
    }
  }

  #follow(parcel: Parcel): void {
    this.#active.set(parcel.attachment, parcel);
    this.#tell({});
  }

  #tell(state: Partial<UploadsState>): void {
    this.#state.value = { ...this.#state.value, ...state, active: [...this.#active.values()] };
  }
}

function isUnknown(sent: Sent): boolean {
  return sent.kind === "refused" && sent.status === 401;
}

/** A proxy on the way takes smaller requests than the server. */
function isTooLarge(sent: Sent): boolean {
  return sent.kind === "refused" && sent.status === 413 && sent.problem === null;
}

const MOVED: readonly number[] = [409, 423];
const GONE: readonly number[] = [404, 410, 460];

function attemptOf({ url }: Upload, sent: Sent): Attempt {
  if (sent.kind === "whole") return { kind: "whole" };
  if (sent.kind === "other") return { kind: "gone" };
  if (sent.kind === "unreachable") return { kind: "away" };
  // A fault may be of this photo; who is busy, full or away says so.
  if (sent.kind === "later") {
    return sent.status === 500 ? { kind: "refused", problem: null } : { kind: "away" };
  }
  const { status, problem } = sent;
  if (MOVED.includes(status) || isTooLarge(sent)) return { kind: "moved" };
  if (GONE.includes(status) || slugOf(problem) === "digest-differs") return { kind: "gone" };
  // Said to HEAD, without a word why: what was begun is of no use, and a new one will be told.
  if (problem === null && url !== null) return { kind: "gone" };
  return { kind: "refused", problem };
}
