// The geometry of the gauge.

import { expect, test } from "vitest";
import { GAUGE_MARGIN, gaugeScale } from "../../src/ui/kit/gauge-scale.ts";

const WIDTH = 196;
const AISLE = { alarm_low: 18, alarm_high: 27 };

test("the band spans the limits and a mark stands at each of its ends", () => {
  const { band, marks, at } = gaugeScale(AISLE, [24.1], WIDTH);
  expect(marks.map((mark) => mark.value)).toEqual([18, 27]);
  expect(band?.x).toBe(at(18));
  expect((band?.x ?? 0) + (band?.width ?? 0)).toBeCloseTo(at(27));
});

test("order on the track is order of value", () => {
  const { at } = gaugeScale(AISLE, [29.4, 24.1], WIDTH);
  const places = [18, 24.1, 27, 29.4].map(at);
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(new Set(places).size).toBe(4);
});

test("a reading does not move the limits, unless it is near the end", () => {
  const calm = gaugeScale(AISLE, [20], WIDTH);
  const hot = gaugeScale(AISLE, [29.4], WIDTH);
  expect(hot.at(27)).toBe(calm.at(27));
});

test("a mistyped reading stands at the end and leaves the limits where they are", () => {
  const calm = gaugeScale(AISLE, [24.1], WIDTH);
  const wrong = gaugeScale(AISLE, [294], WIDTH);
  expect(wrong.at(294)).toBe(WIDTH - GAUGE_MARGIN);
  expect(wrong.at(18)).toBe(calm.at(18));
  expect(wrong.at(-40)).toBe(GAUGE_MARGIN);
});

test("between warning and alarm is outside the band", () => {
  const { band, marks, at } = gaugeScale({ warning_high: 80, alarm_high: 90 }, [83, 74], 240);
  expect(band?.x).toBe(GAUGE_MARGIN);
  expect(band?.width).toBeCloseTo(at(80) - GAUGE_MARGIN);
  expect(at(83)).toBeGreaterThan(at(80));
  expect(at(83)).toBeLessThan(at(90));
  expect(marks.map((mark) => mark.isWarning)).toEqual([true, false]);
});

test("with a lower limit only, the band runs to the right end and every good reading is on it", () => {
  const { band, to, at } = gaugeScale({ warning_low: 20, alarm_low: 10 }, [95, 96], WIDTH);
  expect((band?.x ?? 0) + (band?.width ?? 0)).toBe(to);
  expect(at(95)).toBeLessThan(at(96));
});

test("a warning's figure gives way to the alarm's where they would touch", () => {
  const limits = { warning_high: 89.5, alarm_high: 90 };
  const { marks } = gaugeScale(limits, [50], WIDTH);
  expect(marks.map(({ value, isNamed }) => [value, isNamed])).toEqual([
    [89.5, false],
    [90, true],
  ]);
});

test("without limits there is no band, and without anything still a track", () => {
  expect(gaugeScale({}, [7100, 6900], WIDTH).band).toBeNull();
  const bare = gaugeScale({}, [], WIDTH);
  expect([bare.from, bare.to].every(Number.isFinite)).toBe(true);
  expect(Number.isFinite(bare.at(0.5))).toBe(true);
});

test("an item's own range fixes both ends", () => {
  const { at, from, to } = gaugeScale(AISLE, [24], WIDTH, [0, 100]);
  expect([at(0), at(100)]).toEqual([from, to]);
});
