// Everything that the server has not got, as one file: ops whole, photos with their bytes.
// Rule: a line for each op, and for each piece of a photo (docs/protocol.md, section 9): neither who
// writes it nor who reads it ever holds more than a photo.

import type { Edit } from "../../core/edit.ts";
import { RESCUE_FORMAT, RESCUE_VERSION } from "../../core/rescue.ts";
import { takeUnsent } from "../../db/outbox.ts";
import type { Store } from "../../db/store.ts";
import type { Photo } from "../../db/write.ts";
import type { Session } from "../../sync/session.ts";
import { RESCUE_PIECE_BYTES } from "../../wire/limits.ts";
import type { Id } from "../../wire/types.ts";
import { localDay } from "../words/format.ts";

export interface Rescue {
  readonly file: Blob;
  readonly name: string;
  readonly ops: number;
  readonly photos: number;
}

// What is turned into letters at once; a multiple of three, so that no padding stands in between.
const PIECE = 3 * 8_192;

export function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += PIECE) {
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + PIECE)));
  }
  return text;
}

/** What is on the screen and could not be written to the device. */
export interface Unwritten {
  readonly edits: readonly Edit[];
  readonly photos: readonly Photo[];
}

const ALL_WRITTEN: Unwritten = { edits: [], photos: [] };

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;

/**
 * Gather it all, `unwritten` too, which no op has taken a number for. Nothing is marked as answered
 * by being saved to a file; but what is in one is never rewritten.
 */
export async function rescueOf(
  session: Pick<Session, "store" | "person" | "pen">,
  zone: string,
  version: string,
  unwritten = ALL_WRITTEN,
): Promise<Rescue> {
  const { store, person, pen } = session;
  const isBroken = await isUnreadable(store, unwritten);
  const entries = isBroken ? [] : await takeUnsent(store);
  const kept = isBroken ? [] : await hereOf(store);
  const edits = isBroken ? unwritten.edits : await Promise.all(unwritten.edits.map(basedIn(store)));
  const held = new Map(unwritten.photos.map((photo) => [photo.attachment, photo]));
  const photos = [...new Set([...kept, ...held.keys()])];
  const now = pen.now();
  const head = {
    format: RESCUE_FORMAT,
    version: RESCUE_VERSION,
    made: new Date(now).toISOString(),
    app_version: version,
    person: person.person,
    person_name: person.name,
    device: person.device,
    device_name: person.deviceName,
    lineage: person.lineage,
    // What is on the device could not be read: only what was on the screen is in here.
    ...(isBroken ? { is_partial: true } : {}),
  };
  const parts: (string | Blob)[] = [line(head)];
  for (const { op, problem } of entries) parts.push(line(problem ? { op, problem } : { op }));
  for (const edit of edits) parts.push(line({ edit }));
  let count = 0;
  for (const attachment of photos) {
    const row = held.get(attachment) ?? (await store.read((db) => db.blobs.get(attachment)));
    if (row === undefined) continue;
    // A Blob at once: what was written is the browser's to hold, on the disk if it must.
    parts.push(new Blob(photoLines(row)));
    count += 1;
  }
  const ops = entries.length + edits.length;
  parts.push(line({ end: { ops, photos: count } }));
  const file = new Blob(parts, { type: "application/x-ndjson" });
  return { file, name: `xunjian-${person.name}-${localDay(now, zone)}.ndjson`, ops, photos: count };
}

/** The bytes of one photo, piece by piece; one line where it has none. */
function photoLines({ attachment, sha256, bytes }: Photo): string[] {
  const of = bytes.byteLength;
  const count = Math.max(1, Math.ceil(of / RESCUE_PIECE_BYTES));
  return Array.from({ length: count }, (_, turn) => {
    const at = turn * RESCUE_PIECE_BYTES;
    const piece = new Uint8Array(bytes, at, Math.min(RESCUE_PIECE_BYTES, of - at));
    return line({ photo: { attachment, sha256, at, of, base64: base64(piece) } });
  });
}

/** With the version that was on the screen: the office cannot know it. */
function basedIn(store: Store): (edit: Edit) => Promise<Edit> {
  return async (edit) => {
    const row = await store.read((db) => db.base.get(edit.record));
    return { ...edit, base: Math.min(edit.base ?? Infinity, row?.version ?? 0) };
  };
}

function hereOf(store: Store): Promise<readonly Id[]> {
  return store.read((db) => db.uploads.where("state").notEqual("sent").primaryKeys());
}

/** A copy of the screen is worth having where the storage gives nothing; else the failure is told. */
async function isUnreadable(store: Store, { edits }: Unwritten): Promise<boolean> {
  if (edits.length === 0) return false;
  return hereOf(store).then(
    () => false,
    () => true,
  );
}

/** Hand a file to the person. */
export function saveFile(file: Blob, name: string): void {
  const link = document.createElement("a");
  const address = URL.createObjectURL(file);
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads it after the click; a minute is long enough even for a slow card.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
