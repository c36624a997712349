// @vitest-environment node
// Enrolment, sessions in several tabs, pokes: the whole of the app below its screens.

import { describe, expect, it } from "vitest";
import { DeviceDatabase } from "../../src/db/database.ts";
import { Device } from "../../src/db/device.ts";
import { type Asked, enrol, sign } from "../../src/sync/enrol.ts";
import { listen } from "../../src/sync/pokes.ts";
import { openStore, Session } from "../../src/sync/session.ts";
import { ASSET, newAsset, note, noteAt, stocked, uuid } from "./device.ts";
import { FakeServer, problem } from "./server.ts";
import { Browser, FakeMachine, rest, until } from "./world.ts";

const PERSON = "018f0c6a-0000-7000-8000-00000000ffff";
let persons = 0;

interface Enrolled {
  readonly ticket: string;
  readonly lineage: string;
  readonly public_key: string;
  readonly proof: string;
}

/** A browser on an installation of its own, and a server that takes tickets. */
async function installation() {
  persons += 1;
  const person = PERSON.replace("ffff", String(persons).padStart(4, "0"));
  const server = stocked(new FakeServer());
  const browser = new Browser();
  const tickets: Enrolled[] = [];
  let refuse: Response | null = null;
  let answerLineage: string | null = null;
  const machineOfTab = () =>
    new FakeMachine(
      async (path, init) => {
        if (path !== "/enrol") return server.fetch(path, init);
        tickets.push(JSON.parse(String(init.body)));
        const refused = refuse;
        refuse = null;
        return (
          refused ??
          Response.json(
            {
              device: server.device,
              credential: "secret",
              person,
              person_name: "王磊",
              role: "engineer",
              lineage: answerLineage ?? JSON.parse(String(init.body)).lineage,
              epoch: 1,
              next_n: 1,
              server_time: "2027-01-15T08:00:00Z",
            },
            { status: 201 },
          )
        );
      },
      { seed: persons * 7, browser },
    );
  const machine = machineOfTab();
  const device = new Device(new DeviceDatabase());
  const self = {
    device,
    world: machine,
    subtle: machine.subtle,
    openStore: (one: string) => openStore(machine, one),
    origin: machine.origin,
    appVersion: "0.1.0",
  };
  const asked: Asked = {
    link: "https://xunjian.example/enrol#ticket-0001",
    deviceName: "Tablet 03",
    language: "zh-CN",
    again: null,
  };
  return {
    person,
    server,
    machine,
    machineOfTab,
    device,
    tickets,
    enrol: (part: Partial<Asked> = {}) => enrol(self, { ...asked, ...part }),
    refuse: (with_: Response) => {
      refuse = with_;
    },
    /** The next enrolments are answered with this lineage, whatever was asked for. */
    giveLineage: (lineage: string) => {
      answerLineage = lineage;
    },
    session: async (of = machine) => {
      const row = await device.person(person);
      if (row === undefined) throw new Error("not enrolled");
      return Session.open(of, device, row);
    },
  };
}

