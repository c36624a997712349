// What the office says of times, rounds, devices and failures.

import { afterEach, beforeEach, expect, test } from "vitest";
import { withQuery } from "../../src/ui/office/api.ts";
import { lifeWords } from "../../src/ui/office/asset.tsx";
import { resultsOf } from "../../src/ui/office/asset-readings.tsx";
import { chartScale } from "../../src/ui/office/chart.tsx";
import { reassigned, recorded, retargeted } from "../../src/ui/office/edits.ts";
import { failureWords } from "../../src/ui/office/failure.tsx";
import { attributeWord, fieldWord } from "../../src/ui/office/fields.ts";
import { partsOf, placeAfter } from "../../src/ui/office/index.tsx";
import { choose, chosen, MAX, sheets, toggle } from "../../src/ui/office/label-choice.ts";
import { readOffset } from "../../src/ui/office/list.tsx";
import { barrierWords } from "../../src/ui/office/review/bar.tsx";
import { byRoom, targetStanding } from "../../src/ui/office/round.tsx";
import { marksOf, standingOf } from "../../src/ui/office/round-words.tsx";
import { seriesOf } from "../../src/ui/office/series.ts";
import { forgetAll } from "../../src/ui/office/state.ts";
import {
  ago,
  clockWords,
  dueOf,
  isSilent,
  liveWords,
  spent,
  when,
} from "../../src/ui/office/times.ts";
import { setLanguage } from "../../src/ui/words/index.ts";
import type { AssignmentDetail, AssignmentRow, Progress } from "../../src/wire/types.ts";
import { detail, JUDGED, NOW, row, ZONE } from "./office.ts";

beforeEach(() => setLanguage("zh-CN"));
afterEach(() => {
  forgetAll();
  setLanguage("zh-CN");
});

const MINUTE = 60_000;
const later = (minutes: number) => new Date(NOW + minutes * MINUTE).toISOString();

test("a deadline is said in days of the site", () => {
  const words = (minutes: number, zone = ZONE) => dueOf(later(minutes), NOW, zone).words;
  expect(words(209)).toBe("今天 18:00");
  expect(words(209 + 18 * 60)).toBe("明天 12:00");
  expect(words(-48 * 60)).toBe("逾期 2 天");
  expect(dueOf(later(-60), NOW, ZONE)).toEqual({ isOverdue: true, words: "今天 13:31 已过" });
  // The same instant is another day where the sun rose later.
  expect(words(-8 * 60, "America/New_York")).toBe("逾期 1 天");
});

test("how long ago is said in the largest unit that fits, and a day of silence is noticed", () => {
  expect([1, 12, 180, 2 * 1440].map((minutes) => ago(later(-minutes), NOW))).toEqual([
    "刚刚",
    "12 分钟前",
    "3 小时前",
    "2 天前",
  ]);
  expect(ago(later(5), NOW)).toBe("刚刚");
  expect([isSilent(later(-1439), NOW), isSilent(later(-1440), NOW), isSilent(null, NOW)]).toEqual([
    false,
    true,
    true,
  ]);
});

test("a time in a list is an hour today, yesterday by name, a day before", () => {
  expect(when(later(-11), ZONE, NOW)).toBe("14:20");
  expect(when(later(-1440), ZONE, NOW)).toBe("昨天 14:31");
  expect(when("2026-08-20T02:00:00Z", ZONE, NOW)).toBe("8月20日");
});

test("time spent is said in minutes, and a clock that went back says nothing", () => {
  expect(spent(later(0), later(26))).toBe("26 分钟");
  expect(spent(later(0), later(65))).toBe("1 小时 5 分");
  expect(spent(later(5), later(0))).toBeNull();
});

test("whose clock it is, is said only where the browser shows another time", () => {
  expect(clockWords(ZONE, ZONE, NOW)).toBeNull();
  expect(clockWords(ZONE, "Asia/Hong_Kong", NOW)).toBeNull();
  expect(clockWords(ZONE, "UTC", NOW)).toBe("中国标准时间");
});

test("live is said only while the line stands", () => {
  const readAt = NOW - 5 * MINUTE;
  expect(liveWords({ isUp: true, readAt }, NOW, ZONE)).toEqual({
    isLive: true,
    words: "实时，14:26",
  });
  expect(liveWords({ isUp: false, readAt }, NOW, ZONE)).toEqual({
    isLive: false,
    words: "连接中断，5 分钟前的内容",
  });
  expect(liveWords({ isUp: true, readAt: null }, NOW, ZONE).isLive).toBe(false);
});

const round = (progress: Progress, more: Partial<AssignmentRow> = {}): AssignmentRow => ({
  id: "r",
  version: 7,
  title: { zh: "机房季度巡检", en: "Quarterly round" },
  site: "site",
  site_name: "天河总部机房",
  city: "广州",
  time_zone: ZONE,
  customer_name: "穗丰集团",
  state: "issued",
  starts_at: later(-1440),
  due_at: later(60),
  progress,
  ...more,
});

