// The way out of a broken device: a file of all that was not sent, which the office can read.

import { beforeEach, expect, test } from "vitest";
import { pendingEntry } from "../../src/core/outbox.ts";
import { RESCUE_FORMAT, rescueHead } from "../../src/core/rescue.ts";
import type { PersonRow } from "../../src/db/database.ts";
import { write } from "../../src/db/write.ts";
import { base64, rescueOf } from "../../src/ui/field/rescue.ts";
import { RESCUE_PIECE_BYTES } from "../../src/wire/limits.ts";
import { ASSET, note, stocked, type Tablet, tablet } from "../sync/device.ts";
import { FakeServer } from "../sync/server.ts";
import { until } from "../sync/world.ts";

const OP = "018f0c6a-0000-7000-8000-0000000000f1";
const PHOTO = "018f0c6a-0000-7000-8000-00000000f070";
const VECTOR = "../../../../tests/vectors/rescue/version-2.ndjson";
const ZONE = "Asia/Shanghai";

let server: FakeServer;
let one: Tablet;

async function personOf({ pen, server: { device } }: Tablet): Promise<PersonRow> {
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, [
    "sign",
    "verify",
  ]);
  return {
    person: pen.person,
    name: "李工",
    role: "engineer",
    server: "https://xunjian.example",
    device,
    credential: "secret",
    lineage: null,
    keys,
    deviceName: "平板",
    enrolledAt: 0,
    state: "active",
  };
}

async function pulled(): Promise<void> {
  await one.round();
  await until(() => one.records.ofKind("asset").length > 0);
}

