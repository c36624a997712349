// @vitest-environment node
// A tablet is a witness of the office's records: it keeps the first root that it was told of each day,
// whatever is told later and whatever becomes of its store, and says the newest with each pull.

import { describe, expect, it } from "vitest";
import { heard, rootWords, toSay, vouchingOf, witnessFile } from "../../src/core/anchors.ts";
import { heldAnchors } from "../../src/db/anchors.ts";
import { erase } from "../../src/db/holdings.ts";
import { joined } from "../../src/db/store.ts";
import { drained, LINEAGE, note, stocked, synced, type Tablet, uuid } from "./device.ts";
import { FakeServer } from "./server.ts";

const A = "a".repeat(64);
const B = "b".repeat(64);
const C = "c".repeat(64);
const ZEROS = "0".repeat(64);
const MONDAY = { epoch: 1, day: "2027-01-11", root: A };
const TUESDAY = { epoch: 1, day: "2027-01-12", root: B };

function tell(server: FakeServer, n: number, told: Readonly<Record<string, unknown>>): void {
  server.put("anchor", uuid(700 + n), "org", { previous: ZEROS, writers: 1, ...told });
}

async function told(): Promise<Tablet> {
  const server = stocked(new FakeServer());
  tell(server, 1, MONDAY);
  tell(server, 2, TUESDAY);
  return synced(server);
}

const held = async ({ store }: Tablet) =>
  (await heldAnchors(store)).map(({ epoch, day, root }) => ({ epoch, day, root }));
const vouching = async ({ store }: Tablet) => vouchingOf(await heldAnchors(store));
const reported = ({ server }: Tablet) => server.requests.at(-1)?.report?.anchor;

describe("the roots of a tablet", () => {
  it("are kept as they come, and the newest goes with every pull from then on", async () => {
    const one = await told();
    expect(reported(one)).toBeNull();
    expect(await held(one)).toEqual([MONDAY, TUESDAY]);
    expect(await one.round()).toBe("done");
    expect(reported(one)).toEqual(TUESDAY);
    tell(one.server, 3, { epoch: 2, day: "2027-01-02", root: C });
    await drained(one);
    // A later epoch is newer, whatever its day.
    expect((await vouching(one)).newest).toEqual({ epoch: 2, day: "2027-01-02", root: C });
  });

  it("stay what they were told first, whatever a record says later; and that it did is kept too", async () => {
    const one = await told();
    tell(one.server, 1, { ...MONDAY, root: C });
    await drained(one);
    const [first] = await heldAnchors(one.store);
    expect(first).toMatchObject({ ...MONDAY, other: { root: C } });
    // Taking it back, or telling a third, undoes nothing.
    for (const root of [A, B]) {
      tell(one.server, 1, { ...MONDAY, root });
      await drained(one);
    }
    expect((await heldAnchors(one.store))[0]).toEqual(first);
    // Nor does another record of the same day.
    tell(one.server, 9, { ...TUESDAY, root: A });
    await drained(one);
    const { newest, differing } = await vouching(one);
    expect(newest).toEqual(TUESDAY);
    expect(differing).toMatchObject([
      { held: MONDAY, root: C },
      { held: TUESDAY, root: A },
    ]);
  });

  it("that the office contradicts are said to it until somebody looks, whatever day comes", async () => {
    const one = await told();
    tell(one.server, 1, { ...MONDAY, root: C });
    await drained(one);
    tell(one.server, 3, { epoch: 1, day: "2027-01-13", root: C, previous: B });
    await drained(one);
    await one.round();
    expect(reported(one)).toEqual(MONDAY);
  });

  it("show that a day was made anew without being told: the next goes on from a root of nobody", async () => {
    const one = await told();
    tell(one.server, 3, { epoch: 1, day: "2027-01-13", root: A, previous: C });
    await drained(one);
    expect((await vouching(one)).differing).toEqual([
      { held: TUESDAY, root: C, at: one.machine.now() },
    ]);
    await one.round();
    expect(reported(one)).toEqual(TUESDAY);
  });

  it("outlive the records that told them: withdrawn, out of scope, or swept", async () => {
    const one = await told();
    one.server.withdraw(uuid(701));
    await drained(one);
    one.server.held = one.server.held.filter((scope) => scope !== "org");
    await drained(one);
    expect(one.records.ofKind("anchor")).toEqual([]);
    expect(await held(one)).toEqual([MONDAY, TUESDAY]);
  });

  it("outlive a rewind that loses them, and are offered by no op", async () => {
    const server = stocked(new FakeServer());
    const backup = server.copy();
    tell(server, 1, MONDAY);
    const one = await synced(server);
    await one.write(note("kept"));
    await drained(one);
    server.restore(backup);
    await drained(one);
    expect(one.records.ofKind("anchor")).toEqual([]);
    expect(await held(one)).toEqual([MONDAY]);
    const offered = server.requests.flatMap(({ ops }) => ops.map(({ kind }) => kind));
    expect(new Set(offered)).toEqual(new Set(["asset"]));
    expect(reported(one)).toEqual(MONDAY);
    // The same day under the new epoch is another day.
    tell(server, 2, { ...MONDAY, epoch: 2, root: B });
    await drained(one);
    expect(await vouching(one)).toMatchObject({ days: 2, differing: [] });
  });

  it("outlive enrolling again, and the end of everything else in the store", async () => {
    const one = await told();
    await joined(one.store, { device: uuid(5), lineage: LINEAGE, epoch: 1, nextN: 1 });
    expect(await heldAnchors(one.store)).toHaveLength(2);
    expect(await erase(one.store)).toBe(true);
    expect(await one.store.db.base.count()).toBe(0);
    expect(await held(one)).toEqual([MONDAY, TUESDAY]);
  });

  it.each([
    { root: "A".repeat(64) },
    { root: "a".repeat(63) },
    { root: null },
    { day: "12 Jan" },
    { day: 20_270_112 },
    { epoch: 0 },
    { epoch: 1.5 },
    { epoch: "1" },
    { previous: null },
  ])("are nothing where a record tells none: %j", async (wrong) => {
    const server = stocked(new FakeServer());
    tell(server, 1, { ...MONDAY, ...wrong });
    const one = await synced(server);
    expect(await heldAnchors(one.store)).toEqual([]);
    await one.round();
    expect(reported(one)).toBeNull();
  });
});

it("what is handed out are the roots as told first, in the shape that `verify --witness` reads", () => {
  const first = heard(undefined, { ...MONDAY, previous: ZEROS }, 4);
  const rows = [heard(first, { ...MONDAY, root: C, previous: ZEROS }, 5)];
  expect(JSON.parse(witnessFile(rows))).toEqual({ anchors: [MONDAY] });
  expect(JSON.parse(witnessFile([]))).toEqual({ anchors: [] });
});

it("roots that only this tablet knows since a restore contradict nothing", () => {
  const rows = [
    { ...MONDAY, previous: ZEROS },
    { ...TUESDAY, previous: A },
    // The backup knew of Monday.
    { epoch: 2, day: "2027-01-13", root: C, previous: A },
  ];
  expect(toSay(vouchingOf(rows))).toMatchObject({ epoch: 2, root: C });
  expect(vouchingOf(rows).differing).toEqual([]);
});

it("the newest root is told in groups that two people can compare", () => {
  expect(rootWords("0123456789abcdef0123")).toBe("0123 4567 89ab cdef");
});
