// Everything that the server has not got, as one file: ops whole, photos with their bytes.
// Rule: written piece by piece, so that a hundred photos do not stand in memory as one text.

import type { Edit } from "../../core/edit.ts";
import { unsent } from "../../db/outbox.ts";
import type { Store } from "../../db/store.ts";
import type { Photo } from "../../db/write.ts";
import type { Session } from "../../sync/session.ts";
import type { Id } from "../../wire/types.ts";
import { localDay } from "../words/format.ts";

export const RESCUE_FORMAT = "xunjian-rescue";
export const RESCUE_VERSION = 1;

export interface Rescue {
  readonly file: Blob;
  readonly name: string;
  readonly ops: number;
  readonly photos: number;
}

// A multiple of three, so that the pieces of base64 join without padding between them.
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

/**
 * Gather it all, `unwritten` too, which no op has taken a number for. Reads the store only; nothing
 * is marked as sent by being saved to a file.
 */
export async function rescueOf(
  session: Pick<Session, "store" | "person" | "pen">,
  zone: string,
  version: string,
  unwritten = ALL_WRITTEN,
): Promise<Rescue> {
  const { store, person, pen } = session;
  const isBroken = await isUnreadable(store, unwritten);
  const entries = isBroken ? [] : await unsent(store);
  const kept = isBroken ? [] : await hereOf(store);
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
  const pieces: string[] = [`${JSON.stringify(head).slice(0, -1)},"ops":[`];
  for (const [at, { op, problem }] of entries.entries()) {
    pieces.push(`${at > 0 ? "," : ""}\n${JSON.stringify(problem ? { op, problem } : { op })}`);
  }
  pieces.push(`],\n"edits":${JSON.stringify(unwritten.edits)},\n"photos":[`);
  const parts: Blob[] = [];
  for (const [at, attachment] of photos.entries()) {
    const row = held.get(attachment) ?? (await store.read((db) => db.blobs.get(attachment)));
    if (row === undefined) continue;
    const { sha256, bytes } = row;
    const line = { attachment, sha256, base64: base64(new Uint8Array(bytes)) };
    parts.push(new Blob([`${at > 0 ? "," : ""}\n${JSON.stringify(line)}`]));
  }
  const file = new Blob([...pieces, ...parts, "]}\n"], { type: "application/json" });
  const name = `xunjian-${person.name}-${localDay(now, zone)}.json`;
  const ops = entries.length + unwritten.edits.length;
  return { file, name, ops, photos: parts.length };
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
