// The status line speaks the truth, the most urgent first.

import { beforeEach, expect, test } from "vitest";
import type { Status } from "../../src/core/status.ts";
import { RESTING, type SyncState } from "../../src/sync/engine.ts";
import { lastSyncWords, reachWords, type Standing, statesOf } from "../../src/ui/field/standing.ts";
import { statusPlaces } from "../../src/ui/kit/field-shell.tsx";
import { setLanguage } from "../../src/ui/words/index.ts";

const QUIET: Status = {
  phase: "idle",
  draft: 0,
  waiting: 0,
  answersReceived: 0,
  photosLeft: 0,
  confirmed: 0,
  confirmedAt: null,
  needsYou: 0,
  withOffice: 0,
  returned: 0,
  unsentOps: 0,
  witnesses: 0,
};
const NOW = Date.parse("2026-11-18T06:31:00Z");

const standing = (
  status: Partial<Status>,
  sync: Partial<SyncState> = {},
  rest: Partial<Standing> = {},
): Standing => ({
  status: { ...QUIET, ...status },
  sync: { ...RESTING, isComplete: true, lastSuccess: NOW, ...sync },
  storage: "fine",
  now: NOW,
  zone: "Asia/Shanghai",
  ...rest,
});
const words = (one: Standing) => statusPlaces(statesOf(one)).map((state) => state.words);

beforeEach(() => setLanguage("zh-CN"));

test("waiting stands before drafts", () => {
  expect(words(standing({ waiting: 3, draft: 1 }))).toEqual(["等待发送 3 项", "本机草稿 1 项"]);
});

test("what needs the person always has a place, and counts what was returned", () => {
  const busy = standing(
    { waiting: 12, draft: 2, needsYou: 2, returned: 1, answersReceived: 1, photosLeft: 2 },
    { phase: "syncing", sending: { done: 4, total: 12 } },
  );
  expect(words(busy)).toEqual(["正在发送 4 / 12", "待你处理 3"]);
});

test("confirmed is said only when nothing is on its way and a receipt was proven", () => {
  expect(words(standing({ confirmed: 3, confirmedAt: NOW }))).toEqual(["已确认 14:31"]);
  expect(words(standing({ confirmed: 3, confirmedAt: NOW, waiting: 1 }))).toEqual([
    "等待发送 1 项",
  ]);
  expect(words(standing({}))).toEqual(["没有待发送的内容"]);
  for (const state of statesOf(standing({ waiting: 1, answersReceived: 1, photosLeft: 2 }))) {
    expect(state.icon).not.toBe("confirmed");
  }
});

test("answers that are in, with photos that are not, say how many", () => {
  expect(words(standing({ answersReceived: 1, photosLeft: 2 }))).toEqual([
    "答案已收到，还差 2 张照片",
  ]);
});

test("a dead credential or a full device stands first and stands out", () => {
  const [first] = statesOf(standing({ phase: "enrol-again", waiting: 2 }));
  expect(first).toMatchObject({ words: "需要重新加入", needsYou: true });
  const [full] = statesOf(standing({ waiting: 2 }, {}, { storage: "full" }));
  expect(full).toMatchObject({ words: "本机空间已满", needsYou: true });
});

test("the first sync tells how much has come", () => {
  const first = standing(
    {},
    {
      phase: "syncing",
      isComplete: false,
      lastSuccess: null,
      receiving: { done: 380, total: 1240 },
    },
  );
  expect(words(first)).toEqual(["正在下载 380 / 1,240 条"]);
  expect(lastSyncWords(first)).toBe("还没有成功同步过");
});

test("being offline is no alarm: the line says what waits, that nobody answers, and since when", () => {
  const away = standing({ phase: "offline", waiting: 2 }, { phase: "offline" });
  expect(words(away)).toEqual(["等待发送 2 项"]);
  expect(statesOf(away).some((state) => state.needsYou)).toBe(false);
  expect(reachWords(away)).toBe("连不上服务器，上次成功同步 14:31");
});
