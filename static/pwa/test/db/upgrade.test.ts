// @vitest-environment node
// A store of an older app, opened by this one: with its outbox, its photos, and what was being typed.

import Dexie from "dexie";
import { expect, it } from "vitest";
import { heldAnchors } from "../../src/db/anchors.ts";
import { PersonDatabase } from "../../src/db/database.ts";
import { holdings } from "../../src/db/holdings.ts";
import { unsent } from "../../src/db/outbox.ts";
import { Records } from "../../src/db/records.ts";
import { Store } from "../../src/db/store.ts";
import { dueUploads } from "../../src/db/uploads.ts";
import { ATTACHMENTS, BYTES, write } from "../databases/person-1.ts";
import { FakeMachine } from "../sync/world.ts";

it("version 1 is opened with everything that was in it, and its photos are on their way", async () => {
  const person = "018f0c6a-0000-7000-8000-00000000f001";
  await write(`xunjian-${person}`);
  const machine = new FakeMachine(async () => new Response());
  const store = new Store(new PersonDatabase(person), machine.channel("upgrade"));
  expect((await unsent(store)).map(({ n }) => n)).toEqual([3, 4]);
  expect(await store.counter()).toMatchObject({ nextN: 5 });
  expect(await store.position()).toMatchObject({ epoch: 1, lastAcked: "acked-1-2" });
  expect((await store.db.drafts.toArray()).map(({ value }) => value)).toEqual(["half a w"]);
  const blobs = await store.db.blobs.toArray();
  expect(blobs.map(({ bytes }) => new Uint8Array(bytes))).toEqual(BYTES);
  expect(await store.db.uploads.toArray()).toMatchObject([
    { attachment: ATTACHMENTS[0], state: "here", bytes: 1, sha256: "1".repeat(64), url: null },
    { attachment: ATTACHMENTS[1], state: "sent", bytes: 2, received: { nextN: 3 } },
    { attachment: ATTACHMENTS[2], state: "here", bytes: 3, offset: 0, dueAt: 0 },
  ]);
  // The first was told of; the third is not.
  const { uploads } = await dueUploads(store, machine.now());
  expect(uploads.map(({ attachment }) => attachment)).toEqual([ATTACHMENTS[0], ATTACHMENTS[2]]);
  expect(await holdings(store)).toMatchObject({ photosLeft: 2 });
  const records = await Records.open(store);
  expect([...records.photosHere()]).toEqual([
    [ATTACHMENTS[0], "here"],
    [ATTACHMENTS[2], "here"],
  ]);
  expect(records.ofKind("asset")[0]?.data.note).toBe("typed under version 1");
  records.close();
  store.close();
});

it("roots that version 1 pulled without knowing of them are kept from then on", async () => {
  const person = "018f0c6a-0000-7000-8000-00000000f002";
  const name = `xunjian-${person}`;
  await write(name);
  const old = await new Dexie(name).open();
  const told = { epoch: 1, day: "2026-10-30", root: "ab".repeat(32), previous: "0".repeat(64) };
  const common = { scope: "org", seq: 1, kind: "anchor", version: 1, keys: [], mark: "1" };
  await old.table("base").bulkPut([
    { ...common, id: ATTACHMENTS[0], generation: 1, data: { ...told, writers: 2 } },
    { ...common, id: ATTACHMENTS[1], generation: 1, data: { ...told, root: "no root" } },
  ]);
  old.close();
  const machine = new FakeMachine(async () => new Response());
  const store = new Store(new PersonDatabase(person), machine.channel("upgrade-roots"));
  expect(await heldAnchors(store)).toEqual([told]);
  store.close();
});
