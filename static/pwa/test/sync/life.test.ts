// @vitest-environment node
// A device's life as the app lives it: it reports, drains, erases itself, enrols again, is shared.
// Rule: whatever the server says, nothing that it has not taken is ever removed.

import { describe, expect, it } from "vitest";
import { begun } from "../../src/core/upload.ts";
import { DeviceDatabase } from "../../src/db/database.ts";
import { Device } from "../../src/db/device.ts";
import { holdings } from "../../src/db/holdings.ts";
import { enrol } from "../../src/sync/enrol.ts";
import { openStore, Session } from "../../src/sync/session.ts";
import {
  ASSET,
  drained,
  entries,
  newAsset,
  note,
  noteAt,
  onStore,
  stocked,
  synced,
  uuid,
} from "./device.ts";
import { FakeServer, problem } from "./server.ts";
import { FakeMachine, until } from "./world.ts";

const photo = {
  kind: "attachment",
  record: uuid(77),
  new: true,
  set: { parent: ASSET, parent_kind: "asset", sha256: "0", bytes: 1, media_type: "image/jpeg" },
} as const;

describe("the report", () => {
  it("says with every pull what is held, since when, and by which app", async () => {
    const one = await synced();
    const { requests } = one.server;
    expect(requests.at(-1)?.report).toEqual({
      app_version: "0.1.0",
      unsent: 0,
      unsent_since: null,
      photos_left: 0,
      anchor: null,
    });
    const madeAt = new Date(one.machine.now()).toISOString();
    await one.write(note("a"));
    await one.machine.advance(60_000);
    await one.write(newAsset(uuid(1)));
    // The push fails, as it does where a body is refused on the way; the pull goes on.
    one.server.faults.push({ status: 500 });
    await one.round();
    expect(requests.at(-1)?.report).toMatchObject({ unsent: 2, unsent_since: madeAt });
    await drained(one);
    expect(requests.at(-1)?.report).toMatchObject({ unsent: 0, unsent_since: null });
  });

  it("counts what is being typed, and photos until the server has their bytes", async () => {
    const one = await synced();
    const { db } = one.store;
    await db.drafts.put({ key: "k", record: ASSET, value: "x", at: 5 });
    const bytes = new ArrayBuffer(1);
    await db.blobs.put({ attachment: uuid(77), bytes, sha256: "0", created: 1 });
    await db.uploads.put(begun({ attachment: uuid(77), bytes: 1, sha256: "0", created: 1 }));
    expect(await holdings(one.store)).toEqual({ unsent: 1, unsentSince: 5, photosLeft: 1 });
    one.server.put("attachment", uuid(77), "org", { ...photo.set, received_at: "2027-01-15" });
    await one.round();
    expect(await holdings(one.store)).toMatchObject({ photosLeft: 0 });
  });
});

describe("an app that is too old", () => {
  it("sends, then asks to be updated, and is served again once it is newer", async () => {
    const one = await synced();
    one.server.appVersionMin = "0.2.0";
    await one.write(note("sent all the same"));
    const turn = new AbortController();
    const running = one.engine.run(turn.signal);
    await until(() => one.engine.state.value.phase === "update-needed", "update needed");
    expect(noteAt(one.server)).toBe("sent all the same");
    expect((await one.store.report()).refusedVersion).toBe("0.1.0");
    one.server.appVersionMin = "0.1.0";
    one.engine.wake("button");
    await until(() => one.engine.state.value.phase === "idle", "served");
    turn.abort();
    await one.machine.advance(0);
    await running;
    expect((await one.store.report()).refusedVersion).toBeNull();
  });
});

