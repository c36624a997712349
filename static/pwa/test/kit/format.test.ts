// Times, days and figures as DESIGN.md writes them.

import { afterEach, expect, test } from "vitest";
import * as format from "../../src/ui/words/format.ts";
import { setLanguage } from "../../src/ui/words/index.ts";

const SHANGHAI = "Asia/Shanghai";
const NOW = "2026-11-18T06:02:00Z";

afterEach(() => setLanguage("zh-CN"));

test("times are of 24 hours and in the site's zone", () => {
  expect(format.clock("2026-11-18T06:02:00Z", SHANGHAI)).toBe("14:02");
  expect(format.clock("2026-11-17T16:00:00Z", SHANGHAI)).toBe("00:00");
  expect(format.clock("2026-11-18T06:02:00Z", "Europe/Berlin")).toBe("07:02");
});

test("today has no date, this year has no year", () => {
  const said = (at: string) => format.instant(at, SHANGHAI, NOW);
  expect(said("2026-11-18T00:41:00Z")).toBe("08:41");
  expect(said("2026-11-17T08:20:00Z")).toBe("11月17日 16:20");
  expect(said("2025-08-20T08:20:00Z")).toBe("2025年8月20日 16:20");
});

test("today is the site's day, not the device's", () => {
  // 00:30 on the 18th in Shanghai is still the 17th in UTC.
  expect(format.instant("2026-11-17T16:30:00Z", SHANGHAI, NOW)).toBe("00:30");
  expect(format.localDay("2026-11-17T16:30:00Z", SHANGHAI)).toBe("2026-11-18");
});

test("English puts the day first and never parts it from the month", () => {
  setLanguage("en");
  expect(format.day("2026-08-20T08:00:00Z", SHANGHAI, NOW)).toBe("20\u00a0Aug");
  expect(format.day("2025-08-20T08:00:00Z", SHANGHAI, NOW)).toBe("20\u00a0Aug 2025");
  expect(format.weekday(NOW, SHANGHAI)).toBe("Wednesday");
});

test("a calendar day is the same day in every zone", () => {
  expect(format.calendarDay("2026-08-20", NOW, SHANGHAI)).toBe("8月20日");
  expect(format.calendarDay("2027-02-01", NOW, "Pacific/Honolulu")).toBe("2027年2月1日");
  for (const none of ["soon", "2026-13-45"])
    expect(format.calendarDay(none, NOW, SHANGHAI)).toBe(none);
});

test("a figure and its unit never part", () => {
  expect(format.quantity(29.4, "°C")).toBe("29.4\u00a0°C");
  expect(format.quantity(24.1, "°C", 2)).toBe("24.10\u00a0°C");
  expect(format.quantity(3, "")).toBe("3");
  expect(format.figure(-5.5)).toBe("\u22125.5");
  expect(format.figure(7100)).toBe("7,100");
});

test("sizes step by a thousand", () => {
  const said = [0, 999, 300_400, 1_100_000, 21_400_000_000].map(format.fileSize);
  expect(said.map((text) => text.replace("\u00a0", " "))).toEqual([
    "0 B",
    "999 B",
    "300 kB",
    "1.1 MB",
    "21.4 GB",
  ]);
});

test("sentences follow each other with a space in English and without one in Chinese", () => {
  expect(format.sentences("任务移入归档。", "", "可以重新打开。")).toBe(
    "任务移入归档。可以重新打开。",
  );
  setLanguage("en");
  expect(format.sentences("It is archived.", "", "It can be reopened.")).toBe(
    "It is archived. It can be reopened.",
  );
});
