// What a signature stands for, as bytes: the canonical text (RFC 8785) of everything that was shown.
// Rule: pure but for the hash that is given; the same facts make the same bytes on every device.

import canonicalize from "canonicalize";
import { member, parsed } from "../../../core/json.ts";
import type { World } from "../../../core/world.ts";
import { DOCUMENT_LENGTH_MAX, OP_BYTES_MAX, STROKES_LENGTH_MAX } from "../../../wire/limits.ts";
import type { Id, Inspection, Instant, Sha256, Signature } from "../../../wire/types.ts";

export interface Counts {
  readonly inspected: number;
  readonly normal: number;
  readonly abnormal: number;
  readonly not_inspected: number;
}

/** What of a finding is read before signing. */
export interface CoveredFinding {
  readonly id: Id;
  readonly severity: string;
  readonly text: string;
}

/** One inspection that is covered: what was answered, which photos and findings there were. */
export interface Covered {
  readonly id: Id;
  readonly template: Id;
  readonly answers: Sha256;
  readonly photos: readonly Sha256[];
  /** By id; absent where nothing is said of them. */
  readonly findings?: readonly CoveredFinding[];
}

export interface Listed {
  readonly asset: string;
  readonly severity: string;
  readonly text: string;
}

export interface Document {
  readonly of: Id;
  readonly of_kind: "inspection" | "visit";
  readonly site: string;
  readonly engineer: string;
  readonly started_at: Instant | null;
  readonly signed_at: Instant;
  /** The sentences that the signer read. */
  readonly statement: readonly string[];
  readonly counts: Counts | null;
  readonly abnormal: readonly Listed[];
  /** The customer's own list; absent over one inspection. */
  readonly problems?: readonly string[];
  /** Planned, and inspected by nobody. */
  readonly not_inspected?: readonly string[];
  readonly photos?: number;
  readonly inspections: readonly Covered[];
  readonly signer: {
    readonly role: Signature["role"];
    readonly name: string;
    readonly title: string;
    readonly absent_reason: string;
  };
}

export type Sha = World["sha256"];

/** Canonical text of any JSON value. */
export function canonical(value: unknown): string {
  return canonicalize(value) ?? "null";
}

