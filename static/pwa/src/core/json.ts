// JSON as this app handles it: looked at without trust, compared by value, cleaned before it is kept.
// Rule: pure; nothing here knows a kind.

import { DEPTH_MAX } from "../wire/limits.ts";

export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };
/** A mapping that came from outside: its members are not known yet. */
export type Mapping = Readonly<Record<string, unknown>>;

export function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Give a member of a mapping by its own key; inherited names such as `constructor` are not members. */
export function member(value: unknown, key: string): unknown {
  return isMapping(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** Parse a line that came from outside; undefined when it is not JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A value that no JSON can hold, or nested deeper than the server reads. A fault of the caller. */
export class NotJson extends Error {
  override readonly name = "NotJson";
}

// A surrogate that stands alone cannot be written as UTF-8, and no database keeps NUL. Both arrive
// by keyboards, pens and scanners that cut text in the middle, so they are mended, not refused.
const UNPAIRED = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(^|[^\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

function cleanText(text: string): string {
  const whole = text.replaceAll("\0", "");
  // Twice: of two lone halves in a row the first match hides the second.
  return [0, 1].reduce((kept) => kept.replace(UNPAIRED, "$1\uFFFD"), whole);
}

/**
 * Copy a value into what JSON and every database can hold, inside `depth` brackets that are open
 * already. Throws NotJson for what it cannot mend.
 */
export function cleaned(value: unknown, depth = 0): Json {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") return cleanText(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new NotJson(`${value} is not a JSON number`);
    return value;
  }
  if (depth >= DEPTH_MAX) throw new NotJson(`nested deeper than ${DEPTH_MAX}`);
  if (Array.isArray(value)) return value.map((one) => cleaned(one, depth + 1));
  if (!isMapping(value)) throw new NotJson(`a ${typeof value} is not JSON`);
  const members = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(members.map(([key, one]) => [cleanText(key), cleaned(one, depth + 1)]));
}

/** Compare as JSON does: members in any order. */
export function isSameJson(one: unknown, other: unknown): boolean {
  if (Array.isArray(one)) {
    const isList = Array.isArray(other) && other.length === one.length;
    return isList && one.every((value, at) => isSameJson(value, other[at]));
  }
  if (!isMapping(one)) return one === other;
  if (!isMapping(other)) return false;
  const keys = Object.keys(one);
  const isAlike = Object.keys(other).length === keys.length;
  return (
    isAlike && keys.every((key) => Object.hasOwn(other, key) && isSameJson(one[key], other[key]))
  );
}
