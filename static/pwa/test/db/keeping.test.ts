// @vitest-environment node
// What stays on the device until a backup holds it, what goes first when the device is full, and a store
// whose database dies under it.

import Dexie from "dexie";
import { forceCloseDatabase } from "fake-indexeddb";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { KEPT_MS_DEFAULT } from "../../src/core/outbox.ts";
import { prune } from "../../src/db/keeping.ts";
import { write } from "../../src/db/write.ts";
import {
  drained,
  entries,
  newAsset,
  note,
  SITE,
  synced,
  type Tablet,
  uuid,
} from "../sync/device.ts";
import { photograph as keepPhoto, round, rowOf, sender } from "../sync/sender.ts";

const DAY = 24 * 3_600_000;
const RECEIVED = "2027-01-15T09:00:00Z";

const photoSet = {
  parent: SITE,
  parent_kind: "site",
  sha256: "0",
  bytes: 1,
  media_type: "image/jpeg",
};

async function photograph(one: Tablet, id: string): Promise<void> {
  const edit = { kind: "attachment", record: id, new: true, set: photoSet } as const;
  await write(
    one.store,
    one.pen,
    [edit],
    [{ attachment: id, bytes: new ArrayBuffer(1), sha256: "0" }],
  );
}

/** The server says that it holds the bytes. */
function receive(one: Tablet, id: string): void {
  const { scope = "", data = {} } = one.server.records.get(id) ?? {};
  one.server.put("attachment", id, scope, { ...data, received_at: RECEIVED });
}

const photos = async (one: Tablet) =>
  (await one.store.db.blobs.toCollection().primaryKeys()).sort();
const numbers = async (one: Tablet) => (await entries(one)).map(({ n }) => n);

describe("without backups", () => {
  it("what is settled stays thirty days after its answer, and goes then", async () => {
    const one = await synced();
    await one.write(newAsset(uuid(1)));
    await drained(one);
    const answered = one.machine.now();
    await one.machine.advance(30 * DAY);
    expect(await prune(one.store, one.machine.now())).toEqual({ ops: 0, photos: 0 });
    await one.machine.advance(1);
    expect(one.machine.now() - answered).toBeGreaterThan(KEPT_MS_DEFAULT);
    expect(await prune(one.store, one.machine.now())).toEqual({ ops: 1, photos: 0 });
    expect(one.server.records.has(uuid(1))).toBe(true);
  });

  it("an unanswered op and what stands behind it stay for ever", async () => {
    const one = await synced();
    await one.write(newAsset(uuid(1)), newAsset(uuid(2)));
    one.server.unreadable = (op) => (op.n === 1 ? 413 : null);
    await drained(one);
    expect((await entries(one)).map(({ state }) => state)).toEqual(["refused", "settled"]);
    expect(await prune(one.store, one.machine.now() + 400 * DAY)).toEqual({ ops: 0, photos: 0 });
    expect(await numbers(one)).toEqual([1, 2]);
  });
});

describe("the bytes of a photo", () => {
  it("stay until outcome, receipt and a backup of something later", async () => {
    const one = await synced();
    await photograph(one, uuid(1));
    one.server.backedUpTo = 1;
    await drained(one);
    expect(await numbers(one)).toEqual([]);
    expect(await photos(one)).toEqual([uuid(1)]);
    receive(one, uuid(1));
    await drained(one);
    // Received after that backup, for all that is known.
    expect(await photos(one)).toEqual([uuid(1)]);
    await one.write(note("later"));
    one.server.backedUpTo = 2;
    await drained(one);
    expect(await photos(one)).toEqual([]);
  });

  it("go thirty days after the receipt where there are no backups", async () => {
    const one = await synced();
    await photograph(one, uuid(1));
    await drained(one);
    receive(one, uuid(1));
    await drained(one);
    expect((await prune(one.store, one.machine.now() + 30 * DAY)).photos).toBe(0);
    expect((await prune(one.store, one.machine.now() + 31 * DAY)).photos).toBe(1);
  });

  it("are never given up without a receipt, whatever the time", async () => {
    const one = await synced();
    await photograph(one, uuid(1));
    one.server.backedUpTo = 9;
    await drained(one);
    await prune(one.store, one.machine.now() + 400 * DAY);
    expect(await photos(one)).toEqual([uuid(1)]);
  });
});

