// Reports in the office: what is there, what is being made, what failed, and how one is ordered.

import { type ComponentChild, render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, expect, test, vi } from "vitest";
import { go } from "../../src/ui/kit/address.ts";
import { ReportsPage } from "../../src/ui/office/reports/index.tsx";
import { ReportsOf } from "../../src/ui/office/reports/section.tsx";
import { standingOf } from "../../src/ui/office/reports/words.ts";
import { OfficeContext } from "../../src/ui/office/state.ts";
import { setLanguage } from "../../src/ui/words/index.ts";
import type { ReportRow, ReportSubjects } from "../../src/wire/types.ts";
import { type Asked, json, ME, NOW, problem, ZONE } from "./office.ts";
import { client, root, server, until } from "./stage.ts";

afterEach(() => {
  vi.useRealTimers();
});

const shows = (text: string) => () => root.textContent?.includes(text) === true;
const buttons = (text: string): HTMLButtonElement[] =>
  [...root.querySelectorAll("button")].filter((one) => one.textContent?.trim() === text);

const pass = (ms: number) =>
  act(() => {
    vi.advanceTimersByTime(ms);
  });

const show = (screen: ComponentChild) =>
  act(() =>
    render(
      <OfficeContext.Provider
        value={{
          client,
          me: ME,
          now: () => NOW,
          random: (length: number) => new Uint8Array(length).fill(3),
          zone: ZONE,
        }}
      >
        {screen}
      </OfficeContext.Provider>,
      root,
    ),
  );

function report(more: Partial<ReportRow> = {}): ReportRow {
  return {
    id: "r1",
    of: "round",
    of_kind: "assignment",
    site: "s",
    site_name: "天河机房",
    customer_name: "穗丰",
    time_zone: ZONE,
    title: { zh: "季度巡检", en: "Quarterly round" },
    language: "zh-CN",
    revision: 1,
    state: "ready",
    progress: 100,
    code: "7K4M-2P9D-6Q8R-TW3X",
    bytes: 226_000,
    created_at: "2026-11-18T06:00:00Z",
    ready_at: "2026-11-18T06:01:00Z",
    ...more,
  };
}

const subjects = (...reports: ReportRow[]): ReportSubjects => ({
  time_zone: ZONE,
  subjects: [{ of: "round", of_kind: "assignment", reports, earlier: 0 }],
});

const page = (...rows: ReportRow[]) => ({ total: rows.length, offset: 0, rows });

test("a finished report is downloaded by a link that says what it is", async () => {
  server.always = () => json(subjects(report()));
  await show(<ReportsOf of="round" kind="assignment" />);
  await until(shows("第 1 版"));
  const link = root.querySelector<HTMLAnchorElement>('a[href="/office/reports/r1/file"]');
  expect(link?.getAttribute("aria-label")).toBe("下载 季度巡检 · 整轮报告，中文，第 1 版");
  expect(link?.hasAttribute("download")).toBe(true);
  expect(root.querySelector('a[href="/verify/7K4M2P9D6Q8RTW3X"]')).not.toBeNull();
  const table = root.querySelector<HTMLAnchorElement>('a[href*="format=xlsx"]');
  expect(table?.getAttribute("href")).toBe(
    "/office/reports/table?of=round&of_kind=assignment&language=zh-CN&format=xlsx",
  );
});

test("what was never made says so, and is ordered in its language", async () => {
  let isOrdered = false;
  const waiting = report({ language: "en", state: "waiting", progress: 0 });
  server.always = (asked: Asked) => {
    if (asked.method === "POST") {
      isOrdered = true;
      return json({ report: waiting, is_new: true });
    }
    return json(isOrdered ? subjects(report(), waiting) : subjects(report()));
  };
  await show(<ReportsOf of="round" kind="assignment" />);
  await until(shows("尚未生成"));
  await act(() => buttons("生成")[0]?.click());
  await until(shows("等待生成"));
  const [order] = server.asked.filter(({ method }) => method === "POST");
  expect(order?.path).toBe("/office/reports");
  expect(order?.body).toEqual({ of: "round", of_kind: "assignment", language: "en" });
  expect(shows("已开始生成第 1 版")()).toBe(true);
});

test("while one is made its progress is read again, and not after it is there", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  let state: ReportRow = report({ state: "waiting", progress: 30 });
  server.always = () => json(subjects(state));
  await show(<ReportsOf of="round" kind="assignment" />);
  await until(shows("正在生成 30 %"));
  state = report({ state: "waiting", progress: 60 });
  await pass(1_600);
  await until(shows("正在生成 60 %"));
  state = report();
  await pass(1_600);
  await until(shows("第 1 版"));
  const asked = server.asked.length;
  await pass(10_000);
  expect(server.asked.length).toBe(asked);
});

test("a failure names its problem, what is safe, and is tried again", async () => {
  server.always = (asked: Asked) =>
    asked.method === "POST"
      ? problem("busy", 503)
      : json(page(report({ state: "failed", progress: 60, problem: "report-too-slow" })));
  await show(<ReportsPage />);
  await until(shows("排版超过时间上限"));
  expect(root.querySelector('a[href="/office/reports/r1/file"]')).toBeNull();
  await act(() => buttons("再试一次")[0]?.click());
  await until(shows("已有的报告不受影响"));
});

test("an unchanged report is said to be the newest, and nothing new is made", async () => {
  server.always = (asked: Asked) =>
    asked.method === "POST"
      ? json({ report: report(), is_new: false })
      : json(page(report({ missing: "\ue000" })));
  await show(<ReportsPage />);
  await until(shows("1 个字没有字体，印为 □：U+E000"));
  await act(() => buttons("重新生成")[0]?.click());
  await until(shows("内容没有变化，第 1 版就是最新的"));
});

test("a superseded revision can still be downloaded, and is not made again", async () => {
  server.always = () => json(page(report({ superseded_at: "2026-11-18T07:00:00Z" })));
  await show(<ReportsPage />);
  await until(shows("第 1 版，已有新版本"));
  expect(root.querySelector('a[href="/office/reports/r1/file"]')).not.toBeNull();
  expect(buttons("重新生成")).toEqual([]);
});

test("the list asks for what the address says, newest revisions unless all are wanted", async () => {
  server.always = () => json(page());
  go("/office/reports?language=en&state=failed", { replace: true });
  await show(<ReportsPage />);
  await until(shows("没有这样的报告"));
  const asked = server.asked.map(({ path }) => path).find((path) => path.includes("reports"));
  expect(asked).toBe("/office/reports?language=en&state=failed&current=true");
});

test("every state is a shape and a word, in both languages", () => {
  for (const language of ["zh-CN", "en"] as const) {
    setLanguage(language);
    const said = [
      report(),
      report({ superseded_at: "2026-11-18T07:00:00Z" }),
      report({ state: "waiting", progress: 0 }),
      report({ state: "waiting", progress: 40 }),
      report({ state: "failed" }),
    ].map((row) => standingOf(row));
    expect(new Set(said.map(({ words }) => words)).size).toBe(5);
    expect(new Set(said.map(({ icon }) => icon)).size).toBe(5);
  }
});
