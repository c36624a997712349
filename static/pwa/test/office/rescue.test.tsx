// Importing a rescue file: whose it is before it goes, what became of it after, in words.

import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RESCUE_FORMAT } from "../../src/core/rescue.ts";
import { OfficeClient } from "../../src/sync/office.ts";
import { RescueImport } from "../../src/ui/office/rescue.tsx";
import { minute, OfficeContext } from "../../src/ui/office/state.ts";
import { setLanguage } from "../../src/ui/words/index.ts";
import type { RescueAnswer } from "../../src/wire/types.ts";
import { json, ME, NOW, problem, TestServer, ZONE } from "./office.ts";
import { until } from "./stage.ts";

const HEAD = {
  format: RESCUE_FORMAT,
  version: 2,
  made: "2026-11-18T04:31:00Z",
  person_name: "梁志豪",
  device_name: "平板 03",
};
const ANSWER: RescueAnswer = {
  person: "018f0c6a-0000-7000-8000-00000000aa01",
  person_name: "梁志豪",
  device_name: "平板 03",
  made: HEAD.made,
  whole: true,
};

let root: HTMLElement;
let server: TestServer;
let done: number;

beforeEach(async () => {
  setLanguage("zh-CN");
  minute.value = NOW;
  done = 0;
  root = document.createElement("div");
  document.body.append(root);
  server = new TestServer();
  const client = new OfficeClient(server.world);
  server.answer(json(ME));
  await client.me();
  const random = (length: number) => new Uint8Array(length);
  const office = { client, me: ME, zone: ZONE, now: () => NOW, random };
  const onDone = () => {
    done += 1;
  };
  await act(() =>
    render(
      <OfficeContext.Provider value={office}>
        <RescueImport onClose={() => undefined} onDone={onDone} />
      </OfficeContext.Provider>,
      root,
    ),
  );
});

afterEach(() => {
  render(null, root);
  root.remove();
});

const shows = (text: string) => root.textContent?.includes(text) === true;

async function choose(text: string): Promise<void> {
  const input = root.querySelector("input");
  const files = [new File([text], "a.ndjson")];
  Object.defineProperty(input, "files", { value: files, configurable: true });
  await act(() => {
    input?.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

const start = () => root.querySelector<HTMLButtonElement>("button.pri");

async function bring(...replies: Parameters<TestServer["answer"]>): Promise<void> {
  await choose(`${JSON.stringify(HEAD)}\n`);
  await until(() => start() !== null);
  server.answer(...replies);
  await act(() => start()?.click());
  await until(() => done === 1);
}

test("whose file it is and when it was made is said before anything is sent", async () => {
  await choose(`${JSON.stringify(HEAD)}\n`);
  await until(() => shows("梁志豪，平板 03"));
  expect(shows("12:31")).toBe(true);
  expect(server.asked).toHaveLength(1);
});

test("what is no rescue file is never sent", async () => {
  await choose("no such thing");
  await until(() => shows("这不是救援文件"));
  expect(start()).toBeNull();
});

test("the result is said in numbers and words, and what waits can be gone to", async () => {
  const op = "018f0c6a-0000-7000-8000-0000000000f1";
  await bring(
    json({
      ...ANSWER,
      applied: 3,
      waiting: 1,
      known: 2,
      photos_taken: 4,
      photos_wrong: 1,
      waits: [{ op, kind: "inspection", outcome: "review" }],
      refused: [{ line: 9, detail: "its bytes do not have this SHA-256", sha256: "ab" }],
    }),
  );
  const posted = server.asked.at(-1);
  expect([posted?.method, posted?.path, posted?.csrf]).toEqual(["POST", "/office/rescue", ME.csrf]);
  for (const words of [
    "3 项改动已写入",
    "1 项改动等待处理",
    "2 项改动之前已收到",
    "4 张照片已收下",
    "1 张照片与记录不符或不完整",
    "第 9 行",
  ]) {
    expect(shows(words)).toBe(true);
  }
  expect(root.querySelector(`a[href="/office/waiting/${op}"]`)).not.toBeNull();
  expect(shows("半途断了")).toBe(false);
  await act(() => setLanguage("en"));
  expect(shows("3 changes written")).toBe(true);
});

test("a file that was cut says so, and one without anything too", async () => {
  await bring(json({ ...ANSWER, whole: false, applied: 1 }));
  expect(shows("半途断了")).toBe(true);
  server.answer(json(ANSWER));
  await act(() => start()?.click());
  await until(() => shows("没有未送达的内容"));
});

test("why a file is refused is said in words; without an answer it may be tried again", async () => {
  await bring(problem("rescue-not-theirs", 409));
  expect(shows("不是此人的")).toBe(true);
  server.answer("cut");
  await act(() => start()?.click());
  await until(() => shows("可以再导入一次"));
  expect(start()?.disabled).toBe(false);
});
