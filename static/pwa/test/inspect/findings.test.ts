// What a submission reports.

import { describe, expect, test } from "vitest";
import cooler from "../../../../server/packs/data/air-conditioner.json";
import aisle from "../../../../server/packs/data/cold-aisle.json";
import { evaluate } from "../../src/core/forms/evaluation.ts";
import { abnormal, findingEdits, findingId } from "../../src/ui/field/inspect/findings.ts";
import type { Finding } from "../../src/wire/types.ts";
import { ASSET, INSPECTION, templateOf } from "./seed.ts";

const { form } = templateOf(aisle);
const facts = {
  photos: new Map<string, number>(),
  signatures: new Set<string>(),
  previous: new Map(),
  assetSerial: null,
  today: "2026-11-18",
};

function point(temp: number, humidity: number) {
  return { group: "grid", answers: { temp: { value: temp }, humidity: { value: humidity } } };
}

describe("what is abnormal", () => {
  test("a highest value that is too high only because one point is says nothing new", () => {
    const elements = { "grid-first_2_0": point(29, 38), "grid-first_1_1": point(24, 45) };
    const found = abnormal(form, evaluate(form, {}, elements, facts));
    expect(found.map(({ path }) => path)).toEqual(["grid.grid-first_2_0.temp"]);
  });

  test("readings within their limits whose dew point is not are one finding, not three", () => {
    // 18 °C and 38 %: a dew point of 3.5 °C is below 5.5 °C, which the compound limit says of both.
    const elements = { "grid-first_2_0": point(18, 38) };
    const found = abnormal(form, evaluate(form, {}, elements, facts));
    expect(found.map(({ path }) => path)).toEqual(["grid.grid-first_2_0.humidity"]);
  });

  test("a value that is abnormal while its readings are not is a finding of its own", () => {
    const unit = templateOf(cooler).form;
    const answers = {
      run_state: { value: "running" },
      return_temp: { value: 20 },
      supply_temp: { value: 19 },
    };
    const found = abnormal(unit, evaluate(unit, answers, {}, facts));
    expect(found.map(({ path }) => path)).toEqual(["air_delta"]);
  });
});

describe("the records of a submission", () => {
  const from = { inspection: INSPECTION, asset: ASSET, at: "2026-11-18T06:02:00Z" };
  const reported = [{ path: "fan_state", severity: "major" as const, text: "Fan 3 stands still" }];

  test("the same item of the same inspection is the same finding on any device", () => {
    expect(findingId(INSPECTION, "fan_state")).toBe(findingId(INSPECTION, "fan_state"));
    expect(findingId(INSPECTION, "fan_state")).not.toBe(findingId(ASSET, "fan_state"));
  });

  test("a second submission writes nothing where nothing changed, and mends what did", () => {
    const [first] = findingEdits(from, reported, []);
    expect(first).toMatchObject({ new: true, set: { item: "fan_state", severity: "major" } });
    const data: Finding = {
      asset: ASSET,
      inspection: INSPECTION,
      item: "fan_state",
      severity: "major",
      text: "Fan 3 stands still",
      found_at: from.at,
    };
    const id = findingId(INSPECTION, "fan_state");
    const known = [{ id, kind: "finding" as const, scope: null, version: 0, data }];
    expect(findingEdits(from, reported, known)).toEqual([]);
    const worse = reported.map((one) => ({ ...one, severity: "urgent" as const }));
    expect(findingEdits(from, worse, known)).toEqual([
      {
        kind: "finding",
        record: id,
        set: { severity: "urgent", text: "Fan 3 stands still" },
      },
    ]);
  });

  test("what the office recorded of an item while it reviewed is not reported again when it is mended", () => {
    const of = { asset: ASSET, severity: "minor" as const, text: "Fan 3", found_at: from.at };
    const recorded = (data: Finding) => [
      { id: "of-the-office", kind: "finding" as const, scope: null, version: 1, data },
    ];
    const here = { ...of, inspection: INSPECTION, item: "fan_state" };
    expect(findingEdits(from, reported, recorded(here))).toEqual([]);
    // Of another visit, or of another item, it is another finding.
    for (const other of [{ inspection: ASSET }, { item: "filter_state" }]) {
      expect(findingEdits(from, reported, recorded({ ...here, ...other }))).toHaveLength(1);
    }
  });
});
