// @vitest-environment node
// Photos over a network that breaks wherever it can: each arrives exactly once, and none stands in the
// way of another.

import { describe, expect, it } from "vitest";
import { CHUNK_BYTES_MAX } from "../../src/core/upload.ts";
import { hurryUploads } from "../../src/db/uploads.ts";
import { drained, uuid } from "./device.ts";
import type { FileFault } from "./files.ts";
import { paths, photograph, round, rowOf, sender, sent } from "./sender.ts";

describe("a photo", () => {
  it("goes in one request when it fits in a piece, and is marked as sent", async () => {
    const given = await sender();
    const sha256 = await photograph(given, 1, 200_000);
    expect(await round(given)).toEqual({ kind: "done", nextAt: null });
    expect(paths(given)).toEqual(["POST /files/have", "POST /files"]);
    expect(given.files.arrivals).toEqual([sha256]);
    expect(await rowOf(given, 1)).toMatchObject({ state: "sent", offset: 200_000, url: null });
    expect(given.changes()).toBe(1);
    expect(await given.one.store.db.blobs.get(uuid(1))).toBeDefined();
  });

  it("of several pieces is announced first, then sent piece by piece, larger each time", async () => {
    const given = await sender();
    await photograph(given, 1, 4_000_000);
    await round(given);
    const [have, announced, ...pieces] = given.files.asked;
    expect([have?.path, announced?.bytes]).toEqual(["/files/have", 0]);
    expect(pieces.map(({ method }) => method)).toEqual(pieces.map(() => "PATCH"));
    expect(pieces.map(({ bytes }) => bytes).slice(0, 3)).toEqual([
      262_144,
      524_288,
      CHUNK_BYTES_MAX,
    ]);
    expect(given.files.received).toBe(4_000_000);
    expect(given.files.arrivals.length).toBe(1);
  });

  it("whose bytes the server knows is never sent", async () => {
    const given = await sender();
    const sha256 = await photograph(given, 1);
    given.files.blobs.set(sha256, Buffer.alloc(0));
    await round(given);
    expect(paths(given)).toEqual(["POST /files/have"]);
    expect(await rowOf(given, 1)).toMatchObject({ state: "sent" });
  });

  it("is told of while it is on its way, by what the server has kept", async () => {
    const given = await sender();
    await photograph(given, 1, 1_000_000);
    const told: number[] = [];
    given.uploader.state.subscribe(({ active }) => active[0] && told.push(active[0].sent));
    await round(given);
    expect([...new Set(told)]).toEqual([0, 262_144, 786_432, 1_000_000]);
    expect(given.uploader.state.value.active).toEqual([]);
  });
});

