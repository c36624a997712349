// @vitest-environment node
// Rounds, targets and the status line.

import { describe, expect, it } from "vitest";
import { inspectionId } from "../../src/core/ids.ts";
import { type Item, itemState, NOTHING, statusOf } from "../../src/core/status.ts";
import { type Records, type Seen, targetState, workOf } from "../../src/core/work.ts";
import type { KindName } from "../../src/wire/kinds.ts";
import type { Disposition, Inspection } from "../../src/wire/types.ts";

const id = (n: number) => `018f0c6a-0000-7000-8000-${String(n).padStart(12, "0")}`;
const inspection: Inspection = { asset: "a", template: "t", inspector: "p", inspector_name: "P" };

function seen<K extends KindName>(kind: K, of: string, data: Seen<K>["data"]): Seen<K> {
  return { id: of, kind, scope: "site:s", version: 1, data };
}

/** Records that are simply there. */
function those(all: readonly Seen<KindName>[]): Records {
  const isOf = <K extends KindName>(one: Seen<KindName>, kind: K): one is Seen<K> =>
    one.kind === kind;
  return {
    record: (kind, of) => all.filter((one) => isOf(one, kind)).find((one) => one.id === of),
    by: (kind) => all.filter((one) => isOf(one, kind)),
  };
}

describe("a target", () => {
  it.each([
    ["open", undefined],
    ["draft", inspection],
    ["submitted", { ...inspection, step: { step: "submitted" } }],
    [
      "accepted",
      { ...inspection, step: { step: "submitted" }, review: { decision: "accepted", round: 1 } },
    ],
    ["returned", { ...inspection, step: { round: 2 }, review: { decision: "returned", round: 1 } }],
    [
      "submitted",
      {
        ...inspection,
        step: { round: 2, step: "submitted" },
        review: { decision: "returned", round: 1 },
      },
    ],
  ] as readonly [string, Inspection | undefined][])("is %s", (state, data) => {
    expect(targetState(data)).toBe(state);
  });
});

describe("work", () => {
  const assignment = (n: number, due: string, part = {}) =>
    seen("assignment", id(n), {
      site: id(90),
      title: { zh: "巡检", en: "Round" },
      targets: [
        { asset: id(11), template: id(50) },
        { asset: id(12), template: id(50) },
        { asset: id(13), template: id(50), withdrawn: true },
      ],
      starts_at: "2026-08-01T00:00:00Z",
      due_at: due,
      assignee: id(1),
      state: "issued",
      ...part,
    });
  const round = assignment(20, "2026-08-20T00:00:00Z");
  const made = inspectionId(round.id, id(12));
  const records = those([
    assignment(21, "2026-08-10T00:00:00Z", { assignee: id(2), backup: id(1) }),
    round,
    assignment(22, "2026-08-05T00:00:00Z", { state: "planned" }),
    seen("room", id(70), { site: id(90), name: "B", kind: "server-room" }),
    seen("asset", id(11), { site: id(90), name: "one" }),
    seen("asset", id(12), { site: id(90), name: "two", room: id(70) }),
    seen("inspection", made, { ...inspection, step: { step: "submitted" } }),
  ]);
  const [site] = workOf(id(1), records, (one) => one.id === made);

  it("is by site, the earliest due first; what is not issued is not there", () => {
    expect(site?.siteId).toBe(id(90));
    expect(site?.rounds.map((one) => one.assignment.id)).toEqual([id(21), id(20)]);
    expect(site?.rounds.map((one) => one.isBackup)).toEqual([true, false]);
  });

  it("stands in one order, in whichever it came", () => {
    const due = "2026-08-20T00:00:00Z";
    const rounds = [assignment(23, due), assignment(24, due), assignment(25, due)];
    const ids = (all: readonly Seen<KindName>[]) =>
      workOf(id(1), those(all), () => false).flatMap((site) =>
        site.rounds.map((one) => one.assignment.id),
      );
    expect(ids(rounds)).toEqual([id(23), id(24), id(25)]);
    expect(ids(rounds.toReversed())).toEqual(ids(rounds));
  });

  it("is by room, without withdrawn targets, each with its state", () => {
    const own = site?.rounds[1];
    expect(own).toMatchObject({ total: 2, done: 1 });
    expect(own?.rooms.map(({ room }) => room?.data.name)).toEqual(["B", undefined]);
    expect(own?.rooms[0]?.targets).toMatchObject([
      { assetId: id(12), inspectionId: made, state: "submitted", isAbnormal: true },
    ]);
    expect(own?.rooms[1]?.targets).toMatchObject([{ assetId: id(11), state: "open" }]);
  });
});

describe("status", () => {
  const item = (part: Partial<Item>): Item => ({
    id: "i",
    tally: NOTHING,
    photosLeft: 0,
    photosLost: 0,
    isDraft: false,
    isReturned: false,
    needsYou: false,
    isWithOffice: false,
    ...part,
  });
  const confirmed = { ...NOTHING, confirmedAt: 70 };

  it.each([
    ["none", {}],
    ["draft", { isDraft: true, tally: { ...NOTHING, pending: 3 } }],
    ["waiting", { tally: { ...NOTHING, pending: 3 } }],
    ["received", { tally: { ...NOTHING, acknowledged: 1 } }],
    ["received", { tally: { ...confirmed, unconfirmed: 1 } }],
    ["answers-received", { tally: confirmed, photosLeft: 2 }],
    ["answers-received", { photosLeft: 1 }],
    ["needs-you", { tally: confirmed, photosLeft: 2, photosLost: 1 }],
    ["confirmed", { tally: confirmed }],
    ["with-office", { tally: confirmed, isWithOffice: true }],
    ["returned", { tally: confirmed, isReturned: true, isDraft: true }],
    ["needs-you", { tally: confirmed, needsYou: true }],
    ["needs-you", { tally: { ...NOTHING, refused: 1 } }],
  ] as readonly [string, Partial<Item>][])("an item is %s", (state, part) => {
    expect(itemState(item(part))).toBe(state);
  });

  it("adds up, and says that nothing may be wiped while an op is unsent", () => {
    const told = { device: "d", op: "o", n: 1, at: "2026-08-20T00:00:00Z" };
    const dispositions: readonly Disposition[] = [
      { ...told, outcome: "rejected" },
      { ...told, outcome: "conflict" },
      { ...told, outcome: "review" },
    ];
    const items = [
      item({ tally: { ...NOTHING, pending: 2 } }),
      item({ tally: { ...NOTHING, refused: 1 } }),
      item({ tally: confirmed, photosLeft: 2 }),
      item({ photosLeft: 1, photosLost: 1 }),
      item({ tally: { ...confirmed, confirmedAt: 90 } }),
    ];
    expect(statusOf("idle", items, dispositions)).toMatchObject({
      waiting: 1,
      answersReceived: 1,
      photosLeft: 3,
      confirmed: 1,
      confirmedAt: 90,
      needsYou: 4,
      withOffice: 1,
      unsentOps: 3,
    });
  });
});
