// @vitest-environment node
// A server that was taken back: one path for push and pull, a sweep at each head, and witnesses of what
// it lost. Late answers, of older histories and of tabs that hung, change nothing.

import { describe, expect, it } from "vitest";
import { statusOfRecords } from "../../src/db/status.ts";
import { joined } from "../../src/db/store.ts";
import { Engine } from "../../src/sync/engine.ts";
import {
  ASSET,
  drained,
  entries,
  LINEAGE,
  newAsset,
  note,
  noteAt,
  SCOPE,
  SITE,
  stocked,
  synced,
  type Tablet,
  tablet,
  uuid,
} from "./device.ts";
import { FakeServer } from "./server.ts";
import { rest, until } from "./world.ts";

const OTHER = "site:018f0c6a-0000-7000-8000-0000000005e2";

/** Hold the answers to one call back until they are let go. */
function held(one: Tablet, call: "push" | "pull") {
  const { answer } = one.machine;
  let free: () => void = () => undefined;
  const isFree = new Promise<void>((resolve) => {
    free = resolve;
  });
  let isAsked = false;
  one.machine.answer = async (path, init) => {
    const response = await answer(path, init);
    if (path !== `/sync/v1/${call}` || isAsked) return response;
    isAsked = true;
    await isFree;
    return response;
  };
  return { free: () => free(), asked: () => until(() => isAsked, `a ${call}`) };
}

describe("a rewind", () => {
  it("is one transaction: epoch, every kept op pending, no token, the seal that came, a generation", async () => {
    const one = await synced();
    await one.write(newAsset(uuid(1)));
    await drained(one);
    await one.write(note("unsent"));
    const before = await one.store.position();
    expect(before).toMatchObject({ lastAcked: "acked-1-1" });
    one.server.restore(new FakeServer());
    one.server.sealed = "sealed-of-2";
    one.server.faults.push("twice", "lose-request");
    expect(await one.round()).toBe("unreachable");
    expect(await one.store.position()).toMatchObject({
      epoch: 2,
      token: null,
      lastAcked: "sealed-of-2",
      generation: before.generation + 1,
      isSweeping: true,
      isRepair: true,
    });
    expect((await entries(one)).map(({ state }) => state)).toEqual(["pending", "pending"]);
    // What was on the screen stays there until the server's own rows replace it.
    expect(one.records.record("asset", ASSET)?.data.name).toBe("UPS-01");
  });

  it("that a pull tells of offers everything again before it pulls from zero", async () => {
    const one = await synced();
    const backup = one.server.copy();
    await one.write(note("kept"));
    await drained(one);
    one.server.restore(backup);
    one.server.requests.length = 0;
    await drained(one);
    const calls = one.server.requests.map(({ path, token }) => [path.split("/").at(-1), token]);
    expect(calls.map(([call]) => call)).toEqual(["pull", "push", "pull"]);
    expect(calls.at(-1)).toEqual(["pull", null]);
    expect(noteAt(one.server)).toBe("kept");
    expect((await one.store.report()).mismatches ?? 0).toBe(0);
  });

  it("forgets how far the old history's backups went", async () => {
    const one = await synced();
    one.server.backedUpTo = 1;
    const backup = one.server.copy();
    await one.write(newAsset(uuid(1)), newAsset(uuid(2)));
    await drained(one);
    expect((await entries(one)).map(({ n }) => n)).toEqual([2]);
    one.server.restore(backup);
    one.server.backedUpTo = null;
    await drained(one);
    expect((await one.store.position()).backedUpTo).toBeNull();
    expect(one.server.records.has(uuid(2))).toBe(true);
  });

  it("answered late, by the old history, is passed over", async () => {
    const one = await synced();
    await one.write(note("a"));
    const gate = held(one, "push");
    const late = one.round();
    await gate.asked();
    one.server.restore(new FakeServer());
    stocked(one.server);
    const other = secondTab(one);
    expect((await other.round(new AbortController().signal)).kind).toBe("done");
    const position = await one.store.position();
    const kept = await entries(one);
    gate.free();
    await late;
    expect(await one.store.position()).toMatchObject({
      epoch: position.epoch,
      generation: position.generation,
      lastAcked: position.lastAcked,
    });
    expect(await entries(one)).toEqual(kept);
  });

  it("under another lineage keeps nothing of the old one's backups, and tells what was not applied", async () => {
    const one = await synced();
    one.server.judge = (op) => (op.record === ASSET ? "rejected" : "applied");
    await one.write(newAsset(uuid(1)));
    await one.write(note("refused"));
    await drained(one);
    expect((await entries(one)).map(({ state, lineage }) => [state, lineage])).toEqual([
      ["settled", LINEAGE],
      ["settled", LINEAGE],
    ]);
    const lineage = uuid(900);
    await joined(one.store, { device: uuid(901), lineage, epoch: 1, nextN: 3 });
    expect((await entries(one)).map(({ state }) => state)).toEqual(["settled", "pending"]);
    expect(await one.store.position()).toMatchObject({ lineage, lastAcked: null, isRepair: false });
    await joined(one.store, { device: uuid(902), lineage, epoch: 2, nextN: 3 });
    expect((await entries(one)).map(({ state }) => state)).toEqual(["pending", "pending"]);
  });
});

