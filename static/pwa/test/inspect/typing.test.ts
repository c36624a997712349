// Text that is being typed survives the page; photos are made small.

import { describe, expect, test } from "vitest";
import { FULL, fitted, REDUCED, squeezed } from "../../src/ui/field/inspect/image.ts";
import { Typing } from "../../src/ui/field/inspect/typing.ts";
import { PERSON } from "./seed.ts";

describe("text between a key and its op", () => {
  test("is found again by the next page, for this person and place only", () => {
    localStorage.clear();
    new Typing(localStorage, PERSON, "a/b").keep("note", "fan_state", "PSU2 | off");
    expect(new Typing(localStorage, PERSON, "a/b").left()).toEqual([
      { part: "note", path: "fan_state", text: "PSU2 | off" },
    ]);
    expect(new Typing(localStorage, PERSON, "a/c").left()).toEqual([]);
    expect(new Typing(localStorage, "other", "a/b").left()).toEqual([]);
  });

  test("stays when more was typed after what became an op", () => {
    localStorage.clear();
    const typing = new Typing(localStorage, PERSON, "a/b");
    typing.keep("note", "fan_state", "PSU2");
    typing.keep("note", "fan_state", "PSU2 off");
    typing.drop("note", "fan_state", "PSU2");
    expect(typing.left()).toHaveLength(1);
    typing.drop("note", "fan_state", "PSU2 off");
    expect(typing.left()).toEqual([]);
  });

  test("hurries when the page is left, until nobody listens", () => {
    const typing = new Typing(null, PERSON, "a/b");
    let hurried = 0;
    const forget = typing.onHurry(() => {
      hurried += 1;
    });
    const stop = typing.watch(document, window);
    window.dispatchEvent(new Event("pagehide"));
    expect(hurried).toBe(1);
    forget();
    window.dispatchEvent(new Event("pagehide"));
    stop();
    expect(hurried).toBe(1);
  });
});

describe("a photo", () => {
  test("keeps its proportions and is never enlarged", () => {
    expect(fitted(4000, 3000, REDUCED.edgeMax)).toEqual({ width: 1600, height: 1200 });
    expect(fitted(3000, 4000, FULL.edgeMax)).toEqual({ width: 3000, height: 4000 });
  });

  test("gives up quality first, then size, until it fits", async () => {
    const asked: [number, number][] = [];
    const picture = await squeezed(
      { width: 4000, height: 3000 },
      REDUCED,
      async (width, height, quality) => {
        asked.push([width, quality]);
        return new ArrayBuffer(Math.round(width * height * quality * 0.25));
      },
    );
    expect(picture.bytes.byteLength).toBeLessThanOrEqual(REDUCED.bytesMax);
    expect(asked[0]).toEqual([1600, 0.85]);
    expect(picture.width).toBeLessThanOrEqual(1600);
    expect(Math.round((picture.width / picture.height) * 100)).toBe(133);
  });

  test("that never fits is kept as small as it gets, not lost", async () => {
    const picture = await squeezed(
      { width: 800, height: 600 },
      REDUCED,
      async () => new ArrayBuffer(999_999),
    );
    expect(picture.bytes.byteLength).toBe(999_999);
  });
});
