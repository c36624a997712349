// People who leave and come back, and what devices still hold, as the office sees it.

import { render } from "preact";
import { act } from "preact/test-utils";
import { beforeEach, expect, test } from "vitest";
import { PeoplePage } from "../../src/ui/office/people.tsx";
import { OfficeContext } from "../../src/ui/office/state.ts";
import type { DeviceSummary, Me, PersonSummary } from "../../src/wire/types.ts";
import { type Asked, json, ME, NOW, ZONE } from "./office.ts";
import { client, root, server, until } from "./stage.ts";

const ID = "018f0c6a-0000-7000-8000-00000000aa01";
const PERSON: PersonSummary = { id: ID, login: "liang", name: "梁志豪" };
const DEVICE: DeviceSummary = {
  id: "018f0c6a-0000-7000-8000-00000000dd01",
  name: "平板 03",
  person: ID,
  person_name: "梁志豪",
  state: "draining",
  app_version: "0.3.1",
  enrolled_at: "2026-11-01T01:00:00Z",
  seen_at: "2026-11-18T06:01:00Z",
  unsent: 3,
  unsent_since: "2026-11-18T04:31:00Z",
  photos_left: 2,
};

// One of 51, of which a page holds 50.
const PAGE = <Row,>(rows: readonly Row[]) => ({ total: 51, offset: 0, rows });

let active = true;

beforeEach(() => {
  active = true;
});

const shows = (text: string) => root.textContent?.includes(text) === true;

async function click(text: string): Promise<void> {
  const all = [...document.querySelectorAll<HTMLElement>("button")];
  // The newest: of a dialog, not of the list behind it.
  const found = all.findLast((one) => one.textContent?.trim() === text);
  if (!found) throw new Error(`no button ${text}; ${all.map((one) => one.textContent).join("|")}`);
  await act(() => found.click());
}

function answers({ path, method }: Asked): Response {
  if (path.endsWith("/deactivate")) {
    active = false;
    const rounds = [
      { assignment: "a1", site: "s1", site_name: "天河机房", due_at: "2026-11-20T10:00:00Z" },
    ];
    const person = { ...PERSON, active: false };
    return json({ person, rounds, rounds_total: 3, devices_draining: 1 });
  }
  if (path.endsWith("/reactivate")) {
    active = true;
    return json(PERSON);
  }
  if (path.endsWith("/change")) return json({ ...PERSON, name: "梁志远" });
  expect(method).toBe("GET");
  const isPeople = path.startsWith("/office/people");
  return json(isPeople ? PAGE([{ ...PERSON, active }]) : PAGE([DEVICE]));
}

async function open(may: Me["may"]): Promise<void> {
  server.always = answers;
  const random = (length: number) => new Uint8Array(length).fill(3);
  const office = { client, me: { ...ME, may }, zone: ZONE, now: () => NOW, random };
  await act(() =>
    render(
      <OfficeContext.Provider value={office}>
        <PeoplePage />
      </OfficeContext.Provider>,
      root,
    ),
  );
  await until(() => shows("liang") && shows("平板 03"));
}

test("who leaves is asked about first; then what they stand for is listed", async () => {
  await open(["enrol", "people"]);
  expect(root.querySelectorAll("td button[aria-haspopup]").length).toBe(2);
  const more = root.querySelector<HTMLElement>("td button[aria-haspopup]");
  await act(() => more?.click());
  await click("离开");
  expect(server.asked.filter(({ method }) => method === "POST")).toEqual([]);
  await until(() => document.body.textContent?.includes("让梁志豪离开？") === true);
  await click("离开");
  await until(() => shows("梁志豪已离开"));
  const posts = server.asked.filter(({ method }) => method === "POST");
  expect(posts.map(({ path }) => path)).toEqual([`/office/people/${ID}/deactivate`]);
  expect(shows("3 个任务等着交给别人")).toBe(true);
  expect(shows("还有 2 个没有列出")).toBe(true);
  const link = root.querySelector<HTMLAnchorElement>('a[href="/office/assignments/a1"]');
  expect(link?.textContent).toBe("天河机房");
  await until(() => shows("已离开"));
});

test("of somebody's details only what was changed is sent", async () => {
  await open(["enrol", "people"]);
  await act(() => root.querySelector<HTMLElement>("td button[aria-haspopup]")?.click());
  await click("修改资料");
  const form = root.querySelector("form.details");
  expect(form?.getAttribute("aria-label")).toBe("梁志豪的资料");
  const save = form?.querySelector<HTMLButtonElement>("[type=submit]");
  expect(save?.disabled).toBe(true);
  const [name] = form?.querySelectorAll("input") ?? [];
  if (!name || !form) throw new Error("no field");
  expect(document.activeElement).toBe(name);
  name.value = " 梁志远 ";
  await act(() => void name.dispatchEvent(new Event("input", { bubbles: true })));
  expect(save?.disabled).toBe(false);
  await act(
    () => void form.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true })),
  );
  await until(() => root.querySelector("form.details") === null);
  const posts = server.asked.filter(({ method }) => method === "POST");
  expect(posts).toMatchObject([{ path: `/office/people/${ID}/change`, body: { name: "梁志远" } }]);
});

test("only who may say so is offered to let somebody leave", async () => {
  await open(["enrol"]);
  // One menu is left: the device's.
  expect(root.querySelectorAll("td button[aria-haspopup]").length).toBe(1);
});

test("either list is turned, sorted and searched by the server, each by itself", async () => {
  await open(["enrol", "people"]);
  const asked = (path: string) => server.asked.some((one) => one.path === path);
  const press = async (label: string, at: number) => {
    const found = () => root.querySelectorAll<HTMLElement>(`button[aria-label="${label}"]`)[at];
    await until(() => found() !== undefined);
    await act(() => found()?.click());
  };
  await press("下一页", 1);
  await until(() => asked("/office/devices?offset=50"));
  await press("按最后联系排序", 0);
  await until(() => asked("/office/devices?sort=seen&offset=50"));
  expect(server.asked.filter(({ path }) => path.startsWith("/office/people?"))).toEqual([]);
  const find = root.querySelector<HTMLInputElement>('input[type="search"]');
  if (!find) throw new Error("nothing to type into");
  find.value = "平板";
  await act(() => void find.dispatchEvent(new Event("input", { bubbles: true })));
  const q = encodeURIComponent("平板");
  await until(() => asked(`/office/devices?q=${q}&sort=seen`) && asked(`/office/people?q=${q}`));
});

test("a device says what it holds, since when, and by which app", async () => {
  await open(["enrol"]);
  for (const words of ["只送不收", "有 3 项没送到", "最早的在 2 小时前", "差 2 张照片", "0.3.1"]) {
    expect(root.textContent).toContain(words);
  }
});
