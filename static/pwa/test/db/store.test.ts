// @vitest-environment node
// The local store: numbers, coalescing, what screens see, and databases that die.

import { effect } from "@preact/signals-core";
import Dexie from "dexie";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { EditRefused } from "../../src/core/edit.ts";
import { PersonDatabase } from "../../src/db/database.ts";
import { draftsOf, dropDraft, keepDraft, photo, recentScans, scanned } from "../../src/db/desk.ts";
import { keepAnswer, rewound, takeBatch, unsent } from "../../src/db/outbox.ts";
import { applyPage, type Page } from "../../src/db/pages.ts";
import { Records } from "../../src/db/records.ts";
import { Store } from "../../src/db/store.ts";
import { write } from "../../src/db/write.ts";
import {
  ASSET,
  drained,
  entries,
  newAsset,
  note,
  SCOPE,
  stocked,
  synced,
  tablet,
  uuid,
} from "../sync/device.ts";
import { FakeServer } from "../sync/server.ts";
import { rest } from "../sync/world.ts";

const limits = { opsMax: 1_000, bytesMax: 1e6, without: new Set<number>() };

describe("writing", () => {
  it("takes numbers one after the other, also when tabs write at once, and never one twice", async () => {
    const one = await synced();
    const other = new Store(new PersonDatabase(one.pen.person), one.machine.channel("x"));
    const ids = [...Array(20)].map((_, at) => uuid(at));
    const all = await Promise.all(
      ids.map((id, at) => write(at % 2 ? one.store : other, one.pen, [newAsset(id)])),
    );
    expect(all.flat().sort((a, b) => a - b)).toEqual(ids.map((_, at) => at + 1));
    expect((await one.store.counter()).nextN).toBe(21);
  });

  it("thirty keystrokes are one op, with the last value and the first base", async () => {
    const one = await synced();
    for (let length = 1; length <= 30; length += 1) await one.write(note("x".repeat(length)));
    expect(await entries(one)).toMatchObject([{ n: 1, op: { set: { note: "x".repeat(30) } } }]);
    expect((await one.store.counter()).nextN).toBe(2);
  });

  it("an op that was on the wire is never rewritten, whatever became of it", async () => {
    const one = await synced();
    await one.write(note("a"));
    const batch = await takeBatch(one.store, limits);
    await one.write(note("b"));
    await one.write(note("c"));
    const all = await entries(one);
    expect(all.map(({ op }) => op.set?.note)).toEqual(["a", "c"]);
    expect(all[0]?.op).toEqual(batch?.ops[0]);
    expect(all[1]?.n).toBe(2);
  });

  it("an op with another of the same record behind it is not rewritten: order is meaning", async () => {
    const one = await synced();
    await one.write(note("a"));
    await one.write({ kind: "asset", record: ASSET, set: { serial: "SN-2" } });
    await one.write(note("b"));
    expect((await entries(one)).map(({ op }) => op.set)).toEqual([
      { note: "a" },
      { serial: "SN-2" },
      { note: "b" },
    ]);
  });

  it("the base is what the person saw: below an own op it is that op's", async () => {
    const one = await synced();
    await one.write(note("a"));
    await takeBatch(one.store, limits);
    const seen = (await one.store.db.base.get(ASSET))?.version ?? 0;
    await one.store.db.base.update(ASSET, { version: seen + 5 });
    await one.write(note("b"));
    await one.write({ kind: "asset", record: ASSET, set: { serial: "SN-2" } });
    await one.write({ kind: "asset", record: ASSET, base: seen + 1, set: { maker: "H3C" } });
    expect((await entries(one)).map(({ op }) => op.base)).toEqual([seen, seen, seen + 5, seen + 1]);
  });

  it("is all or nothing: one bad edit, and neither op nor photo nor number is there", async () => {
    const one = await synced();
    const bad = { kind: "asset", record: ASSET, set: { merged_into: "x" } } as const;
    const bytes = new ArrayBuffer(4);
    const photos = [{ attachment: uuid(1), bytes, sha256: "0" }];
    await expect(write(one.store, one.pen, [note("a"), bad], photos)).rejects.toThrow(EditRefused);
    expect(await entries(one)).toEqual([]);
    expect(await photo(one.store, uuid(1))).toBeUndefined();
    expect((await one.store.counter()).nextN).toBe(1);
  });

  it("keeps the bytes of a photo with the op that names it", async () => {
    const one = await synced();
    const bytes = new Uint8Array([1, 2, 3]).buffer;
    const edit = {
      kind: "attachment",
      record: uuid(1),
      new: true,
      set: { parent: ASSET, parent_kind: "asset", sha256: "0", bytes: 3, media_type: "image/jpeg" },
    } as const;
    await write(one.store, one.pen, [edit], [{ attachment: uuid(1), bytes, sha256: "0" }]);
    expect(new Uint8Array((await photo(one.store, uuid(1)))?.bytes ?? bytes)).toEqual(
      new Uint8Array(bytes),
    );
    expect(one.records.photosHere().has(uuid(1))).toBe(true);
    expect(one.records.by("attachment", "parent", ASSET).map(({ id }) => id)).toEqual([uuid(1)]);
  });
});