test("a round says what somebody has to do before how far it is", () => {
  const words = (progress: Progress, more: Partial<AssignmentRow> = {}) =>
    standingOf(round(progress, more)).words;
  expect(words({ total: 4 })).toBe("未开始");
  expect(words({ total: 4, ticks: ["started"] })).toBe("进行中");
  expect(words({ total: 4, done: 2 })).toBe("进行中");
  expect(words({ total: 4, done: 4, to_review: 4 })).toBe("已送齐，待审核");
  expect(words({ total: 4, done: 4, to_review: 4, photos_waiting: 2 })).toBe(
    "答案已到，差 2 张照片",
  );
  expect(words({ total: 4, done: 3, returned: 1 })).toBe("退回 1 台");
  expect(words({ total: 4, done: 4 })).toBe("全部已接受");
  expect(words({ total: 4, returned: 1 }, { state: "withdrawn" })).toBe("已撤回");
});

test("green is for what has arrived whole, and nothing else", () => {
  const tones = [
    { total: 1 },
    { total: 1, done: 1 },
    { total: 1, done: 1, to_review: 1 },
    { total: 1, done: 1, to_review: 1, photos_waiting: 1 },
  ].map((progress) => standingOf(round(progress)).tone);
  expect(tones).toEqual(["quiet", "plain", "ok", "warn"]);
  const target = { asset: "a", template: "t", tick: "done" } as const;
  expect(targetStanding({ ...target, step: "submitted" }).tone).toBe("ok");
  expect(targetStanding({ ...target, step: "submitted", photos_waiting: 1 }).tone).toBe("warn");
  expect(targetStanding({ ...target, step: "accepted" }).tone).toBe("quiet");
});

test("withdrawn devices have no mark, and what was begun is still open", () => {
  const ticks = ["done", "withdrawn", "abnormal", "started", "na", "open"] as const;
  expect(marksOf({ total: 5, ticks })).toEqual(["done", "abnormal", "open", "na", "open"]);
});

const assignment: AssignmentDetail = {
  row: round({ total: 3 }),
  targets: [
    { asset: "a", template: "t", room_name: "机房" },
    { asset: "b", template: "t", tick: "withdrawn" },
    { asset: "c", template: "u", room_name: "机房" },
  ],
};
const minted = { now: NOW, random: (length: number) => new Uint8Array(length).fill(1) };

test("devices are lifeWords by room, in the order of the round", () => {
  expect(byRoom(assignment.targets).map(([room, list]) => [room, list.length])).toEqual([
    ["机房", 2],
    ["", 1],
  ]);
});

test("an edit names the version that was on the screen", () => {
  expect(reassigned(assignment, "zhou", minted).ops).toEqual([
    expect.objectContaining({
      kind: "assignment",
      record: "r",
      base: 7,
      set: { assignee: "zhou" },
    }),
  ]);
});

test("a target is taken out or put back, and never deleted", () => {
  const [op] = retargeted(assignment, "a", true, minted).ops;
  expect(op?.set?.targets).toEqual([
    { asset: "a", template: "t", withdrawn: true },
    { asset: "b", template: "t", withdrawn: true },
    { asset: "c", template: "u", withdrawn: false },
  ]);
  const [back] = retargeted(assignment, "b", false, minted).ops;
  expect(back?.set?.targets).toContainEqual({ asset: "b", template: "t", withdrawn: false });
});

test("a finding belongs to the asset and says where it was found", () => {
  const finding = { item: "psu", severity: "major", text: "熄灭" } as const;
  const [op] = recorded(detail("a"), finding, minted).ops;
  expect(op).toMatchObject({
    kind: "finding",
    new: true,
    parent: "asset-a",
    set: { inspection: "a", item: "psu", found_at: "2026-11-18T06:31:00.000Z" },
  });
});

test("a failure says what happened and what is safe, with the server's words behind", () => {
  expect(failureWords({ kind: "unreachable" })).toEqual({
    what: "连不上服务器。",
    safe: "已提交的都在服务器上。",
  });
  const later = { kind: "later", status: 503, afterMs: 90_000, slug: null } as const;
  expect(failureWords(later).safe).toBe("已提交的都在服务器上。 2 分钟后再试。");
  const problem = { type: "/problems/x", title: "x", status: 403, detail: "detail" };
  const refused = { kind: "refused", problem } as const;
  expect(failureWords({ ...refused, slug: "not-allowed" }).what).toBe("你的角色不能做这件事。");
  expect(failureWords({ ...refused, slug: "odd" })).toMatchObject({ support: "detail · x · x" });
});

test("nobody accepts their own work, and is lifeWords so", () => {
  const own = detail("a", { row: row("a", { inspector: "me" }), may: ["return"] });
  expect(barrierWords(own, "me")).toBe("自己做的巡检由别人审核。");
  expect(barrierWords(detail("a"), "me")).toBeNull();
  expect(barrierWords(detail("a", { may: [] }), "me")).toBe("你可以看，不能审核这个站点。");
  const draft = detail("a", { row: row("a", { step: "draft" }), may: [] });
  expect(barrierWords(draft, "me")).toBe("工程师还在填写。");
});

