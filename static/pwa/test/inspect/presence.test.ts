// In which visit the customer signs for a piece of work, and when a signature no longer covers it.

import { describe, expect, test } from "vitest";
import type { Seen } from "../../src/core/work.ts";
import { type Sha, sealed, sinceSigned, UNTOUCHED } from "../../src/ui/field/sign/document.ts";
import {
  customerSignature,
  lastedAt,
  standingOf,
  visitOver,
  workOfVisit,
} from "../../src/ui/field/sign/presence.ts";
import type { KindName } from "../../src/wire/kinds.ts";
import type { Inspection, Severity, Visit } from "../../src/wire/types.ts";

const sha256: Sha = (bytes) => crypto.subtle.digest("SHA-256", bytes);
const zone = "Asia/Shanghai";
const [SITE, PERSON, ASSET, WORK, MORNING, TODAY] = ["s", "p", "a", "i", "v1", "v2"];

const visit: Visit = {
  site: SITE,
  engineer: PERSON,
  engineer_name: "梁志豪",
  started_at: "2026-11-17T01:00:00Z",
  ended_at: "2026-11-17T08:00:00Z",
};
const inspected: Inspection = {
  asset: ASSET,
  template: "t",
  inspector: PERSON,
  inspector_name: "梁志豪",
  started_at: "2026-11-17T02:00:00Z",
  answers: { inlet_temp: { value: 29.5 } },
  step: { step: "submitted", at: "2026-11-17T02:30:00Z" },
};

function seen<K extends KindName>(kind: K, id: string, data: Seen<K>["data"]): Seen<K> {
  return { id, kind, scope: "site:s", version: 1, data };
}

/** Records that are simply there. */
function those(...all: readonly Seen<KindName>[]) {
  const isOf = <K extends KindName>(one: Seen<KindName>, kind: K): one is Seen<K> =>
    one.kind === kind;
  const ofKind = <K extends KindName>(kind: K) => all.filter((one) => isOf(one, kind));
  return {
    record: <K extends KindName>(kind: K, id: string) => ofKind(kind).find((one) => one.id === id),
    by: <K extends KindName>(kind: K, name: string, value: string) =>
      ofKind(kind).filter(({ data }) => Reflect.get(data, name) === value),
    ofKind,
  };
}

const work = (data = inspected) => seen("inspection", WORK, data);
const asset = seen("asset", ASSET, { site: SITE, name: "核心数据库 01" });
const here = { site: SITE, person: PERSON, zone, now: Date.parse("2026-11-18T06:00:00Z") };
const open: Visit = { ...visit, started_at: "2026-11-18T01:00:00Z", ended_at: null };

describe("the visit over a piece of work", () => {
  const records = those(asset, seen("visit", MORNING, visit), seen("visit", TODAY, open));

  test("is the one it was done in, though that has ended and another is open", () => {
    expect(visitOver(records, here, [work()])?.id).toBe(MORNING);
  });

  test("is the later one, where it was mended and handed in during that", () => {
    const again = { ...inspected, step: { ...inspected.step, at: "2026-11-18T02:00:00Z" } };
    expect(visitOver(records, here, [work(again)])?.id).toBe(TODAY);
  });

  test("is the one that is open today while nothing was done", () => {
    expect(visitOver(records, here, [])?.id).toBe(TODAY);
    expect(visitOver(those(seen("visit", MORNING, visit)), here, [])).toBeUndefined();
  });

  test("is nobody else's", () => {
    const other = those(seen("visit", MORNING, { ...visit, engineer: "q" }));
    expect(visitOver(other, here, [work()])).toBeUndefined();
  });

  test("one that nobody ended lasted until midnight at the site", () => {
    const left = { ...visit, ended_at: null };
    expect(lastedAt(left, Date.parse("2026-11-17T15:59:00Z"), zone)).toBe(true);
    expect(lastedAt(left, Date.parse("2026-11-17T16:01:00Z"), zone)).toBe(false);
  });

  test("of two of the same hours is that for its own round", () => {
    const left = { ...visit, ended_at: null };
    const all = [
      seen("visit", MORNING, { ...left, assignment: "r1" }),
      seen("visit", TODAY, { ...left, started_at: "2026-11-17T01:30:00Z", assignment: "r2" }),
    ];
    const of = work({ ...inspected, assignment: "r1" });
    expect(visitOver(those(asset, ...all), here, [of])?.id).toBe(MORNING);
  });
});

