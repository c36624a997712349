// @vitest-environment node
// Edits become ops, and keystrokes become one op.

import { describe, expect, it } from "vitest";
import { coalesced, type Edit, EditRefused, opOf, overlaps } from "../../src/core/edit.ts";
import { NotJson } from "../../src/core/json.ts";
import { OP_BYTES_MAX } from "../../src/wire/limits.ts";

const made = { wall: "2026-08-20T06:00:00.000Z", session: "s", monotonic_ms: 5 };
const later = { ...made, monotonic_ms: 9 };
const stamp = { n: 7, id: "op", by: "wang", base: 3, made };
const edit = (part: Partial<Edit>): Edit => ({ kind: "inspection", record: "r", ...part });

describe("edit", () => {
  it("a creation names its parent by its home field", () => {
    const op = opOf(edit({ new: true, set: { asset: "a", template: "t" } }), stamp);
    expect(op).toMatchObject({ new: true, parent: "a", n: 7, base: 3 });
    expect(() => opOf(edit({ new: true, set: { template: "t" } }), stamp)).toThrow(EditRefused);
  });

  it.each([
    ["a field that does not exist", { set: { colour: 1 } }],
    ["a field of the office", { set: { review: null } }],
    ["a fixed field after the creation", { set: { asset: "b" } }],
    ["a path that is none", { set: { "answers..x": 1 } }],
    [
      "too many fields",
      { set: Object.fromEntries([...Array(257)].map((_, i) => [`answers.a${i}`, 1])) },
    ],
    ["more bytes than an op may have", { set: { note: "x".repeat(OP_BYTES_MAX) } }],
  ])("refuses %s", (_, part) => {
    expect(() => opOf(edit(part), stamp)).toThrow(EditRefused);
  });

  it("mends text that no database can hold, and refuses what is no JSON", () => {
    const op = opOf(edit({ set: { note: "a\u0000b\uD83D\uD83D\uDE00\uDE00" } }), stamp);
    expect(op.set).toEqual({ note: "ab\uFFFD\uD83D\uDE00\uFFFD" });
    expect(() => opOf(edit({ set: { "answers.t": { value: Number.NaN } } }), stamp)).toThrow(
      NotJson,
    );
  });

  it("setting the same field again changes the op and keeps its number, id and base", () => {
    const op = opOf(edit({ set: { note: "h" } }), stamp);
    const next = coalesced(op, edit({ set: { note: "hot" } }), "wang", later);
    expect(next).toEqual({ ...op, set: { note: "hot" }, made: later });
  });

  it.each([
    ["another field", { set: { "answers.fan": { value: 1 } } }],
    ["an element", { add: { elements: { e: { group: "g" } } } }],
    ["a removal", { remove: { elements: ["e"] } }],
    ["nothing", {}],
  ])("does not put %s into a former op", (_, part) => {
    const op = opOf(edit({ set: { note: "h" } }), stamp);
    expect(coalesced(op, edit(part), "wang", later)).toBeUndefined();
  });

  it("never puts one person's edit into another's op", () => {
    const op = opOf(edit({ set: { note: "h" } }), stamp);
    expect(coalesced(op, edit({ set: { note: "x" } }), "chen", later)).toBeUndefined();
  });

  it("edits overlap when one lies in the other", () => {
    const touches = (a: string, b: string) => overlaps({ set: { [a]: 1 } }, { set: { [b]: 1 } });
    expect(touches("answers.fan", "answers.fan")).toBe(true);
    expect(touches("elements.d", "elements.d.answers.x")).toBe(true);
    expect(touches("answers.fan", "answers.fan-2")).toBe(false);
  });
});
