// The nine points of the cold aisle, as the pack has them.

import { expect, test } from "vitest";
import aisle from "../../../../server/packs/data/cold-aisle.json";
import { evaluate } from "../../src/core/forms/evaluation.ts";
import {
  extremes,
  figuresOf,
  gridOf,
  hasHeads,
  isMeasured,
  nextOpen,
} from "../../src/ui/field/inspect/grid.ts";
import type { Group } from "../../src/wire/types.ts";
import { templateOf } from "./seed.ts";

const { form } = templateOf(aisle);
const group = form.sections
  .flatMap((section) => section.items)
  .find((item): item is Group => item.type === "group");
if (group === undefined) throw new Error("the pack has lost its grid");
const facts = {
  photos: new Map<string, number>(),
  signatures: new Set<string>(),
  previous: new Map(),
  assetSerial: null,
  today: "2026-11-18",
};

function measured(points: Readonly<Record<string, readonly [temp: number, humidity?: number]>>) {
  const elements = Object.fromEntries(
    Object.entries(points).map(([place, [temp, humidity]]) => [
      `grid-${place}`,
      {
        group: "grid",
        answers: {
          temp: { value: temp },
          ...(humidity === undefined ? {} : { humidity: { value: humidity } }),
        },
      },
    ]),
  );
  return evaluate(form, {}, elements, facts);
}

test("nine places make three rows and three columns with heads in both languages", () => {
  const grid = gridOf(group);
  expect([grid.rows.length, grid.columns.length, grid.points.length]).toEqual([3, 3, 9]);
  expect(hasHeads(grid, "zh") && hasHeads(grid, "en")).toBe(true);
  expect(figuresOf(group).map(({ id }) => id)).toEqual(["temp", "humidity"]);
});

test("a point is measured when all its readings are there, and the next open one is named", () => {
  const { points } = gridOf(group);
  const [first, second] = points;
  const evaluation = measured({ first_2_0: [24], first_1_1: [23, 50] });
  if (!first || !second) throw new Error("no points");
  expect(isMeasured(evaluation, group, first)).toBe(false);
  expect(isMeasured(evaluation, group, second)).toBe(true);
  expect(nextOpen(evaluation, group, first)?.place.id).toBe("first_0_2");
  // Past the last, the first that is still open.
  expect(nextOpen(evaluation, group, points.at(-1) ?? null)?.place.id).toBe("first_2_0");
});

test("with every point measured there is no next one", () => {
  const all = Object.fromEntries(
    gridOf(group).points.map(({ place }) => [place.id, [24, 50] as const]),
  );
  expect(nextOpen(measured(all), group, null)).toBeUndefined();
});

test("the gauge of all points shows the one that is worst, else the highest", () => {
  const [temp] = figuresOf(group);
  if (!temp) throw new Error("no temperature");
  const cold = extremes(
    measured({ first_2_0: [15, 50], last_2_0: [26, 50] }),
    group,
    temp,
    undefined,
  );
  expect(cold).toMatchObject({ shown: 15, isLeast: true, verdict: "abnormal" });
  const fine = extremes(
    measured({ first_2_0: [20, 50], last_2_0: [26, 50] }),
    group,
    temp,
    undefined,
  );
  expect(fine).toMatchObject({ shown: 26, least: 20, isLeast: false });
});