describe("a device that is taken out of service", () => {
  it("sends what it holds, is told that it is dead, and is empty", async () => {
    const one = await synced();
    await one.write(note("the last"));
    one.server.state = "draining";
    one.server.faults.push({ status: 500 });
    expect(await one.round()).toBe("later");
    expect(await entries(one)).toMatchObject([{ state: "pending" }]);
    expect(one.records.record("asset", ASSET)).toBeDefined();
    expect(await one.round()).toBe("erased");
    expect(noteAt(one.server)).toBe("the last");
    expect(one.server.state).toBe("dead");
    expect(one.lost).toEqual(["forgotten"]);
    const { base, outbox, blobs, uploads, drafts, scans, scopes } = one.store.db;
    for (const table of [base, outbox, blobs, uploads, drafts, scans, scopes]) {
      expect(await table.count()).toBe(0);
    }
    expect(one.records.record("asset", ASSET)).toBeUndefined();
  });

  it("stays draining while it holds a photo or words that are being typed", async () => {
    const one = await synced();
    await one.store.db.drafts.put({ key: "k", record: ASSET, value: "x", at: 5 });
    one.server.state = "draining";
    const turn = new AbortController();
    const running = one.engine.run(turn.signal);
    await until(() => one.engine.state.value.phase === "draining", "draining");
    expect(one.engine.state.value.nextAt).toBe(one.machine.now() + 60_000);
    expect(one.server.state).toBe("draining");
    expect(one.records.record("asset", ASSET)).toBeDefined();
    await one.store.db.drafts.clear();
    await one.machine.advance(60_000);
    await until(() => one.engine.state.value.phase === "erased", "erased");
    expect(one.engine.state.value.nextAt).toBeNull();
    turn.abort();
    await one.machine.advance(0);
    await running;
  });

  it("is still draining when the app is started again without a network, until it may receive", async () => {
    const one = await synced();
    await one.store.db.drafts.put({ key: "k", record: ASSET, value: "x", at: 5 });
    one.server.state = "draining";
    await one.round();
    const again = await onStore(one.server, one.machine, one.store, one.pen.person);
    await again.engine.recall();
    expect(again.engine.state.value).toMatchObject({ closed: "draining", phase: "draining" });
    one.server.state = "active";
    expect(await again.round()).toBe("done");
    expect((await one.store.report()).isDraining).toBe(false);
  });

  it.each(["an op", "a draft", "a photo"])(
    "keeps %s when it was ended at once, and asks to enrol",
    async (what) => {
      const one = await synced();
      one.server.state = "dead";
      const { db } = one.store;
      if (what === "an op") await one.write(note("kept"));
      if (what === "a draft") await db.drafts.put({ key: "k", record: ASSET, value: "x", at: 5 });
      if (what === "a photo") {
        const bytes = new ArrayBuffer(1);
        await db.blobs.put({ attachment: uuid(1), bytes, sha256: "0", created: 1 });
        await db.uploads.put(begun({ attachment: uuid(1), bytes: 1, sha256: "0", created: 1 }));
      }
      expect(await one.round()).toBe("refused");
      expect(one.lost).toEqual(["enrol-again"]);
      expect(await db.base.count()).toBeGreaterThan(0);
      expect((await db.outbox.count()) + (await db.drafts.count()) + (await db.blobs.count())).toBe(
        1,
      );
    },
  );

  it("is not erased because its credential is unknown: only because it was ended", async () => {
    const one = await synced();
    one.server.credential = "another";
    expect(await one.round()).toBe("refused");
    expect(one.lost).toEqual(["enrol-again"]);
    expect(await one.store.db.base.count()).toBeGreaterThan(0);
  });

  it("offers its ops again under a new epoch before it is empty", async () => {
    const one = await synced();
    const copy = one.server.copy();
    await one.write(newAsset(uuid(4)));
    expect(await one.round()).toBe("done");
    one.server.restore(copy);
    expect(one.server.records.has(uuid(4))).toBe(false);
    one.server.state = "draining";
    await until(async () => (await one.round()) === "erased", "erased");
    expect(one.server.records.has(uuid(4))).toBe(true);
  });
});

