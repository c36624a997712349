// What waits in the office, as a keyboard and a screen reader meet it; and the choices behind it.

import { type ComponentChild, render } from "preact";
import { act } from "preact/test-utils";
import { expect, test } from "vitest";
import { go } from "../../src/ui/kit/address.ts";
import { movingOf } from "../../src/ui/office/asset-place.tsx";
import { losersOf } from "../../src/ui/office/duplicates.tsx";
import { questionOf, stepsFrom } from "../../src/ui/office/round-state.tsx";
import { OfficeContext, readAgain } from "../../src/ui/office/state.ts";
import { WaitingPage } from "../../src/ui/office/waiting/index.tsx";
import {
  aboutWords,
  typedValue,
  typingOf,
  valueWords,
} from "../../src/ui/office/waiting/values.ts";
import { setLanguage } from "../../src/ui/words/index.ts";
import type {
  AssetDetail,
  AssignmentDetail,
  WaitingDetail,
  WaitingField,
  WaitingRow,
} from "../../src/wire/types.ts";
import { type Asked, json, ME, NOW, problem, ZONE } from "./office.ts";
import { client, root, server, until } from "./stage.ts";

let details: Map<string, WaitingDetail>;
let rows: WaitingRow[];
let sent: Asked[];

const shows = (text: string) => () => root.textContent?.includes(text) === true;
const button = (text: string): HTMLButtonElement => {
  const found = [...root.querySelectorAll("button")].find((one) => one.textContent?.includes(text));
  if (!found) throw new Error(`no button ${text}`);
  return found;
};
const field = (): HTMLInputElement => {
  const found = root.querySelector<HTMLInputElement>(".settling input");
  if (!found) throw new Error("no field for the reason");
  return found;
};
const press = (key: string, target: Element = document.body) =>
  act(() => {
    target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  });
const type = (into: HTMLInputElement, text: string) =>
  act(() => {
    into.value = text;
    into.dispatchEvent(new Event("input", { bubbles: true }));
  });

const show = (screen: ComponentChild) => {
  const office = {
    client,
    me: ME,
    now: () => NOW,
    random: (length: number) => new Uint8Array(length).fill(3),
    zone: ZONE,
  };
  return act(() =>
    render(<OfficeContext.Provider value={office}>{screen}</OfficeContext.Provider>, root),
  );
};

const AT = new Date(NOW - 60_000).toISOString();
const TEMP = { type: "number", id: "temp", title: { zh: "进风口温度", en: "Inlet" }, unit: "°C" };

function row(op: string, more: Partial<WaitingRow> = {}): WaitingRow {
  const base = { op, kind: "conflict", reason: "conflict", at: AT, time_zone: ZONE } as const;
  const who = { person_name: "梁志豪", device_name: "平板 03", site_name: "天河总部机房" };
  return { ...base, ...who, title: `设备 ${op}`, ...more };
}

function conflict(op: string): WaitingDetail {
  const disputed = {
    path: "answers.temp",
    conflict: `${op}-c`,
    before: null,
    ours: { value: 24.5 },
    theirs: { value: 26 },
    item: TEMP,
  } as WaitingField;
  return { row: row(op), fields: [disputed], seen: { record: 7 }, may: ["decide"] };
}

test("two changes of one device to one asset are told apart by what they answer", () => {
  const fan = { title: { zh: "风扇", en: "Fan" } };
  const inlet = { title: { zh: "进风口温度", en: "Inlet" } };
  const disk = { title: { zh: "剩余寿命", en: "Life left" }, element: "盘 3" };
  const at = (name: string) => `answers.${name}`;
  expect(aboutWords(row("a", { items: [fan], paths: [at("fan")] }))).toBe("风扇");
  expect(aboutWords(row("b", { items: [inlet], paths: [at("temp")] }))).toBe("进风口温度");
  const many = { items: [fan, inlet, disk], paths: ["a", "b", "c", "d", "e"].map(at) };
  expect(aboutWords(row("c", many))).toBe("风扇、进风口温度、盘 3 · 剩余寿命等 5 处");
  expect(aboutWords(row("d", { record_kind: "asset", paths: ["serial", "model"] }))).toBe(
    "序列号、型号",
  );
  setLanguage("en");
  expect(aboutWords(row("e", { items: [disk], paths: ["elements.d3.answers.life"] }))).toBe(
    "盘 3 · Life left",
  );
});

