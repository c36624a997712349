// Making this installation a device of one person. Rule: the private key is made here, cannot be taken
// out, and is kept before the ticket is spent; a lost answer costs a new ticket, never any work.

import { readEnrolLink } from "../core/enrol-link.ts";
import { mintId } from "../core/ids.ts";
import { member } from "../core/json.ts";
import type { World } from "../core/world.ts";
import type { EnrollingRow, PersonRow } from "../db/database.ts";
import type { Device } from "../db/device.ts";
import { joined, type Store } from "../db/store.ts";
import type { EnrolAnswer, EnrolRequest, Id, Language, Problem, Role } from "../wire/types.ts";
import { json, open, slugOf } from "./http.ts";

export interface Enrolment {
  readonly device: Device;
  readonly world: World;
  /** `crypto.subtle`. */
  readonly subtle: SubtleCrypto;
  /** Open the store of a person, who may be new here. */
  readonly openStore: (person: Id) => Store;
  /** Scheme, host and port of this app. */
  readonly origin: string;
  readonly appVersion: string;
}

export interface Asked {
  /** What was scanned or pasted. */
  readonly link: string;
  readonly deviceName: string;
  readonly language: Language;
  /** Enrol this person, known here, again: their lineage goes on. Null: somebody new. */
  readonly again: Id | null;
}

export type Enrolled =
  | { readonly kind: "enrolled"; readonly person: Id; readonly name: string; readonly role: Role }
  /** Not an enrolment link at all. */
  | { readonly kind: "not-a-link" }
  /** Of another server: the app must be opened from there. */
  | { readonly kind: "other-server"; readonly server: string }
  /** Used, expired, unknown: said by the problem's type. */
  | { readonly kind: "refused"; readonly status: number; readonly problem: Problem | null }
  /** 429 or 5xx: the server is there and cannot now; the ticket is not used up. */
  | { readonly kind: "later"; readonly status: number; readonly afterMs: number | null }
  | { readonly kind: "unreachable" };

export async function enrol(self: Enrolment, asked: Asked): Promise<Enrolled> {
  const link = readEnrolLink(asked.link);
  if (link === null) return { kind: "not-a-link" };
  if (link.server !== self.origin) return { kind: "other-server", server: link.server };
  const begun = await begin(self, link.ticket, asked.again);
  const enrolled = await ask(self, asked, link.ticket, begun);
  // The lineage belongs to somebody else there: a new one, and the outbox keeps its numbers.
  const isTaken = enrolled.kind === "refused" && slugOf(enrolled.problem) === "lineage-taken";
  return isTaken ? ask(self, asked, link.ticket, await mint(self, link.ticket)) : enrolled;
}

async function ask(
  self: Enrolment,
  asked: Asked,
  ticket: string,
  begun: EnrollingRow,
): Promise<Enrolled> {
  const request: EnrolRequest = {
    ticket,
    lineage: begun.lineage,
    name: asked.deviceName,
    public_key: await publicKeyOf(self.subtle, begun.keys.publicKey),
    // Whoever takes a lineage up shows that it is this installation's: the ticket, signed.
    proof: await sign(self.subtle, begun, new TextEncoder().encode(ticket)),
    app_version: self.appVersion,
    language: asked.language,
  };
  const opened = await open(self.world, {
    path: "/enrol",
    body: JSON.stringify(request),
    type: "application/json",
    signal: new AbortController().signal,
  });
  if (opened.kind === "refused") {
    return { kind: "refused", status: opened.status, problem: opened.problem };
  }
  if (opened.kind === "later" || opened.kind === "unreachable") return opened;
  const answer = await json(opened);
  if (!isEnrolAnswer(answer)) return { kind: "unreachable" };
  await keep(self, asked, begun, answer);
  return { kind: "enrolled", person: answer.person, name: answer.person_name, role: answer.role };
}

/** Mint lineage and key, or take those of this ticket's last attempt, or of a person known here. */
async function begin(self: Enrolment, ticket: string, again: Id | null): Promise<EnrollingRow> {
  const last = await self.device.enrolling();
  if (last?.ticket === ticket) return last;
  const known = again === null ? undefined : await self.device.person(again);
  if (!known?.lineage) return mint(self, ticket);
  const row: EnrollingRow = { key: "enrolling", ticket, lineage: known.lineage, keys: known.keys };
  await self.device.begin(row);
  return row;
}

async function mint({ device, world, subtle }: Enrolment, ticket: string): Promise<EnrollingRow> {
  const lineage = mintId(world.now(), world.random);
  const row: EnrollingRow = { key: "enrolling", ticket, lineage, keys: await newKeys(subtle) };
  await device.begin(row);
  return row;
}

/** The store first: a credential without a place to work would be worse than the other way round. */
async function keep(self: Enrolment, asked: Asked, begun: EnrollingRow, answer: EnrolAnswer) {
  const store = self.openStore(answer.person);
  try {
    const { device, lineage, epoch, next_n: nextN } = answer;
    await joined(store, { device, lineage, epoch, nextN });
  } finally {
    store.close();
  }
  const row: PersonRow = {
    person: answer.person,
    name: answer.person_name,
    role: answer.role,
    server: self.origin,
    device: answer.device,
    credential: answer.credential,
    // Another where the server could not tell that the old one is ours; the outbox stays as it is.
    lineage: answer.lineage,
    keys: begun.keys,
    deviceName: asked.deviceName,
    enrolledAt: self.world.now(),
    state: "active",
  };
  await self.device.join(row);
}

function newKeys(subtle: SubtleCrypto): Promise<CryptoKeyPair> {
  return subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
}

/** The public key as the server keeps it: SPKI, base64url without padding (RFC 4648, 5). */
export async function publicKeyOf(subtle: SubtleCrypto, key: CryptoKey): Promise<string> {
  return base64url(new Uint8Array(await subtle.exportKey("spki", key)));
}

/** Sign with this device's key: ECDSA P-256 over SHA-256, base64url. */
export async function sign(
  subtle: SubtleCrypto,
  { keys }: Pick<PersonRow, "keys">,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const algorithm = { name: "ECDSA", hash: "SHA-256" };
  return base64url(new Uint8Array(await subtle.sign(algorithm, keys.privateKey, bytes)));
}

function base64url(bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

const ROLES: readonly unknown[] = [
  "engineer",
  "supervisor",
  "desk",
  "quality",
  "project-manager",
  "administrator",
];

function isEnrolAnswer(value: unknown): value is EnrolAnswer {
  const texts = ["device", "credential", "person", "person_name", "lineage"];
  return (
    texts.every((name) => typeof member(value, name) === "string") &&
    ["epoch", "next_n"].every((name) => Number.isSafeInteger(member(value, name))) &&
    ROLES.includes(member(value, "role"))
  );
}
