// What a signature stands for, as bytes: the canonical text (RFC 8785) of everything that was shown.
// Rule: pure but for the hash that is given; the same facts make the same bytes on every device.

import canonicalize from "canonicalize";
import { member, parsed } from "../../../core/json.ts";
import type { World } from "../../../core/world.ts";
import { DOCUMENT_LENGTH_MAX, OP_BYTES_MAX, STROKES_LENGTH_MAX } from "../../../wire/limits.ts";
import type { Id, Inspection, Instant, Sha256, Signature } from "../../../wire/types.ts";
import type { Sheet } from "../inspect/sheet.ts";

export interface Counts {
  readonly inspected: number;
  readonly normal: number;
  readonly abnormal: number;
  readonly not_inspected: number;
}

/** One inspection that is covered: what was answered, and which photos there were. */
export interface Covered {
  readonly id: Id;
  readonly template: Id;
  readonly answers: Sha256;
  readonly photos: readonly Sha256[];
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
  readonly inspections: readonly Covered[];
  readonly signer: {
    readonly role: Signature["role"];
    readonly name: string;
    readonly title: string;
    readonly absent_reason: string;
  };
}

type Sha = World["sha256"];

/** Canonical text of any JSON value. */
export function canonical(value: unknown): string {
  return canonicalize(value) ?? "null";
}

export async function digest(sha256: Sha, text: string): Promise<Sha256> {
  const hash = new Uint8Array(await sha256(new TextEncoder().encode(text)));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The digest of everything that was answered: of the form, of its elements, of the whole. */
export function answersDigest(sha256: Sha, inspection: Inspection): Promise<Sha256> {
  const { answers = {}, elements = {}, note = "" } = inspection;
  return digest(sha256, canonical({ answers, elements, note }));
}

/** What a document says of one inspection. */
export async function coveredBy(
  sha256: Sha,
  sheet: Pick<Sheet, "id" | "photos">,
  inspection: Inspection,
): Promise<Covered> {
  const photos = [...sheet.photos.values()].flat().map(({ data }) => data.sha256);
  const answers = await answersDigest(sha256, inspection);
  return { id: sheet.id, template: inspection.template, answers, photos: photos.toSorted() };
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

/**
 * Canonical text and its digest. Lists too long for the wire are replaced by the digest of their own
 * canonical text, which proves as much: first the inspections, then what was abnormal.
 */
export async function sealed(sha256: Sha, document: Document): Promise<Sealed> {
  const { inspections, abnormal, ...rest } = document;
  let text = canonical({ version: 1, ...document });
  if (!fits(text)) {
    const inspections_digest = await digest(sha256, canonical(inspections));
    text = canonical({ version: 1, ...rest, abnormal, inspections_digest });
    if (!fits(text)) {
      const abnormal_digest = await digest(sha256, canonical(abnormal));
      text = canonical({ version: 1, ...rest, abnormal_digest, inspections_digest });
    }
  }
  return { document: text, digest: await digest(sha256, text) };
}

/**
 * Tell whether answers differ from what a document holds. Photos that came later do not count: they
 * were added after, and change nothing that was signed.
 */
export async function changedSince(
  sha256: Sha,
  document: string,
  now: readonly Covered[],
): Promise<boolean> {
  const signed = parsed(document);
  const list = member(signed, "inspections");
  if (!Array.isArray(list)) {
    return member(signed, "inspections_digest") !== (await digest(sha256, canonical(now)));
  }
  const answers = new Map(list.map((one) => [member(one, "id"), member(one, "answers")]));
  return now.length !== answers.size || now.some((one) => answers.get(one.id) !== one.answers);
}
