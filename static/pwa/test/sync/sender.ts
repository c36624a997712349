// What sends photos on one tablet, with a server's place for bytes behind it.

import { createHash } from "node:crypto";
import { signal } from "@preact/signals-core";
import { write } from "../../src/db/write.ts";
import type { Found } from "../../src/sync/engine.ts";
import { Uploader } from "../../src/sync/uploads.ts";
import { SITE, synced, type Tablet, uuid } from "./device.ts";
import { FakeFiles } from "./files.ts";
import { rest } from "./world.ts";

export interface Sender {
  readonly one: Tablet;
  readonly files: FakeFiles;
  readonly uploader: Uploader;
  readonly isBusy: ReturnType<typeof signal<boolean>>;
  /** How often the engine was asked to look. */
  readonly changes: () => number;
  found: Found;
}

export async function sender(given?: Tablet, files?: FakeFiles): Promise<Sender> {
  const one = given ?? (await synced());
  const place = files ?? new FakeFiles(one.server);
  one.machine.answer = place.fetch;
  const isBusy = signal(false);
  let changes = 0;
  const made: Sender = {
    one,
    files: place,
    isBusy,
    changes: () => changes,
    found: { kind: "active", credential: "secret" },
    uploader: new Uploader(one.store, one.machine, {
      find: async () => made.found,
      isBusy,
      changed: () => {
        changes += 1;
      },
    }),
  };
  return made;
}

/** Bytes that are those of no other photo. */
function picture(seed: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) bytes[at] = (at * 31 + seed * 17 + (at >> 8)) & 255;
  return bytes;
}

const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

export async function photograph({ one }: Sender, n: number, length = 300_000): Promise<string> {
  const bytes = picture(n, length);
  const sha256 = digest(bytes);
  const set = {
    parent: SITE,
    parent_kind: "site",
    sha256,
    bytes: length,
    media_type: "image/jpeg",
  };
  const edit = { kind: "attachment", record: uuid(n), new: true, set } as const;
  const { buffer } = bytes;
  await write(one.store, one.pen, [edit], [{ attachment: uuid(n), bytes: buffer, sha256 }]);
  return sha256;
}

export const round = ({ uploader }: Sender) => uploader.round(new AbortController().signal);
export const rowOf = ({ one }: Sender, n: number) => one.store.db.uploads.get(uuid(n));
export const paths = ({ files }: Sender) =>
  files.asked.map(({ method, path }) => `${method} ${path}`);

/** Run rounds, the clock turned on between them, until nothing is left to send. */
export async function sent(given: Sender, rounds = 40): Promise<void> {
  for (let at = 0; at < rounds; at += 1) {
    await round(given);
    await rest(5);
    const here = await given.one.store.db.uploads.where("state").equals("here").count();
    if (here === 0) return;
    await given.one.machine.advance(60_000);
  }
  throw new Error("photos were left");
}
