// The review, without a screen: which items, in which order, in which words, and the desk.

import { afterEach, beforeEach, expect, test } from "vitest";
import {
  acceptance,
  barriers,
  done,
  dropRemarks,
  filledRemarks,
  isSame,
  mergeQueue,
  needsReason,
  neighbour,
  nextOpen,
  noteDone,
  noteUndone,
  remarksFor,
  returning,
  sortQueue,
  staying,
  writeRemark,
} from "../../src/ui/office/review/desk.ts";
import { gridRows } from "../../src/ui/office/review/sheet.tsx";
import {
  countsOf,
  filtered,
  type SheetItem,
  sheetItems,
  titleOf,
} from "../../src/ui/office/review/sheet-items.ts";
import {
  answerWords,
  beforeWords,
  changeWords,
  sourceWords,
} from "../../src/ui/office/review/words.tsx";
import { forgetAll, minute } from "../../src/ui/office/state.ts";
import { setLanguage } from "../../src/ui/words/index.ts";
import { detail, NOW, row } from "./office.ts";

beforeEach(() => {
  setLanguage("zh-CN");
  minute.value = NOW;
});
afterEach(() => {
  forgetAll();
  setLanguage("zh-CN");
});

const paths = (items: readonly SheetItem[]) => items.map((item) => item.path);
const item = (path: string): SheetItem => {
  const found = sheetItems(detail("a")).find((one) => one.path === path);
  if (!found) throw new Error(`no item ${path}`);
  return found;
};

test("the abnormal come in the order of the server, the rest in that of the form", () => {
  const one = detail("a");
  const items = sheetItems(one);
  expect(paths(filtered(items, "abnormal", one.order ?? []))).toEqual([
    "inlet",
    "psu",
    "disks.d1.life",
  ]);
  expect(paths(filtered(items, "rest", one.order ?? []))).toEqual(["fan"]);
  expect(paths(filtered(items, "all", one.order ?? []))).toEqual(paths(items));
});

test("a required item that is open is shown with the abnormal ones", () => {
  const one = detail("a", {
    judged: [{ path: "fan", section: "power", verdict: "open", missing: true }],
  });
  expect(countsOf(sheetItems(one))).toMatchObject({ abnormal: 1, all: 1 });
});

test("a group counts by what is in it, never itself", () => {
  expect(countsOf(sheetItems(detail("a")))).toEqual({ abnormal: 3, rest: 1, all: 6, normal: 3 });
});

test("an item of a newer form is passed over, not guessed at", () => {
  const judged = [{ path: "unknown", section: "power", verdict: "normal" }] as const;
  expect(sheetItems(detail("a", { judged }))).toEqual([]);
});

test("an element is called by its name, or by its kind and number", () => {
  const one = detail("a");
  expect(titleOf(one, item("disks.d1.life"))).toBe("0 号盘 · 剩余寿命");
  expect(titleOf(one, item("disks.d2.life"))).toBe("盘 2 · 剩余寿命");
  expect(titleOf(one, item("psu"))).toBe("电源模块冗余");
});

test("an answer is said as people say it, in both languages", () => {
  expect(answerWords(item("psu"))).toBe("异常");
  expect(answerWords(item("look"))).toBe("干净、有灰");
  expect(answerWords(item("inlet"))).toBe("29.4\u00a0°C");
  setLanguage("en");
  expect(answerWords(item("psu"))).toBe("Abnormal");
});

test("last time stands beside it with its day and person, and the change has its sign", () => {
  expect(beforeWords(item("inlet"), detail("a"))).toBe("24.1\u00a0°C，8月20日，周立群");
  expect(beforeWords(item("fan"), detail("a"))).toBeNull();
  expect([5.3, -0.5, 0, null].map(changeWords)).toEqual(["+5.3", "\u22120.5", "0", null]);
});

test("the source of a limit is named once", () => {
  expect(sourceWords(item("inlet"))).toBe("GB 50174 附录 A");
});

test("a decision names what was seen; blank remarks are none", () => {
  const one = detail("a");
  writeRemark("a", "psu", " 补拍 ");
  writeRemark("a", "fan", "  ");
  writeRemark("b", "psu", "别的");
  expect(filledRemarks(remarksFor("a"))).toHaveLength(1);
  expect(returning(one, remarksFor("a"))).toEqual({
    decision: "returned",
    seen: { a: 1 },
    remarks: [{ item: "psu", text: "补拍" }],
  });
  expect(acceptance(one, " ")).toEqual({ decision: "accepted", seen: { a: 1 } });
  expect(acceptance(one, "已看过")).toMatchObject({ reason: "已看过" });
  dropRemarks("a");
  expect([remarksFor("a"), remarksFor("b")]).toEqual([{}, { psu: "别的" }]);
});

