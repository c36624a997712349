// Printing labels, as a person orders them: what is chosen, what is shown before, what is sent.

import { type ComponentChild, render } from "preact";
import { act } from "preact/test-utils";
import { beforeEach, expect, test } from "vitest";
import { choose, sheets } from "../../src/ui/office/label-choice.ts";
import { RetireTag } from "../../src/ui/office/labels/retire.tsx";
import { PAPER_NAMES, perPage } from "../../src/ui/office/labels/words.ts";
import { LabelsPage } from "../../src/ui/office/labels.tsx";
import { OfficeContext } from "../../src/ui/office/state.ts";
import type { LabelBatchPage, LabelPreview } from "../../src/wire/types.ts";
import { type Asked, json, ME, NOW, ZONE } from "./office.ts";
import { client, root, server, until } from "./stage.ts";

const PREVIEW: LabelPreview = {
  picture: "data:image/png;base64,AAAA",
  pages: 2,
  labels: 30,
  new_codes: 30,
  missing: "\ue000",
};
const BATCHES: LabelBatchPage = {
  total: 2,
  rows: [
    { name: "2026 珠海", printed_at: "2026-11-18T01:00:00Z", labels: 60, bound: 12, free: 48 },
    { name: "旧批", labels: 24, retired: 24 },
  ],
};

function answers({ path, method }: Asked): Response {
  if (path === "/office/labels/preview") return json(PREVIEW);
  if (path === "/office/labels/batches") return json(BATCHES);
  if (path === "/office/labels/batches/retire") return json({ retired: 48 });
  if (path === "/office/labels" && method === "POST") return new Response(new Blob(["%PDF"]));
  if (path === "/office/ops") return json({ outcomes: [] });
  return json({ total: 0, rows: [] });
}

beforeEach(() => {
  server.always = answers;
  URL.createObjectURL = () => "blob:labels";
});

const shows = (text: string) => () => root.textContent?.includes(text) === true;
const press = (text: string) =>
  act(() => {
    const all = [...root.querySelectorAll<HTMLElement>("button, [role=radio], label")];
    const found = all.find((one) => one.textContent?.includes(text));
    if (!found) throw new Error(`no ${text}`);
    found.click();
  });
const show = (screen: ComponentChild) => {
  const office = {
    client: client,
    me: ME,
    now: () => NOW,
    random: (length: number) => new Uint8Array(length).fill(3),
    zone: ZONE,
  };
  return act(() =>
    render(<OfficeContext.Provider value={office}>{screen}</OfficeContext.Provider>, root),
  );
};
const sent = (path: string) => server.asked.filter((one) => one.path === path).at(-1)?.body;

test("papers hold as many labels as the server says", () => {
  expect(PAPER_NAMES.map((paper) => [paper, perPage(paper)])).toEqual([
    ["a4-3x8", 24],
    ["a4-5x13", 65],
    ["tape-62", 1],
  ]);
  expect(sheets(66, 0, perPage("a4-5x13"))).toBe(2);
});

test("what will be printed is shown before it is ordered, with what is to come", async () => {
  await show(<LabelsPage />);
  await until(() => root.querySelector(".preview img") !== null);
  expect(root.querySelector(".preview img")?.getAttribute("src")).toBe(PREVIEW.picture);
  expect(root.textContent).toContain("30 张在打印时才给编号");
  expect(root.textContent).toContain("字体里没有这些字，会印成 □：\ue000");
  expect(sent("/office/labels/preview")).toEqual({
    blank: 24,
    batch: "",
    layout: "a4-3x8",
    language: "zh-CN",
    skip: 0,
  });
});

test("with the server away nobody is told that labels can be printed all the same", async () => {
  server.always = () => "cut";
  await show(<LabelsPage />);
  await until(shows("现在连不上服务器，生成不了标签。填的都还在。"));
  expect(root.textContent).not.toContain("照样可以打印");
});

test("a tape has no places to skip, and is ordered by its name", async () => {
  await show(<LabelsPage />);
  expect(root.textContent).toContain("第一页跳过几格");
  await press("62 mm 色带");
  expect(root.textContent).not.toContain("第一页跳过几格");
  await press("张标签的 PDF");
  await until(shows("PDF 已下载"));
  expect(sent("/office/labels")).toMatchObject({ blank: 24, layout: "tape-62", skip: 0 });
});

test("chosen assets are ordered by their ids in the order they were chosen", async () => {
  choose({ id: "b", name: "UPS-02" });
  choose({ id: "a", name: "UPS-01" });
  await show(<LabelsPage />);
  await press("张标签的 PDF");
  await until(shows("PDF 已下载"));
  expect(sent("/office/labels")).toMatchObject({ assets: ["b", "a"], layout: "a4-3x8" });
});

test("a batch is printed again by its name; one that is used up is not offered", async () => {
  await show(<LabelsPage />);
  await press("再印一批");
  await until(shows("2026 珠海"));
  expect(root.textContent).toContain("60 张，已绑定 12，剩余 48");
  expect(root.querySelectorAll(".batches .btn[aria-pressed]").length).toBe(1);
  await press("再印剩余 48 张");
  await press("生成 48 张标签的 PDF");
  await until(shows("PDF 已下载"));
  expect(sent("/office/labels")).toMatchObject({ again: "2026 珠海" });
});

test("retiring what is left of a batch is asked first", async () => {
  await show(<LabelsPage />);
  await press("再印一批");
  await until(shows("2026 珠海"));
  await press("作废剩余 48 张");
  expect(root.textContent).toContain("作废“2026 珠海”里没用的 48 张？");
  expect(sent("/office/labels/batches/retire")).toBeUndefined();
  await act(() => root.querySelector<HTMLButtonElement>("dialog .pri")?.click());
  await until(() => sent("/office/labels/batches/retire") !== undefined);
  expect(sent("/office/labels/batches/retire")).toEqual({ name: "2026 珠海" });
});

test("a tag is retired over the version that was shown, and only when asked twice", async () => {
  let done = 0;
  const tag = { id: "t", version: 7, code: "7K4M2P9D6" };
  await show(
    <RetireTag
      tag={tag}
      onDone={() => {
        done += 1;
      }}
    />,
  );
  await press("作废");
  expect(root.textContent).toContain("作废标签 7K4M-2P9D-6？");
  await act(() => root.querySelector<HTMLButtonElement>("dialog .pri")?.click());
  await until(() => done === 1);
  expect(sent("/office/ops")).toMatchObject({
    ops: [{ kind: "tag", record: "t", base: 7, set: { retired: true } }],
  });
});