/** The engine of another tab on the same store, for one that hangs. */
function secondTab(one: Tablet): Engine {
  const credentials = {
    find: async () => ({ kind: "active", credential: "secret" }) as const,
    lose: async () => undefined,
    forget: async () => undefined,
  };
  return new Engine(one.store, one.machine, "session-2", credentials, "0.1.0");
}

describe("a leader that hung and comes back", () => {
  it("with the answer to a push does not undo what was settled meanwhile", async () => {
    const one = await synced();
    await one.write(note("a"));
    const gate = held(one, "push");
    const late = one.round();
    await gate.asked();
    expect((await secondTab(one).round(new AbortController().signal)).kind).toBe("done");
    const settled = await entries(one);
    expect(settled).toMatchObject([{ state: "settled", outcome: "applied" }]);
    gate.free();
    await late;
    expect((await entries(one)).map(({ state }) => state)).toEqual(["settled"]);
    expect([...one.server.ops.keys()]).toEqual([1]);
    expect((await one.store.report()).repairs).toBe(0);
  });

  it("with an old page does not bring an old value back", async () => {
    const one = await synced();
    one.server.put("asset", ASSET, SCOPE, { site: SITE, name: "UPS-01", note: "old" });
    const gate = held(one, "pull");
    const late = one.round();
    await gate.asked();
    one.server.put("asset", ASSET, SCOPE, { site: SITE, name: "UPS-01", note: "new" });
    await secondTab(one).round(new AbortController().signal);
    gate.free();
    expect(await late).toBe("done");
    expect(one.records.record("asset", ASSET)?.data.note).toBe("new");
    expect((await one.store.report()).repairs).toBe(0);
  });
});

describe("a page that is not the last", () => {
  it("takes no typed value from the screen, while its record is on its way to another scope", async () => {
    const one = await synced();
    one.server.held.push(OTHER);
    await one.write(note("typed"));
    one.server.pageSize = 1;
    const states: unknown[] = [];
    const { answer } = one.machine;
    one.machine.answer = async (path, init) => {
      // Between two pages: the base has the op's own row, or none at all.
      states.push((await entries(one))[0]?.state);
      const response = await answer(path, init);
      const isMoved = path.endsWith("/push");
      if (isMoved) one.server.put("asset", ASSET, OTHER, { site: "e2", name: "A", note: "typed" });
      return response;
    };
    await drained(one);
    expect(states.slice(1).every((state) => state === "acknowledged")).toBe(true);
    expect(states.length).toBe(3);
    expect(one.records.record("asset", ASSET)).toMatchObject({ scope: OTHER });
    expect(one.records.record("asset", ASSET)?.data.note).toBe("typed");
    expect((await entries(one)).map(({ state }) => state)).toEqual(["settled"]);
    expect((await one.store.report()).repairs).toBe(0);
  });
});