describe("a network that breaks", () => {
  const FAULTS: readonly [string, FileFault][] = [
    ["the request is lost", "lose-request"],
    ["the answer is lost", "lose-answer"],
    ["the request comes twice", "twice"],
    ["it is cut after one byte", { cutAfter: 1 }],
    ["it is cut after 100,000 bytes", { cutAfter: 100_000 }],
    ["a proxy says 502", { status: 502 }],
    ["the server is full", { status: 507, headers: { "Retry-After": "30" } }],
    ["it is too much", { status: 429, headers: { "Retry-After": "5" } }],
    ["the server fails", { status: 500 }],
    ["it is locked", { status: 423, type: "/problems/upload-locked" }],
    ["it is gone", { status: 410, type: "/problems/upload-expired" }],
  ];

  it.each(FAULTS)(
    "at any step, %s: it arrives once, and nearly nothing is sent again",
    async (_, fault) => {
      for (let step = 0; step < 5; step += 1) {
        const given = await sender();
        const sha256 = await photograph(given, 1, 700_000);
        given.files.fault = (__, at) => (at === step ? fault : null);
        await sent(given);
        expect(given.files.arrivals).toEqual([sha256]);
        expect(given.files.received).toBe(700_000);
        expect(await rowOf(given, 1)).toMatchObject({ state: "sent", failures: 0, problem: null });
      }
    },
  );

  it.each([1, 2, 3])("one that cuts half of all requests still ends (%i)", async (seed) => {
    const given = await sender();
    for (const n of [1, 2, 3]) await photograph(given, n, 600_000);
    let chance = seed;
    given.files.fault = () => {
      chance = Math.imul(chance, 1_103_515_245) + 12_345;
      return (chance >>> 16) & 1 ? { cutAfter: 50_000 } : null;
    };
    await sent(given, 120);
    expect(given.files.arrivals.length).toBe(3);
    expect(given.files.received).toBe(1_800_000);
  });

  it("makes smaller pieces where pieces are cut", async () => {
    const given = await sender();
    await photograph(given, 1, 2_000_000);
    given.files.fault = ({ method, bytes }) =>
      method === "PATCH" && bytes > 100_000 ? { cutAfter: 0 } : null;
    await sent(given);
    const taken = given.files.asked.filter(({ bytes }) => bytes > 0 && bytes <= 100_000);
    expect(taken.length).toBeGreaterThan(15);
    expect(given.files.arrivals.length).toBe(1);
  });

  it("does not take a sign-in page for a server that has kept everything", async () => {
    const given = await sender();
    await photograph(given, 1, 100_000);
    given.one.machine.answer = async () => new Response("<html>", { status: 200 });
    expect((await round(given)).kind).toBe("unreachable");
    expect(await rowOf(given, 1)).toMatchObject({ state: "here" });
  });

  it("gives a request up that is not answered in a minute", async () => {
    const given = await sender();
    await photograph(given, 1);
    given.one.machine.answer = () => new Promise(() => undefined);
    const running = round(given);
    await given.one.machine.advance(61_000);
    expect((await running).kind).toBe("unreachable");
  });
});

describe("an upload that is not where it was", () => {
  it("a 409 heals itself: the offset is asked for, and it goes on from there", async () => {
    const given = await sender();
    await photograph(given, 1, 700_000);
    // The first piece is kept twice as far as we know: the answer to it is lost.
    given.files.fault = (__, at) => (at === 2 ? "lose-answer" : null);
    await round(given);
    const row = await rowOf(given, 1);
    expect(row).toMatchObject({ state: "here", url: "/files/1", offset: 0 });
    given.files.fault = () => null;
    await round(given);
    expect(paths(given).filter((path) => path === "HEAD /files/1").length).toBe(1);
    expect(given.files.received).toBe(700_000);
    expect(await rowOf(given, 1)).toMatchObject({ state: "sent" });
  });

  it("a server that says 409 for ever is asked ever less often, and the next photo goes", async () => {
    const given = await sender();
    await photograph(given, 1, 700_000);
    const other = await photograph(given, 2, 1_000);
    given.files.fault = ({ method }) =>
      method === "PATCH" ? { status: 409, type: "/problems/offset-differs" } : null;
    for (let at = 0; at < 6; at += 1) await round(given);
    expect(given.files.arrivals).toEqual([other]);
    const { dueAt = 0, failures } = (await rowOf(given, 1)) ?? {};
    expect(failures).toBe(4);
    expect(dueAt).toBeGreaterThan(given.one.machine.now());
    given.files.fault = () => null;
    await sent(given);
    expect(given.files.arrivals.length).toBe(2);
  });

  it("begins anew where the upload is unknown, expired, or of other bytes", async () => {
    for (const what of ["unknown", "other"]) {
      const given = await sender();
      const sha256 = await photograph(given, 1, 700_000);
      given.files.fault = (__, at) => (at === 3 ? "lose-request" : null);
      await round(given);
      if (what === "unknown") given.files.uploads.clear();
      const kept = given.files.uploads.get("/files/1");
      if (what === "other" && kept) {
        const metadata = `sha256 ${btoa("0".repeat(64))}`;
        const held = Buffer.alloc(700_000);
        given.files.uploads.set("/files/1", {
          ...kept,
          sha256: "0",
          metadata,
          held,
          isWhole: true,
        });
      }
      await sent(given);
      expect(given.files.arrivals).toEqual([sha256]);
    }
  });

  it("that arrives as other bytes for ever is sent ever less often", async () => {
    const given = await sender();
    await photograph(given, 1, 100_000);
    given.one.machine.answer = (path, init) => {
      const bytes = init.body instanceof Uint8Array ? new Uint8Array(init.body) : null;
      if (bytes !== null) bytes[5] = (bytes[5] ?? 0) ^ 1;
      return given.files.fetch(path, bytes === null ? init : { ...init, body: bytes });
    };
    const turn = new AbortController();
    const running = given.uploader.run(turn.signal);
    await given.one.machine.advance(3_600_000);
    turn.abort();
    await given.one.machine.advance(0);
    await running;
    expect(given.files.received / 100_000).toBeGreaterThan(5);
    expect(given.files.received / 100_000).toBeLessThan(20);
    expect(given.files.arrivals).toEqual([]);
  });

  it("starts over when what arrived has another digest", async () => {
    const given = await sender();
    const sha256 = await photograph(given, 1, 700_000);
    let isBent = false;
    given.one.machine.answer = (path, init) => {
      const isPiece = init.method === "PATCH" && !isBent;
      if (!isPiece) return given.files.fetch(path, init);
      isBent = true;
      const bytes = new Uint8Array(init.body as Uint8Array<ArrayBuffer>);
      bytes[5] = (bytes[5] ?? 0) ^ 1;
      return given.files.fetch(path, { ...init, body: bytes });
    };
    await sent(given);
    expect(given.files.arrivals).toEqual([sha256]);
    expect(given.files.received).toBe(1_400_000);
  });
});

