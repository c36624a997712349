// @vitest-environment node
// The life of an op on the device.

import { describe, expect, it } from "vitest";
import {
  acknowledged,
  arrived,
  type Entry,
  KEPT_MS_DEFAULT,
  mayGo,
  offeredAgain,
  pendingEntry,
  refused,
} from "../../src/core/outbox.ts";
import type { Outcome } from "../../src/wire/types.ts";

const op = {
  n: 4,
  id: "op",
  by: "p",
  kind: "inspection",
  record: "r",
  made: { wall: "", session: "" },
};
const outcome = (part: Partial<Outcome> = {}): Outcome => ({
  n: 4,
  id: "op",
  outcome: "applied",
  scope: "site:1",
  seq: 9,
  ...part,
});
const page = (pos: number, part: Partial<Parameters<typeof arrived>[1]> = {}) => ({
  scopes: new Map([["site:1", { pos, matches: true }]]),
  atHeads: true,
  hasDisposition: () => true,
  epoch: 1,
  now: 50,
  ...part,
});
const by = { now: 40, lineage: "l" };
const pending = pendingEntry(op, 0);
const known = acknowledged(pending, outcome(), by);

describe("an op", () => {
  it("stays on top until the base has reached its position, then is confirmed by the digest", () => {
    expect(known).toMatchObject({ state: "acknowledged", overlay: 1 });
    expect(arrived(known, page(8, { atHeads: false }))).toBe(known);
    // Its position is here, but not on a last page: the record may be on its way to another scope.
    expect(arrived(known, page(9, { atHeads: false }))).toBe(known);
    const there = arrived(known, page(9));
    expect(there).toMatchObject({ state: "settled", confirmedAt: 50 });
    expect(there.overlay).toBeUndefined();
  });

  it("is not confirmed by a digest that differs, but by the next that matches", () => {
    const differs = page(9, { scopes: new Map([["site:1", { pos: 9, matches: false }]]) });
    const settled = arrived(known, differs);
    expect(settled).toMatchObject({ state: "settled", unconfirmed: 1 });
    expect(settled.confirmedAt).toBeUndefined();
    expect(arrived(settled, page(9, { now: 70 }))).toMatchObject({ confirmedAt: 70 });
  });

  it("in a scope that the device does not hold leaves the overlay at the heads", () => {
    const lost = { scopes: new Map() };
    expect(arrived(known, page(0, { ...lost, atHeads: false }))).toBe(known);
    expect(arrived(known, page(0, lost))).toMatchObject({ state: "settled" });
  });

  it("whose position never comes is offered again, once in an epoch", () => {
    const again = arrived(known, page(8));
    expect(again).toMatchObject({ state: "pending", sent: true, offeredAgain: 1 });
    const second = acknowledged(again, outcome(), by);
    expect(arrived(second, page(8))).toBe(second);
    expect(arrived(second, page(8, { epoch: 2 }))).toMatchObject({ state: "pending" });
  });

  it("in conflict leaves the overlay with its disposition, and is never confirmed", () => {
    const conflict = acknowledged(pending, outcome({ outcome: "conflict" }), by);
    expect(arrived(conflict, page(9, { atHeads: false }))).toBe(conflict);
    const missing = arrived(conflict, page(9, { hasDisposition: () => false }));
    expect(missing).toMatchObject({ state: "pending", offeredAgain: 1 });
    const settled = arrived(conflict, page(9));
    expect(settled).toMatchObject({ state: "settled", outcome: "conflict" });
    expect(settled.unconfirmed ?? settled.confirmedAt).toBeUndefined();
  });

  it("that had left the overlay does not come back on top under a new epoch", () => {
    const settled = arrived(known, page(9));
    const again = offeredAgain(settled);
    expect(again.state).toBe("pending");
    expect(again.overlay ?? again.confirmedAt).toBeUndefined();
    expect(offeredAgain(known).overlay).toBe(1);
  });

  it("that was refused keeps its value on top and its problem", () => {
    const problem = { type: "/problems/x", title: "x", status: 400 };
    expect(refused(pending, problem)).toMatchObject({ state: "refused", overlay: 1, problem, op });
  });

  it("goes only when settled, backed up, and decided if it had to be", () => {
    const may = (entry: Entry, backedUpTo: number | null, now = 50, decided = false) =>
      mayGo(entry, { backedUpTo, lineage: "l", now, isDecided: () => decided });
    const settled = arrived(known, page(9));
    expect(may(pending, 99)).toBe(false);
    expect(may(known, 99)).toBe(false);
    expect(may(settled, 3)).toBe(false);
    expect(may(settled, 4)).toBe(true);
    expect(may(settled, null)).toBe(false);
    expect(may(settled, null, 40 + KEPT_MS_DEFAULT)).toBe(false);
    expect(may(settled, null, 41 + KEPT_MS_DEFAULT)).toBe(true);
    // Another lineage's numbers are not this one's: its backup says nothing of them.
    expect(may({ ...settled, lineage: "old" }, 99)).toBe(false);
    expect(may({ ...settled, lineage: "old" }, 99, 41 + KEPT_MS_DEFAULT)).toBe(true);
    const rejected = arrived(acknowledged(pending, outcome({ outcome: "rejected" }), by), page(9));
    expect(may(rejected, 4)).toBe(false);
    expect(may(rejected, 4, 50, true)).toBe(true);
  });
});
