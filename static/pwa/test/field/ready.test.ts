// "Ready for offline?": nothing is called ready that was not seen to be so.

import { beforeEach, expect, test } from "vitest";
import type { Skew } from "../../src/core/skew.ts";
import { type CheckName, checksOf, type Findings, verdictOf } from "../../src/ui/field/ready.ts";
import { setLanguage } from "../../src/ui/words/index.ts";

const SKEW: Skew = {
  offsetMs: -800,
  uncertaintyMs: 40,
  session: "s",
  measuredAt: 0,
  jumps: 0,
};

const ALL: Findings = {
  isStandalone: true,
  isKept: true,
  version: "1.4.2",
  isPersisted: true,
  isComplete: true,
  receiving: null,
  freeBytes: 21_400_000_000,
  camera: "granted",
  skew: SKEW,
};

const level = (name: CheckName, found: Partial<Findings>) =>
  checksOf({ ...ALL, ...found }).find((check) => check.name === name)?.level;

beforeEach(() => setLanguage("zh-CN"));

test("six checks, all passed, are ready", () => {
  const checks = checksOf(ALL);
  expect(checks.map((check) => check.words)).toEqual([
    "版本 1.4.2",
    "系统不会清理",
    "都在本机",
    "21.4\u00a0GB",
    "已允许",
    "0.8 秒",
  ]);
  expect(verdictOf(checks, "08:41")).toEqual({
    level: "ok",
    words: "可以离线工作",
    note: "08:41 检查，6 项就绪",
  });
});

test("without the app or its data on the device it is not ready, whatever else is", () => {
  expect(level("app", { isKept: false })).toBe("bad");
  expect(level("data", { isComplete: false })).toBe("bad");
  const checks = checksOf({ ...ALL, isKept: false });
  expect(verdictOf(checks, "08:41")).toMatchObject({ level: "bad", words: "还不能离线工作" });
});

test("in a browser's tab it works, and the risk is named with what to do", () => {
  const [app] = checksOf({ ...ALL, isStandalone: false });
  expect(app?.level).toBe("warn");
  expect(app?.advice).toContain("添加到主屏幕");
});

test("what the browser does not say is never counted as ready", () => {
  const silent = { isPersisted: null, freeBytes: null, camera: null, skew: null };
  const checks = checksOf({ ...ALL, ...silent });
  expect(checks.filter((check) => check.level === "ok").map((check) => check.name)).toEqual([
    "app",
    "data",
  ]);
  expect(verdictOf(checks, "08:41")).toEqual({
    level: "warn",
    words: "离线前还有 4 项要看",
    note: "08:41 检查",
  });
});

test("storage that may be cleared, little room and a camera that is refused are warned of", () => {
  expect(level("storage", { isPersisted: false })).toBe("warn");
  expect(level("space", { freeBytes: 499_999_999 })).toBe("warn");
  expect(level("space", { freeBytes: 500_000_000 })).toBe("ok");
  for (const camera of ["denied", "prompt", "absent"] as const) {
    expect(level("camera", { camera })).toBe("warn");
  }
});

test("a clock is flagged when it is off by more than five minutes, beyond all doubt", () => {
  expect(level("clock", { skew: { ...SKEW, offsetMs: 300_040 } })).toBe("ok");
  expect(level("clock", { skew: { ...SKEW, offsetMs: 300_041 } })).toBe("warn");
  expect(level("clock", { skew: { ...SKEW, uncertaintyMs: Number.POSITIVE_INFINITY } })).toBe(
    "warn",
  );
});

test("a clock's error is said in the direction in which it is wrong", () => {
  const words = (offsetMs: number) =>
    checksOf({ ...ALL, skew: { ...SKEW, offsetMs } }).at(-1)?.words;
  // What must be added is negative: the device is ahead.
  expect(words(-12 * 60_000)).toBe("快 12 分钟");
  expect(words(12 * 60_000)).toBe("慢 12 分钟");
});
