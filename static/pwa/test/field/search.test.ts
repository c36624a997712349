// Finding one device among many.

import { expect, test } from "vitest";
import type { Seen } from "../../src/core/work.ts";
import { byPlace, finder } from "../../src/ui/field/search.ts";
import type { Asset } from "../../src/wire/types.ts";

const asset = (data: Partial<Asset>): Seen<"asset"> => ({
  id: data.name ?? "",
  kind: "asset",
  scope: null,
  version: 1,
  data: { site: "s", name: "核心数据库 01", ...data },
});

const DB = asset({
  maker: "华为",
  model: "2288H V5",
  serial: "2102312CJD10-Z4053354",
  number: "SRV-TH-B07-18",
  position: "B 列 07 柜 18U",
});

test.each([
  "数据库",
  "华为 2288h",
  "z4053354",
  "2102312CJD10Z4053354",
  "thb07",
  "B列07柜",
  "ＳＲＶ",
  "  ",
])("%j finds it: name, maker, serial, number or place, however it is written", (typed) => {
  expect(finder(typed)(DB)).toBe(true);
});

test("every word must occur, and nothing is found across two fields", () => {
  expect(finder("数据库 09 柜")(DB)).toBe(false);
  expect(finder("01srv")(DB)).toBe(false);
});

test("a target whose asset is not here is found by nothing but an empty text", () => {
  expect(finder("")(undefined)).toBe(true);
  expect(finder("x")(undefined)).toBe(false);
});

test("a record that changed is read anew", () => {
  const fits = finder("新名称");
  expect(fits(DB)).toBe(false);
  expect(fits({ ...DB, data: { ...DB.data, name: "新名称" } })).toBe(true);
});

test("places are walked in the order of their figures", () => {
  const places = ["10 柜 2U", "9 柜 12U", "9 柜 2U"].map((position) => asset({ position }));
  expect(places.toSorted(byPlace).map(({ data }) => data.position)).toEqual([
    "9 柜 2U",
    "9 柜 12U",
    "10 柜 2U",
  ]);
});

test("1,600 devices are searched within the time between two frames", () => {
  const many = Array.from({ length: 1_600 }, (_, n) =>
    asset({ name: `服务器 ${n}`, serial: `SN${n}` }),
  );
  many.filter(finder("warm"));
  const start = performance.now();
  expect(many.filter(finder("sn1599"))).toHaveLength(1);
  expect(performance.now() - start).toBeLessThan(100);
});
