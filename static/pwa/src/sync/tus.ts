// The bytes of one photo over tus 1.0, by tus-js-client. Loaded when there is something to send.
// Rule: every request goes through sync/http.ts, so that none is without a time limit, and what an
// answer means is decided there and in core/upload.ts, never by the client's own retries.

import { Upload as Tus } from "tus-js-client";
import type { World } from "../core/world.ts";
import { type Failure, open } from "./http.ts";

export interface Parcel {
  readonly attachment: string;
  readonly sha256: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where it was begun; null: nowhere. */
  readonly url: string | null;
}

export interface Way {
  readonly world: World;
  readonly origin: string;
  readonly credential: string;
  readonly signal: AbortSignal;
  /** How large the next piece is to be. */
  readonly chunkBytes: () => number;
  /** Resolves when nothing more urgent is on the line. */
  readonly quiet: () => Promise<void>;
  /** Kept before the next byte leaves, so that nothing is sent twice after a kill. */
  readonly begun: (url: string) => Promise<void>;
  /** The server has kept so many; the last piece of `bytes` took `ms`. */
  readonly kept: (offset: number, bytes: number, ms: number) => void;
}

/** `other`: what is kept under that address is not of these bytes. */
export type Sent = { readonly kind: "whole" } | { readonly kind: "other" } | Failure;

const FILES = "/files";
const AWAY: Failure = { kind: "unreachable" };

/** Send until the server has said that it holds all of it, or until something is in the way. */
export function send(parcel: Parcel, way: Way): Promise<Sent> {
  const { signal } = way;
  if (signal.aborted) return Promise.resolve(AWAY);
  return new Promise((resolve) => {
    const stack = new Stack(parcel, way);
    const tus = new Tus(parcel.bytes as never, {
      endpoint: `${way.origin}${FILES}`,
      uploadUrl: parcel.url === null ? null : `${way.origin}${parcel.url}`,
      metadata: { sha256: parcel.sha256, attachment: parcel.attachment },
      httpStack: stack,
      fileReader: { openFile: async () => sourceOf(parcel.bytes) },
      fingerprint: async () => parcel.sha256,
      storeFingerprintForResuming: false,
      retryDelays: null,
      chunkSize: way.chunkBytes(),
      // One request where one is enough. What is cut there would have to be sent again, so a photo
      // of several pieces is announced first.
      uploadDataDuringCreation: parcel.bytes.byteLength <= way.chunkBytes(),
      onChunkComplete: () => {
        tus.options.chunkSize = way.chunkBytes();
      },
      onSuccess: () => end({ kind: "whole" }),
      onError: () => end(stack.failure ?? AWAY),
    });
    const stop = (): void => {
      void tus.abort().catch(() => undefined);
      end(AWAY);
    };
    const end = (sent: Sent): void => {
      signal.removeEventListener("abort", stop);
      resolve(sent);
    };
    signal.addEventListener("abort", stop);
    tus.start();
  });
}

function sourceOf(bytes: Uint8Array<ArrayBuffer>) {
  const slice = async (start: number, end: number) => {
    const value = bytes.subarray(start, end);
    // The client reads the length of a piece as that of a Blob.
    return {
      value: Object.assign(value, { size: value.byteLength }),
      done: end >= bytes.byteLength,
    };
  };
  return { size: bytes.byteLength, slice, close: () => undefined };
}

/** What stood in the way of a request; the client is told by an error, we by `Stack.failure`. */
class Refused extends Error {
  override readonly name = "Refused";
}

class Stack {
  failure: Sent | null = null;
  readonly #parcel: Parcel;
  readonly #way: Way;

  constructor(parcel: Parcel, way: Way) {
    this.#parcel = parcel;
    this.#way = way;
  }

  getName(): string {
    return "xunjian";
  }

  createRequest(method: string, url: string): Asked {
    return new Asked(method, url, (asked, body) => this.#send(asked, body));
  }

  async #send(asked: Asked, body: Uint8Array<ArrayBuffer> | null): Promise<Answered> {
    const { world, credential, kept, quiet, origin } = this.#way;
    const { method, headers } = asked;
    await quiet();
    const opened = await open(world, {
      method,
      // Whatever host a proxy makes the server name, it is this one that knows us.
      path: new URL(asked.url, origin).pathname,
      headers,
      ...(body === null ? {} : { body }),
      credential,
      signal: asked.signal,
    });
    if (opened.kind !== "opened") return this.#fail(opened);
    opened.close();
    const answer = new Answered(opened.response);
    const location = answer.getHeader("Location");
    if (method === "POST" && location) {
      await this.#way.begun(new URL(location, origin).pathname);
    }
    if (method === "HEAD" && !isOf(answer, this.#parcel)) return this.#fail({ kind: "other" });
    const offset = Number(answer.getHeader("Upload-Offset") ?? Number.NaN);
    if (Number.isSafeInteger(offset)) kept(offset, body?.byteLength ?? 0, opened.elapsedMs);
    return answer;
  }

  #fail(failure: Sent): never {
    this.failure = failure;
    throw new Refused();
  }
}

/** What is kept under an address says of which bytes it is; a success over others is none. */
function isOf(answer: Answered, { sha256, bytes }: Parcel): boolean {
  const length = answer.getHeader("Upload-Length");
  const said = answer.getHeader("Upload-Metadata");
  const isDigest = (said ?? "").split(",").includes(`sha256 ${btoa(sha256)}`);
  return length === String(bytes.byteLength) && isDigest;
}

class Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string> = {};
  readonly #send: SendAsked;
  readonly #over = new AbortController();

  constructor(method: string, url: string, send: SendAsked) {
    this.method = method;
    this.url = url;
    this.#send = send;
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  getMethod(): string {
    return this.method;
  }

  getURL(): string {
    return this.url;
  }

  setHeader(name: string, value: string): void {
    this.headers[name] = value;
  }

  getHeader(name: string): string | undefined {
    return this.headers[name];
  }

  // Pieces are small: what the server has kept is all that is told.
  setProgressHandler(): void {}

  send(body: Uint8Array<ArrayBuffer> | null): Promise<Answered> {
    return this.#send(this, body);
  }

  async abort(): Promise<void> {
    this.#over.abort();
  }

  getUnderlyingObject(): null {
    return null;
  }
}

type SendAsked = (asked: Asked, body: Uint8Array<ArrayBuffer> | null) => Promise<Answered>;

class Answered {
  readonly #response: Response;

  constructor(response: Response) {
    this.#response = response;
  }

  getStatus(): number {
    return this.#response.status;
  }

  getHeader(name: string): string | undefined {
    return this.#response.headers.get(name) ?? undefined;
  }

  getBody(): string {
    return "";
  }

  getUnderlyingObject(): null {
    return null;
  }
}