export async function digest(sha256: Sha, text: string): Promise<Sha256> {
  const hash = new Uint8Array(await sha256(new TextEncoder().encode(text)));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Records are replaced, never changed: the same object has the same digest.
const known = new WeakMap<Inspection, Promise<Sha256>>();

/** The digest of everything that was answered: the form, its elements, the note, parts replaced. */
export function answersDigest(sha256: Sha, inspection: Inspection): Promise<Sha256> {
  const { answers = {}, elements = {}, note = "", replacements = {} } = inspection;
  // Where no part was replaced, the digest is the one of before there were any.
  const parts = Object.keys(replacements).length > 0 ? { replacements } : {};
  const whole = { answers, elements, note, ...parts };
  const found = known.get(inspection) ?? digest(sha256, canonical(whole));
  known.set(inspection, found);
  return found;
}

/** What a document says of one inspection. */
export async function coveredBy(
  sha256: Sha,
  { id, photos, findings }: Pick<Covered, "id" | "photos" | "findings">,
  inspection: Inspection,
): Promise<Covered> {
  const answers = await answersDigest(sha256, inspection);
  const known = findings === undefined ? {} : { findings: inOrder(findings) };
  return { id, template: inspection.template, answers, photos: photos.toSorted(), ...known };
}

/** The inspections that a document names; none where it holds the digest of their list alone. */
export function listedIn(document: string): readonly Id[] {
  const list = member(parsed(document), "inspections");
  if (!Array.isArray(list)) return [];
  return list
    .map((one: unknown) => (typeof one === "string" ? one : member(one, "id")))
    .filter((id) => typeof id === "string");
}

export interface Sealed {
  readonly document: string;
  readonly digest: Sha256;
}

// Beside the text, an op holds the strokes, and names and ids.
const ROOM = OP_BYTES_MAX - STROKES_LENGTH_MAX - 65_536;

function fits(text: string): boolean {
  if (text.length > DOCUMENT_LENGTH_MAX) return false;
  return new TextEncoder().encode(JSON.stringify(text)).length <= ROOM;
}

// What a document can do without, in this order, when it is too long for the wire.
const SHORTENED = ["inspections", "abnormal", "not_inspected", "problems"] as const;

/**
 * Canonical text and its digest. Lists too long for the wire are replaced by the digest of their own
 * canonical text, which proves as much: first the inspections, then what was abnormal.
 */
export async function sealed(sha256: Sha, document: Document): Promise<Sealed> {
  let whole: Readonly<Record<string, unknown>> = {
    version: 1,
    ...document,
    inspections: inOrder(document.inspections),
  };
  let text = canonical(whole);
  for (const name of SHORTENED) {
    if (fits(text)) break;
    const { [name]: list, ...rest } = whole;
    whole = { ...rest, [`${name}_digest`]: await digest(sha256, canonical(list)) };
    text = canonical(whole);
  }
  return { document: text, digest: await digest(sha256, text) };
}

// By id, so that the digest of a list is the same whatever the assets are called by then.
function inOrder<T extends { readonly id: Id }>(list: readonly T[]): readonly T[] {
  return list.toSorted((one, other) => (one.id < other.id ? -1 : 1));
}

/** What has become of what was signed. */
export interface Since {
  /** An answer, a finding or a photo that was signed for is not what it was. */
  readonly isChanged: boolean;
  /** Inspections handed in after the signature, which it does not cover. */
  readonly added: number;
  /** Findings of what was signed that came later. */
  readonly findings: number;
  /** Photos of what was signed that came later. */
  readonly photos: number;
}

export const UNTOUCHED: Since = { isChanged: false, added: 0, findings: 0, photos: 0 };

/**
 * Compare a document with the work as it stands. `handedIn` are those that a signature of now would
 * cover. A photo or a finding that came later was added after, and changes nothing that was signed;
 * one that is gone does. Findings are compared where the document and this device know of them.
 */
export async function sinceSigned(
  sha256: Sha,
  document: string,
  now: readonly Covered[],
  handedIn: ReadonlySet<Id>,
): Promise<Since> {
  const signed = parsed(document);
  const list = member(signed, "inspections");
  if (!Array.isArray(list)) {
    // Too long for the wire, the list was replaced by its digest: any difference is a change.
    const here = inOrder(now.filter(({ id }) => handedIn.has(id)));
    const then = member(signed, "inspections_digest");
    // Documents of before were without findings.
    const bare = here.map(({ findings: _, ...one }) => one);
    const [whole, old] = await Promise.all(
      [here, bare].map((one) => digest(sha256, canonical(one))),
    );
    return { ...UNTOUCHED, isChanged: then !== whole && then !== old };
  }
  const then = new Map(list.map((one): [unknown, unknown] => [member(one, "id"), one]));
  return {
    isChanged: now.some((one) => then.has(one.id) && differs(then.get(one.id), one)),
    added: [...handedIn].filter((id) => !then.has(id)).length,
    findings: now.reduce((sum, one) => sum + laterFindings(then.get(one.id), one), 0),
    photos: now.reduce((sum, one) => sum + laterPhotos(then.get(one.id), one), 0),
  };
}

/** Photos that are here and were not signed for. */
function laterPhotos(then: unknown, now: Covered): number {
  const photos = member(then, "photos");
  return Array.isArray(photos) ? now.photos.filter((one) => !photos.includes(one)).length : 0;
}

/** The same of findings. */
function laterFindings(then: unknown, { findings = [] }: Covered): number {
  const signed = member(then, "findings");
  if (!Array.isArray(signed)) return 0;
  const known = new Set(signed.map((one) => member(one, "id")));
  return findings.filter(({ id }) => !known.has(id)).length;
}

function differs(then: unknown, now: Covered): boolean {
  const [photos, findings] = [member(then, "photos"), member(then, "findings")];
  const isGone = (photo: unknown): boolean => !now.photos.some((one) => one === photo);
  const here = now.findings?.map(canonical);
  const isElse = (finding: unknown): boolean => here?.includes(canonical(finding)) === false;
  return (
    member(then, "answers") !== now.answers ||
    (Array.isArray(photos) && photos.some(isGone)) ||
    (Array.isArray(findings) && findings.some(isElse))
  );
}
