// Sending what waits: batches in order of n until nothing is left. Rule: an op leaves the outbox's
// `pending` only by an outcome of the server, or when the server took what came after it and would
// not read it alone. No op blocks those behind it.

import { BATCH_BYTES_MAX, pushBody } from "../core/batch.ts";
import { isPushAnswer } from "../core/ndjson.ts";
import type { World } from "../core/world.ts";
import {
  type Batch,
  forgetLastAcked,
  keepAnswer,
  keepRefused,
  rewound,
  takeBatch,
  waiting,
} from "../db/outbox.ts";
import type { Store } from "../db/store.ts";
import { OPS_PER_PUSH_MAX } from "../wire/limits.ts";
import type { Problem } from "../wire/types.ts";
import { type Failure, json, open, slugOf } from "./http.ts";

export interface Progress {
  readonly done: number;
  readonly total: number;
}

export interface Line {
  readonly world: World;
  readonly store: Store;
  readonly credential: string;
  readonly signal: AbortSignal;
  /** Of this app, as the server records it; empty when it is not told. */
  readonly appVersion: string;
}

/** Epochs may change under a push, but a server that changes it at every answer is broken. */
const REWINDS_MAX = 3;
/** So many in a row would not be read alone: then it is not the ops. */
const SUSPECTS_MAX = 20;
/** A batch of one that makes the server fail so often may be the cause. */
const FAILURES_ALONE_MAX = 3;

export type Pushed = { readonly kind: "done" } | Failure;

/** Sends the outbox. Lives as long as the engine: it remembers how large a batch the way takes. */
export class Pusher {
  #opsMax = OPS_PER_PUSH_MAX;
  readonly #failuresAlone = new Map<number, number>();

  /** Send until nothing waits. `tell` hears how many of the items are through. */
  async run(line: Line, tell: (progress: Progress | null) => void): Promise<Pushed> {
    const suspects = new Map<number, Problem | undefined>();
    const total = (await waiting(line.store)).records.size;
    let rewinds = 0;
    try {
      for (;;) {
        const without = new Set(suspects.keys());
        const limits = { opsMax: this.#opsMax, bytesMax: BATCH_BYTES_MAX, without };
        const batch = await takeBatch(line.store, limits);
        if (batch === null) break;
        tell({ done: total - Math.min(total, (await waiting(line.store)).records.size), total });
        const sent = await this.#send(line, batch);
        if (sent.kind === "rewound") {
          suspects.clear();
          rewinds += 1;
          if (rewinds > REWINDS_MAX) return { kind: "later", status: 200, afterMs: null };
        } else if (sent.kind === "answered") {
          await this.#through(line, suspects);
        } else if (!this.#isToBeHalved(sent, batch, suspects)) {
          return sent;
        }
      }
    } finally {
      tell(null);
    }
    // What was refused alone, with nothing after it to prove the way: it stays, and is tried again.
    const [refusal] = suspects.values();
    return suspects.size === 0
      ? { kind: "done" }
      : { kind: "refused", status: 400, problem: refusal ?? null };
  }

  /** Something went through: the way is good, so what was refused alone is refused for itself. */
  async #through(line: Line, suspects: Map<number, Problem | undefined>): Promise<void> {
    this.#opsMax = Math.min(this.#opsMax * 2, OPS_PER_PUSH_MAX);
    if (suspects.size === 0) return;
    await keepRefused(line.store, suspects);
    for (const n of suspects.keys()) this.#failuresAlone.delete(n);
    suspects.clear();
  }

  async #send(line: Line, batch: Batch): Promise<Sent> {
    const { epoch, lastAcked, ops } = batch;
    const header = { epoch, first_n: ops[0]?.n ?? 1, last_acked: lastAcked };
    const opened = await open(line.world, {
      path: "/sync/v1/push",
      body: pushBody(header, ops),
      type: "application/x-ndjson",
      credential: line.credential,
      signal: line.signal,
    });
    if (opened.kind !== "opened") {
      const isOfToken = opened.kind === "refused" && slugOf(opened.problem) === "token-refused";
      if (!isOfToken || lastAcked === null) return opened;
      await forgetLastAcked(line.store, lastAcked);
      return { kind: "rewound" };
    }
    const answer = await json(opened);
    if (!isPushAnswer(answer)) return { kind: "unreachable" };
    if (answer.epoch !== epoch) {
      await rewound(line.store, batch, answer.epoch, answer.last_acked ?? null);
      return { kind: "rewound" };
    }
    const { count } = await keepAnswer(line.store, batch, answer, line.world.now());
    // An answer to nothing that was asked would be asked for without end.
    return count > 0 ? { kind: "answered" } : { kind: "later", status: 200, afterMs: null };
  }

  /** Make the next batch smaller, or pass over the op that stands alone. False: give up for now. */
  #isToBeHalved(
    failure: Failure,
    batch: Batch,
    suspects: Map<number, Problem | undefined>,
  ): boolean {
    const [first] = batch.ops;
    const isFault = failure.kind === "later" && failure.status === 500;
    const isUnread = failure.kind === "refused" && [400, 413, 415].includes(failure.status);
    if (first === undefined) return false;
    if (batch.ops.length > 1 && (isUnread || isTooMuch(failure))) {
      this.#opsMax = Math.ceil(batch.ops.length / 2);
      // After a fault the server is left alone for a while; the smaller batch comes next time.
      return isUnread;
    }
    if (!(isFault || isUnread)) return false;
    const failures = (this.#failuresAlone.get(first.n) ?? 0) + 1;
    this.#failuresAlone.set(first.n, failures);
    if (isFault && failures < FAILURES_ALONE_MAX) return false;
    if (suspects.size >= SUSPECTS_MAX) return false;
    const problem = failure.kind === "refused" ? failure.problem : null;
    suspects.set(first.n, problem ?? undefined);
    return true;
  }
}

/** The batch may be more than the way takes: it failed, or did not get through in the time given. */
function isTooMuch(failure: Failure): boolean {
  if (failure.kind === "unreachable") return failure.isLate === true;
  // Who names a time is busy, and a smaller batch would find them so too.
  return failure.kind === "later" && failure.status >= 500 && failure.afterMs === null;
}

type Sent = { readonly kind: "rewound" } | { readonly kind: "answered" } | Failure;
