// Rounds of a plan: who may plan chooses the plan and the day, and is told what came of it.

import { render } from "preact";
import { act } from "preact/test-utils";
import { expect, test } from "vitest";
import { PlanRounds } from "../../src/ui/office/plan-rounds.tsx";
import { OfficeContext } from "../../src/ui/office/state.ts";
import { setLanguage } from "../../src/ui/words/index.ts";
import type { Generated, PlanRow } from "../../src/wire/types.ts";
import { type Asked, json, ME, NOW, problem, ZONE } from "./office.ts";
import { client, root, server, until } from "./stage.ts";

const SITE = {
  id: "s",
  version: 1,
  name: "天河总部机房",
  city: "广州",
  time_zone: ZONE,
  customer: "c",
  customer_name: "穗丰集团",
};

function plan(id: string, zh: string, paused = false): PlanRow {
  const rule = { rrule: "FREQ=MONTHLY", starts_on: "2026-01-01", sites: ["s"], categories: [] };
  const title = { zh, en: `${zh} in English` };
  return { id, version: 1, plan: { ...rule, title, contract: "k", templates: {}, paused } };
}

let written: Asked[] = [];

function serve(answer: () => Response, ...plans: PlanRow[]): void {
  written = [];
  server.always = (asked) => {
    if (asked.method === "POST") {
      written.push(asked);
      return answer();
    }
    const rows = asked.path.startsWith("/office/plans") ? plans : [SITE];
    return json({ total: rows.length, rows });
  };
}

async function draw(...may: string[]): Promise<void> {
  const me = { ...ME, may: [...ME.may, ...may] };
  const office = { client, me, now: () => NOW, random: server.world.random, zone: ZONE };
  await act(() =>
    render(
      <OfficeContext.Provider value={office}>
        <PlanRounds />
      </OfficeContext.Provider>,
      root,
    ),
  );
}

const button = (words: string): HTMLButtonElement => {
  const found = [...root.querySelectorAll("button")].find((one) => one.textContent === words);
  if (!found) throw new Error(`no button ${words}; on the screen: ${root.textContent}`);
  return found;
};
const field = <T extends Element>(selector: string): T => {
  const found = root.querySelector<T>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
};

async function choose(id: string, day?: string): Promise<void> {
  await act(() => button("按计划生成任务").click());
  await until(() => root.querySelectorAll("option").length > 1);
  await act(() => {
    const select = field<HTMLSelectElement>("select");
    select.value = id;
    select.dispatchEvent(new Event("change", { bubbles: true }));
    const input = field<HTMLInputElement>("input");
    if (day !== undefined) input.value = day;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

test("who may not plan is offered nothing", async () => {
  await draw();
  expect(root.textContent).toBe("");
});

test("a plan and a day are chosen, and what was made is told in both languages", async () => {
  const made: Generated = { made: ["a", "b"], existing: 3 };
  serve(() => json(made), plan("p", "机房季度巡检"), plan("q", "停了的", true));
  await draw("plan");
  await choose("p", "2027-06-30");
  const offered = [...root.querySelectorAll("option")].map((one) => one.textContent);
  await until(() => root.textContent?.includes("穗丰集团") === true);
  expect(offered).toHaveLength(2);
  expect(root.textContent).toContain("机房季度巡检 · 穗丰集团");
  await act(() => button("生成任务").click());
  await until(() => root.querySelector("form") === null);
  expect(written).toMatchObject([
    { path: "/office/plans/p/generate", body: { until: "2027-06-30" } },
  ]);
  const told = field('[role="status"]');
  expect(told.textContent).toBe("已生成 2 个任务。已有 3 个，保持不变。");
  await act(() => setLanguage("en"));
  expect(told.textContent).toBe("2 rounds made. 3 were there already and stay as they are.");
});

test("it begins at the plan, offers a quarter, and the keyboard comes back to where it was", async () => {
  serve(() => json({}), plan("p", "机房季度巡检"));
  await draw("plan");
  await act(() => button("按计划生成任务").click());
  await until(() => root.querySelector("select") !== null);
  expect(document.activeElement).toBe(field("select"));
  expect(field<HTMLInputElement>("input").value).toBe("2027-02-18");
  expect(button("生成任务").disabled).toBe(true);
  await act(() => button("取消").click());
  expect(root.querySelector("form")).toBeNull();
  expect(document.activeElement).toBe(button("按计划生成任务"));
});

test("where nothing falls due it says so", async () => {
  serve(() => json({}), plan("p", "机房季度巡检"));
  await draw("plan");
  await choose("p");
  await act(() => button("生成任务").click());
  await until(() => root.querySelector("form") === null);
  expect(field('[role="status"]').textContent).toBe("到这一天没有要生成的任务。");
});

test("what the server refuses is told, and what was chosen stays", async () => {
  serve(() => problem("not-permitted", 403), plan("p", "机房季度巡检"));
  await draw("plan");
  await choose("p");
  await act(() => button("生成任务").click());
  await until(() => root.textContent?.includes("什么都没有改变。") === true);
  expect(field<HTMLSelectElement>("select").value).toBe("p");
  expect(button("生成任务").disabled).toBe(false);
});

test("where no plan is to be made rounds of, that is said", async () => {
  serve(() => json({}), plan("q", "停了的", true));
  await draw("plan");
  await act(() => button("按计划生成任务").click());
  await until(() => root.textContent?.includes("没有可以生成任务的计划。") === true);
});