test("after signing in one goes back inside the office, and nowhere else", () => {
  const to = (text: string) => placeAfter(new URLSearchParams({ to: text }));
  expect(to("/office/review/1?show=all")).toBe("/office/review/1?show=all");
  expect(to("/office")).toBe("/office");
  const elsewhere = ["", "/", "https://evil.example/office", "//evil.example", "/office/login"];
  expect(elsewhere.map(to)).toEqual(elsewhere.map(() => "/office"));
  expect(to("/officer")).toBe("/office");
});

test("an address with what can be no id is no page", () => {
  const id = "019bf7d0-9280-7935-9c8b-7875e5d4b5b0";
  expect(partsOf(`/office/assets/${id}`)).toEqual({ place: "assets", id });
  expect(partsOf("/office/assets")).toEqual({ place: "assets" });
  expect(partsOf("/office/assets/")).toEqual({ place: "assets" });
  expect(partsOf("/office")).toEqual({ place: "" });
  expect(partsOf("/office/assets/duplicates")).toEqual({ place: "missing" });
});

test("an address has only what was asked, several values by name", () => {
  expect(withQuery("/a", { q: "", site: null, state: ["x", "y"], offset: 50 })).toBe(
    "/a?state=x&state=y&offset=50",
  );
  expect(["50", "-3", "x", ""].map(readOffset)).toEqual([50, 0, 0, 0]);
});

test("a sheet begins at its first free place and takes no more than it may", () => {
  expect([sheets(0, 3, 24), sheets(24, 0, 24), sheets(24, 1, 24)]).toEqual([0, 1, 2]);
  toggle({ id: "1", name: "一" });
  toggle({ id: "2", name: "二" });
  toggle({ id: "1", name: "一" });
  expect([...chosen.value.keys()]).toEqual(["2"]);
  for (let n = 0; n <= MAX; n += 1) choose({ id: `more-${n}`, name: "多" });
  expect(chosen.value.size).toBe(MAX);
});

test("fields and attributes have words; what somebody named stays theirs", () => {
  const paths = ["answers.inlet", "position", "severity", "new.thing"];
  expect(paths.map(fieldWord)).toEqual(["答案", "位置", "严重程度", "new.thing"]);
  expect([attributeWord("cpu"), attributeWord("机柜钥匙")]).toEqual(["CPU", "机柜钥匙"]);
});

test("readings over time: the newest result's items, oldest figure first, worst item first", () => {
  const before = detail("old", {
    row: row("old", { submitted_at: "2026-08-20T02:00:00Z" }),
    judged: JUDGED.map((one) =>
      one.path === "inlet" ? { ...one, value: 24.1, verdict: "normal" } : one,
    ),
  });
  const series = seriesOf([detail("a"), before]);
  expect(series.map((one) => one.path)).toEqual(["inlet", "disks.d1.life", "disks.d2.life"]);
  expect(series[0]?.points.map((point) => [point.value, point.verdict])).toEqual([
    [24.1, "normal"],
    [29.4, "abnormal"],
  ]);
  expect(seriesOf([])).toEqual([]);
});

test("only results of the newest checklist are compared", () => {
  const title = (zh: string) => ({ zh, en: zh });
  const rows = [
    row("a", { template_title: title("服务器") }),
    row("b", { template_title: title("机房"), submitted_at: "2026-08-01T00:00:00Z" }),
    row("c", { template_title: title("服务器"), submitted_at: "2026-05-01T00:00:00Z" }),
    row("d", { template_title: title("服务器"), step: "draft" }),
  ];
  expect(resultsOf(rows).map((one) => one.id)).toEqual(["a", "c"]);
});

test("a chart holds all its figures on the paper, higher ones above", () => {
  const y = chartScale([18, 27, 29.4]);
  const heights = [18, 27, 29.4].map(y);
  expect(heights).toEqual([...heights].sort((a, b) => b - a));
  expect(Math.min(...heights)).toBeGreaterThanOrEqual(14);
  expect(Math.max(...heights)).toBeLessThanOrEqual(122);
  expect(Number.isFinite(chartScale([5, 5])(5))).toBe(true);
});

test("the life of an asset tells abnormal apart from work that goes on", () => {
  const title = { template_title: { zh: "季度巡检", en: "Quarterly" } };
  expect(lifeWords(row("a", { ...title, abnormal: 3 }))).toEqual({
    icon: "alert",
    isBad: true,
    words: "季度巡检，异常 3",
  });
  expect(lifeWords(row("a", title)).words).toBe("季度巡检，全部正常");
  expect(lifeWords(row("a", { ...title, abnormal: 3, step: "draft" })).isBad).toBe(false);
});