/** A server where these wait, and whose decisions take them away. */
function serve(...held: WaitingDetail[]): void {
  details = new Map(held.map((one) => [one.row.op, one]));
  rows = held.map((one) => one.row);
  sent = [];
  server.always = (asked) => {
    const [, op, verb] = /^\/office\/waiting\/([\w-]+)(\/decide)?$/.exec(asked.path) ?? [];
    if (verb && op) {
      sent.push(asked);
      rows = rows.filter((one) => one.op !== op);
      details.delete(op);
      return json({ op });
    }
    if (op) return details.has(op) ? json(details.get(op)) : problem("not-found", 404);
    const kinds = { conflict: rows.length, review: 0, rejected: 0, held: 0 };
    return json({ total: rows.length, kinds, rows });
  };
}

async function open(op: string): Promise<void> {
  go(`/office/waiting/${op}`);
  await show(<WaitingPage id={op} />);
  await until(() => root.querySelector(".wait .rh") !== null);
}

test("both values stand side by side with the question, and keys choose and confirm", async () => {
  serve(conflict("a"), conflict("b"));
  await open("a");
  for (const words of ["设备 a · 1 处需要决定", "进风口温度", "24.5 °C", "26 °C"]) {
    expect(root.textContent?.replace(/\u00a0/g, " ")).toContain(words);
  }
  expect(button("先选一个值").disabled).toBe(true);
  await press("2");
  expect(button("保留服务器的值").disabled).toBe(false);
  await press("1");
  await type(field(), "以铭牌为准");
  await press("Enter", field());
  await until(() => sent.length === 1);
  expect(sent[0]?.body).toEqual({
    seen: { record: 7 },
    words: "以铭牌为准",
    conflicts: [{ id: "a-c", take: "theirs" }],
  });
  await until(() => location.pathname === "/office/waiting/b");
  expect(root.textContent).toContain("已处理：设备 a");
});

test("another value is typed, and is sent as an answer", async () => {
  serve(conflict("a"));
  await open("a");
  await press("3");
  const other = root.querySelector<HTMLInputElement>("[data-other]");
  if (!other) throw new Error("no field");
  expect(document.activeElement).toBe(other);
  await type(other, "25,5");
  await act(() => button("采用另填的值").click());
  await until(() => sent.length === 1);
  expect(sent[0]?.body).toMatchObject({
    conflicts: [{ id: "a-c", take: "value", value: { value: 25.5 } }],
  });
  await until(() => location.pathname === "/office/waiting");
  await show(<WaitingPage id={null} />);
  await until(shows("没有等待处理的改动"));
});

test("J and K go through the list, and do nothing while somebody types", async () => {
  serve(conflict("a"), conflict("b"));
  await open("a");
  await press("j");
  expect(location.pathname).toBe("/office/waiting/b");
  await press("k", field());
  expect(location.pathname).toBe("/office/waiting/b");
});

test("a value that moved on decides nothing, and what was chosen stays", async () => {
  serve(conflict("a"));
  await open("a");
  await press("1");
  const moved = conflict("a");
  const now = { ...moved.fields?.[0], ours: { value: 23 } } as WaitingField;
  details.set("a", { ...moved, fields: [now], seen: { record: 8 } });
  server.answer(problem("version-moved-on", 409));
  await press("Enter");
  await until(shows("什么都没有决定"));
  await until(() => root.textContent?.replace(/\u00a0/g, " ").includes("23 °C") === true);
  expect(root.querySelector(".pick.on")?.textContent).toContain("26");
});

