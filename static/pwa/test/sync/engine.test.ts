// @vitest-environment node
// The engine against a server that behaves, over a network that does not.

import { describe, expect, it } from "vitest";
import sealed from "../../../../tests/vectors/positions/sealed.json";
import { PersonDatabase } from "../../src/db/database.ts";
import { prune } from "../../src/db/keeping.ts";
import { Store } from "../../src/db/store.ts";
import {
  ASSET,
  drained,
  entries,
  newAsset,
  note,
  noteAt,
  onStore,
  SCOPE,
  SITE,
  stocked,
  synced,
  type Tablet,
  tablet,
  uuid,
} from "./device.ts";
import { FakeServer, type Fault } from "./server.ts";
import { until } from "./world.ts";

const nameOf = (at: Tablet) => at.records.record("asset", ASSET)?.data.name;
const noteOf = (at: Tablet) => at.records.record("asset", ASSET)?.data.note;

describe("a round", () => {
  it("sends what waits, fetches what changed, and confirms by the digest", async () => {
    const one = await synced();
    expect(nameOf(one)).toBe("UPS-01");
    await one.write(note("hot"));
    expect(noteOf(one)).toBe("hot");
    expect(noteAt(one.server)).toBeUndefined();
    expect(await one.round()).toBe("done");
    expect(noteAt(one.server)).toBe("hot");
    const [entry] = await entries(one);
    expect(entry).toMatchObject({
      state: "settled",
      outcome: "applied",
      confirmedAt: one.machine.now(),
    });
    expect(one.records.record("asset", ASSET)).toMatchObject({
      data: { note: "hot" },
      scope: SCOPE,
    });
    expect((await one.store.report()).repairs).toBe(0);
  });

  it("costs one empty page when nothing changed", async () => {
    const one = await synced();
    one.server.requests.length = 0;
    expect(await one.round()).toBe("done");
    expect(one.server.requests.map((request) => request.path)).toEqual(["/sync/v1/pull"]);
  });

  it("shows a token as it came, whatever is in it", async () => {
    const tokens = [...sealed.positions, ...sealed.acked].map(({ token }) => token);
    const server = stocked(new FakeServer());
    server.pageSize = 1;
    server.tokens.push(...tokens);
    const one = await synced(server);
    while (server.tokens.length > 0) await one.round();
    await one.round();
    const shown = server.requests.map(({ token }) => token).filter((token) => token != null);
    expect(shown.slice(0, tokens.length)).toEqual(tokens);
    expect(nameOf(one)).toBe("UPS-01");
  });

  it("pulls page after page, tells how far it is, and ends with the server's own records", async () => {
    const server = stocked(new FakeServer());
    for (let n = 0; n < 25; n += 1)
      server.put("room", uuid(n), SCOPE, { site: SITE, name: `R${n}`, kind: "ups" });
    server.pageSize = 10;
    const one = await tablet(server);
    const told: unknown[] = [];
    one.engine.state.subscribe(({ receiving }) => receiving && told.push(receiving));
    expect(await one.round()).toBe("done");
    expect(told.at(0)).toEqual({ done: 10, total: 27 });
    expect(told.at(-1)).toEqual({ done: 27, total: 27 });
    expect(one.records.ofKind("room").length).toBe(25);
    expect(await one.store.report()).toMatchObject({ repairs: 0, isComplete: true });
  });

  it("drops a scope that is not named any more, and keeps unsent work on it", async () => {
    const one = await synced();
    await one.write(note("kept"));
    one.server.held = one.server.held.filter((scope) => scope !== SCOPE);
    one.server.faults.push({ status: 500 });
    expect(await one.round()).toBe("later");
    expect(one.records.record("asset", ASSET)).toBeUndefined();
    expect(await one.store.db.base.count()).toBe(0);
    expect(await entries(one)).toMatchObject([{ state: "pending", op: { set: { note: "kept" } } }]);
  });

  it("takes away what was withdrawn", async () => {
    const one = await synced();
    one.server.put("room", uuid(1), SCOPE, { site: SITE, name: "R", kind: "ups" });
    expect(await one.round()).toBe("done");
    expect(one.records.ofKind("room").length).toBe(1);
    one.server.withdraw(uuid(1));
    expect(await one.round()).toBe("done");
    expect(one.records.ofKind("room")).toEqual([]);
    expect((await one.store.report()).repairs).toBe(0);
  });

  it.each(["before", "after"])(
    "a move whose new scope comes %s the old one moves",
    async (order) => {
      const one = await synced();
      const other = "site:018f0c6a-0000-7000-8000-0000000005e2";
      if (order === "before") one.server.held.unshift(other);
      else one.server.held.push(other);
      one.server.put("asset", ASSET, other, { site: "e2", name: "moved" });
      expect(await one.round()).toBe("done");
      expect(one.records.record("asset", ASSET)).toMatchObject({
        scope: other,
        data: { name: "moved" },
      });
      expect((await one.store.report()).repairs).toBe(0);
    },
  );

  it("measures the skew of the clock", async () => {
    const server = stocked(new FakeServer());
    server.ahead = 90_000;
    const one = await synced(server);
    expect((await one.store.report()).skew).toMatchObject({ offsetMs: 90_000, uncertaintyMs: 0 });
  });
});

