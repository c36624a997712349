// The seal of a signature: what the key of a device says of everything in the record; others' keys are
// synced records, this device's own is at hand.
// Rule: a seal is over every field, so that whoever alters one later, the server's operator too, is
// found out; a doubt proves nothing. The same in server/seals.py, held together by tests/vectors.

import { isMapping, member, parsed } from "../../../core/json.ts";
import type { World } from "../../../core/world.ts";
import type { PersonRow } from "../../../db/database.ts";
import type { Id, Key, Signature } from "../../../wire/types.ts";
import { canonical, digest, type Sha } from "./document.ts";

export type Keys = PersonRow["keys"];
type Subtle = Pick<SubtleCrypto, "sign" | "verify" | "exportKey" | "importKey">;
/** What is sealed of a record. */
export type Sealable = Omit<Signature, "device_signature">;

export interface Sealer {
  readonly sha256: World["sha256"];
  readonly subtle: Subtle;
}

const ALGORITHM = { name: "ECDSA", hash: "SHA-256" };
const TYPE = "xunjian-seal";

/** The canonical text that a seal is over. */
export async function payload(sha256: Sha, id: Id, signature: Sealable): Promise<string> {
  const { of, of_kind, role, item = "", name = "", title = "", absent_reason = "" } = signature;
  return canonical({
    version: 1,
    ...{ id, of, of_kind, role, item, name, title, absent_reason },
    strokes: await digest(sha256, signature.strokes ?? ""),
    document: await digest(sha256, signature.document),
    signed_at: Date.parse(signature.signed_at),
  });
}

/** The name of a key: its own digest (RFC 7638, 3). */
export async function thumbprint({ sha256, subtle }: Sealer, key: CryptoKey): Promise<string> {
  const { crv, kty, x, y } = await subtle.exportKey("jwk", key);
  return base64url(new Uint8Array(await sha256(encoded(canonical({ crv, kty, x, y })))));
}

/** Seal a signature with this device's key: a detached JWS (RFC 7515, appendix F). */
export async function sealedWith(
  sealer: Sealer,
  keys: Keys,
  id: Id,
  signature: Sealable,
): Promise<string> {
  const kid = await thumbprint(sealer, keys.publicKey);
  const header = base64url(encoded(canonical({ alg: "ES256", kid, typ: TYPE })));
  const content = await payload(sealer.sha256, id, signature);
  const proof = await sealer.subtle.sign(ALGORITHM, keys.privateKey, signingInput(header, content));
  return `${header}..${base64url(new Uint8Array(proof))}`;
}

/** What this device knows of keys. */
export interface Ring {
  readonly own: CryptoKey;
  /** The records of other devices' keys that have the name which the seal says (`kidOf`). */
  readonly recorded: readonly Key[];
  /** Whether the server tells keys at all: it has told this device's own. */
  readonly isTold: boolean;
}

/**
 * What this device can say of a signature. `elsewhere`: by another device, whose key it was never told;
 * the server looks at that. `key-not-recorded`: by a key that no record names, though each is told.
 */
export type Seal = "genuine" | "elsewhere" | "unsealed" | "broken" | "key-not-recorded";

export async function sealOf(
  sealer: Sealer,
  { own, recorded, isTold }: Ring,
  id: Id,
  signature: Signature,
): Promise<Seal> {
  const { document, device_signature: seal = "" } = signature;
  const isWhole = (await digest(sealer.sha256, document)) === signature.digest;
  if (!isWhole || !isCanonical(document)) return "broken";
  if (seal === "") return "unsealed";
  if (!seal.includes(".")) {
    const isOwn = await proves(sealer, own, seal, encoded(document));
    return isOwn ? "genuine" : "elsewhere";
  }
  const [header = "", middle = "", proof = "", ...more] = seal.split(".");
  const read = headerOf(header);
  if (read === null || middle !== "" || more.length > 0) return "broken";
  const by = await named(sealer, read, own, recorded);
  if (by === null) return isTold ? "key-not-recorded" : "elsewhere";
  const content = await payload(sealer.sha256, id, signature);
  const isTrue = await proves(sealer, by, proof, signingInput(header, content));
  return isTrue ? "genuine" : "broken";
}

/** The name of the key that a seal says it is by; empty where it says none. */
export function kidOf({ device_signature: seal = "" }: Signature): string {
  return headerOf(seal.split(".")[0] ?? "") ?? "";
}

/** The key of this name: this device's own, or the first recorded one that truly has it. */
async function named(
  sealer: Sealer,
  kid: string,
  own: CryptoKey,
  recorded: readonly Key[],
): Promise<CryptoKey | null> {
  if (kid === (await thumbprint(sealer, own))) return own;
  for (const { public_key } of recorded) {
    const key = await imported(sealer, public_key);
    if (key !== null && kid === (await thumbprint(sealer, key))) return key;
  }
  return null;
}

/** Null for what is no key on P-256. */
async function imported({ subtle }: Sealer, text: string): Promise<CryptoKey | null> {
  const spki = decoded(text);
  if (spki === null) return null;
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  return subtle.importKey("spki", spki, curve, true, ["verify"]).catch(() => null);
}

function isCanonical(text: string): boolean {
  const value = parsed(text);
  return value !== undefined && canonical(value) === text;
}

/** The key's name in a header that says what ours say; null for any other. */
function headerOf(header: string): string | null {
  const read = parsed(decodedText(header));
  const isOurs =
    isMapping(read) &&
    Object.keys(read).length === 3 &&
    read.alg === "ES256" &&
    read.typ === TYPE &&
    typeof read.kid === "string";
  const kid = member(read, "kid");
  return isOurs && typeof kid === "string" ? kid : null;
}

async function proves(
  { subtle }: Sealer,
  key: CryptoKey,
  proof: string,
  message: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const bytes = decoded(proof);
  return bytes !== null && subtle.verify(ALGORITHM, key, bytes, message);
}

/** What the key signs (RFC 7515, 5.1). */
function signingInput(header: string, content: string): Uint8Array<ArrayBuffer> {
  return encoded(`${header}.${base64url(encoded(content))}`);
}

function encoded(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function base64url(bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Null for what is no base64url. */
function decoded(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return null;
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

function decodedText(text: string): string {
  const bytes = decoded(text);
  return bytes === null ? "" : new TextDecoder().decode(bytes);
}
