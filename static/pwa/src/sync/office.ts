// The office's talk with its server: JSON behind the session's cookie, with the session's CSRF token on
// every write. Rule: whatever happens becomes a value. Reads are asked again, writes never by
// themselves: a person sees what became of one.

import { backoffMs, retryAfterMs } from "../core/backoff.ts";
import { member, parsed } from "../core/json.ts";
import { fraction, type World } from "../core/world.ts";
import type { FieldProblem, LoginRequest, Me, Problem } from "../wire/types.ts";
import { slugOf } from "./http.ts";

/** To the end of an answer. A sheet of 960 labels is drawn in less. */
export const ANSWER_MS_MAX = 30_000;
/** Of a read, the first included. */
export const READS_MAX = 3;
/** The slowest line on which a file still arrives, in bytes a millisecond. */
const FILE_PACE = 20;

export type Failed =
  /** No answer, or one that is not of our server: away, cut, timed out. */
  | { readonly kind: "unreachable" }
  /** 429 or 5xx: the server is there and cannot now. */
  | {
      readonly kind: "later";
      readonly status: number;
      readonly afterMs: number | null;
      readonly slug: string | null;
    }
  /** It will not take this request. */
  | { readonly kind: "refused"; readonly slug: string; readonly problem: Problem };

export type Answer<T> = { readonly kind: "ok"; readonly value: T } | Failed;

type Method = "GET" | "POST";
type Sent = {
  readonly method: Method;
  readonly path: string;
  /** A file goes as it is, anything else as JSON. */
  readonly body?: unknown;
};

/** Where a read stands on the server, with the type of what is there. */
export type Read<T> = { readonly path: string; readonly type?: T };

export class OfficeClient {
  /** Told when the server does not know the session (any more). */
  onSignedOut: () => void = () => undefined;
  readonly #world: World;
  #csrf = "";

  constructor(world: World) {
    this.#world = world;
  }

  /** Sign in; the cookie is the browser's, the token is kept here. */
  async signIn(request: LoginRequest): Promise<Answer<Me>> {
    return this.#know(
      await this.#send<Me>({ method: "POST", path: "/office/login", body: request }),
    );
  }

  /** Ask who is signed in. */
  async me(signal?: AbortSignal): Promise<Answer<Me>> {
    return this.#know(await this.read<Me>({ path: "/office/me" }, signal));
  }

  /** Read once, and again after a moment while nobody answers. */
  async read<T>(read: Read<T>, signal?: AbortSignal): Promise<Answer<T>> {
    for (let attempt = 0; ; attempt += 1) {
      const answer = await this.#send<T>({ method: "GET", path: read.path }, signal);
      const isPassing =
        answer.kind === "unreachable" || (answer.kind === "later" && answer.status === 503);
      if (!isPassing || attempt + 1 >= READS_MAX || signal?.aborted) return answer;
      const pause = backoffMs(attempt, fraction(this.#world.random));
      await this.#world.wait(pause, signal ?? new AbortController().signal);
    }
  }

  /** Write; null where the server answers with nothing. */
  async write<T>(path: string, body: unknown = {}): Promise<Answer<T>> {
    return this.#written(() => this.#send<T>({ method: "POST", path, body }));
  }

  /** Bring a file. The longer it is the longer it may take; sent again, nothing happens twice. */
  async bring<T>(path: string, file: Blob): Promise<Answer<T>> {
    return this.#written(() => this.#send<T>({ method: "POST", path, body: file }));
  }

  /** Order a file. */
  async order(path: string, body: unknown): Promise<Answer<Blob>> {
    return this.#written(() => this.#file({ method: "POST", path, body }));
  }

  /** Another tab may have signed in anew: then the token is another, and the write is sent again. */
  async #written<T>(send: () => Promise<Answer<T>>): Promise<Answer<T>> {
    const first = await send();
    if (first.kind !== "refused" || first.slug !== "csrf-refused") return first;
    const me = await this.me();
    return me.kind === "ok" ? send() : first;
  }

  #know(answer: Answer<Me>): Answer<Me> {
    if (answer.kind === "ok") this.#csrf = answer.value.csrf;
    return answer;
  }

  async #send<T>(sent: Sent, signal?: AbortSignal): Promise<Answer<T>> {
    // What our own server answers is of the generated type of its address.
    return this.#answered<T>(sent, signal, async (response) =>
      response.status === 204 ? null : response.json(),
    );
  }

  async #file(sent: Sent): Promise<Answer<Blob>> {
    return this.#answered(sent, undefined, (response) => response.blob());
  }

  async #answered<T>(
    sent: Sent,
    signal: AbortSignal | undefined,
    take: (response: Response) => Promise<T>,
  ): Promise<Answer<T>> {
    const breaker = new AbortController();
    const inTime = new AbortController();
    const stop = (): void => breaker.abort();
    signal?.addEventListener("abort", stop);
    const more = sent.body instanceof Blob ? sent.body.size / FILE_PACE : 0;
    const late = this.#world.wait(ANSWER_MS_MAX + more, inTime.signal).then(() => {
      stop();
      throw new Error("no answer in time");
    });
    try {
      return await Promise.race([this.#exchange(sent, breaker.signal, take), late]);
    } catch {
      return { kind: "unreachable" };
    } finally {
      signal?.removeEventListener("abort", stop);
      late.catch(() => undefined);
      inTime.abort();
    }
  }

  async #exchange<T>(
    { method, path, body }: Sent,
    signal: AbortSignal,
    take: (response: Response) => Promise<T>,
  ): Promise<Answer<T>> {
    const headers = new Headers({ Accept: "application/json" });
    const isFile = body instanceof Blob;
    if (method === "POST") {
      headers.set("Content-Type", isFile ? "application/x-ndjson" : "application/json");
      headers.set("X-CSRF-Token", this.#csrf);
    }
    const response = await this.#world.fetch(path, {
      method,
      headers,
      signal,
      cache: "no-store",
      credentials: "same-origin",
      redirect: "error",
      ...(method === "POST" ? { body: isFile ? body : JSON.stringify(body) } : {}),
    });
    if (response.ok) return { kind: "ok", value: await take(response) };
    return this.#failed(response);
  }

  async #failed(response: Response): Promise<Failed> {
    const { status } = response;
    const problem = problemOf(parsed(await response.text()), status);
    const slug = slugOf(problem);
    if (status === 429 || status >= 500) {
      const afterMs = retryAfterMs(response.headers.get("Retry-After"), this.#world.now());
      return { kind: "later", status, afterMs, slug };
    }
    // A hotel's sign-in page answers too, and says nothing of ours.
    if (problem === null || slug === null) return { kind: "unreachable" };
    if (slug === "not-signed-in") this.onSignedOut();
    return { kind: "refused", slug, problem };
  }
}

function problemOf(value: unknown, status: number): Problem | null {
  const [type, title, detail] = ["type", "title", "detail"].map((key) => member(value, key));
  if (typeof type !== "string" || typeof title !== "string") return null;
  const errors = member(value, "errors");
  return {
    type,
    title,
    status,
    detail: typeof detail === "string" ? detail : "",
    errors: Array.isArray(errors) ? errors.filter(isFieldProblem) : [],
  };
}

function isFieldProblem(value: unknown): value is FieldProblem {
  return typeof member(value, "field") === "string" && typeof member(value, "detail") === "string";
}