describe("what befalls a request", () => {
  const faults: readonly Fault[] = [
    "lose-request",
    "lose-answer",
    "twice",
    { cutAfter: 0 },
    { cutAfter: 60 },
    { cutAfter: 400 },
    { status: 503 },
    { status: 429, headers: { "Retry-After": "2" } },
    { status: 500 },
    { status: 413 },
  ];
  const all = faults.flatMap((one) => faults.map((other) => [one, other] as const));

  it.each(all)("%j then %j: nothing is lost, nothing happens twice", async (first, second) => {
    const one = await synced();
    await one.write(newAsset(uuid(1)), newAsset(uuid(2)));
    await one.write(note("a"));
    one.server.faults.push(first, second);
    await drained(one);
    await drained(one);
    expect([...one.server.ops.keys()]).toEqual([1, 2, 3]);
    expect(noteAt(one.server)).toBe("a");
    // Each op raised its record's version once: the third version would be a second time.
    expect(one.server.records.get(uuid(1))?.version).toBe(2 ** 32 + 1);
    expect(one.server.records.get(ASSET)?.version).toBe(2 ** 32 + 2);
    expect((await entries(one)).map(({ state }) => state)).toEqual([
      "settled",
      "settled",
      "settled",
    ]);
    expect((await one.store.report()).repairs).toBe(0);
  });

  it("a page that was cut is not applied, whatever it held", async () => {
    const server = stocked(new FakeServer());
    const one = await tablet(server);
    server.faults.push({ cutAfter: 600 });
    expect(await one.round()).toBe("unreachable");
    expect(await one.store.db.base.count()).toBe(0);
    expect((await one.store.position()).token).toBeNull();
    expect(await one.round()).toBe("done");
    expect(nameOf(one)).toBe("UPS-01");
  });

  it("a line that cuts every answer at the same place brings a first sync all the same", async () => {
    const server = stocked(new FakeServer());
    for (let n = 1; n <= 300; n += 1) {
      server.put("room", uuid(1_000 + n), SCOPE, { site: SITE, name: `R${n}`, kind: "ups" });
    }
    server.throughMax = 20_000;
    const one = await tablet(server);
    let rounds = 0;
    while ((await one.round()) !== "done") {
      rounds += 1;
      expect(rounds).toBeLessThan(6);
    }
    expect(await one.store.db.base.count()).toBe(server.records.size);
  });

  it("a hotel's sign-in page is nobody's answer", async () => {
    const one = await synced();
    await one.write(note("a"));
    const { answer } = one.machine;
    for (const status of [200, 401, 403, 404, 409]) {
      one.machine.answer = async () => new Response("<html>Welcome", { status });
      expect(await one.round()).toBe("unreachable");
    }
    one.machine.answer = answer;
    expect(one.lost).toEqual([]);
    await drained(one);
    expect(noteAt(one.server)).toBe("a");
  });

  it("a server that never answers is left after a minute", async () => {
    const one = await synced();
    await one.write(note("a"));
    const { answer } = one.machine;
    one.machine.answer = () => new Promise(() => undefined);
    const round = one.round();
    await one.machine.advance(61_000);
    expect(await round).toBe("unreachable");
    one.machine.answer = answer;
    await drained(one);
    expect(noteAt(one.server)).toBe("a");
  });
});