test("nothing is replaced under the reader's eyes", async () => {
  serve(conflict("a"));
  await open("a");
  const newer = conflict("a");
  details.set("a", { ...newer, seen: { record: 9 } });
  await act(() => readAgain());
  await until(shows("看现在的内容"));
});

test("what somebody else settled says so and leads on", async () => {
  serve(conflict("a"), conflict("b"));
  await open("a");
  details.delete("a");
  rows = rows.filter((one) => one.op !== "a");
  await act(() => readAgain());
  await until(shows("这一项已经由别人处理。"));
  await act(() => button("看下一项").click());
  expect(location.pathname).toBe("/office/waiting/b");
});

test("letting a change go needs words; a change into accepted work too", async () => {
  const late: WaitingDetail = {
    row: row("a", { kind: "review", reason: "accepted" }),
    fields: [{ path: "note", ours: "旧", theirs: "新" }],
    seen: { record: 1 },
    needs_words: true,
    may: ["apply", "discard"],
  };
  serve(late);
  await open("a");
  expect(root.textContent).toContain("送到时，这份结果已经接受");
  await act(() => button("写入已接受的结果").click());
  await act(() => button("放弃这项改动").click());
  expect(sent).toEqual([]);
  expect(document.activeElement).toBe(field());
  await type(field(), "复测后更正");
  await act(() => button("写入已接受的结果").click());
  await until(() => sent.length === 1);
  expect(sent[0]?.body).toEqual({ seen: { record: 1 }, words: "复测后更正", apply: true });
});

test("what cannot be written is only let go, and says why", async () => {
  serve({
    row: row("a", { kind: "review", reason: "unknown", title: "", record_kind: "asset" }),
    fields: [{ path: "position", theirs: "B9" }],
    obstacle: "unknown",
    may: ["discard"],
  });
  await open("a");
  expect(root.textContent).toContain("没有可写入的记录，只能放弃");
  expect(root.querySelector(".bar .btn.pri")?.textContent).toBe("放弃这项改动");
  await type(field(), "不是我们的");
  await press("Enter");
  await until(() => sent.length === 1);
  expect(sent[0]?.body).toEqual({ seen: {}, words: "不是我们的", discard: true });
});

test("an empty list says why, a server that is away says what is safe", async () => {
  serve();
  await show(<WaitingPage id={null} />);
  await until(shows("没有等待处理的改动。"));
  server.always = () => "cut";
  await act(() => readAgain());
  await until(shows("连不上服务器。"));
});

test("two answers that differ in their severity or their reason are told apart", () => {
  const fan = { type: "check", id: "fan", title: { zh: "风扇", en: "Fan" } };
  const of = (item: unknown) =>
    ({ path: "answers.fan", ...(item ? { item } : {}) }) as WaitingField;
  for (const field of [of(fan), of(null)]) {
    expect(valueWords(field, { value: "fail", severity: "major" })).toBe("异常 · 重要");
    expect(valueWords(field, { value: "fail", severity: "urgent" })).toBe("异常 · 紧急");
    expect(valueWords(field, { na: true, reason: "已拆除" })).toBe("不适用 · 已拆除");
  }
  expect(valueWords(of(null), { value: 24.5, note: "x" })).toBe("24.5");
});

test("values are said as people say them", () => {
  const path = (name: string, more: Partial<WaitingField> = {}) => ({ path: name, ...more });
  const id = "0199aaaa-0000-7000-8000-000000000001";
  expect(valueWords(path("note"), undefined)).toBe("不详");
  expect(valueWords(path("note"), null)).toBe("空");
  expect(valueWords(path("asset"), id, { [id]: "UPS-01" })).toBe("UPS-01");
  expect(valueWords(path("asset"), id)).toBe("不在你范围内的记录");
  expect(valueWords(path("status"), "standby")).toBe("备用");
  expect(valueWords(path("remarks.x"), { text: "柜门", item: "" })).toBe("柜门");
  const check = { type: "check", id: "fan", title: { zh: "风扇", en: "Fan" } } as const;
  expect(valueWords(path("answers.fan", { item: check }), { value: "fail" })).toBe("异常");
  expect(valueWords(path("answers.fan", { item: check }), { na: true })).toBe("不适用");
});