test("photos that are missing ask for a reason, all else stands in the way", () => {
  const problem = (slug: string) => ({ type: `/problems/${slug}`, title: slug, status: 409 });
  const one = detail("a", { obstacles: [problem("photos-waiting"), problem("conflicts-open")] });
  expect(needsReason(one)).toBe(true);
  expect(barriers(one).map((found) => found.title)).toEqual(["conflicts-open"]);
  expect(needsReason(detail("a"))).toBe(false);
});

test("a result is the same while no version moved, of it or of what hangs on it", () => {
  expect(isSame(detail("a"), detail("a"))).toBe(true);
  expect(isSame(detail("a"), detail("a", { seen: { a: 2 } }))).toBe(false);
  expect(isSame(detail("a"), detail("a", { seen: { a: 1, photo: 1 } }))).toBe(false);
});

const at = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();

test("what needs eyes comes first, then what waited longest", () => {
  const rows = [
    row("new", { submitted_at: at(1) }),
    row("old", { submitted_at: at(9) }),
    row("bad", { abnormal: 2, submitted_at: at(2) }),
    row("torn", { conflicts: 1, submitted_at: at(3) }),
    row("warm", { warning: 3, submitted_at: at(4) }),
  ];
  const ids = (order: "abnormal" | "oldest") => sortQueue(rows, order).map((one) => one.id);
  expect(ids("abnormal")).toEqual(["torn", "bad", "warm", "old", "new"]);
  expect(ids("oldest")).toEqual(["old", "warm", "torn", "bad", "new"]);
});

test("a queue that is read again moves nothing: new rows last, decided ones stay", () => {
  const lying = [row("a"), row("b"), row("c")];
  const fresh = [row("d"), row("c", { version: 2 }), row("b")];
  const merged = mergeQueue(lying, fresh, new Set(["a"]));
  expect(merged.map((one) => one.id)).toEqual(["a", "b", "c", "d"]);
  expect(merged[2]?.version).toBe(2);
  expect(mergeQueue(lying, fresh, new Set()).map((one) => one.id)).toEqual(["b", "c", "d"]);
});

test("what was taken back keeps its place until the queue has it again", () => {
  const decided = { inspection: "a", step: "accepted", round: 1, seen: { a: 2 } } as const;
  const one = { row: row("a"), decided, remarks: 0 };
  noteDone(one);
  expect(staying([row("b")], null)).toEqual(new Set(["a"]));
  noteUndone(one);
  expect(done.value).toEqual([]);
  expect(staying([row("b")], "b")).toEqual(new Set(["a", "b"]));
  staying([row("a"), row("b")], null);
  expect(staying([row("b")], null)).toEqual(new Set());
});

test("the keys stop at both ends; after a decision the next open one comes", () => {
  const rows = [row("a"), row("b"), row("c")];
  expect(neighbour(rows, "a", -1)?.id).toBe("a");
  expect(neighbour(rows, "a", 1)?.id).toBe("b");
  expect(neighbour(rows, "c", 1)?.id).toBe("c");
  expect(neighbour(rows, null, 1)?.id).toBe("a");
  expect(nextOpen(rows, "b", new Set(["b"]))?.id).toBe("c");
  expect(nextOpen(rows, "c", new Set(["c"]))?.id).toBe("a");
  expect(nextOpen(rows, "c", new Set(["a", "b", "c"]))).toBeUndefined();
});

test("measuring points lie as they do in the aisle, whatever their order in the form", () => {
  const title = { zh: "点", en: "Point" };
  const place = (id: string, line: number, column: number) => ({ id, title, row: line, column });
  const rows = gridRows({
    type: "group",
    id: "grid",
    title,
    element: title,
    items: [],
    places: [place("b2", 1, 1), place("a1", 0, 0), place("b1", 1, 0), place("a2", 0, 1)],
  });
  expect(rows.map((line) => line.map((one) => one.id))).toEqual([
    ["a1", "a2"],
    ["b1", "b2"],
  ]);
});

test("what its item cannot have is shown as it was typed, and never as an answer", () => {
  const unfit = (path: string, value: unknown): SheetItem => {
    const one = item(path);
    const judged = { ...one.judged, verdict: "open", value: null } as SheetItem["judged"];
    return { ...one, judged, answer: { value } as SheetItem["answer"] };
  };
  expect(answerWords(unfit("inlet", "warm"))).toBe("“warm”");
  expect(answerWords(unfit("psu", 7))).toBe("“7”");
  expect(answerWords(unfit("look", "of-a-later-form"))).toBe("“of-a-later-form”");
  expect(answerWords(unfit("inlet", " "))).toBe("未测");
});