describe("an op that the server will not read", () => {
  it.each([400, 413, 415, 500])(
    "answered %i: it alone is kept back, and the rest goes on",
    async (status) => {
      const one = await synced();
      const ids = [...Array(9)].map((_, at) => uuid(at));
      await one.write(...ids.map((id) => newAsset(id)));
      one.server.unreadable = (op) => (op.n === 4 ? status : null);
      for (let round = 0; round < 12; round += 1) await one.round();
      expect([...one.server.ops.keys()].sort((a, b) => a - b)).toEqual([1, 2, 3, 5, 6, 7, 8, 9]);
      const poison = (await entries(one))[3];
      expect(poison).toMatchObject({ state: "refused", overlay: 1, op: { record: ids[3] } });
      expect(one.records.record("asset", ids[3] ?? "")?.data.name).toBe(ids[3]);
      expect(await one.round()).toBe("done");
    },
  );

  it("with nothing behind it is not given up: nobody knows whether the way is to blame", async () => {
    const one = await synced();
    await one.write(note("a"));
    one.server.unreadable = () => 400;
    expect(await one.round()).toBe("refused");
    expect(await entries(one)).toMatchObject([{ state: "pending" }]);
    one.server.unreadable = () => null;
    expect(await one.round()).toBe("done");
    expect(noteAt(one.server)).toBe("a");
  });

  it("is offered again when the app starts", async () => {
    const one = await synced();
    await one.write(newAsset(uuid(1)), newAsset(uuid(2)));
    one.server.unreadable = (op) => (op.n === 1 ? 413 : null);
    await drained(one);
    one.server.unreadable = () => null;
    const over = new AbortController();
    const running = one.engine.run(over.signal);
    await until(() => one.server.ops.has(1), "op 1");
    over.abort();
    await running;
    expect(one.server.ops.get(1)?.op.record).toBe(uuid(1));
  });
});

describe("outcomes", () => {
  it("our value is shown until the base has the disposition; then what stands", async () => {
    const one = await synced();
    one.server.judge = () => "conflict";
    await one.write(note("ours"));
    one.server.put("asset", ASSET, SCOPE, { site: SITE, name: "UPS-01", note: "theirs" });
    one.server.faults.push("lose-answer");
    expect(await one.round()).toBe("unreachable");
    expect(noteOf(one)).toBe("ours");
    await drained(one);
    expect(noteOf(one)).toBe("theirs");
    const [told] = one.records.ofKind("disposition");
    expect(told?.data).toMatchObject({ outcome: "conflict", record: ASSET, n: 1 });
    expect(await entries(one)).toMatchObject([{ state: "settled", op: { set: { note: "ours" } } }]);
  });

  it("one rejected op among good ones stays alone, whole, and is not confirmed", async () => {
    const one = await synced();
    one.server.judge = (op) => (op.record === uuid(2) ? "rejected" : "applied");
    await one.write(newAsset(uuid(1)), newAsset(uuid(2)), newAsset(uuid(3)));
    await drained(one);
    const all = await entries(one);
    expect(all.map(({ outcome }) => outcome)).toEqual(["applied", "rejected", "applied"]);
    expect(all.map(({ confirmedAt }) => confirmedAt !== undefined)).toEqual([true, false, true]);
    expect(all[1]?.op.set).toMatchObject({ name: uuid(2) });
  });

  it("a disposition that does not come is asked for again at once, and once only", async () => {
    const one = await synced();
    one.server.judge = () => "review";
    await one.write(note("a"));
    const { answer } = one.machine;
    one.machine.answer = async (path, init) => {
      const response = await answer(path, init);
      for (const id of one.server.records.keys()) {
        if (id.startsWith("disposition-")) one.server.withdraw(id);
      }
      return response;
    };
    one.server.requests.length = 0;
    expect(await one.round()).toBe("done");
    await drained(one);
    const pushes = one.server.requests.filter(({ path }) => path === "/sync/v1/push");
    expect(pushes.length).toBe(2);
    expect(one.server.requests.length).toBe(5);
    expect(await entries(one)).toMatchObject([{ state: "settled", outcome: "review" }]);
  });

  it("settled ops go when the server has a backup of them, from the front only", async () => {
    const one = await synced();
    await one.write(newAsset(uuid(1)), newAsset(uuid(2)), newAsset(uuid(3)));
    one.server.backedUpTo = 2;
    await drained(one);
    expect((await entries(one)).map(({ n }) => n)).toEqual([3]);
    await one.store.db.outbox.where("n").equals(3).modify({ state: "pending" });
    expect(await prune(one.store, one.machine.now())).toEqual({ ops: 0, photos: 0 });
  });
});

