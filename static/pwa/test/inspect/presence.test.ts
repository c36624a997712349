// In which visit the customer signs for a piece of work, and when a signature no longer covers it.

import { describe, expect, test } from "vitest";
import type { Seen } from "../../src/core/work.ts";
import { type Sha, sealed, sinceSigned, UNTOUCHED } from "../../src/ui/field/sign/document.ts";
import {
  customerSignature,
  heldDuring,
  isDuring,
  standingOf,
  visitOver,
} from "../../src/ui/field/sign/presence.ts";
import type { KindName } from "../../src/wire/kinds.ts";
import type { Inspection, Visit } from "../../src/wire/types.ts";

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
    by: <K extends KindName>(kind: K, _name: string, _value: string) => ofKind(kind),
    ofKind,
  };
}

const asset = seen("asset", ASSET, { site: SITE, name: "核心数据库 01" });
const here = { site: SITE, person: PERSON, zone, now: Date.parse("2026-11-18T06:00:00Z") };
const open: Visit = { ...visit, started_at: "2026-11-18T01:00:00Z", ended_at: null };

describe("the visit over a piece of work", () => {
  const records = those(asset, seen("visit", MORNING, visit), seen("visit", TODAY, open));

  test("is the one it was done in, though that has ended and another is open", () => {
    expect(visitOver(records, here, [inspected])?.id).toBe(MORNING);
  });

  test("is the later one, where it was mended and handed in during that", () => {
    const again = { ...inspected, step: { ...inspected.step, at: "2026-11-18T02:00:00Z" } };
    expect(visitOver(records, here, [again])?.id).toBe(TODAY);
  });

  test("is the one that is open today while nothing was done", () => {
    expect(visitOver(records, here, [])?.id).toBe(TODAY);
    expect(visitOver(those(seen("visit", MORNING, visit)), here, [])).toBeUndefined();
  });

  test("is nobody else's", () => {
    const other = those(seen("visit", MORNING, { ...visit, engineer: "q" }));
    expect(visitOver(other, here, [inspected])).toBeUndefined();
  });

  test("one that nobody ended lasted until midnight at the site", () => {
    const left = { ...visit, ended_at: null };
    const at = (instant: string) => ({ ...inspected, started_at: instant, step: {} });
    expect(isDuring(left, at("2026-11-17T15:59:00Z"), zone)).toBe(true);
    expect(isDuring(left, at("2026-11-17T16:01:00Z"), zone)).toBe(false);
  });
});

test("mended after the signature, and signed again: only the old signature is out of date", async () => {
  const sign = async (id: string, at: string, data: Inspection) => {
    const now = those(asset, seen("inspection", WORK, data));
    const { covered } = await standingOf(sha256, now, heldDuring(now, visit, zone));
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
      heldDuring(records, visit, zone),
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
  expect(await since(first, mended)).toEqual({ isChanged: true, added: 0, photos: 0 });

  const second = await sign("two", "2026-11-18T04:00:00Z", mended);
  expect(await since(second, mended)).toEqual(UNTOUCHED);
  expect(customerSignature(those(second, first), MORNING)?.id).toBe("two");
});
