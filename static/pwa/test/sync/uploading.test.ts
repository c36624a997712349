// @vitest-environment node
// Sending photos for as long as a tab leads: after answers, with pauses, on a full device, and through
// every kill. Nothing here goes before the server has said that it holds the same bytes.

import Dexie from "dexie";
import { describe, expect, it } from "vitest";
import { PersonDatabase } from "../../src/db/database.ts";
import { Store } from "../../src/db/store.ts";
import { QUIET_MS_MAX } from "../../src/sync/uploads.ts";
import { drained, onStore, uuid } from "./device.ts";
import { paths, photograph, round, rowOf, type Sender, sender, sent } from "./sender.ts";
import { rest, until } from "./world.ts";

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
