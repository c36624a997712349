// Photos through the whole session: what is said of them, which tab sends them, and how long they stay.

import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { DeviceDatabase } from "../../src/db/database.ts";
import { Device } from "../../src/db/device.ts";
import { prune } from "../../src/db/keeping.ts";
import { joined } from "../../src/db/store.ts";
import { letGoOfLost } from "../../src/db/uploads.ts";
import { openStore, Session } from "../../src/sync/session.ts";
import { needsOfRecords } from "../../src/ui/field/needs.ts";
import { ASSET, LINEAGE, note, stocked, uuid } from "./device.ts";
import { FakeFiles } from "./files.ts";
import { FakeServer } from "./server.ts";
import { Browser, FakeMachine, rest, until } from "./world.ts";

let persons = 0;
const DAY = 24 * 3_600_000;

/** A browser in which somebody has joined. */
async function installation() {
  persons += 1;
  const person = `018f0c6a-0000-7000-b000-${String(persons).padStart(12, "0")}`;
  const server = stocked(new FakeServer());
  const files = new FakeFiles(server);
  const browser = new Browser();
  const tab = () => new FakeMachine(files.fetch, { seed: persons * 11, browser });
  const machine = tab();
  const device = new Device(new DeviceDatabase());
  const store = openStore(machine, person);
  await joined(store, { device: server.device, lineage: LINEAGE, epoch: 1, nextN: 1 });
  store.close();
  const row = {
    person,
    name: "王磊",
    role: "engineer",
    server: machine.origin,
    device: server.device,
    credential: "secret",
    lineage: LINEAGE,
    keys: await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]),
    deviceName: "Tablet 03",
    enrolledAt: 0,
    state: "active",
  } as const;
  await device.join(row as never);
  const session = (of = machine) => Session.open(of, device, row as never, "0.1.0");
  return { person, server, files, machine, tab, session };
}

async function take(session: Session, n: number, length = 400_000): Promise<string> {
  const bytes = new Uint8Array(length).fill(n);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const set = {
    parent: ASSET,
    parent_kind: "asset",
    sha256,
    bytes: length,
    media_type: "image/jpeg",
  };
  const edit = { kind: "attachment", record: uuid(n), new: true, set } as const;
  await session.write(
    [edit, note(`with ${n}`)],
    [{ attachment: uuid(n), bytes: bytes.buffer, sha256 }],
  );
  return sha256;
}

const isIdle = (session: Session) => () =>
  session.sync.value.phase === "idle" && session.uploads.value?.phase === "idle";

describe("what is said of an inspection with photos", () => {
  it("is on this device, waiting, answers received, confirmed: in this order, each when it is so", async () => {
    const here = await installation();
    const session = await here.session();
    await until(isIdle(session), "the first sync");
    const said: string[] = [];
    let isCut = true;
    here.files.fault = () => (isCut ? "lose-request" : null);
    await take(session, 1);
    await take(session, 2);
    said.push(session.itemState(ASSET));
    await here.machine.advance(2_100);
    await until(() => session.itemState(ASSET) === "answers-received", "answers received");
    said.push(`${session.itemState(ASSET)} ${session.status.value.photosLeft}`);
    expect(session.status.value.confirmed).toBe(0);
    isCut = false;
    here.machine.page("online");
    await until(() => here.files.arrivals.length === 2, "arrived");
    await until(() => session.itemState(ASSET) === "confirmed", "confirmed");
    said.push(session.itemState(ASSET));
    expect(said).toEqual(["waiting", "answers-received 2", "confirmed"]);
    expect(session.status.value).toMatchObject({ photosLeft: 0, needsYou: 0 });
    await session.close();
  });

  it("needs its person when the bytes are lost here, until they let it go", async () => {
    const here = await installation();
    const session = await here.session();
    await until(isIdle(session), "the first sync");
    here.files.fault = () => "lose-request";
    await take(session, 1);
    await session.store.db.blobs.delete(uuid(1));
    await here.machine.advance(2_100);
    here.files.fault = () => null;
    here.machine.page("online");
    await until(() => session.itemState(ASSET) === "needs-you", "told");
    expect(session.status.value).toMatchObject({ needsYou: 1, photosLeft: 1 });
    const [need] = needsOfRecords(session, []);
    expect(need).toMatchObject({ kind: "lost", key: uuid(1), name: "UPS-01" });
    await letGoOfLost(session.store, uuid(1));
    await until(() => session.itemState(ASSET) === "confirmed", "let go");
    expect(needsOfRecords(session, [])).toEqual([]);
    expect(session.status.value).toMatchObject({ needsYou: 0, photosLeft: 0 });
    await session.close();
  });

  it("the office hears how many are left with every pull, and that none is when they are there", async () => {
    const here = await installation();
    const session = await here.session();
    await until(isIdle(session), "the first sync");
    const told = () => here.server.requests.flatMap(({ report }) => report?.photos_left ?? []);
    here.files.fault = () => "lose-request";
    await take(session, 1);
    await here.machine.advance(2_100);
    await until(() => told().at(-1) === 1, "one is left");
    here.files.fault = () => null;
    here.machine.page("online");
    await until(() => here.files.arrivals.length === 1, "arrived");
    await until(() => told().at(-1) === 0, "none is left");
    await session.close();
  });
});

