// Lines out of a stream of bytes, and what each line of an answer may be. Rule: pure, and nothing from
// outside is believed: a line of the wrong shape spoils its page, which is then not applied.

import type { End, GoneLine, PushAnswer, RecordLine, Start } from "../wire/types.ts";
import { isMapping, type Mapping, member, parsed } from "./json.ts";

const NEWLINE = 0x0a;

/** Cuts chunks of bytes into lines. The bytes of a line are kept exactly, for its mark. */
export class Lines {
  #rest: Uint8Array<ArrayBuffer>[] = [];

  /** Give the lines that this chunk completes, without their newlines. Empty lines are left out. */
  push(chunk: Uint8Array<ArrayBuffer>): readonly Uint8Array<ArrayBuffer>[] {
    const lines: Uint8Array<ArrayBuffer>[] = [];
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      const line = joined([...this.#rest, chunk.subarray(from, at)]);
      if (line.length > 0) lines.push(line);
      this.#rest = [];
      from = at + 1;
    }
    if (from < chunk.length) this.#rest.push(chunk.slice(from));
    return lines;
  }

  /** Give what stands after the last newline, and start anew. */
  end(): Uint8Array<ArrayBuffer> {
    const last = joined(this.#rest);
    this.#rest = [];
    return last;
  }
}

/** One piece out of many. */
export function joined(parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only.slice();
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Give the text of a line; undefined when it is not UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** A record whose body is known to be a mapping. */
export type Received = RecordLine & { readonly data: Mapping };
export type Line = Start | Received | GoneLine | End;

/** Read a line of a pull. `unknown`: of a later version, passed over; `broken`: no line at all. */
export function readLine(bytes: Uint8Array): Line | "unknown" | "broken" {
  const text = textOf(bytes);
  const value = text === undefined ? undefined : parsed(text);
  const tag = member(value, "t");
  if (typeof tag !== "string") return "broken";
  if (isStart(value) || isRecord(value) || isGone(value) || isEnd(value)) return value;
  return ["start", "record", "gone", "end"].includes(tag) ? "broken" : "unknown";
}

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;
const isText = (value: unknown): value is string => typeof value === "string";
const isMaybe = (value: unknown, test: (value: unknown) => boolean): boolean =>
  value === undefined || value === null || test(value);

function isStart(value: unknown): value is Start {
  const scopes = member(value, "scopes");
  return (
    member(value, "t") === "start" &&
    isCount(member(value, "epoch")) &&
    isText(member(value, "server_time")) &&
    Array.isArray(scopes) &&
    scopes.every(isScopeState)
  );
}

function isScopeState(value: unknown): boolean {
  return (
    isText(member(value, "scope")) &&
    isCount(member(value, "head")) &&
    isMaybe(member(value, "left"), isCount) &&
    isMaybe(member(value, "digest"), isText)
  );
}

function isPlaced(value: unknown): boolean {
  return (
    isText(member(value, "scope")) &&
    isCount(member(value, "seq")) &&
    isText(member(value, "kind")) &&
    isText(member(value, "id")) &&
    isCount(member(value, "version"))
  );
}

function isRecord(value: unknown): value is Received {
  return member(value, "t") === "record" && isPlaced(value) && isMapping(member(value, "data"));
}

function isGone(value: unknown): value is GoneLine {
  return member(value, "t") === "gone" && isPlaced(value);
}

function isEnd(value: unknown): value is End {
  return (
    member(value, "t") === "end" &&
    isText(member(value, "token")) &&
    isMaybe(member(value, "more"), (more) => typeof more === "boolean")
  );
}

/** Tell whether this is the answer to a push. */
export function isPushAnswer(value: unknown): value is PushAnswer {
  const outcomes = member(value, "outcomes");
  return (
    isCount(member(value, "epoch")) &&
    isMaybe(outcomes, (list) => Array.isArray(list) && list.every(isOutcome)) &&
    isMaybe(member(value, "last_acked"), isText) &&
    isMaybe(member(value, "backed_up_to"), isCount)
  );
}

function isOutcome(value: unknown): boolean {
  return (
    isCount(member(value, "n")) &&
    isMaybe(member(value, "id"), isText) &&
    // Any word: one of a later version is read as `review` (core/outbox.ts).
    isText(member(value, "outcome")) &&
    isMaybe(member(value, "scope"), isText) &&
    isMaybe(member(value, "seq"), isCount)
  );
}
