// The addresses of the field. Rule: every page has one, so that back, reload and a link show the same;
// all but the first page lie under /field, where the server has nothing of its own.

import type { Id } from "../../wire/types.ts";

export const TODAY = "/";
export const ROOMS = "/field/rooms";
export const SYNC = "/field/sync";
export const DEVICE = "/field/device";
export const SCAN = "/field/scan";
export const ENROL = "/enrol";

export const roundPath = (assignment: Id): string => `/field/round/${assignment}`;
export const roomPath = (room: Id): string => `/field/room/${room}`;
export const assetPath = (asset: Id): string => `/field/asset/${asset}`;
export const signPath = (visit: Id): string => `/field/sign/${visit}`;
/** The checklist of an asset: in a round, or outside any (null). */
export const inspectPath = (assignment: Id | null, asset: Id): string =>
  `/field/inspect/${assignment ?? "-"}/${asset}`;
/** Read this text as if it had just been scanned. */
export const scannedPath = (text: string): string => `${SCAN}?text=${encodeURIComponent(text)}`;
/** Scan a tag in order to put it on this asset. */
export const bindPath = (asset: Id): string => `${SCAN}?bind=${asset}`;

export type Page =
  | { readonly name: "today" | "rooms" | "scan" | "sync" | "device" | "enrol" | "missing" }
  | { readonly name: "round" | "room" | "asset" | "sign"; readonly id: Id }
  | { readonly name: "inspect"; readonly assignment: Id | null; readonly asset: Id };

const PLAIN = ["rooms", "scan", "sync", "device"] as const;
const OF_ONE = ["round", "room", "asset", "sign"] as const;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The page of an address. Trailing slashes and the case of ids do not count. */
export function pageOf(path: string): Page {
  const [first = "", ...rest] = path.split("/").filter((part) => part !== "");
  if (first === "") return { name: "today" };
  if (first === "enrol") return { name: "enrol" };
  const [name = "", one = "", other = ""] = first === "field" ? rest : [first, ...rest];
  const [id, second] = [one.toLowerCase(), other.toLowerCase()];
  if (name === "") return { name: "today" };
  const plain = PLAIN.find((known) => known === name);
  if (plain && id === "") return { name: plain };
  const ofOne = OF_ONE.find((known) => known === name);
  if (ofOne && ID.test(id)) return { name: ofOne, id };
  if (name === "inspect" && (id === "-" || ID.test(id)) && ID.test(second)) {
    return { name: "inspect", assignment: id === "-" ? null : id, asset: second };
  }
  return { name: "missing" };
}
