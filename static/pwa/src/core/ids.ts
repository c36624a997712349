// Ids: minted ones sort by time (UUIDv7), derived ones meet (UUIDv5), exactly as sync/ids.py makes them.
// Rule: pure, instant and chance are parameters.

import { v5, v7 } from "uuid";
import type { Id } from "../wire/types.ts";
import type { Random } from "./world.ts";

// Fixed for ever: ids derived from it are in databases and on tablets.
export const NAMESPACE_TAG = "3f0c7a52-6f6b-5d0e-9d0a-7a1f0c9b2e11";

/** Mint an id for the instant `now`, in milliseconds since 1970 (RFC 9562, 5.7). */
export function mintId(now: number, random: Random): Id {
  return v7({ msecs: now, random: random(16) });
}

/** Two engineers offline who inspect one asset of one assignment meet on one record. */
export function inspectionId(assignment: Id, asset: Id): Id {
  return v5(asset.toLowerCase(), assignment);
}

/** The record that binds the printed `code` (canonical form, without dashes). */
export function tagId(code: string): Id {
  return v5(code, NAMESPACE_TAG);
}

/** The record of a device's key: there is one, and a device gets no second key. */
export function keyId(device: Id): Id {
  return v5("key", device);
}

/** The element at a fixed place of a group: the same for everybody who fills it in. */
export function placeElementId(group: string, place: string): string {
  return `${group}-${place}`;
}