describe("another epoch", () => {
  it("told by a push: stored, offered again under it, and only then pulled", async () => {
    const one = await synced();
    await one.write(note("a"));
    one.server.epoch = 2;
    one.server.requests.length = 0;
    expect(await one.round()).toBe("done");
    const calls = one.server.requests.map(({ path, token }) => [path.split("/").at(-1), token]);
    expect(calls).toEqual([
      ["push", undefined],
      ["push", undefined],
      ["pull", null],
    ]);
    expect(noteAt(one.server)).toBe("a");
  });

  it("what the server lost in a restore is offered again, and pulled from zero", async () => {
    const one = await synced();
    const backup = one.server.copy();
    await one.write(newAsset(uuid(1)));
    await one.write(note("after the backup"));
    one.server.put("room", uuid(9), SCOPE, { site: SITE, name: "lost", kind: "ups" });
    await drained(one);
    one.server.restore(backup);
    expect(noteAt(one.server)).toBeUndefined();
    await drained(one);
    expect(noteAt(one.server)).toBe("after the backup");
    expect(one.server.records.has(uuid(1))).toBe(true);
    expect(await one.store.position()).toMatchObject({ epoch: 2, isSweeping: false });
    // The office's room was lost with the database, and is swept here too.
    expect(one.records.ofKind("room")).toEqual([]);
    const mine = (await entries(one)).filter(({ witness }) => witness === undefined);
    expect(mine.every(({ confirmedAt }) => confirmedAt !== undefined)).toBe(true);
    expect(await one.store.report()).toMatchObject({ repairs: 0 });
  });

  it("an old value does not come up on top while it is offered again", async () => {
    const one = await synced();
    await one.write(note("mine"));
    await drained(one);
    one.server.put("asset", ASSET, SCOPE, { site: SITE, name: "UPS-01", note: "newer" });
    await drained(one);
    one.server.epoch = 2;
    one.server.faults.push("twice", "lose-request");
    expect(await one.round()).toBe("unreachable");
    expect((await one.store.position()).epoch).toBe(2);
    expect(noteOf(one)).toBe("newer");
  });

  it("a server that names another epoch at each answer is left alone for a while", async () => {
    const one = await synced();
    await one.write(note("a"));
    const { answer } = one.machine;
    one.machine.answer = async (path, init) => {
      one.server.epoch += 1;
      return answer(path, init);
    };
    expect(await one.round()).toBe("later");
    expect(one.server.requests.length).toBeLessThan(40);
    expect(await entries(one)).toMatchObject([{ state: "pending" }]);
  });
});

describe("the digest", () => {
  it("finds a row that the system lost, repairs it once, and leaves unsent work alone", async () => {
    const one = await synced();
    await one.store.db.base.delete(ASSET);
    await one.write(newAsset(uuid(1)));
    one.server.unreadable = () => 503;
    // The app starts anew: the first heads of a session are counted from the rows.
    const again = await onStore(one.server, one.machine, one.store, one.pen.person);
    expect(await again.round()).toBe("later");
    one.server.unreadable = () => null;
    await drained(again);
    expect(nameOf(again)).toBe("UPS-01");
    expect((await one.store.report()).repairs).toBe(1);
    expect(one.server.records.has(uuid(1))).toBe(true);
  });

  it("sweeps a row that the server does not have", async () => {
    const one = await synced();
    const row = await one.store.db.base.get(ASSET);
    if (row === undefined) throw new Error("not pulled");
    await one.store.db.base.put({ ...row, id: uuid(5) });
    const again = await onStore(one.server, one.machine, one.store, one.pen.person);
    await drained(again);
    expect((await one.store.db.base.toCollection().primaryKeys()).sort()).toEqual(
      [ASSET, SITE].sort(),
    );
    expect((await one.store.report()).repairs).toBe(1);
  });
});

describe("a crash between any two steps", () => {
  it("loses nothing and numbers nothing twice", async () => {
    // The app dies at the k-th transaction of a round, for every k; then it starts again on the same store.
    for (let dies = 1; dies < 14; dies += 1) {
      const server = stocked(new FakeServer());
      const one = await synced(server);
      await one.write(newAsset(uuid(1)), newAsset(uuid(2)));
      await one.write(note("x"));
      const { change } = one.store;
      let steps = 0;
      one.store.change = async (...given) => {
        steps += 1;
        if (steps >= dies) throw new Error("the app was killed");
        return change.apply(one.store, given) as never;
      };
      await one.round();
      one.store.close();
      const store = new Store(
        new PersonDatabase(one.pen.person),
        one.machine.channel(one.pen.person),
      );
      const again = await onStore(server, one.machine, store, one.pen.person);
      await again.write(note("y"));
      await drained(again);
      await drained(again);
      const numbers = [...server.ops.keys()];
      expect(numbers).toEqual([...new Set(numbers)]);
      expect(noteAt(server)).toBe("y");
      expect(server.records.has(uuid(2))).toBe(true);
      expect((await entries(again)).every(({ state }) => state === "settled")).toBe(true);
      expect((await store.report()).repairs).toBe(0);
    }
  });
});
