// @vitest-environment node
// Photos over a network that breaks wherever it can: each arrives exactly once, none stands in the way
// of another, and nothing here goes before the server has said that it holds the same bytes.

import { createHash } from "node:crypto";
import { signal } from "@preact/signals-core";
import Dexie from "dexie";
import { describe, expect, it } from "vitest";
import { CHUNK_BYTES_MAX } from "../../src/core/upload.ts";
import { PersonDatabase } from "../../src/db/database.ts";
import { Store } from "../../src/db/store.ts";
import { hurryUploads } from "../../src/db/uploads.ts";
import { write } from "../../src/db/write.ts";
import type { Found } from "../../src/sync/engine.ts";
import { QUIET_MS_MAX, Uploader } from "../../src/sync/uploads.ts";
import { drained, onStore, SITE, synced, type Tablet, uuid } from "./device.ts";
import { FakeFiles, type FileFault } from "./files.ts";
import { rest, until } from "./world.ts";

interface Sender {
  readonly one: Tablet;
  readonly files: FakeFiles;
  readonly uploader: Uploader;
  readonly isBusy: ReturnType<typeof signal<boolean>>;
  /** How often the engine was asked to look. */
  readonly changes: () => number;
  found: Found;
}

async function sender(given?: Tablet, files?: FakeFiles): Promise<Sender> {
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

async function photograph({ one }: Sender, n: number, length = 300_000): Promise<string> {
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

const round = ({ uploader }: Sender) => uploader.round(new AbortController().signal);
const rowOf = ({ one }: Sender, n: number) => one.store.db.uploads.get(uuid(n));
const paths = ({ files }: Sender) => files.asked.map(({ method, path }) => `${method} ${path}`);

/** Run rounds, the clock turned on between them, until nothing is left to send. */
async function sent(given: Sender, rounds = 40): Promise<void> {
  for (let at = 0; at < rounds; at += 1) {
    await round(given);
    await rest(5);
    const here = await given.one.store.db.uploads.where("state").equals("here").count();
    if (here === 0) return;
    await given.one.machine.advance(60_000);
  }
  throw new Error("photos were left");
}

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

describe("a device that is full", () => {
  it("goes on sending, and what was sent makes room for what is new", async () => {
    const given = await sender();
    await photograph(given, 1, 700_000);
    const { uploads } = given.one.store.db;
    const put = uploads.put.bind(uploads);
    uploads.put = ((row: Parameters<typeof put>[0]) => {
      if (row.state === "here") throw new Dexie.QuotaExceededError("full");
      return put(row);
    }) as typeof put;
    await sent(given);
    expect(given.files.arrivals.length).toBe(1);
    expect(given.files.received).toBe(700_000);
  });

  it("that cannot write anything any more sends nothing in a circle", async () => {
    const given = await sender();
    await photograph(given, 1, 1_000);
    await photograph(given, 2, 1_000);
    const { uploads } = given.one.store.db;
    uploads.put = (() => {
      throw new Dexie.QuotaExceededError("full");
    }) as typeof uploads.put;
    uploads.bulkPut = uploads.put as never;
    const turn = new AbortController();
    const running = given.uploader.run(turn.signal);
    await given.one.machine.advance(600_000);
    turn.abort();
    await given.one.machine.advance(0);
    await running;
    expect(given.files.asked.length).toBeLessThan(60);
    expect(given.files.arrivals.length).toBeGreaterThan(0);
    expect((await rowOf(given, 1))?.state).toBe("here");
  });
});

describe("answers", () => {
  it("go first: while ops are on the line no photo begins a piece", async () => {
    const given = await sender();
    await photograph(given, 1, 600_000);
    given.isBusy.value = true;
    const running = round(given);
    await until(() => given.files.asked.length === 1, "have");
    await rest();
    expect(paths(given)).toEqual(["POST /files/have"]);
    given.isBusy.value = false;
    expect((await running).kind).toBe("done");
    expect(given.files.arrivals.length).toBe(1);
  });

  it("that never end do not hold photos for ever", async () => {
    const given = await sender();
    await photograph(given, 1, 1_000);
    given.isBusy.value = true;
    const running = round(given);
    await until(() => given.files.asked.length === 1, "have");
    await given.one.machine.advance(QUIET_MS_MAX);
    expect((await running).kind).toBe("done");
  });

  it("do not wait for photos: the outbox drains while the place for bytes is away", async () => {
    const given = await sender();
    await photograph(given, 1, 1_000);
    given.files.fault = () => "lose-request";
    expect((await round(given)).kind).toBe("unreachable");
    await drained(given.one);
    expect(given.one.server.records.has(uuid(1))).toBe(true);
    expect(await rowOf(given, 1)).toMatchObject({ state: "here" });
  });
});

describe("a run", () => {
  it("backs off while the server is away, comes back at once when the network is, and ends", async () => {
    const given = await sender();
    await photograph(given, 1, 1_000);
    given.files.fault = () => "lose-request";
    const turn = new AbortController();
    const running = given.uploader.run(turn.signal);
    await given.one.machine.advance(3_600_000);
    const asked = given.files.asked.length;
    expect(asked).toBeGreaterThan(10);
    expect(asked).toBeLessThan(90);
    expect(given.uploader.state.value).toMatchObject({ phase: "away", isServerFull: false });
    expect(given.uploader.state.value.nextAt).toBeGreaterThan(given.one.machine.now());
    // What was just saved, or a round of ops that failed too, is no reason to hurry.
    for (const reason of ["saved", "poke", "failed"] as const) given.uploader.wake(reason);
    await rest();
    expect(given.files.asked.length).toBe(asked);
    given.files.fault = () => null;
    given.uploader.wake("online");
    await until(() => given.files.arrivals.length === 1, "arrived");
    await until(() => given.uploader.state.value.phase === "idle", "idle");
    turn.abort();
    await given.one.machine.advance(0);
    await running;
  });

  it("says that the server is full, and asks no sooner than it was told", async () => {
    const given = await sender();
    await photograph(given, 1, 1_000);
    given.files.fault = ({ path }) =>
      path === "/files" ? { status: 507, headers: { "Retry-After": "600" } } : null;
    const turn = new AbortController();
    const running = given.uploader.run(turn.signal);
    await until(() => given.uploader.state.value.isServerFull, "full");
    const asked = given.files.asked.length;
    given.uploader.wake("round");
    await given.one.machine.advance(590_000);
    expect(given.files.asked.length).toBe(asked);
    given.files.fault = () => null;
    await given.one.machine.advance(20_000);
    await until(() => given.files.arrivals.length === 1, "arrived");
    await until(() => !given.uploader.state.value.isServerFull, "not full any more");
    turn.abort();
    await given.one.machine.advance(0);
    await running;
  });

  it("asks nothing without a credential, and lets the engine find out about one that is refused", async () => {
    const given = await sender();
    await photograph(given, 1, 1_000);
    given.found = { kind: "enrol-again" };
    expect(await round(given)).toEqual({ kind: "nobody" });
    expect(given.files.asked).toEqual([]);
    given.found = { kind: "active", credential: "another" };
    const turn = new AbortController();
    const running = given.uploader.run(turn.signal);
    await until(() => given.changes() === 1, "told");
    // However often rounds of ops end well meanwhile, it is not asked in a circle.
    for (let at = 0; at < 50; at += 1) given.uploader.wake("round");
    await rest();
    expect(given.files.asked.length).toBe(1);
    given.found = { kind: "active", credential: "secret" };
    given.uploader.wake("enrolled");
    await until(() => given.files.arrivals.length === 1, "arrived");
    turn.abort();
    await given.one.machine.advance(0);
    await running;
  });

  it("goes on while the device is taken out of service", async () => {
    const given = await sender();
    await photograph(given, 1, 1_000);
    given.one.server.state = "draining";
    expect(await round(given)).toMatchObject({ kind: "done" });
    expect(given.files.arrivals.length).toBe(1);
  });
});

describe("a kill between any two steps", () => {
  /** The app started anew on what the device has kept. */
  async function again(given: Sender, name: string): Promise<Sender> {
    const { machine, server } = given.one;
    const store = new Store(new PersonDatabase(name), machine.channel(`xunjian-${name}`));
    return sender(await onStore(server, machine, store, name), given.files);
  }

  it.each(["before", "after"])("%s the server has seen the request: once, whole", async (when) => {
    for (let step = 0; step < 6; step += 1) {
      const given = await sender();
      const name = given.one.store.db.person;
      const sha256 = await photograph(given, 1, 900_000);
      let isDead = false;
      given.one.machine.answer = async (path, init) => {
        // A dead page sends nothing and hears nothing.
        if (isDead || given.files.asked.length < step) {
          return isDead ? new Promise(() => undefined) : given.files.fetch(path, init);
        }
        isDead = true;
        if (when === "after") await given.files.fetch(path, init);
        return new Promise(() => undefined);
      };
      void round(given);
      await until(() => isDead || given.files.arrivals.length === 1, "the kill");
      await rest(20);
      given.one.store.close();
      const next = await again(given, name);
      await sent(next);
      expect(given.files.arrivals).toEqual([sha256]);
      expect(given.files.received).toBe(900_000);
      expect(await rowOf(next, 1)).toMatchObject({ state: "sent" });
      expect(await next.one.store.db.blobs.get(uuid(1))).toBeDefined();
    }
  });

  it("before what was learnt is written down: asked again, sent once", async () => {
    for (let step = 0; step < 6; step += 1) {
      const given = await sender();
      const sha256 = await photograph(given, 1, 900_000);
      const { uploads } = given.one.store.db;
      const put = uploads.put.bind(uploads);
      let writes = 0;
      uploads.put = ((row: Parameters<typeof put>[0]) => {
        writes += 1;
        if (writes === step + 1) throw new Error("killed");
        return put(row);
      }) as typeof put;
      await sent(given);
      expect(given.files.arrivals).toEqual([sha256]);
      expect(given.files.received).toBe(900_000);
    }
  });

  it("two tabs that both believe that they lead send it once all the same", async () => {
    const given = await sender();
    const name = given.one.store.db.person;
    const sha256 = await photograph(given, 1, 900_000);
    const other = await again(given, name);
    await Promise.all([sent(given), sent(other)]);
    expect(given.files.arrivals).toEqual([sha256]);
    expect(given.files.received).toBe(900_000);
  });
});

it("sixty photos go two at a time on a good line, asked about in one question", async () => {
  const given = await sender();
  for (let n = 1; n <= 60; n += 1) await photograph(given, n, 50);
  // One larger one first, that shows how good the line is.
  await photograph(given, 999, 600_000);
  await given.one.store.db.uploads.update(uuid(999), { created: 0 });
  let most = 0;
  given.uploader.state.subscribe(({ active }) => {
    most = Math.max(most, active.length);
  });
  await round(given);
  expect(given.files.arrivals.length).toBe(61);
  expect(paths(given).filter((path) => path === "POST /files/have").length).toBe(1);
  expect(most).toBe(2);
});
