// Reasons and values in words: what its item cannot have is shown as it was typed.

import { beforeEach, expect, test } from "vitest";
import type { ItemState } from "../../src/core/forms/states.ts";
import { reasonWords, valueWords } from "../../src/ui/field/inspect/say.ts";
import { setLanguage } from "../../src/ui/words/index.ts";
import type { FormItem } from "../../src/wire/types.ts";

const title = { zh: "风扇", en: "Fan" };
const check = { type: "check", id: "fan", title } as FormItem;
const date = { type: "date", id: "day", title } as FormItem;
const open = { verdict: "open" } as ItemState;
const NOW = Date.parse("2026-11-20T01:00:00Z");

beforeEach(() => setLanguage("zh-CN"));

test("an answer that is none is told with what was recorded, in both languages", () => {
  const said = (value: string | number | boolean | readonly string[]) =>
    reasonWords(check, open, { code: "wrong-type" }, { value }).words;
  expect(said("maybe")).toBe("格式不对，记录的是“maybe”");
  expect(said(false)).toContain("“false”");
  expect(said(["a", "b"])).toContain("“a，b”");
  expect(reasonWords(check, open, { code: "wrong-type" }).words).toBe("格式不对");
  setLanguage("en");
  expect(said(7)).toBe("Not in the right form: “7” is recorded");
});

test("only pass and fail are said as normal and abnormal, only a date as a day", () => {
  expect(valueWords(check, "pass", NOW, "Asia/Shanghai")).toBe("正常");
  expect(valueWords(check, "maybe", NOW, "Asia/Shanghai")).toBe("maybe");
  expect(valueWords(date, "soon", NOW, "Asia/Shanghai")).toBe("soon");
});
