// Strokes as data, and the document that stands behind a signature.

import { describe, expect, test } from "vitest";
import {
  type Covered,
  canonical,
  type Document,
  digest,
  sealed,
  sinceSigned,
  UNTOUCHED,
} from "../../src/ui/field/sign/document.ts";
import { boxOf } from "../../src/ui/kit/drawn.tsx";
import { pathOf, simplified } from "../../src/ui/kit/strokes.ts";
import { DOCUMENT_LENGTH_MAX, STROKES_LENGTH_MAX } from "../../src/wire/limits.ts";
import { ASSET, INSPECTION } from "./seed.ts";

const sha256 = (bytes: Uint8Array<ArrayBuffer>) => crypto.subtle.digest("SHA-256", bytes);

describe("strokes", () => {
  test("are written with the letters that the wire allows, in thousandths of the width", () => {
    const path = pathOf(
      [
        [
          { x: 0, y: 0 },
          { x: 250, y: 125 },
        ],
      ],
      500,
    );
    expect(path).toBe("M0,0L500,250");
    expect(path).toMatch(/^[MLQCZ0-9 .,-]*$/);
  });

  test("a dot is drawn", () => {
    expect(pathOf([[{ x: 50, y: 50 }]], 500)).toBe("M100,100L102,100");
  });

  test("points on a straight line go, corners stay", () => {
    const stroke = [0, 1, 2, 3, 4].map((x) => ({ x, y: x < 3 ? 0 : (x - 2) * 20 }));
    expect(simplified(stroke, 0.5)).toEqual([
      { x: 0, y: 0 },
      { x: 2, y: 0 },
      { x: 4, y: 40 },
    ]);
  });

  test("however much is scribbled, it fits", () => {
    const scribble = Array.from({ length: 40 }, (_, line) =>
      Array.from({ length: 900 }, (_, at) => ({
        x: 250 + 240 * Math.sin(at * 1.7 + line),
        y: 120 + 110 * Math.cos(at * 2.3 + line),
      })),
    );
    const path = pathOf(scribble, 500);
    expect(path.length).toBeLessThanOrEqual(STROKES_LENGTH_MAX);
    expect(path.startsWith("M")).toBe(true);
  });

  test("the box lies around the drawing", () => {
    expect(boxOf("M100,100L200,150")).toBe("92 92 116 66");
    expect(boxOf("")).toBeNull();
  });
});

const document: Document = {
  of: INSPECTION,
  of_kind: "visit",
  site: "天河总部机房",
  engineer: "梁志豪",
  started_at: "2026-11-18T01:10:00Z",
  signed_at: "2026-11-18T08:20:00Z",
  statement: ["巡检设备 1 台。"],
  counts: { inspected: 1, normal: 1, abnormal: 0, not_inspected: 0 },
  abnormal: [],
  inspections: [{ id: INSPECTION, template: ASSET, answers: "a".repeat(64), photos: [] }],
  signer: { role: "contact", name: "黄国强", title: "", absent_reason: "" },
};

const finding = { id: "f", severity: "urgent", text: "风扇停转" };

describe("the document", () => {
  test("is the same text whatever the order of its members (RFC 8785)", () => {
    expect(canonical({ b: 1, a: [1.0, "é"] })).toBe('{"a":[1,"é"],"b":1}');
  });

  test("its digest is the SHA-256 of its bytes", async () => {
    const seal = await sealed(sha256, document);
    expect(seal.digest).toBe(await digest(sha256, seal.document));
    expect(seal.document).toContain('"name":"黄国强"');
  });

  test("a list that is too long for the wire is replaced by its own digest", async () => {
    const [one] = document.inspections;
    const inspections = Array.from({ length: 2_000 }, (_, at) => ({
      ...(one ?? { template: "", answers: "" }),
      id: `${at}`.padStart(4, "0"),
      photos: ["b".repeat(64)],
    }));
    const seal = await sealed(sha256, { ...document, inspections });
    expect(seal.document.length).toBeLessThanOrEqual(DOCUMENT_LENGTH_MAX);
    expect(seal.document).toContain(await digest(sha256, canonical(inspections)));
    const all = new Set(inspections.map(({ id }) => id));
    const turned = inspections.toReversed();
    expect(await sinceSigned(sha256, seal.document, turned, all)).toEqual(UNTOUCHED);
    const mended = turned.map((each, at) =>
      at === 7 ? { ...each, answers: "f".repeat(64) } : each,
    );
    const now = await sinceSigned(sha256, seal.document, mended, all);
    expect(now.isChanged).toBe(true);
    // Of before there were findings in a document: of those it says nothing.
    const found = turned.map((each) => ({ ...each, findings: [finding] }));
    expect(await sinceSigned(sha256, seal.document, found, all)).toEqual(UNTOUCHED);
    const newer = await sealed(sha256, { ...document, inspections: found });
    expect(newer.document).toContain("inspections_digest");
    expect(await sinceSigned(sha256, newer.document, found, all)).toEqual(UNTOUCHED);
    const milder = turned.map((each) => ({ ...each, findings: [] }));
    expect((await sinceSigned(sha256, newer.document, milder, all)).isChanged).toBe(true);
  });
});

describe("what was signed", () => {
  const photo = "c".repeat(64);
  const signed = { id: INSPECTION, template: ASSET, answers: "a".repeat(64), photos: [photo] };
  const since = async (...now: readonly (typeof signed)[]) => {
    const seal = await sealed(sha256, { ...document, inspections: [signed] });
    return sinceSigned(sha256, seal.document, now, new Set(now.map(({ id }) => id)));
  };

  test("stands while nothing it covers differs, though a photo came later", async () => {
    expect(await since(signed)).toEqual(UNTOUCHED);
    expect(await since({ ...signed, photos: ["b".repeat(64), photo] })).toEqual({
      ...UNTOUCHED,
      photos: 1,
    });
  });

  test("was changed after it where an answer differs, or a photo is gone", async () => {
    expect((await since({ ...signed, answers: "d".repeat(64) })).isChanged).toBe(true);
    expect((await since({ ...signed, photos: [] })).isChanged).toBe(true);
  });

  test("speaks of the findings that were read, where this device holds them", async () => {
    const of = { ...signed, findings: [finding] };
    const seal = await sealed(sha256, { ...document, inspections: [of] });
    const became = (now: Covered) => sinceSigned(sha256, seal.document, [now], new Set());
    expect(await became(of)).toEqual(UNTOUCHED);
    const milder = { ...of, findings: [{ ...finding, severity: "advice" }] };
    expect(await became(milder)).toEqual({ ...UNTOUCHED, isChanged: true });
    expect(await became({ ...of, findings: [] })).toEqual({ ...UNTOUCHED, isChanged: true });
    const more = { ...of, findings: [finding, { ...finding, id: "g" }] };
    expect(await became(more)).toEqual({ ...UNTOUCHED, findings: 1 });
    // The asset was moved to a site that this device does not hold, and its findings with it.
    expect(await became(signed)).toEqual(UNTOUCHED);
  });

  test("does not cover what was handed in later, and a return alone changes nothing", async () => {
    const later = { ...signed, id: `${INSPECTION}-later`, answers: "e".repeat(64) };
    expect(await since(signed, later)).toEqual({ ...UNTOUCHED, added: 1 });
    const seal = await sealed(sha256, { ...document, inspections: [signed] });
    // Sent back: no longer handed in, and still as it was signed.
    expect(await sinceSigned(sha256, seal.document, [signed], new Set())).toEqual(UNTOUCHED);
  });
});
