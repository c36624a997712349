// One round, as its page shows it: what was given up, by whom and why, and the way to give it out again.

import { render } from "preact";
import { act } from "preact/test-utils";
import { expect, test } from "vitest";
import { RoundPage } from "../../src/ui/office/round.tsx";
import { OfficeContext, readAgain } from "../../src/ui/office/state.ts";
import { setLanguage } from "../../src/ui/words/index.ts";
import type { AssignmentDetail, TargetRow } from "../../src/wire/types.ts";
import { type Asked, json, ME, NOW, ZONE } from "./office.ts";
import { client, root, server, until } from "./stage.ts";

const TITLE = { zh: "三季度巡检", en: "Third quarter" };
const given: TargetRow = {
  asset: "a",
  asset_name: "UPS-01",
  template: "t",
  discarded: {
    how: "discarded",
    at: new Date(NOW - 60_000).toISOString(),
    by_name: "梁志豪",
    words: "机房进不去",
  },
};

function round(more: Partial<AssignmentDetail> = {}): AssignmentDetail {
  const row = {
    id: "r",
    version: 7,
    title: TITLE,
    site: "s",
    site_name: "天河总部机房",
    city: "广州",
    time_zone: ZONE,
    customer_name: "天河",
    state: "issued",
    assignee: "liang",
    assignee_name: "梁志豪",
    starts_at: new Date(NOW).toISOString(),
    due_at: new Date(NOW + 86_400_000).toISOString(),
    progress: { total: 1, ticks: ["open"] },
  } as const;
  return { row, targets: [given], may: ["assign"], ...more };
}

let written: Asked[] = [];

function serve(detail: AssignmentDetail): void {
  written = [];
  server.always = (asked) => {
    if (asked.method === "POST") written.push(asked);
    if (asked.path.endsWith("/inspectors")) {
      return json([{ id: "zhou", name: "周立群", role: "engineer" }]);
    }
    return asked.path.startsWith("/office/assignments/") ? json(detail) : json({ subjects: [] });
  };
}

async function draw(): Promise<void> {
  const office = {
    client,
    me: ME,
    now: () => NOW,
    random: (length: number) => new Uint8Array(length).fill(3),
    zone: ZONE,
  };
  await act(() =>
    render(
      <OfficeContext.Provider value={office}>
        <RoundPage id="r" />
      </OfficeContext.Provider>,
      root,
    ),
  );
}

async function open(detail: AssignmentDetail): Promise<void> {
  serve(detail);
  await draw();
  await until(() => root.querySelector(".targets") !== null);
}

const button = (words: string) =>
  [...root.querySelectorAll("button")].find((one) => one.textContent === words);

test("a page that was never read says so while the server is away, and shows itself when it is back", async () => {
  server.always = () => "cut";
  await draw();
  await until(() => root.textContent?.includes("连不上服务器。") === true);
  expect(root.textContent).toContain("这里还没有读到内容，连上后自动显示。");
  serve(round());
  await act(() => readAgain());
  await until(() => root.querySelector(".targets") !== null);
  expect(root.textContent).not.toContain("连不上服务器");
});

test("what was given up says by whom, when and why, in both languages", async () => {
  await open(round());
  const rows = root.querySelector(".targets");
  for (const said of ["已放弃", "梁志豪", "机房进不去", "任务里还列着，可以在平板上重新开始。"]) {
    expect(rows?.textContent).toContain(said);
  }
  await act(() => setLanguage("en"));
  expect(root.querySelector(".targets tr")?.textContent).toContain("Let go");
});

test("it is given out again from its row: somebody is chosen, and the round is theirs", async () => {
  await open(round());
  await act(() => button("整个任务换人")?.click());
  await until(() => root.querySelector(".assign select") !== null);
  const select = root.querySelector<HTMLSelectElement>(".assign select");
  await act(() => {
    if (select) select.value = "zhou";
    select?.dispatchEvent(new Event("change", { bubbles: true }));
  });
  await act(() => button("交给周立群")?.click());
  await until(() => written.length > 0);
  expect(written[0]?.body).toMatchObject({
    ops: [{ kind: "assignment", record: "r", base: 7, set: { assignee: "zhou" } }],
  });
});

test.each([
  ["who may not assign", round({ may: [] })],
  ["a round that is over", round({ row: { ...round().row, state: "closed" } })],
])("%s has no button for it", async (_, detail) => {
  await open(detail);
  expect(root.textContent).toContain("机房进不去");
  expect(button("整个任务换人")).toBeUndefined();
});