describe("answers and pages", () => {
  it("an answer of another epoch, or to another op, changes nothing", async () => {
    const one = await synced();
    await one.write(note("a"));
    const batch = await takeBatch(one.store, limits);
    if (batch === null) throw new Error("nothing waits");
    const outcome = { n: 1, id: batch.ops[0]?.id ?? "", outcome: "applied" as const };
    expect(await keepAnswer(one.store, batch, { epoch: 2, outcomes: [outcome] }, 0)).toEqual({
      count: 0,
    });
    const foreign = { ...outcome, id: uuid(7) };
    expect(await keepAnswer(one.store, batch, { epoch: 1, outcomes: [foreign] }, 0)).toEqual({
      count: 0,
    });
    await rewound(one.store, batch, 2, "sealed");
    expect(await one.store.position()).toMatchObject({
      epoch: 2,
      lastAcked: "sealed",
      token: null,
    });
    expect(await keepAnswer(one.store, batch, { epoch: 1, outcomes: [outcome] }, 0)).toEqual({
      count: 0,
    });
    expect(await entries(one)).toMatchObject([{ state: "pending" }]);
  });

  it("a page that was asked for from another place is not applied", async () => {
    const one = await synced();
    const { token, generation } = await one.store.position();
    const page: Page = {
      epoch: 1,
      token,
      generation,
      start: { t: "start", epoch: 1, server_time: "2027-01-15T08:00:00Z", scopes: [] },
      lines: [],
      end: { t: "end", token: "next" },
    };
    const made = { wall: "2027-01-15T08:00:00Z", session: "s" };
    const asked = { now: 0, recount: false, made };
    const older = { ...page, generation: generation - 1 };
    expect(await applyPage(one.store, older, asked)).toEqual({ kind: "stale" });
    expect(await applyPage(one.store, { ...page, token: "elsewhere" }, asked)).toEqual({
      kind: "stale",
    });
    expect(await applyPage(one.store, { ...page, epoch: 2 }, asked)).toEqual({ kind: "stale" });
    expect(await one.store.db.base.count()).toBe(2);
    expect(await applyPage(one.store, page, asked)).toMatchObject({ kind: "applied" });
    expect(await applyPage(one.store, page, asked)).toEqual({ kind: "stale" });
  });

  it("a kind that this app does not know is kept for the digest and shown as nothing", async () => {
    const server = stocked(new FakeServer());
    server.put("comet", uuid(900), "org", { tail: ["ice", { km: 7 }] });
    const one = await synced(server);
    expect((await one.store.db.base.get(uuid(900)))?.kind).toBe("comet");
    expect((await one.store.db.scopes.get("org"))?.matches).toBe(true);
    expect(one.records.record("asset", uuid(900))).toBeUndefined();
    await one.write(note("hot"));
    await drained(one);
    expect((await one.store.report()).mismatches ?? 0).toBe(0);
    expect((await entries(one)).map(({ state }) => state)).toEqual(["settled"]);
  });

  it("a field that this app does not know survives a page and the person's own edits after it", async () => {
    const one = await synced();
    const known = one.server.records.get(ASSET)?.data;
    const future = { cooled_by: ["water", { loop: 2 }] };
    one.server.put("asset", ASSET, SCOPE, { ...known, ...future });
    await one.round();
    expect((await one.store.db.base.get(ASSET))?.data).toMatchObject(future);
    await one.write(note("hot"));
    expect(one.records.record("asset", ASSET)?.data).toMatchObject({ ...future, note: "hot" });
    expect((await entries(one)).at(-1)?.op.set).toEqual({ note: "hot" });
    await drained(one);
    expect((await one.store.db.base.get(ASSET))?.data).toMatchObject({ ...future, note: "hot" });
    expect(one.records.record("asset", ASSET)?.data).toMatchObject({ ...future, note: "hot" });
  });

  it("what is unsent can be taken whole to a rescue file", async () => {
    const one = await synced();
    await one.write(newAsset(uuid(1)), newAsset(uuid(2)));
    await one.round();
    await one.write(note("kept"));
    expect((await unsent(one.store)).map(({ op }) => op.set)).toEqual([{ note: "kept" }]);
  });
});