describe("what belongs to a visit", () => {
  const presence = seen("visit", MORNING, visit);
  const ids = (...more: readonly Seen<KindName>[]) =>
    workOfVisit(those(asset, presence, ...more), presence, zone).map(({ id }) => id);
  const listing = (list: unknown) =>
    seen("signature", "sig", {
      of: MORNING,
      of_kind: "visit",
      role: "contact",
      document: JSON.stringify({ inspections: list }),
      digest: "",
      signed_at: "2026-11-17T08:00:00Z",
    });

  test("is what was worked on at its site alone", () => {
    const elsewhere = { ...work(), id: "j", scope: "site:t" };
    expect(ids(work(), elsewhere)).toEqual([WORK]);
    const foreign = seen("asset", ASSET, { site: "t", name: "别处" });
    const unsent = { ...work(), scope: null };
    expect(workOfVisit(those(foreign, presence, unsent), presence, zone)).toEqual([]);
    expect(ids(unsent)).toEqual([WORK]);
  });

  test("is what a signature lists too, though its times were put right since", () => {
    const later = work({ ...inspected, started_at: "2026-11-18T02:00:00Z", step: {} });
    expect(ids(later)).toEqual([]);
    expect(ids(later, listing([{ id: WORK }]))).toEqual([WORK]);
    expect(ids(later, listing([WORK]))).toEqual([WORK]);
    expect(ids({ ...later, scope: "site:t" }, listing([WORK]))).toEqual([]);
    expect(ids(later, listing("no list"))).toEqual([]);
  });
});

test("mended after the signature, and signed again: only the old signature is out of date", async () => {
  const presence = seen("visit", MORNING, visit);
  const sign = async (id: string, at: string, data: Inspection) => {
    const now = those(asset, seen("inspection", WORK, data));
    const { covered } = await standingOf(sha256, now, workOfVisit(now, presence, zone));
    const seal = await sealed(sha256, {
      of: MORNING,
      of_kind: "visit",
      site: "天河总部机房",
      engineer: "梁志豪",
      started_at: visit.started_at,
      signed_at: at,
      statement: [],
      counts: null,
      abnormal: [],
      inspections: covered,
      signer: { role: "contact", name: "陈主任", title: "", absent_reason: "" },
    });
    const of = { of: MORNING, of_kind: "visit", role: "contact", signed_at: at } as const;
    return seen("signature", id, { ...of, ...seal });
  };
  const since = async (signature: Seen<"signature">, data: Inspection) => {
    const records = those(asset, seen("inspection", WORK, data));
    const { covered, handedIn } = await standingOf(
      sha256,
      records,
      workOfVisit(records, presence, zone),
    );
    return sinceSigned(sha256, signature.data.document, covered, handedIn);
  };
  const first = await sign("one", "2026-11-17T08:00:00Z", inspected);
  const returned: Inspection = { ...inspected, step: { round: 2, step: "draft" } };
  expect(await since(first, returned)).toEqual(UNTOUCHED);

  const mended: Inspection = {
    ...returned,
    answers: { inlet_temp: { value: 24 } },
    step: { round: 2, step: "submitted", at: "2026-11-18T03:00:00Z" },
  };
  expect(await since(first, mended)).toEqual({ ...UNTOUCHED, isChanged: true });

  const second = await sign("two", "2026-11-18T04:00:00Z", mended);
  expect(await since(second, mended)).toEqual(UNTOUCHED);
  expect(customerSignature(those(second, first), MORNING)?.id).toBe("two");
});

describe("findings", () => {
  const finding = (severity: Severity) =>
    seen("finding", "f", {
      asset: ASSET,
      inspection: WORK,
      item: "fan",
      severity,
      text: "风扇停转",
      found_at: "2026-11-17T02:30:00Z",
    });
  const covers = async (...all: readonly Seen<KindName>[]) => {
    const { covered } = await standingOf(sha256, those(...all), [work()]);
    return covered[0]?.findings;
  };

  test("are covered as they stand, and none is none", async () => {
    const read = [{ id: "f", severity: "urgent", text: "风扇停转" }];
    expect(await covers(asset, finding("urgent"))).toEqual(read);
    expect(await covers(asset)).toEqual([]);
  });

  test("nothing is said of those that went away with their asset", async () => {
    expect(await covers()).toBeUndefined();
  });
});