/** A tablet with a server that takes tickets `<person>-<anything>`, each lineage with its own ops. */
function shared() {
  const server = stocked(new FakeServer());
  const lineages = new Map<string, Map<number, never>>();
  const credentials = new Map<string, string>();
  let lineageNow = "";
  let joinedSoFar = 0;
  const give = (lineage: string): void => {
    if (lineage === lineageNow) return;
    const ops = server.ops as Map<number, never>;
    if (lineageNow !== "") lineages.set(lineageNow, new Map(ops));
    ops.clear();
    for (const [n, op] of lineages.get(lineage) ?? []) ops.set(n, op);
    lineageNow = lineage;
  };
  const fetch = async (path: string, init: RequestInit): Promise<Response> => {
    if (path !== "/enrol") {
      const header = new Headers(init.headers).get("Authorization") ?? "";
      const credential = header.replace("Bearer ", "");
      const lineage = credentials.get(credential);
      if (lineage === undefined) return problem(401, "/problems/credential-refused");
      give(lineage);
      server.credential = credential;
      return server.fetch(path, init);
    }
    const { ticket, lineage } = JSON.parse(String(init.body));
    joinedSoFar += 1;
    const credential = `secret-${joinedSoFar}`;
    credentials.set(credential, lineage);
    give(lineage);
    const body = {
      device: server.device,
      credential,
      person: ticket.slice(0, 36),
      person_name: ticket.slice(35, 36),
      role: "engineer",
      lineage,
      epoch: 1,
      next_n: Math.max(0, ...server.ops.keys()) + 1,
      server_time: "2027-01-15T08:00:00Z",
    };
    return Response.json(body, { status: 201 });
  };
  const machine = new FakeMachine(fetch, { seed: 4242 });
  const device = new Device(new DeviceDatabase());
  const join = (person: string, again: string | null = null) =>
    enrol(
      {
        device,
        world: machine,
        subtle: machine.subtle,
        openStore: (one: string) => openStore(machine, one),
        origin: machine.origin,
        appVersion: "0.1.0",
      },
      {
        link: `https://xunjian.example/enrol#${person}-${joinedSoFar}`,
        deviceName: "Tablet 03",
        language: "zh-CN",
        again,
      },
    );
  const open = async (person: string) => {
    const row = await device.person(person);
    if (row === undefined) throw new Error("not enrolled");
    return Session.open(machine, device, row, "0.1.0");
  };
  return { server, machine, device, credentials, join, open };
}

const person = (n: number) => `018f0c6a-0000-7000-8000-0000000bb${String(n).padStart(3, "0")}`;

describe("enrolling again", () => {
  it("a clone takes a new lineage, keeps its ops with their numbers, and sends them", async () => {
    const here = shared();
    const anna = person(1);
    await here.join(anna);
    const before = await here.device.person(anna);
    const session = await here.open(anna);
    await until(() => session.sync.value.isComplete, "the first sync");
    // The other copy of this installation has used number 1 for another op.
    const op = { n: 1, id: uuid(9), kind: "asset", record: ASSET } as never;
    const outcome = { n: 1, id: uuid(9), outcome: "applied" } as const;
    here.server.ops.set(1, { id: uuid(9), outcome, op });
    await session.write([note("of the clone")]);
    session.wake("button");
    await until(() => session.sync.value.phase === "cloned-device", "told that it is a clone");
    expect(session.status.value.unsentOps).toBe(1);
    expect(noteAt(here.server)).toBeUndefined();
    expect(await here.join(anna, anna)).toMatchObject({ kind: "enrolled" });
    const after = await here.device.person(anna);
    expect(after?.state).toBe("active");
    expect(after?.lineage).not.toBe(before?.lineage);
    session.wake("enrolled");
    await until(() => noteAt(here.server) === "of the clone", "sent");
    expect([...here.server.ops.keys()]).toEqual([1]);
    await until(() => session.status.value.unsentOps === 0, "nothing is left");
    await session.close();
  });

  it("a dead device with work goes on under its lineage and sends it", async () => {
    const here = shared();
    const anna = person(2);
    await here.join(anna);
    const before = await here.device.person(anna);
    const session = await here.open(anna);
    await until(() => session.sync.value.isComplete, "the first sync");
    here.server.state = "dead";
    await session.write([note("kept")]);
    session.wake("button");
    await until(() => session.sync.value.phase === "enrol-again", "asked to enrol");
    here.server.state = "active";
    await here.join(anna, anna);
    expect((await here.device.person(anna))?.lineage).toBe(before?.lineage);
    session.wake("enrolled");
    await until(() => noteAt(here.server) === "kept", "sent");
    await session.close();
  });

  it("an answer to a credential that was replaced meanwhile erases nothing", async () => {
    const here = shared();
    const anna = person(3);
    await here.join(anna);
    const session = await here.open(anna);
    await until(() => session.sync.value.isComplete, "the first sync");
    const { answer } = here.machine;
    let hold: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      hold = resolve;
    });
    let asked = false;
    here.machine.answer = async (path, init) => {
      if (path === "/enrol" || path.endsWith("/events") || asked) return answer(path, init);
      asked = true;
      await held;
      return problem(401, "/problems/device-ended");
    };
    const phases: string[] = [];
    const unfollow = session.sync.subscribe(({ phase }) => void phases.push(phase));
    session.wake("button");
    await until(() => asked, "the question to the old device");
    await here.join(anna, anna);
    hold();
    session.wake("enrolled");
    // For a moment: the new credential is tried at once.
    await until(() => phases.includes("offline"), "the stale answer");
    unfollow();
    expect(await here.device.person(anna)).toMatchObject({ state: "active" });
    expect(session.records.record("asset", ASSET)).toBeDefined();
    await session.close();
  });
});