it("a device on its way out sends its photos too, and is empty only when they are there", async () => {
  const here = await installation();
  const session = await here.session();
  await until(isIdle(session), "the first sync");
  here.files.fault = () => "lose-request";
  await take(session, 1);
  await here.machine.advance(2_100);
  await until(() => session.itemState(ASSET) === "answers-received", "answers received");
  here.server.state = "draining";
  session.wake("button");
  await until(() => session.sync.value.phase === "draining", "draining");
  expect(await session.store.db.blobs.count()).toBe(1);
  here.files.fault = () => null;
  here.machine.page("online");
  await until(() => session.sync.value.phase === "erased", "erased");
  expect(here.files.arrivals.length).toBe(1);
  expect(await session.store.db.blobs.count()).toBe(0);
  expect(await session.store.db.uploads.count()).toBe(0);
  await session.close();
});

describe("tabs", () => {
  it("the one that leads sends; the other says the same, and takes over when it is gone", async () => {
    const here = await installation();
    const first = await here.session();
    await until(isIdle(first), "the first sync");
    const machine = here.tab();
    const second = await here.session(machine);
    let senders = 0;
    const { fetch } = here.files;
    machine.answer = (path, init) => {
      if (path.startsWith("/files")) senders += 1;
      return fetch(path, init);
    };
    await take(second, 1);
    await here.machine.advance(2_100);
    await until(() => here.files.arrivals.length === 1, "arrived");
    await until(() => second.itemState(ASSET) === "confirmed", "told in the other tab");
    expect(senders).toBe(0);
    await first.close();
    await take(second, 2);
    await machine.advance(2_100);
    await until(() => here.files.arrivals.length === 2, "taken over");
    expect(senders).toBeGreaterThan(0);
    await second.close();
  });

  it("a reload in the middle goes on where it was", async () => {
    const here = await installation();
    const session = await here.session();
    await until(isIdle(session), "the first sync");
    await take(session, 1, 900_000);
    let pieces = 0;
    here.files.fault = ({ method }) => {
      if (method === "PATCH") pieces += 1;
      return pieces > 1 ? "lose-request" : null;
    };
    await here.machine.advance(2_100);
    await until(() => here.files.received > 0, "the first piece");
    await rest();
    await session.close();
    here.files.fault = () => null;
    const again = await here.session(here.tab());
    await until(() => here.files.arrivals.length === 1, "arrived");
    expect(here.files.received).toBe(900_000);
    await until(() => again.itemState(ASSET) === "confirmed", "confirmed");
    await again.close();
  });
});

describe("the bytes of a photo", () => {
  const kept = (session: Session) => session.store.db.blobs.count();
  const letGo = async (session: Session, at: number) => (await prune(session.store, at)).photos;

  it.each([
    ["outcome, receipt by tus", false],
    ["outcome, receipt by record", true],
  ])("stay after %s, until a backup of something later holds it", async (_, writesReceipts) => {
    const here = await installation();
    here.files.writesReceipts = writesReceipts;
    const session = await here.session();
    await until(isIdle(session), "the first sync");
    await take(session, 1);
    here.server.backedUpTo = 2;
    await here.machine.advance(2_100);
    await until(() => here.files.arrivals.length === 1, "arrived");
    await until(isIdle(session), "idle");
    expect(await letGo(session, here.machine.now() + 400 * DAY)).toBe(0);
    expect(await kept(session)).toBe(1);
    await session.write([note("later")]);
    here.server.backedUpTo = 9;
    await here.machine.advance(2_100);
    await until(async () => (await kept(session)) === 0, "gone");
    await session.close();
  });

  it("stay when they arrived before their own op did, until that has its outcome", async () => {
    const here = await installation();
    const session = await here.session();
    await until(isIdle(session), "the first sync");
    here.server.backedUpTo = 99;
    here.server.unreadable = (op) => (op.kind === "attachment" ? 413 : null);
    await take(session, 1);
    await here.machine.advance(2_100);
    await until(() => here.files.arrivals.length === 1, "arrived");
    await until(isIdle(session), "idle");
    expect(await letGo(session, here.machine.now() + 400 * DAY)).toBe(0);
    expect(await kept(session)).toBe(1);
    expect(here.server.records.has(uuid(1))).toBe(false);
    await session.close();
  });

  it("are offered again when the server was set back to before it had them", async () => {
    const here = await installation();
    const session = await here.session();
    await until(isIdle(session), "the first sync");
    const before = here.server.copy();
    await take(session, 1);
    await here.machine.advance(2_100);
    await until(() => here.files.arrivals.length === 1, "arrived");
    await until(isIdle(session), "idle");
    here.server.restore(before);
    here.files.blobs.clear();
    here.files.uploads.clear();
    session.wake("button");
    await until(() => here.files.arrivals.length === 2, "arrived again");
    await until(() => session.itemState(ASSET) === "confirmed", "confirmed again");
    expect(here.server.records.get(uuid(1))?.data.received_at).toBeDefined();
    await session.close();
  });
});
