// What the tablet says of the roots that it holds: the newest to compare by eye, all as a file, and that
// the office tells another one, for as long as the store lives.

import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { rootWords } from "../../src/core/anchors.ts";
import { AppContext, SessionContext } from "../../src/ui/field/app.ts";
import { Differing, VouchingFor } from "../../src/ui/field/vouching.tsx";
import { setLanguage } from "../../src/ui/words/index.ts";
import { drained, stocked, synced, type Tablet, uuid } from "../sync/device.ts";
import { FakeServer } from "../sync/server.ts";

const FIRST = "0123456789abcdef".repeat(4);
const OTHER = "fedcba9876543210".repeat(4);
const DAYS = ["2027-01-11", "2027-01-12", "2027-01-13", "2027-01-14"];

let root: HTMLElement;
let files: Blob[] = [];

beforeEach(() => {
  setLanguage("zh-CN");
  files = [];
  vi.spyOn(URL, "createObjectURL").mockImplementation((file) => {
    files = [...files, file as Blob];
    return "blob:here";
  });
  root = document.createElement("div");
  document.body.append(root);
});

afterEach(() => {
  render(null, root);
  root.remove();
  vi.restoreAllMocks();
});

function tell(server: FakeServer, at: number, digest: string): void {
  const day = DAYS[at] ?? "";
  const data = { epoch: 1, day, root: digest, previous: "0".repeat(64), writers: 1 };
  server.put("anchor", uuid(700 + at), "org", data);
}

async function show(one: Tablet): Promise<void> {
  const { store, records, pen, machine } = one;
  const person = { person: pen.person, device: one.server.device };
  const session = { store, records, pen, person };
  const app = { now: machine.now() };
  await act(() =>
    render(
      <AppContext.Provider value={app as never}>
        <SessionContext.Provider value={session as never}>
          <Differing />
          <VouchingFor />
        </SessionContext.Provider>
      </AppContext.Provider>,
      root,
    ),
  );
}

const says = (words: string) => vi.waitFor(() => expect(root.textContent).toContain(words));

function press(words: string): Promise<void> {
  const found = [...root.querySelectorAll("button")].find((one) => one.textContent === words);
  if (found === undefined) throw new Error(`no button ${words}`);
  return act(() => found.click());
}

test("before any root was told it says when one comes, and hands out nothing", async () => {
  await show(await synced());
  await says("还没有收到校验值");
  expect(root.querySelector("button")).toBeNull();
  expect(root.querySelector("[role=alert]")).toBeNull();
});

test("the newest is shown by its day and first 16 digits, and the file holds every one", async () => {
  const server = stocked(new FakeServer());
  tell(server, 0, OTHER);
  tell(server, 1, FIRST);
  await show(await synced(server));
  await says("1月12日");
  await says("0123 4567 89ab cdef");
  await says("2 天");
  expect(root.querySelector("[role=alert]")).toBeNull();
  await press("导出存证文件");
  await says(`xunjian-roots-${server.device}-`);
  expect(JSON.parse((await files[0]?.text()) ?? "")).toEqual({
    anchors: [
      { epoch: 1, day: DAYS[0], root: OTHER },
      { epoch: 1, day: DAYS[1], root: FIRST },
    ],
  });
});

test("another root of a day is an alarm at once, and stays one when it is taken back", async () => {
  const server = stocked(new FakeServer());
  for (const at of DAYS.keys()) tell(server, at, FIRST);
  const one = await synced(server);
  await show(one);
  await says("4 天");
  for (const at of DAYS.keys()) tell(server, at, OTHER);
  await act(() => drained(one));
  await says("办公室的记录和当初告诉本机的不一样：1月11日、1月12日、1月13日、另外 1 天。");
  await says(`2027-01-11 · ${rootWords(FIRST)} ≠ ${rootWords(OTHER)}`);
  for (const at of DAYS.keys()) tell(server, at, FIRST);
  await act(() => drained(one));
  render(null, root);
  await show(one);
  await says("办公室的记录和当初告诉本机的不一样");
  setLanguage("en");
  await show(one);
  await says("The office's records are not what this tablet was told: 11\u00a0Jan");
  await press("Save proof as a file");
  await vi.waitFor(() => expect(files).toHaveLength(1));
  const { anchors } = JSON.parse((await files[0]?.text()) ?? "");
  expect(anchors[0]).toEqual({ epoch: 1, day: DAYS[0], root: FIRST });
});
