// One request to the server, with limits on how long it may take. Rule: whatever happens becomes a value;
// only a problem of ours (its `type` under /problems/) is believed, because a hotel's sign-in page
// answers too, and it must never look like "your credential is dead".

import { retryAfterMs } from "../core/backoff.ts";
import { member, parsed } from "../core/json.ts";
import { joined, textOf } from "../core/ndjson.ts";
import type { World } from "../core/world.ts";
import type { Problem } from "../wire/types.ts";

/** To the first byte of the answer, and between any two pieces of it. */
export const HEADERS_MS_MAX = 60_000;
export const IDLE_MS_MAX = 30_000;

export type Failure =
  /** No answer, or one that is not of our server: away, cut. `isLate`: none in the time given. */
  | { readonly kind: "unreachable"; readonly isLate?: boolean }
  /** 429 or 5xx: the server is there and cannot now. */
  | { readonly kind: "later"; readonly status: number; readonly afterMs: number | null }
  /** It will not take this request. `problem` null: something in between said so. */
  | { readonly kind: "refused"; readonly status: number; readonly problem: Problem | null };

export interface Opened {
  readonly kind: "opened";
  readonly response: Response;
  readonly sentAt: number;
  readonly receivedAt: number;
  /** Between the two, by the clock that nobody can set. */
  readonly elapsedMs: number;
  /** Give the next piece of the body; null at its end. Throws when it is cut or stands still. */
  readonly next: () => Promise<Uint8Array<ArrayBuffer> | null>;
  readonly close: () => void;
}

export interface Call {
  readonly path: string;
  /** Without one: POST where there is a body, GET where there is none. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer> | string;
  readonly type?: string;
  readonly credential?: string;
  readonly idleMsMax?: number;
  readonly signal: AbortSignal;
}

/** The slug of a problem of ours; null for anything else. */
export function slugOf(problem: Problem | null): string | null {
  return problem?.type.match(/\/problems\/([a-z0-9-]+)$/)?.[1] ?? null;
}

/** Send a request and wait for the head of its answer. The caller reads the body, or closes it. */
export async function open(world: World, call: Call): Promise<Opened | Failure> {
  if (call.signal.aborted) return { kind: "unreachable" };
  const breaker = new AbortController();
  const stop = (): void => breaker.abort();
  call.signal.addEventListener("abort", stop);
  const close = (): void => {
    call.signal.removeEventListener("abort", stop);
    breaker.abort();
  };
  const sentAt = world.now();
  const begunAt = world.monotonic();
  const response = await within(world, HEADERS_MS_MAX, breaker.signal, () =>
    world.fetch(call.path, initOf(call, breaker.signal)),
  );
  if (response === undefined) {
    close();
    return { kind: "unreachable", isLate: world.monotonic() - begunAt >= HEADERS_MS_MAX };
  }
  if (!response.ok) {
    const failure = await failureOf(world, call, response, breaker.signal);
    close();
    return failure;
  }
  const receivedAt = world.now();
  const elapsedMs = world.monotonic() - begunAt;
  const reader = response.body?.getReader();
  const idle = call.idleMsMax ?? IDLE_MS_MAX;
  const next = async (): Promise<Uint8Array<ArrayBuffer> | null> => {
    if (reader === undefined) return null;
    const piece = await within(world, idle, breaker.signal, () => reader.read());
    if (piece === undefined) throw new Cut();
    return piece.done ? null : new Uint8Array(piece.value);
  };
  return { kind: "opened", response, sentAt, receivedAt, elapsedMs, next, close };
}

/** The body ended before it was whole. */
export class Cut extends Error {
  override readonly name = "Cut";
}

/** Read a whole JSON answer; undefined when it was cut or is not JSON. */
export async function json(opened: Opened): Promise<unknown> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  try {
    for (let piece = await opened.next(); piece !== null; piece = await opened.next()) {
      pieces.push(piece);
    }
  } catch {
    return undefined;
  } finally {
    opened.close();
  }
  const text = textOf(joined(pieces));
  return text === undefined ? undefined : parsed(text);
}

function initOf(call: Call, signal: AbortSignal): RequestInit {
  const headers = new Headers({
    Accept: "application/json, application/x-ndjson",
    ...call.headers,
  });
  if (call.credential) headers.set("Authorization", `Bearer ${call.credential}`);
  if (call.type) headers.set("Content-Type", call.type);
  return {
    method: call.method ?? (call.body === undefined ? "GET" : "POST"),
    body: call.body,
    headers,
    signal,
    cache: "no-store",
    credentials: "omit",
    redirect: "error",
  };
}

/** Undefined when it fails, takes longer than `ms`, or is given up by `signal`. */
async function within<T>(
  world: World,
  ms: number,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const timer = new AbortController();
  const end = (): void => timer.abort();
  signal.addEventListener("abort", end);
  const late = world.wait(ms, timer.signal).then(() => undefined);
  try {
    return await Promise.race([work(), late]);
  } catch {
    return undefined;
  } finally {
    signal.removeEventListener("abort", end);
    end();
  }
}

async function failureOf(
  world: World,
  { method }: Call,
  response: Response,
  signal: AbortSignal,
): Promise<Failure> {
  const { status } = response;
  if (status === 429 || status >= 500) {
    const afterMs = retryAfterMs(response.headers.get("Retry-After"), world.now());
    return { kind: "later", status, afterMs };
  }
  const text = await within(world, IDLE_MS_MAX, signal, () => response.text());
  const problem = problemOf(text === undefined ? undefined : parsed(text), status);
  // A proxy in between may say 413 or 415 by itself, and means the same. To HEAD nobody says more.
  if (problem !== null || status === 413 || status === 415 || method === "HEAD") {
    return { kind: "refused", status, problem };
  }
  return { kind: "unreachable" };
}

function problemOf(value: unknown, status: number): Problem | null {
  const type = member(value, "type");
  const title = member(value, "title");
  if (typeof type !== "string" || typeof title !== "string") return null;
  const detail = member(value, "detail");
  const problem = { type, title, status, detail: typeof detail === "string" ? detail : "" };
  return slugOf(problem) === null ? null : problem;
}