describe("a pull from zero", () => {
  it("sweeps a scope when it reaches its head, while others are still coming", async () => {
    const one = await synced();
    one.server.held.push(OTHER);
    for (let n = 0; n < 30; n += 1) {
      one.server.put("room", uuid(n), OTHER, { site: "e2", name: `R${n}`, kind: "ups" });
    }
    await drained(one);
    one.server.pageSize = 10;
    one.server.restore(stocked(new FakeServer()));
    for (let n = 0; n < 25; n += 1) {
      one.server.put("room", uuid(n), OTHER, { site: "e2", name: `R${n}`, kind: "ups" });
    }
    one.server.withdraw(ASSET);
    one.server.faults.push("twice", "twice", "lose-request");
    await one.round();
    const ids = (await one.store.db.base.toArray()).map(({ id }) => id);
    expect(ids).not.toContain(ASSET);
    expect(ids).toContain(uuid(29));
    await drained(one);
    expect((await one.store.db.base.toArray()).map(({ id }) => id)).not.toContain(uuid(29));
    expect((await one.store.report()).repairs).toBe(0);
  });

  it("after a refused token is no mismatch, and is asked for once by two tabs", async () => {
    const one = await synced();
    one.server.faults.push({ status: 400, type: "/problems/token-refused" });
    await drained(one);
    expect(await one.store.report()).toMatchObject({ repairs: 0 });
    expect((await one.store.position()).generation).toBe(2);
  });

  it("a difference that no damage explains is counted as a defect", async () => {
    const one = await synced();
    const { answer } = one.machine;
    let isWrong = true;
    one.machine.answer = async (path, init) => {
      const response = await answer(path, init);
      if (!path.endsWith("/pull") || !isWrong) return response;
      isWrong = false;
      const text = (await response.text()).replace(/"digest":"(\d+):\d+"/, '"digest":"$1:7"');
      return new Response(text, { headers: response.headers });
    };
    expect(await one.round()).toBe("done");
    expect(await one.store.report()).toMatchObject({ repairs: 1, mismatches: 1 });
  });
});

describe("a witness", () => {
  it("tells of a row that the restored server has lost, once, and is nobody's work", async () => {
    const one = await synced();
    const backup = one.server.copy();
    one.server.put("room", uuid(9), SCOPE, { site: SITE, name: "lost", kind: "ups", later: 7 });
    one.server.put("member", uuid(8), SCOPE, { site: SITE, person: uuid(7), name: "李" });
    await drained(one);
    const version = one.server.records.get(uuid(9))?.version;
    one.server.restore(backup);
    await drained(one);
    await drained(one);
    const witnesses = [...one.server.ops.values()].map(({ op }) => op);
    expect(witnesses).toMatchObject([
      {
        witness: true,
        kind: "room",
        record: uuid(9),
        base: version,
        set: { site: SITE, name: "lost", kind: "ups" },
      },
    ]);
    expect(Object.keys(witnesses[0]?.set ?? {})).not.toContain("later");
    expect(one.records.touched()).toEqual([]);
    const status = statusOfRecords(one.records, one.pen.person, "idle");
    expect(status).toMatchObject({ waiting: 0, withOffice: 0, needsYou: 0, witnesses: 0 });
    // Another repair of the same loss says nothing new.
    one.server.epoch += 1;
    await drained(one);
    expect([...one.server.ops.values()].filter(({ op }) => op.witness).length).toBe(1);
  });

  it("tells of a value that came back older, and is counted apart while it waits", async () => {
    const one = await synced();
    const backup = one.server.copy();
    one.server.put("asset", ASSET, SCOPE, { site: SITE, name: "UPS-01", note: "lost" });
    await drained(one);
    one.server.restore(backup);
    one.server.unreadable = () => 503;
    one.server.faults.push("twice");
    await one.round();
    expect((await entries(one)).map(({ op }) => op.set?.note)).toEqual(["lost"]);
    const status = statusOfRecords(one.records, one.pen.person, "idle");
    expect(status).toMatchObject({ witnesses: 1, unsentOps: 1, waiting: 0 });
    expect(one.records.record("asset", ASSET)?.data.note).toBeUndefined();
    one.server.unreadable = () => null;
    await drained(one);
    expect([...one.server.ops.values()].map(({ outcome }) => outcome.outcome)).toEqual(["review"]);
  });

  it("says nothing of what only stands at another place, nor of a first sync or a new enrolment", async () => {
    const server = stocked(new FakeServer());
    const one = await tablet(server);
    await drained(one);
    server.withdraw(ASSET);
    await joined(one.store, { device: server.device, lineage: LINEAGE, epoch: 1, nextN: 1 });
    await drained(one);
    expect(await entries(one)).toEqual([]);
    server.epoch = 2;
    await drained(one);
    await rest();
    expect(await entries(one)).toEqual([]);
  });
});