describe("one photo", () => {
  it("that the server refuses keeps the reason, waits, and blocks none behind it", async () => {
    const given = await sender();
    const bad = await photograph(given, 1, 2_000_000);
    for (const n of [2, 3, 4]) await photograph(given, n, 1_000);
    given.files.fault = ({ path, bytes }) =>
      path === "/files" && bytes === 0 ? { status: 413, type: "/problems/upload-too-large" } : null;
    expect(await round(given)).toMatchObject({ kind: "done" });
    expect(given.files.arrivals.length).toBe(3);
    expect(given.files.arrivals).not.toContain(bad);
    const row = await rowOf(given, 1);
    expect(row).toMatchObject({ state: "here", failures: 1 });
    expect(row?.problem?.type).toBe("/problems/upload-too-large");
    // It is not asked again before its time, but at once when its person asks.
    await round(given);
    expect(given.files.asked.length).toBe(5);
    given.files.fault = () => null;
    await hurryUploads(given.one.store);
    await round(given);
    expect(given.files.arrivals).toContain(bad);
    expect((await rowOf(given, 1))?.problem).toBeNull();
  });

  it("on which the server fails waits; three such in a row, and all wait", async () => {
    const given = await sender();
    for (const n of [1, 2, 3, 4, 5]) await photograph(given, n, 1_000);
    given.files.fault = ({ path }) => (path === "/files" ? { status: 500 } : null);
    expect(await round(given)).toMatchObject({ kind: "later", status: 500 });
    expect(given.files.asked.length).toBe(4);
    given.files.fault = () => null;
    await sent(given);
    expect(given.files.arrivals.length).toBe(5);
  });

  it.each(["damaged", "gone"])(
    "whose bytes are %s here is not sent but told, and the others go",
    async (what) => {
      const given = await sender();
      await photograph(given, 1);
      const other = await photograph(given, 2);
      const { blobs } = given.one.store.db;
      if (what === "gone") await blobs.delete(uuid(1));
      else await blobs.update(uuid(1), { bytes: new ArrayBuffer(300_000) });
      await round(given);
      expect(given.files.arrivals).toEqual([other]);
      expect(await rowOf(given, 1)).toMatchObject({ state: "lost" });
      expect([...given.one.records.photosHere()]).toEqual([[uuid(1), "lost"]]);
      // For good: what is lost is not looked at again, and not deleted either.
      await round(given);
      expect(await rowOf(given, 1)).toMatchObject({ state: "lost" });
    },
  );

  it("goes before those of which the server was not told", async () => {
    const given = await sender();
    const told = await photograph(given, 1, 1_000);
    await drained(given.one);
    const untold = await photograph(given, 2, 1_000);
    await given.one.store.db.uploads.update(uuid(2), { created: 0 });
    await round(given);
    expect(given.files.arrivals).toEqual([told, untold]);
  });
});