describe("enrolment", () => {
  it("makes a device whose key cannot be taken out and signs what the server can verify", async () => {
    const here = await installation();
    expect(await here.enrol()).toMatchObject({ kind: "enrolled", name: "王磊", role: "engineer" });
    const row = await here.device.person(here.person);
    expect(row).toMatchObject({
      state: "active",
      credential: "secret",
      server: here.machine.origin,
    });
    expect((await here.device.chosen()).person).toBe(here.person);
    expect(row?.keys.privateKey.extractable).toBe(false);
    const text = here.tickets[0]?.public_key ?? "";
    expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
    const spki = Uint8Array.from(Buffer.from(text, "base64url"));
    const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("spki", spki, algorithm, true, ["verify"]);
    const bytes = new TextEncoder().encode("signed");
    if (row === undefined) throw new Error("not kept");
    const signature = Buffer.from(await sign(crypto.subtle, row, bytes), "base64url");
    expect(await crypto.subtle.verify(algorithm, key, signature, bytes)).toBe(true);
  });

  it.each(["ticket-used", "ticket-expired", "ticket-unknown"])(
    "%s is told as such",
    async (slug) => {
      const here = await installation();
      here.refuse(problem(410, `/problems/${slug}`));
      const answer = await here.enrol();
      expect(answer).toMatchObject({ kind: "refused", problem: { type: `/problems/${slug}` } });
      expect(await here.device.person(here.person)).toBeUndefined();
    },
  );

  it("what is no link, and a link of another server, is told before anything is sent", async () => {
    const here = await installation();
    expect(await here.enrol({ link: "7K4M-2P9D-6" })).toEqual({ kind: "not-a-link" });
    expect(await here.enrol({ link: "https://else.example/enrol#ticket-0001" })).toEqual({
      kind: "other-server",
      server: "https://else.example",
    });
    expect(here.tickets).toEqual([]);
  });

  it("a lost answer: the same ticket goes with the same lineage and key", async () => {
    const here = await installation();
    here.refuse(new Response("<html>", { status: 200 }));
    expect(await here.enrol()).toEqual({ kind: "unreachable" });
    expect(await here.enrol()).toMatchObject({ kind: "enrolled" });
    // Every signature differs, also of the same text.
    const [first, second] = here.tickets.map(({ proof: _, ...rest }) => rest);
    expect(second).toEqual(first);
  });

  it("again: keeps the lineage, the numbers and what waits", async () => {
    const here = await installation();
    await here.enrol();
    const session = await here.session();
    await session.write([note("kept")]);
    await session.close();
    await here.device.lose(here.person, "enrol-again");
    await here.enrol({ link: "https://xunjian.example/enrol#ticket-0002", again: here.person });
    expect(here.tickets[1]?.lineage).toBe(here.tickets[0]?.lineage);
    const again = await here.session();
    await until(() => noteAt(here.server) === "kept", "the note");
    expect((await again.store.counter()).nextN).toBe(2);
    await again.close();
  });

  it("a lineage of somebody else there is left to them, and a new one taken", async () => {
    const here = await installation();
    here.refuse(problem(409, "/problems/lineage-taken"));
    expect(await here.enrol()).toMatchObject({ kind: "enrolled" });
    const [first, second] = here.tickets;
    expect(second?.ticket).toBe(first?.ticket);
    expect(second?.lineage).not.toBe(first?.lineage);
    expect((await here.device.person(here.person))?.lineage).toBe(second?.lineage);
  });

  it("a clone mints a new lineage when it enrols again", async () => {
    const here = await installation();
    await here.enrol();
    await here.device.lose(here.person, "cloned-device");
    await here.enrol({ link: "https://xunjian.example/enrol#ticket-0002", again: here.person });
    expect(here.tickets[1]?.lineage).not.toBe(here.tickets[0]?.lineage);
  });
});

describe("a session", () => {
  it("shows what is written at once, sends it, and says so in the status", async () => {
    const here = await installation();
    await here.enrol();
    const session = await here.session();
    await until(() => session.sync.value.isComplete, "the first sync");
    expect(session.records.record("asset", ASSET)?.data.name).toBe("UPS-01");
    expect(session.isPersisted.value).toBe(true);
    const saved = here.machine.now();
    await session.write([note("hot")]);
    expect(session.status.value).toMatchObject({ phase: "idle", waiting: 1, unsentOps: 1 });
    expect(session.itemState(ASSET)).toBe("waiting");
    await here.machine.advance(2_100);
    await until(() => session.itemState(ASSET) === "confirmed", "confirmed");
    expect(session.status.value).toMatchObject({
      waiting: 0,
      unsentOps: 0,
      confirmed: 1,
      needsYou: 0,
    });
    expect(session.status.value.confirmedAt).toBeGreaterThanOrEqual(saved + 2_000);
    await session.close();
  });

  it("a photo that the server does not hold keeps its item from being confirmed", async () => {
    const here = await installation();
    await here.enrol();
    const session = await here.session();
    await until(() => session.sync.value.isComplete, "the first sync");
    const photo = {
      kind: "attachment",
      record: uuid(1),
      new: true,
      set: { parent: ASSET, parent_kind: "asset", sha256: "0", bytes: 1, media_type: "image/jpeg" },
    } as const;
    const bytes = new ArrayBuffer(1);
    await session.write([photo, note("x")], [{ attachment: uuid(1), bytes, sha256: "0" }]);
    session.wake("button");
    await until(() => session.itemState(ASSET) === "answers-received", "answers received");
    expect(session.status.value).toMatchObject({ photosLeft: 1, answersReceived: 1, confirmed: 0 });
    here.server.put("attachment", uuid(1), "org", {
      ...photo.set,
      received_at: "2027-01-15T09:00:00Z",
    });
    session.wake("button");
    await until(() => session.itemState(ASSET) === "confirmed", "confirmed");
    await session.close();
  });

  it("a rejected op asks for the person, under the item that it is about", async () => {
    const here = await installation();
    await here.enrol();
    here.server.judge = () => "rejected";
    const session = await here.session();
    await session.write([note("x")]);
    session.wake("button");
    await until(() => session.itemState(ASSET) === "needs-you", "needs you");
    expect(session.status.value).toMatchObject({ needsYou: 1, waiting: 0 });
    await session.close();
  });

  it("two tabs: one syncs for both, both show the same, and the other takes over", async () => {
    const here = await installation();
    await here.enrol();
    const first = await here.session();
    const second = await here.session(here.machineOfTab());
    await until(() => second.sync.value.isComplete, "the second tab's news");
    await rest();
    here.server.requests.length = 0;
    await second.write([newAsset(uuid(5))]);
    await until(
      () => first.records.record("asset", uuid(5)) !== undefined,
      "the first tab's record",
    );
    second.wake("button");
    await until(() => first.itemState(uuid(5)) === "confirmed", "confirmed in the first");
    await until(() => second.itemState(uuid(5)) === "confirmed", "confirmed in the second");
    const pushes = here.server.requests.filter(({ path }) => path === "/sync/v1/push");
    expect(pushes.map(({ ops }) => ops.length)).toEqual([1]);
    await first.close();
    here.server.requests.length = 0;
    await second.write([note("alone")]);
    second.wake("button");
    await until(() => noteAt(here.server) === "alone", "the note");
    await second.close();
  });

  it("what is written without a network is there after a restart without one", async () => {
    const here = await installation();
    await here.enrol();
    const session = await here.session();
    await until(() => session.sync.value.isComplete, "the first sync");
    const { answer } = here.machine;
    here.machine.answer = () => Promise.reject(new TypeError("network"));
    await session.write([note("offline")]);
    await session.close();
    const again = await here.session();
    expect(again.records.record("asset", ASSET)?.data.note).toBe("offline");
    expect(again.status.value.unsentOps).toBe(1);
    await until(() => again.sync.value.phase === "offline", "offline");
    expect(again.sync.value.lastSuccess).toBe(session.sync.value.lastSuccess);
    here.machine.answer = answer;
    here.machine.page("online");
    await until(() => noteAt(here.server) === "offline", "the note");
    await again.close();
  });
});