/** The lines of a file, each alone. */
async function linesOf(file: Blob) {
  const text = await file.text();
  expect(text.endsWith("\n")).toBe(true);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const sessionOf = async () => ({ ...one, person: await personOf(one) });

async function photograph(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const set = {
    parent: ASSET,
    parent_kind: "asset",
    sha256: "0".repeat(64),
    bytes: bytes.length,
    media_type: "image/jpeg",
  };
  await write(
    one.store,
    one.pen,
    [{ kind: "attachment", record: PHOTO, new: true, set }],
    [{ attachment: PHOTO, bytes: bytes.buffer, sha256: "0".repeat(64) }],
  );
}

beforeEach(async () => {
  server = stocked(new FakeServer());
  one = await tablet(server);
  await pulled();
});

test("the file holds every unsent op as it is sent, and every photo in pieces", async () => {
  await one.write(note("风扇异响"));
  const bytes = new Uint8Array(RESCUE_PIECE_BYTES + 30_001).map((_, at) => at % 251);
  await photograph(bytes);
  const session = await sessionOf();
  const rescue = await rescueOf(session, ZONE, "0.1.0");
  const [head, first, second, ...rest] = await linesOf(rescue.file);
  expect(head).toMatchObject({ format: RESCUE_FORMAT, version: 2, person: one.pen.person });
  const entries = await one.store.read((db) => db.outbox.toArray());
  expect([first.op, second.op]).toEqual(entries.map(({ op }) => op));
  const end = rest.pop();
  expect(end).toEqual({ end: { ops: 2, photos: 1 } });
  const kept = rest.map(({ photo }) => Buffer.from(photo.base64, "base64"));
  expect(rest.map(({ photo }) => [photo.at, photo.of])).toEqual([
    [0, bytes.length],
    [RESCUE_PIECE_BYTES, bytes.length],
  ]);
  expect(Buffer.concat(kept).equals(bytes)).toBe(true);
  expect([rescue.ops, rescue.photos]).toEqual([2, 1]);
  expect(entries.every(({ state }) => state === "pending")).toBe(true);
  expect(await rescueHead(rescue.file)).toMatchObject({
    personName: session.person.name,
    deviceName: session.person.deviceName,
    isPartial: false,
  });
});

test("what is in a file is not changed after: a later edit of the same is an op of its own", async () => {
  await one.write(note("before"));
  const { file } = await rescueOf(await sessionOf(), ZONE, "0.1.0");
  await one.write(note("after"));
  const [, { op }] = await linesOf(file);
  const entries = await one.store.read((db) => db.outbox.toArray());
  expect(entries).toHaveLength(2);
  expect(entries[0]?.op).toEqual(op);
});

test("storage that takes nothing any more still gives what it holds", async () => {
  await one.write(note("kept"));
  const full = Object.assign(Object.create(one.store), {
    change: () => Promise.reject(new Error("full")),
  });
  const { ops } = await rescueOf({ ...(await sessionOf()), store: full }, ZONE, "0.1.0");
  expect(ops).toBe(1);
});

test("what is on the screen and could not be written is in the file, with its photos", async () => {
  await one.write(note("written"));
  const session = await sessionOf();
  const bytes = new Uint8Array([1, 2, 3]).buffer;
  const edits = [note("only on the screen")];
  const photos = [{ attachment: OP, bytes, sha256: "0" }];
  const rescue = await rescueOf(session, ZONE, "0.1.0", { edits, photos });
  const [, { op }, { edit }, { photo }] = await linesOf(rescue.file);
  expect(op.n).toBe(1);
  const base = (await one.store.read((db) => db.base.get(ASSET)))?.version;
  expect(edit).toEqual({ ...edits[0], base });
  expect(base).toBeGreaterThan(0);
  expect(photo).toEqual({ attachment: OP, sha256: "0", at: 0, of: 3, base64: "AQID" });
  expect([rescue.ops, rescue.photos]).toEqual([2, 1]);
  // A storage that gives nothing is no reason to lose the screen too.
  const fails = () => Promise.reject(new Error("broken"));
  const store = Object.assign(Object.create(one.store), { read: fails, change: fails });
  const broken = { ...session, store };
  const partial = await rescueOf(broken, ZONE, "0.1.0", { edits, photos });
  const lines = await linesOf(partial.file);
  expect(lines[0]).toMatchObject({ is_partial: true });
  expect(lines[1]).toEqual({ edit: edits[0] });
  await expect(rescueOf(broken, ZONE, "0.1.0")).rejects.toThrow("broken");
});

test("a file without anything unsent is whole too", async () => {
  const rescue = await rescueOf(await sessionOf(), ZONE, "0.1.0");
  expect((await linesOf(rescue.file)).slice(1)).toEqual([{ end: { ops: 0, photos: 0 } }]);
});

test("the first line tells whose file it is, of the older version too; of others it tells nothing", async () => {
  const known = { format: RESCUE_FORMAT, made: "2026-11-20T01:00:00Z", person_name: "李工" };
  const older = `${JSON.stringify({ ...known, version: 1 }).slice(0, -1)},"ops":[`;
  for (const text of [`${older}\n{}`, `${older}],\n"edits":[]`]) {
    expect(await rescueHead(new Blob([text]))).toMatchObject({ personName: "李工" });
  }
  for (const text of ["", "[]", "{", JSON.stringify({ ...known, version: 3 }), '{"format":"x"}']) {
    expect(await rescueHead(new Blob([text]))).toBeNull();
  }
});

// tests/unit/test_rescue_file.py reads the same file: what is written here is read there.
test("a file is written as the server's tests read it", async () => {
  const at = Date.parse("2026-11-18T04:31:00Z");
  const set = { note: '风扇异响，"左"' };
  const made = { wall: "2026-11-18T04:30:00.000Z", session: PHOTO, monotonic_ms: 7 };
  const by = one.pen.person;
  const op = { n: 1, id: OP, by, base: 3, made, kind: "asset", record: ASSET, set };
  await one.store.db.outbox.add(pendingEntry(op, at));
  const { person } = await sessionOf();
  const session = {
    store: one.store,
    person: { ...person, lineage: PHOTO },
    pen: { ...one.pen, now: () => at },
  };
  const { file } = await rescueOf(session, ZONE, "0.1.0", {
    edits: [{ ...note("只在屏幕上"), base: 0 }],
    photos: [
      { attachment: PHOTO, sha256: "a".repeat(64), bytes: new Uint8Array([1, 2, 3]).buffer },
    ],
  });
  await expect(await file.text()).toMatchFileSnapshot(VECTOR);
});

test("base64 in pieces is base64", () => {
  const bytes = crypto.getRandomValues(new Uint8Array(50_000));
  expect(base64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
  expect(base64(new Uint8Array())).toBe("");
});