test("only what can be typed is asked for, and only what can be read is sent", () => {
  const temp = { path: "answers.temp", item: TEMP } as WaitingField;
  expect(typedValue(temp, "abc")).toBeUndefined();
  expect(typedValue(temp, "")).toBeUndefined();
  expect(typedValue(temp, "25.5")).toEqual({ value: 25.5 });
  expect(typingOf({ path: "review", theirs: { decision: "x" } })).toBeNull();
  expect(typedValue({ path: "position", ours: "B7" }, " B8 ")).toBe("B8");
});

// --- Rounds, moves, duplicates ---

const round = (state: string, to_review = 0) =>
  ({ row: { title: { zh: "季度", en: "Q" }, state, progress: { total: 3, to_review } } }) as never;

test("a round goes the ways that its state allows, and what leaves the tablets is asked", () => {
  const words = (state: never) => stepsFrom(state).map((step) => step.to);
  expect(words("done" as never)).toEqual(["closed", "withdrawn"]);
  expect(words("closed" as never)).toEqual(["done"]);
  expect(words("started" as never)).toEqual(["withdrawn"]);
  const detail: AssignmentDetail = round("done", 2);
  expect(questionOf(detail, "closed")?.join()).toContain("还有 2 台待审核");
  expect(questionOf(detail, "issued")).toBeNull();
});

test("a move names what goes along and what stays", () => {
  const detail = {
    row: { id: "a" },
    tags: [{ retired: true }, {}],
    inspections: [
      { asset: "a", step: "accepted" },
      { asset: "a", step: "draft" },
      { asset: "twin", step: "draft" },
    ],
    findings: [{ step: "open" }, { step: "verified" }],
  };
  const moving = movingOf(detail as unknown as AssetDetail);
  expect(moving).toEqual({ tags: 1, open: 1, stays: 1, findings: 1 });
});

test("a duplicate is merged into one of its own site alone", () => {
  const at = (id: string, site: string) => ({ id, site }) as never;
  const group = { serial: "s", assets: [at("a", "x"), at("b", "x"), at("c", "y")] };
  expect(losersOf(group, "a").map((one) => one.id)).toEqual(["b"]);
});

test("a category is called by its word, and one of a newer server as it came", () => {
  const field = { path: "category", theirs: "network" } as WaitingField;
  expect(valueWords(field, "network", {})).toBe("网络设备");
  expect(valueWords(field, "robot", {})).toBe("robot");
});

test("why a change was not written is told in words; the server's own stand behind an unfold", async () => {
  const refused = {
    type: "/problems/invalid-op",
    title: "The change breaks a rule and was not applied",
    status: 422,
    errors: [
      { field: "answers.temp", detail: "Expected `object`, got `int`" },
      { field: "orig_n", detail: "is of no op before this one" },
    ],
  };
  serve({
    row: row("a", { kind: "rejected", reason: "rule" }),
    fields: [{ path: "answers.temp", theirs: 26, item: TEMP } as WaitingField],
    problem: refused,
    seen: {},
    may: ["apply", "discard"],
  });
  await open("a");
  const why = root.querySelector(".why");
  const support = why?.querySelector("details");
  expect(support?.open).toBe(false);
  expect(support?.textContent).toContain("Expected `object`, got `int`");
  support?.remove();
  expect(why?.textContent).toContain("不合规则，没有写入：进风口温度");
  expect(why?.textContent).not.toMatch(/[a-z]{3}/);
});
