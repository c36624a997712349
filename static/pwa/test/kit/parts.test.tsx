// The parts, as a keyboard and a screen reader meet them.

import { type ComponentChild, render } from "preact";
import { useState } from "preact/hooks";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test } from "vitest";
import { address, faceOf, go } from "../../src/ui/kit/address.ts";
import { statusPlaces } from "../../src/ui/kit/field-shell.tsx";
import { NumberInput } from "../../src/ui/kit/fields.tsx";
import { Gauge } from "../../src/ui/kit/gauge.tsx";
import { AnswerChoice, type CheckAnswer } from "../../src/ui/kit/segmented.tsx";
import { type Column, sortRows, Table } from "../../src/ui/kit/table.tsx";
import { type Tick, Ticks } from "../../src/ui/kit/ticks.tsx";
import { setLanguage } from "../../src/ui/words/index.ts";

let root: HTMLElement;

beforeEach(() => {
  setLanguage("zh-CN");
  root = document.createElement("div");
  document.body.append(root);
});

afterEach(() => {
  render(null, root);
  root.remove();
});

const show = (part: ComponentChild) => act(() => render(part, root));
const parts = () => [...root.querySelectorAll<HTMLElement>("[role=radio]")];
const part = (index: number): HTMLElement => {
  const found = parts()[index];
  if (!found) throw new Error(`no part ${index}`);
  return found;
};
const press = (target: Element, key: string) =>
  act(() => {
    target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  });
const checked = () => parts().map((radio) => radio.getAttribute("aria-checked"));

const answers: (CheckAnswer | null)[] = [];

function Asked() {
  const [value, setValue] = useState<CheckAnswer | null>(null);
  const change = (next: CheckAnswer | null) => {
    answers.push(next);
    setValue(next);
  };
  return <AnswerChoice item="风扇状态" value={value} onChange={change} />;
}

async function ask(): Promise<void> {
  answers.length = 0;
  await show(<Asked />);
}

test("an answer is a named radio group with one stop for Tab", async () => {
  await ask();
  expect(root.querySelector("[role=radiogroup]")?.getAttribute("aria-label")).toBe(
    "风扇状态：结果",
  );
  expect(parts().map((radio) => radio.tabIndex)).toEqual([0, -1, -1]);
});

test("arrows move, choose and go round", async () => {
  await ask();
  part(0).focus();
  await press(part(0), "ArrowRight");
  expect(answers).toEqual(["abnormal"]);
  expect(document.activeElement).toBe(part(1));
  expect(parts().map((radio) => radio.tabIndex)).toEqual([-1, 0, -1]);
  await press(part(1), "ArrowLeft");
  await press(part(0), "ArrowLeft");
  expect(answers).toEqual(["abnormal", "normal", "na"]);
  expect(document.activeElement).toBe(part(2));
});

test("other keys are left to the browser", async () => {
  await ask();
  await press(part(0), "Tab");
  await press(part(0), "x");
  expect(answers).toEqual([]);
});

test("tapping the chosen answer again takes it back", async () => {
  await ask();
  await act(() => part(0).click());
  expect(checked()).toEqual(["true", "false", "false"]);
  await act(() => part(0).click());
  expect(checked()).toEqual(["false", "false", "false"]);
  expect(answers).toEqual(["normal", null]);
});

test("words change under an open screen and the answer stays", async () => {
  await ask();
  await act(() => part(1).click());
  await act(() => setLanguage("en"));
  expect(parts().map((radio) => radio.textContent)).toEqual(["Normal", "Abnormal", "N/A"]);
  expect(checked()).toEqual(["false", "true", "false"]);
});

test("a gauge says in words what it draws", async () => {
  const limits = { alarm_low: 18, alarm_high: 27 };
  await show(<Gauge limits={limits} now={29.4} last={24.1} verdict="abnormal" unit="°C" />);
  const drawing = root.querySelector("svg");
  expect(drawing?.getAttribute("aria-label")?.replaceAll("\u00a0", " ")).toBe(
    "本次 29.4 °C，上次 24.1 °C，允许 18 °C 至 27 °C",
  );
  expect(root.querySelectorAll(".cur.out")).toHaveLength(1);
  expect(drawing?.hasAttribute("style")).toBe(false);
});

test("ticks are counted in words, and above forty they are a bar", async () => {
  const marks: Tick[] = ["done", "abnormal", "na", "open"];
  await show(<Ticks marks={marks} />);
  expect(root.querySelectorAll("i")).toHaveLength(4);
  expect(root.firstElementChild?.getAttribute("aria-label")).toBe(
    "共 4：完成 1，异常 1，不适用 1，未答 1",
  );
  await show(<Ticks marks={Array.from({ length: 41 }, () => "open" as const)} />);
  expect(root.querySelector(".ticks")).toBeNull();
  expect(root.querySelector(".plainbar")).not.toBeNull();
});

