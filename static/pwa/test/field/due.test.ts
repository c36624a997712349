// When a round is due, in the calendar of its site.

import { beforeEach, expect, test } from "vitest";
import { dueOf } from "../../src/ui/field/due.ts";
import { setLanguage } from "../../src/ui/words/index.ts";

const ZONE = "Asia/Shanghai";
// 14:00 in Zhuhai.
const NOW = Date.parse("2026-11-18T06:00:00Z");
const words = (dueAt: string, now = NOW) => dueOf(dueAt, now, ZONE).words;

beforeEach(() => setLanguage("zh-CN"));

test("today and tomorrow are called so, other days by their date", () => {
  expect(words("2026-11-18T10:00:00Z")).toBe("今天 18:00 前");
  expect(words("2026-11-19T04:00:00Z")).toBe("明天 12:00 前");
  expect(words("2026-11-25T10:00:00Z")).toBe("11月25日 18:00 前");
  expect(words("2027-01-05T10:00:00Z")).toBe("2027年1月5日 18:00 前");
});

test("the day changes at midnight of the site, not of the machine or of Greenwich", () => {
  // 16:30 in Greenwich is half past midnight there: another day already.
  expect(words("2026-11-18T16:30:00Z")).toBe("明天 00:30 前");
  const lateEvening = Date.parse("2026-11-18T15:59:00Z");
  expect(words("2026-11-18T16:30:00Z", lateEvening)).toBe("明天 00:30 前");
  expect(dueOf("2026-11-18T16:30:00Z", NOW, "Europe/London").words).toBe("今天 16:30 前");
});

test("overdue counts calendar days; on the day itself the hour is said", () => {
  expect(dueOf("2026-11-17T10:00:00Z", NOW, ZONE)).toMatchObject({
    isOverdue: true,
    days: 1,
    words: "逾期 1 天",
  });
  expect(words("2026-11-08T10:00:00Z")).toBe("逾期 10 天");
  expect(dueOf("2026-11-18T05:00:00Z", NOW, ZONE)).toMatchObject({
    isOverdue: true,
    days: 0,
    words: "今天 13:00 已过",
  });
});

test("the minute at which it is due is late", () => {
  expect(dueOf("2026-11-18T06:00:00Z", NOW, ZONE).isOverdue).toBe(true);
  expect(dueOf("2026-11-18T06:00:01Z", NOW, ZONE).isOverdue).toBe(false);
});

test("English has its own words and plurals", () => {
  setLanguage("en");
  expect(words("2026-11-18T10:00:00Z")).toBe("Due today 18:00");
  expect(words("2026-11-17T10:00:00Z")).toBe("1 day overdue");
  expect(words("2026-11-16T10:00:00Z")).toBe("2 days overdue");
});