describe("bytes that the server held before it was told their name", () => {
  const DAYS_LATE = 10;

  async function later(days: number) {
    const given = await sender();
    const sha256 = await keepPhoto(given, 1);
    await round(given);
    expect(await rowOf(given, 1)).toMatchObject({ state: "sent" });
    given.one.machine.answer = () => Promise.reject(new TypeError("no network"));
    await given.one.machine.advance(days * DAY);
    given.one.machine.answer = given.files.fetch;
    return { given, sha256 };
  }

  it("are asked for again once the op was late, and sent again where they are gone", async () => {
    const { given, sha256 } = await later(DAYS_LATE);
    given.files.blobs.delete(sha256);
    given.files.uploads.clear();
    await drained(given.one);
    await prune(given.one.store, given.one.machine.now());
    expect(await rowOf(given, 1)).toMatchObject({ state: "here" });
    await round(given);
    expect(given.files.arrivals).toEqual([sha256, sha256]);
    await prune(given.one.store, given.one.machine.now());
    expect(await rowOf(given, 1)).toMatchObject({ state: "sent", received: {} });
  });

  it("count where the op came soon after", async () => {
    const { given } = await later(1);
    await drained(given.one);
    await prune(given.one.store, given.one.machine.now());
    expect(await rowOf(given, 1)).toMatchObject({ state: "sent", received: {} });
  });
});

/** A device on which a write fails while more than so many rows are kept. */
function small(one: Tablet, fits: () => PromiseLike<boolean>): void {
  const { db } = one.store;
  const add = db.outbox.add.bind(db.outbox);
  vi.spyOn(db.outbox, "add").mockImplementation(((entry: Parameters<typeof add>[0]) =>
    Dexie.Promise.resolve(fits()).then((isFit) => {
      if (!isFit) throw new Dexie.QuotaExceededError("full");
      return add(entry);
    })) as never);
}

describe("a device that is full", () => {
  it("gives up the oldest received photos first, and says how many", async () => {
    const one = await synced();
    for (let n = 1; n <= 20; n += 1) {
      await photograph(one, uuid(n));
      await one.machine.advance(1_000);
    }
    await drained(one);
    for (let n = 1; n <= 12; n += 1) receive(one, uuid(n));
    await drained(one);
    small(one, () => one.store.db.blobs.count().then((count) => count <= 12));
    await one.write(note("written all the same"));
    expect(await photos(one)).toEqual([...Array(12)].map((_, at) => uuid(at + 9)));
    expect(await numbers(one)).toEqual([...Array(21)].map((_, at) => at + 1));
    const { room } = await one.store.report();
    expect(room).toEqual({ ops: 0, photos: 8, at: one.machine.now() });
  });

  it("then settled ops, from the front only, and never anything unanswered", async () => {
    const one = await synced();
    await one.write(...[1, 2, 3, 4].map((n) => newAsset(uuid(n))));
    one.server.unreadable = (op) => (op.n === 3 ? 413 : null);
    await drained(one);
    small(one, () => one.store.db.outbox.count().then((count) => count <= 2));
    await one.write(note("fits now"));
    expect(await numbers(one)).toEqual([3, 4, 5]);
    expect((await one.store.report()).room).toMatchObject({ ops: 2, photos: 0 });
    const told: string[] = [];
    one.store.resilience.onStorage = (state) => told.push(state);
    await expect(one.write(newAsset(uuid(9)))).rejects.toMatchObject({
      name: "QuotaExceededError",
    });
    expect(await numbers(one)).toEqual([3, 4, 5]);
    // Reading does not make room: the person is told until a write goes through.
    await entries(one);
    await one.store.read((db) => db.outbox.count());
    expect(told.at(-1)).toBe("full");
  });
});

describe("a database that dies", () => {
  beforeEach(() => void vi.spyOn(console, "warn").mockImplementation(() => undefined));

  it("closed because another page has changed it is opened again, with all that is in it", async () => {
    const one = await synced();
    await one.write(newAsset(uuid(1)));
    await new Promise<void>((resolve, reject) => {
      const newer = indexedDB.open(one.store.db.name, 20);
      newer.onerror = () => reject(newer.error);
      newer.onsuccess = () => {
        newer.result.close();
        resolve();
      };
    });
    await one.write(note("after"));
    expect(await numbers(one)).toEqual([1, 2]);
    expect(await one.round()).toBe("done");
  });

  it("closed by the browser is opened again", async () => {
    const one = await synced();
    forceCloseDatabase(one.store.db.backendDB() as never);
    await one.write(note("after"));
    expect(await one.round()).toBe("done");
    expect(await entries(one)).toMatchObject([{ state: "settled" }]);
  });

  it("that refuses a transaction as InvalidState is opened again", async () => {
    const one = await synced();
    const raw = one.store.db.backendDB();
    vi.spyOn(raw, "transaction").mockImplementation(() => {
      throw new DOMException("The database connection is closing.", "InvalidStateError");
    });
    await one.write(note("after"));
    expect(await entries(one)).toMatchObject([{ op: { set: { note: "after" } } }]);
  });
});
