// The two questions of a page behind a link. Rule: the secret goes in a body, never in an address; an
// answer of ours is believed, anything else is "the server is away".

import { member, parsed } from "../../core/json.ts";
import type { Language, SignGive, SignReceipt, ToSign } from "../../wire/types.ts";

export type Fetch = (path: string, init: RequestInit) => Promise<Response>;

export type SignAnswer<Value> =
  | { readonly kind: "told"; readonly value: Value }
  /** Used, expired, withdrawn, never made: nobody is told which. */
  | { readonly kind: "gone" }
  /** It is not any more what was shown. */
  | { readonly kind: "moved" }
  | { readonly kind: "away" };

const PATIENCE_MS = 20_000;

export function lookAt(
  fetch: Fetch,
  secret: string,
  language: Language,
): Promise<SignAnswer<ToSign>> {
  return ask(fetch, "/sign/look", { secret, language }, isToSign);
}

export function give(fetch: Fetch, given: SignGive): Promise<SignAnswer<SignReceipt>> {
  return ask(fetch, "/sign/give", given, isReceipt);
}

async function ask<Value>(
  fetch: Fetch,
  path: string,
  body: object,
  isIt: (value: unknown) => value is Value,
): Promise<SignAnswer<Value>> {
  const init: RequestInit = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    credentials: "omit",
    referrerPolicy: "no-referrer",
    cache: "no-store",
    signal: AbortSignal.timeout(PATIENCE_MS),
  };
  try {
    const answer = await fetch(path, init);
    const value = parsed(await answer.text());
    if (answer.ok) return isIt(value) ? { kind: "told", value } : { kind: "away" };
    const type = member(value, "type");
    if (type === "/problems/sign-link-gone") return { kind: "gone" };
    if (type === "/problems/sign-moved-on") return { kind: "moved" };
    return { kind: "away" };
  } catch {
    return { kind: "away" };
  }
}

function isToSign(value: unknown): value is ToSign {
  const texts = ["content", "time_zone", "started_at"];
  return (
    texts.every((name) => typeof member(value, name) === "string") &&
    Array.isArray(member(value, "statement"))
  );
}

function isReceipt(value: unknown): value is SignReceipt {
  return ["digest", "signed_at"].every((name) => typeof member(value, name) === "string");
}
