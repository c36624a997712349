// The app and the server read the same tag out of the same text. Rule: every vector of
// tests/vectors/tags is run here and by tests/unit/test_tags.py.

import { describe, expect, it } from "vitest";
import addresses from "../../../../tests/vectors/tags/address.json";
import made from "../../../../tests/vectors/tags/make.json";
import read from "../../../../tests/vectors/tags/parse.json";
import { address, display, isCode, make, parse } from "../../src/core/tags.ts";

interface Reading {
  readonly why: string;
  readonly text: string;
  readonly times?: number;
  readonly kind: string;
  readonly code?: string;
}

describe("tags", () => {
  it.each(made)("entropy $entropy makes $code", ({ entropy, code, shown }) => {
    expect(make(BigInt(entropy))).toBe(code);
    expect(display(code)).toBe(shown);
    expect(isCode(code)).toBe(true);
    expect(isCode(shown)).toBe(false);
  });

  it.each(read as readonly Reading[])("reads $why", ({ text, times, kind, code }) => {
    const expected = code === undefined ? { kind } : { kind, code };
    expect(parse(text.repeat(times ?? 1))).toEqual(expected);
  });

  it.each(addresses)("writes $address", (vector) => {
    expect(address(vector.base_url, vector.code)).toBe(vector.address);
    expect(parse(vector.address)).toEqual({ kind: "tag", code: vector.code });
  });

  it("refuses chance that does not fit into eight symbols", () => {
    expect(() => make(1n << 40n)).toThrow(RangeError);
    expect(() => make(-1n)).toThrow(RangeError);
  });
});