describe("records", () => {
  it("tell only those who read what changed", async () => {
    const one = await synced();
    let asset = 0;
    let rooms = 0;
    const seen: (string | undefined)[] = [];
    const stops = [
      effect(() => {
        asset += 1;
        seen.push(one.records.record("asset", ASSET)?.data.note);
      }),
      effect(() => {
        rooms += 1;
        one.records.ofKind("room");
      }),
    ];
    await one.write(note("hot"));
    expect(seen).toEqual([undefined, "hot"]);
    expect([asset, rooms]).toEqual([2, 1]);
    for (const stop of stops) stop();
  });

  it("are found by key as they are now, with what is written here on top", async () => {
    const one = await synced();
    expect(one.records.by("asset", "serial", "sn-1").map(({ id }) => id)).toEqual([ASSET]);
    await one.write({ kind: "asset", record: ASSET, set: { serial: "SN-9" } });
    expect(one.records.by("asset", "serial", "sn-1")).toEqual([]);
    expect(one.records.by("asset", "serial", "sn-9").map(({ id }) => id)).toEqual([ASSET]);
    expect(one.records.inScope("asset", SCOPE).map(({ id }) => id)).toEqual([ASSET]);
  });

  it("follow what another tab writes, also when its message was missed", async () => {
    const one = await synced();
    const { machine, pen } = one;
    const other = new Store(
      new PersonDatabase(pen.person),
      machine.channel(`xunjian-${pen.person}`),
    );
    await write(other, pen, [note("from the other tab")]);
    await rest();
    expect(one.records.record("asset", ASSET)?.data.note).toBe("from the other tab");
    const deaf = new Store(new PersonDatabase(pen.person), machine.channel("another line"));
    await write(deaf, pen, [newAsset(uuid(1))]);
    await rest();
    expect(one.records.record("asset", uuid(1))).toBeUndefined();
    await write(other, pen, [newAsset(uuid(2))]);
    await rest();
    expect(
      one.records
        .ofKind("asset")
        .map(({ id }) => id)
        .sort(),
    ).toEqual([ASSET, uuid(1), uuid(2)].sort());
    await write(deaf, pen, [newAsset(uuid(3))]);
    await one.records.refresh();
    expect(one.records.record("asset", uuid(3))).toBeDefined();
  });

  it("one answer among fifteen hundred devices reads one record", async () => {
    const server = stocked(new FakeServer());
    for (let n = 0; n < 1_500; n += 1)
      server.put("asset", uuid(n), SCOPE, { site: "s", name: `A${n}` });
    const one = await tablet(server);
    await one.round();
    expect(one.records.ofKind("asset").length).toBe(1_501);
    const all = vi.spyOn(one.store.db.base, "toArray");
    const some = vi.spyOn(one.store.db.base, "bulkGet");
    await one.write(note("hot"));
    expect(all).not.toHaveBeenCalled();
    expect(some.mock.calls).toEqual([[[ASSET]]]);
  });
});

