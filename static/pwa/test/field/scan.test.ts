// What a scanned text means, when it was scanned before, and what is a scanner's typing.

import { beforeEach, expect, test } from "vitest";
import { tagId } from "../../src/core/ids.ts";
import { key } from "../../src/core/kinds.ts";
import { display, make } from "../../src/core/tags.ts";
import type { Records, Seen } from "../../src/core/work.ts";
import { Burst, GAP_MS_MAX } from "../../src/ui/field/scan/gun.ts";
import { SAME_MS, scannedBefore } from "../../src/ui/field/scan/log.ts";
import { meaningOf } from "../../src/ui/field/scan/meaning.ts";
import type { Asset, Tag } from "../../src/wire/types.ts";

/**
 * Records as this device holds them: found by id, and assets by serial and number. `as never`: each
 * kind lies in a map of its own, which the generic signature cannot tell.
 */
class Held implements Pick<Records, "record" | "by"> {
  readonly assets = new Map<string, Seen<"asset">>();
  readonly tags = new Map<string, Seen<"tag">>();

  asset(id: string, data: Partial<Asset> = {}): this {
    const body: Asset = { site: "site", name: id, ...data };
    this.assets.set(id, { id, kind: "asset", scope: null, version: 1, data: body });
    return this;
  }

  tag(code: string, asset: string, data: Partial<Tag> = {}): this {
    const id = tagId(code);
    this.tags.set(id, { id, kind: "tag", scope: null, version: 1, data: { code, asset, ...data } });
    return this;
  }

  readonly record: Records["record"] = (kind, id) => {
    const found = kind === "asset" ? this.assets.get(id) : this.tags.get(id);
    return found as never;
  };

  readonly by: Records["by"] = (kind, name, value) => {
    const wanted = key(kind, name, value);
    const found = [...this.assets.values()].filter(
      ({ data }) => name in data && key(kind, name, String(data[name as keyof Asset])) === wanted,
    );
    return found as never;
  };
}

const CODE = make(0x123456789an);
let held: Held;

beforeEach(() => {
  held = new Held().asset("ups", { serial: "SN-77", number: "A-1" }).tag(CODE, "ups");
});

test("a label opens its asset whatever host is printed on it", () => {
  for (const text of [
    CODE,
    display(CODE),
    display(CODE).toLowerCase(),
    `https://old.example/t/${CODE}`,
    `http://10.0.0.7:8000/t/${CODE}?from=wechat`,
  ]) {
    expect(meaningOf(text, held)).toMatchObject({
      kind: "asset",
      code: CODE,
      asset: { id: "ups" },
    });
  }
});

test("a serial or asset number is looked up before anything is called mistyped", () => {
  expect(meaningOf(" sn-77 ", held)).toMatchObject({ kind: "asset", code: null });
  expect(meaningOf("ａ-1", held)).toMatchObject({ kind: "asset", code: null });
  // Nine characters, as a code has, and a check symbol that does not fit.
  const wrong = CODE.slice(0, -1) + (CODE.endsWith("0") ? "1" : "0");
  expect(meaningOf(wrong, held)).toEqual({ kind: "mistyped" });
  expect(meaningOf(wrong, held.asset("pos", { serial: wrong }))).toMatchObject({
    kind: "asset",
    asset: { id: "pos" },
  });
});

test("one number on several assets is the person's choice", () => {
  held.asset("twin", { serial: "SN-77" });
  const meaning = meaningOf("SN-77", held);
  expect(meaning.kind === "assets" && meaning.assets.map(({ id }) => id)).toEqual(["ups", "twin"]);
});

test("duplicates that the office merged are one asset", () => {
  held.asset("double", { serial: "SN-77", merged_into: "ups" });
  expect(meaningOf("SN-77", held)).toMatchObject({ kind: "asset", asset: { id: "ups" } });
});

test("the label of a merged duplicate says which one it was, and leads to the one that stands", () => {
  const label = make(78n);
  held.asset("gone", { serial: "SN-GONE", merged_into: "ups" }).tag(label, "gone");
  const wanted = { kind: "asset", asset: { id: "ups" }, merged: { id: "gone" } };
  expect(meaningOf(label, held)).toMatchObject({ ...wanted, code: label });
  expect(meaningOf("SN-GONE", held)).toMatchObject(wanted);
  const plain = meaningOf(CODE, held);
  expect(plain.kind === "asset" && plain.merged).toBeUndefined();
});

test("unknown, retired, foreign and enrolment codes are told apart", () => {
  const other = make(77n);
  expect(meaningOf(other, held)).toEqual({ kind: "unknown", code: other });
  expect(meaningOf(other, held.tag(other, "ups", { retired: true }))).toEqual({
    kind: "retired",
    code: other,
  });
  expect(meaningOf("https://example.com/menu", held)).toEqual({ kind: "foreign" });
  expect(meaningOf("https://x.example/enrol#abcdefghijkl", held)).toEqual({ kind: "enrolment" });
  expect(meaningOf("  ", held)).toEqual({ kind: "nothing" });
});

test("a tag whose asset is not on this device is unknown, not an empty page", () => {
  const lost = make(99n);
  expect(meaningOf(lost, held.tag(lost, "elsewhere"))).toEqual({ kind: "unknown", code: lost });
});

test("the second scan in a round says when the first was; an earlier round's does not count", () => {
  const [since, now] = [1_000_000, 9_000_000];
  expect(scannedBefore(8_000_000, since, now)).toBe(8_000_000);
  expect(scannedBefore(since - 1, since, now)).toBeNull();
  expect(scannedBefore(null, since, now)).toBeNull();
  expect(scannedBefore(8_000_000, Number.POSITIVE_INFINITY, now)).toBeNull();
});

test("a label held before the camera is one scan", () => {
  expect(scannedBefore(9_000_000 - SAME_MS + 1, 0, 9_000_000)).toBeNull();
  expect(scannedBefore(9_000_000 - SAME_MS, 0, 9_000_000)).not.toBeNull();
});

function typed(text: string, gap: number): string | null {
  const burst = new Burst();
  let at = 0;
  let heard: string | null = null;
  for (const name of [...text, "Enter"]) {
    at += gap;
    heard = burst.press({ key: name, at });
  }
  return heard;
}

test("quick keys and Enter are a scanner; a hand's are not", () => {
  expect(typed(CODE, 5)).toBe(CODE);
  expect(typed(CODE, GAP_MS_MAX)).toBe(CODE);
  expect(typed(CODE, GAP_MS_MAX + 1)).toBeNull();
  expect(typed("12345", 5)).toBeNull();
});

test("keys between the characters, and what a hand typed before, do not count", () => {
  const burst = new Burst();
  burst.press({ key: "x", at: 0 });
  let at = 1_000;
  for (const name of CODE) {
    burst.press({ key: "Shift", at });
    burst.press({ key: name, at: at + 1 });
    at += 5;
  }
  expect(burst.press({ key: "Enter", at })).toBe(CODE);
  expect(burst.press({ key: "Enter", at: at + 1 })).toBeNull();
});
