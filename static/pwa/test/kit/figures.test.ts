// What is typed and what is meant.

import { expect, test } from "vitest";
import { type PadKey, pressKey, readFigure } from "../../src/ui/kit/figures.ts";

test("figures of every keyboard are figures", () => {
  expect(["24.6", "２４．６", "24,6", " 24.6 ", "24。6"].map(readFigure)).toEqual(
    Array.from({ length: 5 }, () => 24.6),
  );
  expect(readFigure("-5")).toBe(-5);
  expect(readFigure("\u22125")).toBe(-5);
  expect(readFigure("24.")).toBe(24);
  expect(readFigure(".5")).toBe(0.5);
});

test("nothing typed is no value, and text is no figure", () => {
  expect([readFigure(""), readFigure("-")]).toEqual([null, null]);
  expect(["abc", "1e5", "2.4.6", "--1", "0x10", "Infinity", "1 2"].map(readFigure)).toEqual(
    Array.from({ length: 7 }, () => undefined),
  );
  expect(readFigure("1".repeat(13))).toBeUndefined();
});

const type = (keys: readonly PadKey[], decimals = 1) =>
  keys.reduce((text, key) => pressKey(text, key, decimals), "");

test("keys write a figure and nothing else", () => {
  expect(type(["2", "4", ".", "6"])).toBe("24.6");
  expect(type(["2", ".", ".", "6", "7"])).toBe("2.6");
  expect(type([".", "5"])).toBe("0.5");
  expect(type(["0", "0", "7"])).toBe("7");
  expect(type(["4", ".", "6"], 0)).toBe("46");
  expect(type(Array.from({ length: 20 }, () => "9" as const))).toHaveLength(12);
});

test("the sign goes on and off, and erasing ends at nothing", () => {
  expect(type(["5", "-"])).toBe("-5");
  expect(type(["5", "-", "-"])).toBe("5");
  expect(type(["-", ".", "5"])).toBe("-0.5");
  expect(type(["5", "erase", "erase"])).toBe("");
});

test("whatever is pressed, the text can be read", () => {
  const keys: readonly PadKey[] = ["-", ".", "0", "9", "erase"];
  for (let n = 0; n < keys.length ** 5; n += 1) {
    const pressed = Array.from({ length: 5 }, (_, place) => keys[Math.floor(n / 5 ** place) % 5]);
    const text = type(pressed.filter((key) => key !== undefined));
    expect(readFigure(text), text).not.toBeUndefined();
  }
});
