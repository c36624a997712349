// @vitest-environment node
// When the engine syncs, and when it stops: by the clock, by wakes, and by what the server refuses.

import { describe, expect, it } from "vitest";
import { drained, entries, note, noteAt, stocked, synced, type Tablet, tablet } from "./device.ts";
import { FakeServer } from "./server.ts";
import { rest, until } from "./world.ts";

describe("refusals", () => {
  it("401: stops, keeps the work, asks to enrol", async () => {
    const one = await synced();
    await one.write(note("a"));
    one.server.credential = "another";
    const over = new AbortController();
    const running = one.engine.run(over.signal);
    await until(() => one.engine.state.value.phase === "enrol-again", "enrol-again");
    expect(one.lost).toEqual(["enrol-again"]);
    one.server.requests.length = 0;
    await one.machine.advance(3_600_000);
    expect(one.server.requests).toEqual([]);
    expect(await entries(one)).toMatchObject([{ state: "pending" }]);
    one.server.credential = "secret";
    one.engine.wake("enrolled");
    await until(() => noteAt(one.server) === "a", "the note");
    over.abort();
    await running;
  });

  it("409: told to be a clone, keeps its outbox", async () => {
    const one = await synced();
    await one.write(note("a"));
    one.server.ops.set(1, {
      id: "other",
      outcome: { n: 1, id: "other", outcome: "applied" },
      op: (await entries(one))[0]?.op as never,
    });
    await one.round();
    expect(one.lost).toEqual(["cloned-device"]);
    expect(await entries(one)).toMatchObject([{ state: "pending" }]);
  });

  it("426 on pull: still sends, and asks to update", async () => {
    const one = await synced();
    const over = new AbortController();
    one.server.faults.push({ status: 426, type: "/problems/app-too-old" });
    const running = one.engine.run(over.signal);
    await until(() => one.engine.state.value.phase === "update-needed", "update-needed");
    await one.write(note("a"));
    one.server.faults.push("twice", { status: 426, type: "/problems/app-too-old" });
    one.engine.wake("saved");
    await one.machine.advance(2_100);
    await until(() => noteAt(one.server) === "a", "the note");
    over.abort();
    await running;
  });

  it("a place that the server does not take is dropped, on push and on pull", async () => {
    const one = await synced();
    await one.write(note("a"));
    await drained(one);
    expect((await one.store.position()).lastAcked).toBe("acked-1-1");
    await one.write(note("b"));
    one.server.requests.length = 0;
    const refused = { status: 400, type: "/problems/token-refused" };
    one.server.faults.push(refused, "twice", refused);
    await drained(one);
    expect(noteAt(one.server)).toBe("b");
    expect((await entries(one)).map(({ state }) => state)).toEqual(["settled", "settled"]);
    const tokens = one.server.requests.filter(({ path }) => path === "/sync/v1/pull");
    expect(tokens.map(({ token }) => token === null)).toEqual([false, true]);
    expect(await one.store.db.base.count()).toBe(2);
  });
});