describe("a database that the system closed", () => {
  // Dexie says so when it opens again by itself.
  beforeEach(() => void vi.spyOn(console, "warn").mockImplementation(() => undefined));

  it("is opened again, and the work is done once", async () => {
    const one = await synced();
    one.store.db.backendDB().close();
    await one.write(note("after"));
    expect(await entries(one)).toMatchObject([{ n: 1, op: { set: { note: "after" } } }]);
    one.store.db.backendDB().close();
    expect(await one.round()).toBe("done");
    expect(one.server.records.get(ASSET)?.data.note).toBe("after");
  });

  it("everybody who failed on it gets through, each with a number of its own", async () => {
    const one = await synced();
    one.store.db.backendDB().close();
    await Promise.all([1, 2, 3, 4].map((n) => one.write(newAsset(uuid(n)))));
    expect((await entries(one)).map(({ n }) => n)).toEqual([1, 2, 3, 4]);
  });

  it("a commit whose news was lost is not written twice", async () => {
    const one = await synced();
    const { db } = one.store;
    const transaction = db.transaction.bind(db);
    let isFirst = true;
    vi.spyOn(db, "transaction").mockImplementation(((...given: Parameters<typeof transaction>) =>
      transaction(...given).then((value: unknown) => {
        if (!isFirst) return value;
        isFirst = false;
        throw new Dexie.DatabaseClosedError("Connection to Indexed Database server lost");
      })) as never);
    await one.write(newAsset(uuid(1)));
    expect((await entries(one)).map(({ n }) => n)).toEqual([1]);
  });

  it("a full device is told in a word, and nothing is half written", async () => {
    const one = await synced();
    const told: string[] = [];
    one.store.resilience.onStorage = (state) => told.push(state);
    const add = vi.spyOn(one.store.db.outbox, "add").mockImplementation(() => {
      throw new Dexie.QuotaExceededError("full");
    });
    await expect(one.write(note("a"))).rejects.toMatchObject({ name: "QuotaExceededError" });
    expect(told.at(-1)).toBe("full");
    expect((await one.store.counter()).nextN).toBe(1);
    add.mockRestore();
    await one.write(note("a"));
    expect(told.at(-1)).toBe("fine");
    expect((await entries(one)).map(({ n }) => n)).toEqual([1]);
  });
});

describe("the desk", () => {
  it("keeps typed text until it is dropped, and the latest fifty scans", async () => {
    const one = await synced();
    await keepDraft(one.store, ASSET, "note", "half a sent", 1);
    expect(await draftsOf(one.store, ASSET)).toMatchObject([{ value: "half a sent" }]);
    await dropDraft(one.store, ASSET, "note");
    expect(await draftsOf(one.store, ASSET)).toEqual([]);
    for (let n = 0; n < 60; n += 1) await scanned(one.store, uuid(n), n);
    const recent = await recentScans(one.store);
    expect([recent.length, recent[0], recent.at(-1)]).toEqual([50, uuid(59), uuid(10)]);
  });

  it("records open empty on a store that was never synced", async () => {
    const store = new Store(new PersonDatabase("nobody"), (await synced()).machine.channel("n"));
    const records = await Records.open(store);
    expect(records.ofKind("asset")).toEqual([]);
    expect(records.touched()).toEqual([]);
  });
});
