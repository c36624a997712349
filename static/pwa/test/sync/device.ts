// One tablet: a person's store and engine on a machine, as the app puts them together.

import { expect } from "vitest";
import type { Edit } from "../../src/core/edit.ts";
import { PersonDatabase } from "../../src/db/database.ts";
import { Records } from "../../src/db/records.ts";
import { joined, Store } from "../../src/db/store.ts";
import { type Pen, write } from "../../src/db/write.ts";
import { Engine, type Lost } from "../../src/sync/engine.ts";
import { FakeServer } from "./server.ts";
import { FakeMachine } from "./world.ts";

let devices = 0;

export const SITE = "018f0c6a-0000-7000-8000-0000000005e1";
export const ASSET = "018f0c6a-0000-7000-8000-00000000a5e7";
export const LINEAGE = "018f0c6a-0000-7000-8000-00000000111e";
export const SCOPE = `site:${SITE}`;

export interface Tablet {
  readonly server: FakeServer;
  readonly machine: FakeMachine;
  readonly store: Store;
  readonly records: Records;
  readonly engine: Engine;
  readonly pen: Pen;
  readonly lost: (Lost | "forgotten")[];
  readonly round: () => Promise<string>;
  readonly write: (...edits: readonly Edit[]) => Promise<readonly number[]>;
}

/** A fresh tablet, enrolled; with a site and one asset to work on. */
export async function tablet(server: FakeServer, person?: string): Promise<Tablet> {
  devices += 1;
  const machine = new FakeMachine(server.fetch, { seed: devices });
  const name = person ?? `018f0c6a-0000-7000-8000-${String(devices).padStart(12, "0")}`;
  const store = new Store(new PersonDatabase(name), machine.channel(`xunjian-${name}`));
  await joined(store, { device: server.device, lineage: LINEAGE, epoch: 1, nextN: 1 });
  return onStore(server, machine, store, name);
}

/** The app started on a store that is there already: after a crash, for example. */
export async function onStore(
  server: FakeServer,
  machine: FakeMachine,
  store: Store,
  person: string,
): Promise<Tablet> {
  const records = await Records.open(store);
  const lost: (Lost | "forgotten")[] = [];
  const { now, monotonic, random } = machine;
  const pen: Pen = { person, session: "session", now, monotonic, random };
  const credentials = {
    find: async () => ({ kind: "active", credential: "secret" }) as const,
    lose: async (as: Lost) => {
      lost.push(as);
    },
    forget: async () => {
      lost.push("forgotten");
    },
  };
  const engine = new Engine(store, machine, pen.session, credentials, "0.1.0");
  return {
    server,
    machine,
    store,
    records,
    engine,
    pen,
    lost,
    round: async () => (await engine.round(new AbortController().signal)).kind,
    write: (...edits) => write(store, pen, edits),
  };
}

/** A server that has a site with one asset, which the device holds. */
export function stocked(server: FakeServer): FakeServer {
  server.held.push(SCOPE);
  server.put("site", SITE, SCOPE, { name: "天河", city: "广州", customer: {} });
  server.put("asset", ASSET, SCOPE, { site: SITE, name: "UPS-01", serial: "SN-1" });
  return server;
}

export const note = (text: string): Edit => ({ kind: "asset", record: ASSET, set: { note: text } });

/** An edit that makes an asset; nothing on it can coalesce with another. */
export function newAsset(id: string, name = id): Edit {
  return { kind: "asset", record: id, new: true, set: { site: SITE, name } };
}

export async function entries(tablet: Tablet) {
  return tablet.store.db.outbox.orderBy("n").toArray();
}

export const noteAt = (server: FakeServer) => server.records.get(ASSET)?.data.note;
export const uuid = (n: number) => `018f0c6a-0000-7000-9000-${String(n).padStart(12, "0")}`;

/** A tablet that has been at the heads once. */
export async function synced(server = stocked(new FakeServer())): Promise<Tablet> {
  const one = await tablet(server);
  expect(await one.round()).toBe("done");
  return one;
}

/** Run rounds until one is done: what a fault leaves, the next rounds mend. */
export async function drained(one: Tablet): Promise<void> {
  for (let round = 0; round < 12; round += 1) if ((await one.round()) === "done") return;
  throw new Error("the queue did not drain");
}