describe("when", () => {
  async function running(one: Tablet) {
    const over = new AbortController();
    const run = one.engine.run(over.signal);
    await until(() => one.engine.state.value.lastSuccess !== null, "a first round");
    await rest();
    one.server.requests.length = 0;
    return async () => {
      over.abort();
      await run;
    };
  }
  const pulls = (one: Tablet) =>
    one.server.requests.filter(({ path }) => path === "/sync/v1/pull").length;

  it("saved waits two seconds for more; the button does not", async () => {
    const one = await tablet(stocked(new FakeServer()));
    const stop = await running(one);
    one.engine.wake("saved");
    await one.machine.advance(1_900);
    expect(pulls(one)).toBe(0);
    await one.machine.advance(200);
    expect(pulls(one)).toBe(1);
    one.engine.wake("button");
    await rest();
    expect(pulls(one)).toBe(2);
    await stop();
  });

  it("polls every five minutes, and every minute while pokes do not come through", async () => {
    const one = await tablet(stocked(new FakeServer()));
    const stop = await running(one);
    await one.machine.advance(61_000);
    expect(pulls(one)).toBe(1);
    one.engine.hasPokes = true;
    one.engine.wake("button");
    await rest();
    await one.machine.advance(299_000);
    expect(pulls(one)).toBe(2);
    await one.machine.advance(2_000);
    expect(pulls(one)).toBe(3);
    await stop();
  });

  it("backs off while the server is away, never gives up, and comes back at once by `online`", async () => {
    const one = await tablet(stocked(new FakeServer()));
    const stop = await running(one);
    await one.write(note("a"));
    const { answer } = one.machine;
    let calls = 0;
    one.machine.answer = async () => {
      calls += 1;
      throw new TypeError("network");
    };
    one.engine.wake("button");
    await one.machine.advance(3_600_000);
    expect(one.engine.state.value.phase).toBe("offline");
    expect(calls).toBeGreaterThan(10);
    expect(calls).toBeLessThan(80);
    // Saving does not hurry a server that is away.
    const pause = () => (one.engine.state.value.nextAt ?? 0) - one.machine.now();
    for (let turn = 0; pause() < 5_000 && turn < 50; turn += 1) await one.machine.advance(5_000);
    expect(pause()).toBeGreaterThanOrEqual(5_000);
    const before = calls;
    one.engine.wake("saved");
    await one.machine.advance(4_000);
    expect(calls).toBe(before);
    one.machine.answer = answer;
    one.engine.wake("online");
    await until(() => noteAt(one.server) === "a", "the note");
    await stop();
  });

  it("comes back at once when the stream of pokes stands again", async () => {
    const one = await tablet(stocked(new FakeServer()));
    const stop = await running(one);
    await one.write(note("a"));
    const { answer } = one.machine;
    one.machine.answer = async () => {
      throw new TypeError("network");
    };
    one.engine.wake("button");
    await one.machine.advance(3_600_000);
    expect(one.engine.state.value.phase).toBe("offline");
    one.machine.answer = answer;
    one.engine.hasPokes = true;
    await until(() => noteAt(one.server) === "a", "the note");
    await stop();
  });

  it("asks once whether the server is there when the stream broke and is not had again", async () => {
    const one = await tablet(stocked(new FakeServer()));
    const stop = await running(one);
    one.engine.hasPokes = true;
    one.engine.wake("button");
    await rest();
    one.machine.answer = async () => {
      throw new TypeError("network");
    };
    one.engine.hasPokes = false;
    await rest();
    expect(one.engine.state.value.phase).toBe("idle");
    one.engine.hasPokes = false;
    await until(() => one.engine.state.value.phase === "offline", "offline");
    await stop();
  });

  it("does not ask on and on while the stream cannot be had", async () => {
    const one = await tablet(stocked(new FakeServer()));
    const stop = await running(one);
    one.engine.hasPokes = true;
    one.engine.hasPokes = false;
    one.engine.hasPokes = false;
    await rest();
    const before = pulls(one);
    for (let again = 0; again < 5; again += 1) one.engine.hasPokes = false;
    await rest();
    expect(pulls(one)).toBe(before);
    await stop();
  });

  it("keeps to Retry-After, except for a person's own button", async () => {
    const one = await tablet(stocked(new FakeServer()));
    const stop = await running(one);
    one.server.faults.push({ status: 429, headers: { "Retry-After": "600" } });
    one.engine.wake("button");
    await until(() => one.engine.state.value.phase === "offline", "offline");
    one.server.requests.length = 0;
    one.engine.wake("online");
    await one.machine.advance(599_000);
    expect(one.server.requests).toEqual([]);
    one.engine.wake("button");
    await until(() => one.engine.state.value.phase === "idle", "idle");
    await stop();
  });
});