describe("a shared tablet", () => {
  it("keeps each person's work apart, whoever uses it, and loses none", async () => {
    const here = shared();
    const [anna, bert] = [person(4), person(5)];
    await here.join(anna);
    const first = await here.open(anna);
    await until(() => first.sync.value.isComplete, "anna's first sync");
    const { answer } = here.machine;
    here.machine.answer = () => Promise.reject(new TypeError("network"));
    await first.write([note("of anna")]);
    await first.close();

    here.machine.answer = answer;
    await here.join(bert);
    const second = await here.open(bert);
    await until(() => second.sync.value.isComplete, "bert's first sync");
    expect(second.status.value.unsentOps).toBe(0);
    expect(second.records.record("asset", ASSET)?.data.note).toBeUndefined();
    here.machine.answer = () => Promise.reject(new TypeError("network"));
    await second.write([newAsset(uuid(21), "of bert")]);
    await second.close();

    const again = await here.open(anna);
    expect(again.records.record("asset", ASSET)?.data.note).toBe("of anna");
    expect(again.records.record("asset", uuid(21))).toBeUndefined();
    expect(again.status.value.unsentOps).toBe(1);
    here.machine.answer = answer;
    again.wake("button");
    await until(() => noteAt(here.server) === "of anna", "anna's note");
    await again.close();
    expect(here.server.records.has(uuid(21))).toBe(false);

    const last = await here.open(bert);
    last.wake("button");
    await until(() => here.server.records.get(uuid(21))?.data.name === "of bert", "bert's asset");
    expect([...here.server.ops.values()].map(({ op }) => op.by)).toEqual([bert]);
    await last.close();
  });

  it("whose device is ended takes nobody else along", async () => {
    const here = shared();
    const [anna, bert] = [person(6), person(7)];
    await here.join(bert);
    const other = await here.open(bert);
    await until(() => other.sync.value.isComplete, "bert's first sync");
    here.machine.answer = ((answer) => (path, init) => {
      const isEvents = path.endsWith("/events");
      return isEvents ? Promise.resolve(problem(403, "/problems/none")) : answer(path, init);
    })(here.machine.answer);
    await other.close();
    await here.join(anna);
    const one = await here.open(anna);
    await until(() => one.sync.value.isComplete, "anna's first sync");
    expect(one.mayBegin.value).toBe(true);
    here.server.state = "draining";
    one.wake("button");
    await until(() => one.sync.value.phase === "erased", "erased");
    expect(one.mayBegin.value).toBe(false);
    expect(one.records.record("asset", ASSET)).toBeUndefined();
    await one.close();
    expect(await here.device.person(anna)).toBeUndefined();
    expect((await here.device.chosen()).person).toBeNull();
    here.server.state = "active";
    const still = await here.open(bert);
    expect(still.records.record("asset", ASSET)).toBeDefined();
    await still.close();
  });
});