test("a figure keeps what is typed, and takes what comes from elsewhere", async () => {
  const values: (number | null)[] = [];
  const field = (value: number | null) => (
    <NumberInput value={value} onValue={(next) => values.push(next)} unit="°C" label="温度" />
  );
  await show(field(null));
  const input = root.querySelector("input");
  if (!input) throw new Error("no input");
  const type = (text: string) =>
    act(() => {
      input.value = text;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
  await type("24.");
  await show(field(24));
  expect(input.value).toBe("24.");
  await type("24.x");
  expect(values).toEqual([24]);
  expect(input.getAttribute("aria-invalid")).toBe("true");
  await show(field(27));
  expect(input.value).toBe("27");
});

test("an empty figure is said in words, never by a dash that could be a minus", async () => {
  const empty = <NumberInput value={null} onValue={() => undefined} unit="°C" label="温度" />;
  await show(empty);
  expect(root.querySelector("input")?.placeholder).toBe("未填");
  setLanguage("en");
  await show(null);
  await show(empty);
  expect(root.querySelector("input")?.placeholder).toBe("Empty");
});

test("what needs the person is never cut from the status line", () => {
  const waiting = { icon: "clock", words: "a" } as const;
  const draft = { icon: "device", words: "b" } as const;
  const needed = { icon: "needsYou", words: "c", needsYou: true } as const;
  expect(statusPlaces([waiting, draft])).toEqual([waiting, draft]);
  expect(statusPlaces([waiting, draft, needed])).toEqual([waiting, needed]);
  expect(statusPlaces([needed, waiting, draft])).toEqual([needed, waiting]);
});

type Device = { name: string; left: number | null };
const columns: readonly Column<Device>[] = [
  { key: "name", title: "设备", cell: (row) => row.name, sort: (row) => row.name },
  { key: "left", title: "项", cell: (row) => row.left, sort: (row) => row.left, num: true },
];
const devices: readonly Device[] = [
  { name: "平板 10", left: 2 },
  { name: "平板 9", left: null },
  { name: "平板 3", left: 11 },
];

test("rows sort by figure and by number inside a name; what has no value comes last", () => {
  const names = (sort: string) => sortRows(devices, columns, sort).map((row) => row.name);
  expect(names("name")).toEqual(["平板 3", "平板 9", "平板 10"]);
  expect(names("left")).toEqual(["平板 10", "平板 3", "平板 9"]);
  expect(names("-left")).toEqual(["平板 3", "平板 10", "平板 9"]);
  expect(names("unknown")).toEqual(devices.map((row) => row.name));
});

test("the sort of a table stands in the address, and the address is its state", async () => {
  go("/office?filter=late");
  await show(<Table caption="设备" {...{ columns }} rows={devices} rowKey={(row) => row.name} />);
  const head = () => [...root.querySelectorAll("th")].map((th) => th.getAttribute("aria-sort"));
  const sort = () => root.querySelectorAll<HTMLElement>("th button")[1]?.click();
  await act(sort);
  expect(location.search).toBe("?filter=late&sort=left");
  expect(head()).toEqual([null, "ascending"]);
  await act(sort);
  expect(head()).toEqual([null, "descending"]);
  await act(() => go("/office?sort=name"));
  expect(root.querySelector("td")?.textContent).toBe("平板 3");
  expect(address.value.query.get("sort")).toBe("name");
});

test("rows are walked with arrows and opened with Enter", async () => {
  const opened: string[] = [];
  const table = (
    <Table
      caption="设备"
      {...{ columns }}
      rows={devices}
      rowKey={(row) => row.name}
      onOpen={(row) => opened.push(row.name)}
    />
  );
  go("/office");
  await show(table);
  const rows = [...root.querySelectorAll<HTMLElement>("tbody tr")];
  rows[0]?.focus();
  await press(rows[0] ?? root, "ArrowDown");
  expect(document.activeElement).toBe(rows[1]);
  await press(rows[1] ?? root, "Enter");
  expect(opened).toEqual(["平板 9"]);
});

test("an address belongs to one face, or to the server", () => {
  expect(["/", "/field/sync", "/office", "/office/review", "/enrol"].map(faceOf)).toEqual([
    "field",
    "field",
    "office",
    "office",
    "enrol",
  ]);
  const server = ["/t/7K4M", "/sync", "/office-api/x", "/enrolment", "/labels/a.pdf", "/health"];
  expect(server.map(faceOf)).toEqual(server.map(() => null));
});
