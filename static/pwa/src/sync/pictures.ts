// A photo whose bytes are not on this device, fetched to be looked at. Rule: whatever stands in the way
// is a value, so that a screen says in words why there is no picture.

import { joined } from "../core/ndjson.ts";
import type { World } from "../core/world.ts";
import { keepPreview, preview } from "../db/previews.ts";
import type { Store } from "../db/store.ts";
import type { Id } from "../wire/types.ts";
import { type Failure, open, slugOf } from "./http.ts";

export type Picture =
  | { readonly kind: "picture"; readonly bytes: ArrayBuffer; readonly type: string }
  /** The server cannot be reached, or cannot now. */
  | { readonly kind: "offline" }
  /** The server does not have the bytes yet, or has not looked at them. */
  | { readonly kind: "notThere" }
  /** It has, and does not show them: no picture, damaged, or not ours to see. */
  | { readonly kind: "unseen" };

export interface Asking {
  readonly world: World;
  readonly store: Store;
  /** Null: nobody is known here any more. */
  readonly credential: () => Promise<string | null>;
  readonly signal: AbortSignal;
}

/** Two sizes are made of each photo; the small one is kept here for the next time. */
export type PictureSize = "small" | "large";

const BYTES_MAX = 4_000_000;
const SHOWN: readonly string[] = ["image/jpeg", "image/png", "image/webp"];

/** Give the picture of a photo: what is kept here, else what the server gives. */
export async function pictureOf(
  { world, store, credential, signal }: Asking,
  attachment: Id,
  size: PictureSize,
): Promise<Picture> {
  const kept = await preview(store, attachment, world.now());
  if (kept !== undefined && size === "small") return pictured(kept.bytes, kept.type);
  const found = await fetched({ world, store, credential, signal }, attachment, size);
  if (found.kind === "picture" && size === "small") {
    const { bytes, type } = found;
    await keepPreview(store, { attachment, bytes, type, at: world.now() });
  }
  // A small picture is better than none.
  return found.kind !== "picture" && kept ? pictured(kept.bytes, kept.type) : found;
}

function pictured(bytes: ArrayBuffer, type: string): Picture {
  return { kind: "picture", bytes, type };
}

async function fetched(
  { world, credential, signal }: Asking,
  attachment: Id,
  size: PictureSize,
): Promise<Picture> {
  const known = await credential();
  if (known === null) return { kind: "offline" };
  const path = `/attachments/${attachment}/bytes?size=${size}`;
  const headers = { Accept: SHOWN.join(", ") };
  const opened = await open(world, { path, headers, credential: known, signal });
  if (opened.kind !== "opened") return failed(opened);
  const type = opened.response.headers.get("Content-Type")?.split(";")[0] ?? "";
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  try {
    for (let piece = await opened.next(); piece !== null; piece = await opened.next()) {
      pieces.push(piece);
      length += piece.byteLength;
      if (length > BYTES_MAX) return { kind: "unseen" };
    }
  } catch {
    return { kind: "offline" };
  } finally {
    opened.close();
  }
  // Who signs one in at a hotel answers too.
  return SHOWN.includes(type) ? pictured(joined(pieces).buffer, type) : { kind: "offline" };
}

function failed(failure: Failure): Picture {
  if (failure.kind === "unreachable") return { kind: "offline" };
  // 503 with a time: the thumbnail is being made.
  if (failure.kind === "later") return { kind: failure.status === 503 ? "notThere" : "offline" };
  return { kind: slugOf(failure.problem) === "bytes-not-here" ? "notThere" : "unseen" };
}
