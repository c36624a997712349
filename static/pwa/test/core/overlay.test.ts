// @vitest-environment node
// The laws of the overlay. Rule: values are compared as JSON; nothing here uses the overlay's own parts.

import { describe, expect, it } from "vitest";
import { overlaid, type Patch, patched } from "../../src/core/overlay.ts";

const inspection = (patch: Omit<Patch, "kind">): Patch => ({ kind: "inspection", ...patch });
const base = {
  asset: "a",
  answers: { fan: { value: "pass" } },
  elements: { "disk-1": { group: "disk", answers: { state: { value: "pass" } } } },
  step: { round: 2, step: "draft" },
};

describe("overlay", () => {
  it("a set changes its path and nothing beside it", () => {
    const after = patched(base, inspection({ set: { "answers.dust": { value: "fail" } } }));
    expect(after).toEqual({
      ...base,
      answers: { fan: { value: "pass" }, dust: { value: "fail" } },
    });
  });

  it("the base is never changed in place", () => {
    const before = structuredClone(base);
    overlaid(base, [
      inspection({ set: { "elements.disk-1.answers.state": null, note: "x" } }),
      inspection({ add: { elements: { "disk-2": { group: "disk" } } } }),
      inspection({ remove: { elements: ["disk-1"] } }),
    ]);
    expect(base).toEqual(before);
  });

  it("an op applied twice is applied once", () => {
    const patches = [
      inspection({ set: { "answers.fan": { value: "fail" }, note: "hot" } }),
      inspection({
        add: { elements: { "disk-2": { group: "disk", answers: { a: { value: 1 } } } } },
      }),
      inspection({ remove: { elements: ["disk-1"] } }),
      inspection({ set: { step: { round: 2, step: "submitted" } } }),
    ];
    for (const patch of patches) {
      const once = patched(base, patch);
      expect(patched(once, patch)).toEqual(once);
    }
  });

  it("ops of different paths may come in any order", () => {
    const one = inspection({ set: { "answers.fan": { value: 1 } } });
    const other = inspection({ set: { "answers.dust": { value: 2 } } });
    expect(overlaid(base, [one, other])).toEqual(overlaid(base, [other, one]));
  });

  it("the later of two ops on one path stands", () => {
    const after = overlaid(base, [
      inspection({ set: { note: "1" } }),
      inspection({ set: { note: "2" } }),
    ]);
    expect(after).toMatchObject({ note: "2" });
  });

  it("an edit of a removed element does not bring half of it back", () => {
    const after = patched(
      base,
      inspection({ set: { "elements.gone.answers.state": { value: 1 } } }),
    );
    expect(after).toEqual(base);
  });

  it("adding an element that somebody else added keeps what they answered", () => {
    const add = {
      elements: { "disk-1": { group: "disk", answers: { smart: { value: "pass" } } } },
    };
    expect(patched(base, inspection({ add }))).toMatchObject({
      elements: { "disk-1": { answers: { state: { value: "pass" }, smart: { value: "pass" } } } },
    });
  });

  it("a step never goes back, and a later round beats any step of an earlier one", () => {
    const late = patched(base, inspection({ set: { step: { round: 1, step: "submitted" } } }));
    expect(late).toMatchObject({ step: { round: 2, step: "draft" } });
    const done = patched(base, inspection({ set: { step: { round: 2, step: "submitted" } } }));
    expect(done).toMatchObject({ step: { round: 2, step: "submitted" } });
    expect(patched(done, inspection({ set: { step: { round: 2, step: "draft" } } }))).toEqual(done);
  });

  it("without a base only a creation makes a record, and a withdrawn one is gone", () => {
    expect(patched(undefined, inspection({ set: { note: "x" } }))).toBeUndefined();
    expect(patched(undefined, inspection({ new: true, set: { note: "x" } }))).toEqual({
      note: "x",
    });
    expect(patched(base, inspection({ withdraw: true }))).toBeUndefined();
  });

  it("names that every object inherits are names like any other", () => {
    const after = patched(
      { asset: "a" },
      inspection({ set: { "answers.constructor": { value: 1 } } }),
    );
    expect(after).toEqual({ asset: "a", answers: { constructor: { value: 1 } } });
  });
});
