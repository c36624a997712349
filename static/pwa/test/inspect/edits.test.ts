// Taps and keys as edits: what is kept, what is let go, and that a server could take each.

import { describe, expect, test } from "vitest";
import { opOf } from "../../src/core/edit.ts";
import * as edits from "../../src/ui/field/inspect/edits.ts";
import type { Check } from "../../src/wire/types.ts";
import { INSPECTION } from "./seed.ts";

const made = { wall: "2026-11-18T06:02:00Z", session: INSPECTION, monotonic_ms: 1 };
const stamp = { n: 1, id: INSPECTION, by: INSPECTION, base: 0, made };
const check: Check = {
  type: "check",
  id: "fan",
  title: { zh: "风扇", en: "Fan" },
  severity: "major",
};

describe("an answer to a check", () => {
  test("abnormal offers the severity of its item and keeps a note", () => {
    const answer = edits.checked(check, { note: "noisy" }, "abnormal");
    expect(answer).toEqual({ value: "fail", severity: "major", note: "noisy" });
  });

  test("a mis-tap to normal and back loses nothing that was written", () => {
    const normal = edits.checked(check, { value: "fail", severity: "urgent", note: "a" }, "normal");
    expect(normal).toEqual({ value: "pass", note: "a" });
    expect(edits.checked(check, normal, "abnormal")).toMatchObject({ value: "fail", note: "a" });
  });

  test("taken back, it is no answer at all", () => {
    expect(edits.checked(check, { value: "pass" }, null)).toBeNull();
  });

  test("one's own tap after the rest was marked normal is one's own", () => {
    const rest = edits.restAnswers(["fan"]).get("fan") ?? null;
    expect(rest).toEqual({ value: "pass", rest: true });
    expect(edits.checked(check, rest, "normal")).toEqual({ value: "pass" });
  });
});

test("setting aside drops the value and taking up again drops the reason of the kind", () => {
  const aside = edits.setAside({ value: 24.1, note: "x" }, true);
  expect(aside).toEqual({ na: true, note: "x" });
  expect(edits.withValue({ na: true, reason: "off" }, 24)).toEqual({ value: 24 });
});

describe("answers as one edit", () => {
  test("an answer at a fixed place makes its element once, and is set in it afterwards", () => {
    const path = "grid.grid-a.temp";
    const first = edits.answersEdit(INSPECTION, null, new Map([[path, { value: 24 }]]));
    expect(first.add).toEqual({
      elements: { "grid-a": { group: "grid", answers: { temp: { value: 24 } } } },
    });
    const inspection = {
      asset: INSPECTION,
      template: INSPECTION,
      inspector: INSPECTION,
      inspector_name: "x",
      elements: { "grid-a": { group: "grid" } },
    };
    const next = edits.answersEdit(INSPECTION, inspection, new Map([[path, null]]));
    expect(next.set).toEqual({ "elements.grid-a.answers.temp": null });
    expect(next.add).toBeUndefined();
  });

  test("every edit of a checklist is one that could be sent", () => {
    const begun = {
      inspection: INSPECTION,
      asset: INSPECTION,
      assignment: null,
      template: INSPECTION,
      person: INSPECTION,
      personName: "梁志豪",
      at: made.wall,
    };
    const photo = {
      attachment: INSPECTION,
      inspection: INSPECTION,
      path: "grid.grid-a.temp",
      sha256: "0".repeat(64),
      bytes: 3,
      width: 4,
      height: 5,
      at: made.wall,
    };
    const all = [
      edits.inspectionEdit(begun),
      edits.answersEdit(INSPECTION, null, new Map([["fan", { value: "pass" }]])),
      edits.addElementEdit(INSPECTION, INSPECTION, { group: "disks", name: "0", answers: {} }),
      edits.nameElementEdit(INSPECTION, INSPECTION, "1"),
      edits.removeElementEdit(INSPECTION, INSPECTION),
      edits.noteEdit(INSPECTION, "x"),
      edits.submitEdit(INSPECTION, 2, made.wall),
      edits.photoEdit(photo),
      edits.captionEdit(INSPECTION, "x"),
      edits.momentEdit(INSPECTION, "after"),
      edits.addReplacementEdit(INSPECTION, INSPECTION, { part: "电源模块", old: "A1", new: "B2" }),
      edits.removeReplacementEdit(INSPECTION, INSPECTION),
      edits.withdrawPhotoEdit(INSPECTION),
    ];
    for (const edit of all) expect(opOf(edit, stamp).record).toBe(INSPECTION);
    expect(edits.photoEdit({ ...photo, moment: "before" }).set).toMatchObject({ moment: "before" });
    // As an app of before would have written it.
    expect(edits.photoEdit({ ...photo, moment: "" }).set).not.toHaveProperty("moment");
  });
});