describe("pokes", () => {
  /** A stream that the test writes to. */
  function stream() {
    let put: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        put = controller;
      },
    });
    const headers = { "Content-Type": "text/event-stream" };
    return {
      response: new Response(body, { headers }),
      say: (text: string) => put?.enqueue(new TextEncoder().encode(text)),
    };
  }

  it("are heard, and the line is taken up again when it falls silent", async () => {
    const lines = [stream(), stream()];
    let connections = 0;
    const machine = new FakeMachine(
      async () => lines[connections++]?.response ?? new Response(null, { status: 503 }),
    );
    const pokes: unknown[] = [];
    const stands: boolean[] = [];
    const over = new AbortController();
    const ears = {
      poked: (poke: unknown) => pokes.push(poke),
      stands: (up: boolean) => stands.push(up),
    };
    const heard = listen(machine, async () => "secret", ears, over.signal);
    await rest();
    lines[0]?.say('event: poke\ndata: {"scope":"org","he');
    lines[0]?.say('ad":7}\n\n: heartbeat\ndata: nonsense\n\n');
    await rest();
    expect(pokes).toEqual([{ scope: "org", head: 7 }]);
    await machine.advance(60_000);
    expect(connections).toBe(1);
    await machine.advance(15_000);
    expect(connections).toBe(2);
    expect(stands).toEqual([true, false, true]);
    over.abort();
    await machine.advance(0);
    await heard;
  });

  it("of what is here already cost nothing; of what is new, a pull", async () => {
    const here = await installation();
    await here.enrol();
    const line = stream();
    const { answer } = here.machine;
    here.machine.answer = async (path, init) =>
      path.endsWith("/events") ? line.response : answer(path, init);
    const session = await here.session();
    await until(() => session.sync.value.isComplete, "the first sync");
    await rest();
    here.server.requests.length = 0;
    const [, head = 0] = [...here.server.heads][0] ?? [];
    const [scope = ""] = [...here.server.heads.keys()];
    line.say(`event: poke\ndata: ${JSON.stringify({ scope, head })}\n\n`);
    await rest();
    expect(here.server.requests).toEqual([]);
    here.server.put("asset", uuid(8), scope, { site: "s", name: "new" });
    line.say(`event: poke\ndata: ${JSON.stringify({ scope, head: head + 1 })}\n\n`);
    await until(() => session.records.record("asset", uuid(8)) !== undefined, "the new asset");
    await session.close();
  });
});
