// Lists of the office that are longer than a page. Rule: nothing is out of reach, and none pretends to be whole.

import { type ComponentChild, render } from "preact";
import { act } from "preact/test-utils";
import { beforeEach, expect, test } from "vitest";
import { go } from "../../src/ui/kit/address.ts";
import { PickSite } from "../../src/ui/office/list.tsx";
import { ReviewPage } from "../../src/ui/office/review/index.tsx";
import { OfficeContext, readAgain } from "../../src/ui/office/state.ts";
import { WaitingPage } from "../../src/ui/office/waiting/index.tsx";
import type { SiteRow, WaitingRow } from "../../src/wire/types.ts";
import { detail, json, ME, NOW, problem, row, ZONE } from "./office.ts";
import { client, root, server, until } from "./stage.ts";

const PAGE = 200;
let total: number;

const waits = (op: string): WaitingRow => ({
  ...{ op, kind: "conflict", reason: "conflict", at: new Date(NOW).toISOString() },
  time_zone: ZONE,
  title: `设备 ${op}`,
});
const site = (id: string): SiteRow => ({
  ...{ id, version: 1, name: `机房 ${id}`, city: "深圳", address: "", time_zone: ZONE },
  ...{ customer: "c1", customer_name: "", assets: 0, open_rounds: 0, open_findings: 0 },
});

beforeEach(() => {
  total = 403;
  server.always = ({ path }) => {
    const { pathname, searchParams } = new URL(path, "http://office.test");
    const offset = Number(searchParams.get("offset") ?? 0);
    const count = Math.max(0, Math.min(Number(searchParams.get("limit")), total - offset));
    const page = <Row,>(made: (name: string) => Row) => ({
      ...{ total, offset, oldest: new Date(NOW).toISOString(), kinds: { conflict: total } },
      rows: Array.from({ length: count }, (_, n) => made(`${offset + n}`)),
    });
    if (pathname === "/office/inspections") return json(page((id) => row(id)));
    if (pathname === "/office/waiting") return json(page(waits));
    if (pathname === "/office/sites") return json(page(site));
    const [, id] = /^\/office\/inspections\/(\w+)$/.exec(pathname) ?? [];
    return id ? json(detail(id)) : problem("not-found", 404);
  };
});

const show = (screen: ComponentChild) => {
  const random = (length: number) => new Uint8Array(length).fill(3);
  const office = { client, me: ME, now: () => NOW, random, zone: ZONE };
  return act(() =>
    render(<OfficeContext.Provider value={office}>{screen}</OfficeContext.Provider>, root),
  );
};
const shows = (text: string) => () => root.textContent?.includes(text) === true;
const turn = (label: string) =>
  act(() => root.querySelector<HTMLButtonElement>(`.pager [aria-label="${label}"]`)?.click());
const listed = () => root.querySelectorAll(".queue li").length;

test.each([
  ["review", <ReviewPage key="review" id={null} />],
  ["waiting", <WaitingPage key="waiting" id={null} />],
])(
  "what lies behind the first page of %s is on the next, and the pages are told",
  async (path, page) => {
    go(`/office/${path}`);
    await show(page);
    await until(shows("第 1–200 条，共 403 条"));
    expect(listed()).toBe(PAGE);
    await turn("下一页");
    await until(shows("第 201–400 条，共 403 条"));
    await turn("下一页");
    await until(shows("第 401–403 条，共 403 条"));
    expect(listed()).toBe(3);
    expect(root.querySelector(".queue li a")?.getAttribute("href")).toContain("offset=400");
    // Others work, too, and the last page is empty by now: one is shown that is not.
    total = 400;
    readAgain();
    await until(() => listed() === PAGE && !location.search.includes("offset"));
  },
);

test("a list that is one page has none to turn", async () => {
  total = 3;
  go("/office/waiting");
  await show(<WaitingPage id={null} />);
  await until(() => listed() === 3);
  expect(root.querySelector(".pager")).toBeNull();
});

test("a round's queue and its order are asked of the server, which knows all of it", async () => {
  go("/office/review?round=r7&order=oldest");
  await show(<ReviewPage id={null} />);
  await until(() => listed() === PAGE);
  const [asked] = server.asked;
  const query = new URL(asked?.path ?? "", "http://office.test").searchParams;
  expect(Object.fromEntries(query)).toEqual({
    ...{ state: "submitted", sort: "submitted_at", assignment: "r7", limit: `${PAGE}` },
  });
});

test("every site can be chosen, however many there are", async () => {
  await show(<PickSite value="" onChange={() => undefined} />);
  await until(() => root.querySelectorAll("option").length === total + 1);
  expect(root.querySelector("option:last-child")?.textContent).toContain("机房 402");
  expect(server.asked.length).toBe(3);
});

test("sites that leave while they are read end the reading", async () => {
  const { always } = server;
  server.always = (asked) => {
    const answer = always?.(asked) ?? problem("not-found", 404);
    total = 150;
    return answer;
  };
  await show(<PickSite value="" onChange={() => undefined} />);
  await until(() => root.querySelectorAll("option").length === PAGE + 1);
  expect(server.asked.length).toBe(2);
});
