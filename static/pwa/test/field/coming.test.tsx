// In the place of what is not here yet: never "coming" while it cannot come.

import { signal } from "@preact/signals";
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SessionContext } from "../../src/ui/field/app.ts";
import { Coming } from "../../src/ui/field/coming.tsx";
import { setLanguage } from "../../src/ui/words/index.ts";

let root: HTMLElement;
let woken: string[] = [];

beforeEach(() => {
  setLanguage("zh-CN");
  woken = [];
  root = document.createElement("div");
  document.body.append(root);
});

afterEach(() => {
  render(null, root);
  root.remove();
});

const show = (sync: object) => {
  const session = { sync: signal(sync), wake: (why: string) => woken.push(why) };
  return act(() =>
    render(
      <SessionContext.Provider value={session as never}>
        <Coming />
      </SessionContext.Provider>,
      root,
    ),
  );
};

test("with the server away it says so, and that it goes on by itself, in both languages", async () => {
  await show({ phase: "offline", receiving: { done: 3, total: 40 } });
  expect(root.textContent).toContain("现在连不上服务器。连上后自动接着下载。");
  expect(root.querySelector(".coming")).toBeNull();
  await act(() => root.querySelector("button")?.click());
  expect(woken).toEqual(["button"]);
  await act(() => setLanguage("en"));
  expect(root.textContent).toContain("cannot be reached");
});

test.each([
  ["enrol-again", "重新加入"],
  ["cloned-device", "重新加入"],
  ["update-needed", "更新应用"],
  ["draining", "停用"],
])("where the device is %s it says what helps, and leads there", async (phase, words) => {
  await show({ phase, receiving: null });
  expect(root.textContent).toContain(words);
  await act(() => root.querySelector("button")?.click());
  expect(location.pathname).toBe("/field/sync");
});

test("while it comes its rows keep their place", async () => {
  await show({ phase: "syncing", receiving: { done: 3, total: 40 } });
  expect(root.querySelector(".coming")?.getAttribute("aria-busy")).toBe("true");
});
