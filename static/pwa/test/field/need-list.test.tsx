// The list of what waits for the engineer, as it stands on the screen: changed in place, or let go.

import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Entry } from "../../src/core/outbox.ts";
import type { Change } from "../../src/db/mend.ts";
import { SessionContext } from "../../src/ui/field/app.ts";
import { NeedList } from "../../src/ui/field/need-list.tsx";
import type { Need } from "../../src/ui/field/needs.ts";
import { setLanguage } from "../../src/ui/words/index.ts";
import { ASSET, synced, uuid } from "../sync/device.ts";

const op = {
  n: 1,
  id: uuid(1),
  by: uuid(2),
  kind: "asset",
  record: ASSET,
  base: 7,
  made: { wall: "2027-01-15T08:00:00Z", session: uuid(3) },
  set: { serial: "xxxxxxxxx", note: "hot" },
};
const entry: Entry = {
  n: 1,
  id: op.id,
  record: ASSET,
  kind: "asset",
  op,
  state: "settled",
  sent: true,
  madeAt: 0,
  outcome: "rejected",
};
const need: Need = {
  key: op.id,
  kind: "rejected",
  name: "UPS-01",
  why: "不合规则，没有写入：序列号",
  fields: [],
  path: null,
  todo: "",
  support: "x · invalid-op",
  entry,
  problem: {
    type: "/problems/invalid-op",
    title: "x",
    status: 422,
    errors: [{ field: "serial", detail: "is too long" }],
  },
  behind: [{ key: uuid(8), name: "照片" }],
};

let root: HTMLElement;
let mended: readonly [string, Change][] = [];
let gone: readonly unknown[] = [];

beforeEach(async () => {
  setLanguage("zh-CN");
  mended = [];
  gone = [];
  const { records } = await synced();
  const session = {
    records,
    mend: async (id: string, change: Change) => {
      mended = [...mended, [id, change]];
    },
    discard: async (id: string, said: unknown) => {
      gone = [...gone, [id, said]];
    },
  };
  root = document.createElement("div");
  document.body.append(root);
  await act(() =>
    render(
      <SessionContext.Provider value={session as never}>
        <NeedList needs={[need]} />
      </SessionContext.Provider>,
      root,
    ),
  );
  await act(() => button("补正").click());
});

afterEach(() => {
  render(null, root);
  root.remove();
});

function button(words: string): HTMLButtonElement {
  const found = [...document.querySelectorAll("button")].find((one) => one.textContent === words);
  if (found === undefined) throw new Error(`no button ${words}`);
  return found;
}

async function type(label: string, value: string): Promise<void> {
  const labels = [...document.querySelectorAll("label")];
  const found = labels.find((one) => one.textContent?.startsWith(label));
  const input = document.getElementById(found?.htmlFor ?? "");
  if (!(input instanceof HTMLInputElement)) throw new Error(`nothing to type ${label} into`);
  await act(() => {
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

test("what was typed stands in fields, and is sent only when something of it was changed", async () => {
  expect(root.textContent).toContain("另有 1 处改动等着它：照片");
  expect(button("改好，重新送出").disabled).toBe(true);
  await type("序列号", "SN-9");
  expect(button("改好，重新送出").disabled).toBe(false);
  await act(() => button("改好，重新送出").click());
  expect(mended).toMatchObject([[op.id, { base: 7, set: { serial: "SN-9", note: "hot" } }]]);
});

test("letting go asks first, says what it means, and takes the reason along", async () => {
  await act(() => button("放弃…").click());
  const dialog = document.querySelector("dialog");
  expect(dialog?.textContent).toContain("放弃对“UPS-01”的这次改动？");
  expect(dialog?.textContent).toContain("等着它的 1 处改动交给办公室。");
  expect(gone).toEqual([]);
  await act(() => button("先留着").click());
  expect(document.querySelector("dialog")).toBeNull();
  await act(() => button("放弃…").click());
  await type("原因", " 写错了设备 ");
  await act(() => button("放弃这次改动").click());
  expect(gone).toEqual([[op.id, { kind: "asset", record: ASSET, words: "写错了设备" }]]);
  expect(mended).toEqual([]);
});
