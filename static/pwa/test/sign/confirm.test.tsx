// The right of the page where a visit is signed, for whoever has no pen, or no pointer at all.

import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Confirm, type Signer } from "../../src/ui/field/sign/confirm.tsx";
import { TYPED_MARK } from "../../src/ui/kit/sign-by.tsx";
import { pathOf } from "../../src/ui/kit/strokes.ts";
import { setLanguage } from "../../src/ui/words/index.ts";

let root: HTMLElement;
let given: Signer[] = [];

beforeEach(async () => {
  setLanguage("zh-CN");
  given = [];
  root = document.createElement("div");
  document.body.append(root);
  const onSign = async (signer: Signer) => void given.push(signer);
  await act(() => render(<Confirm contacts={[{ name: "黄国强" }]} onSign={onSign} />, root));
});

afterEach(() => {
  render(null, root);
  root.remove();
});

/** A button by what it says; whatever a pointer does with it, a key does too. */
function button(words: string): HTMLButtonElement {
  const found = [...root.querySelectorAll("button")].find((one) => one.textContent === words);
  if (found === undefined) throw new Error(`no button says ${words}`);
  return found;
}

async function press(words: string): Promise<void> {
  const of = button(words);
  expect(of.tabIndex).toBe(0);
  await act(() => of.click());
}

test("without a pen the typed name is the signature, and is told to be that", async () => {
  expect(button("还没有签名").disabled).toBe(true);
  await press("不手写，改用键入的姓名签名");
  expect(root.querySelector(".as-typed")?.textContent).toBe("/s/ 黄国强");
  expect(root.textContent).toContain("签字人以键入姓名代替手写签名。");
  await press("确认签名");
  expect(given).toEqual([
    { name: "黄国强", title: "", strokes: TYPED_MARK, isTyped: true, absentReason: "" },
  ]);
});

test("a name of invisible signs is none: nothing is confirmed before one can be read", async () => {
  await press("不手写，改用键入的姓名签名");
  const [name] = root.querySelectorAll("input");
  const type = (text: string) =>
    act(() => {
      if (name) name.value = text;
      name?.dispatchEvent(new Event("input", { bubbles: true }));
    });
  for (const none of ["", " ", "\u200b", "\u2060\ufeff", "\ufe0f\u3164"]) {
    await type(none);
    expect(button("写上姓名").disabled).toBe(true);
  }
  await type("\u200b李");
  expect(button("确认签名").disabled).toBe(false);
});

test("back at the pen nothing is signed until something is written", async () => {
  await press("不手写，改用键入的姓名签名");
  await press("改用笔或手指签名");
  expect(root.querySelector("canvas")).not.toBeNull();
  expect(button("还没有签名").disabled).toBe(true);
});

test("that the customer is absent is said by keys alone, with a reason", async () => {
  await press("客户不在场");
  expect(button("写明原因").disabled).toBe(true);
  await press("联系人在忙");
  await press("结束到场");
  expect(given).toEqual([
    { name: "", title: "", strokes: "", isTyped: false, absentReason: "联系人在忙" },
  ]);
});

test("the mark of a typed signature is a drawing like any other", () => {
  const drawn = /^[ML\d .,-]+$/;
  expect(TYPED_MARK).toMatch(drawn);
  expect(pathOf([[{ x: 1, y: 1 }]], 10)).toMatch(drawn);
});
