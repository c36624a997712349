// @vitest-environment node
// Ids, digests, lines, back-off, skew and links: small laws of small modules. Values marked "Python" were
// computed by the standard library of Python, which the server uses.

import { describe, expect, it } from "vitest";
import {
  BACKOFF_MS_MAX,
  backoffMs,
  RETRY_AFTER_MS_MAX,
  retryAfterMs,
} from "../../src/core/backoff.ts";
import { firstRun, pushBody } from "../../src/core/batch.ts";
import { digestOf, EMPTY, markOf, minus, plus } from "../../src/core/digest.ts";
import { readEnrolLink } from "../../src/core/enrol-link.ts";
import { inspectionId, mintId, placeElementId, tagId } from "../../src/core/ids.ts";
import { key, keysOf } from "../../src/core/kinds.ts";
import { isPushAnswer, Lines, readLine } from "../../src/core/ndjson.ts";
import { isFlagged, measured } from "../../src/core/skew.ts";
import type { Op } from "../../src/wire/types.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("ids", () => {
  it("derived ids are those of the server", () => {
    const assignment = "018f0c6a-0000-7000-8000-000000000001";
    const asset = "018F0C6A-0000-7000-8000-0000000000AB";
    expect(inspectionId(assignment, asset)).toBe("2b6cafb2-98a1-5801-8456-6fabdc5eb3e8"); // Python
    expect(tagId("7K4M2P9D6")).toBe("4e3ea9fb-3096-59b8-8e2a-2c2171d4422b"); // Python
    expect(placeElementId("grid", "a1")).toBe("grid-a1");
  });

  it("minted ids sort by time", () => {
    const random = (length: number) => new Uint8Array(length).fill(255);
    const early = mintId(1_700_000_000_000, random);
    const late = mintId(1_700_000_000_001, (length) => new Uint8Array(length));
    expect(early < late).toBe(true);
    expect(early).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe("digest", () => {
  it("a mark is the first 64 bits of the line's SHA-256", async () => {
    const line = bytes('{"t":"record","name":"配电"}');
    const sum = await crypto.subtle.digest("SHA-256", line);
    expect(markOf(sum)).toBe("3797075936677368363"); // Python
  });

  it("what is added and taken away again leaves no trace, also past 2^64", () => {
    const top = (2n ** 64n - 1n).toString();
    const both = plus(plus(EMPTY, top), "2");
    expect(digestOf(both)).toBe("2:1");
    expect(minus(minus(both, "2"), top)).toEqual(EMPTY);
  });
});

describe("lines", () => {
  it("are the same however the bytes are cut", () => {
    const whole = bytes("一\n\nzwei\n3\nrest");
    for (let size = 1; size <= whole.length; size += 1) {
      const lines = new Lines();
      const found: string[] = [];
      for (let at = 0; at < whole.length; at += size) {
        for (const line of lines.push(whole.slice(at, at + size))) {
          found.push(new TextDecoder().decode(line));
        }
      }
      expect(found).toEqual(["一", "zwei", "3"]);
      expect(new TextDecoder().decode(lines.end())).toBe("rest");
    }
  });

  it.each([
    ['{"t":"end","token":"x"}', { t: "end", token: "x" }],
    ['{"t":"news"}', "unknown"],
    ['{"t":"end"}', "broken"],
    ['{"t":"record","scope":"org","seq":1,"kind":"room","id":"r","version":1,"data":[]}', "broken"],
    ["<html>", "broken"],
    ["[]", "broken"],
  ])("reads %s", (text, expected) => {
    expect(readLine(bytes(text))).toEqual(expected);
  });

  it("an answer may say an outcome of a later version, but not something else", () => {
    expect(isPushAnswer({ epoch: 1, outcomes: [{ n: 1, id: null, outcome: "applied" }] })).toBe(
      true,
    );
    expect(isPushAnswer({ epoch: 1, outcomes: [{ n: 1, id: null, outcome: "merged" }] })).toBe(
      true,
    );
    expect(isPushAnswer({ epoch: 1, outcomes: [{ n: 1, id: null, outcome: 7 }] })).toBe(false);
    expect(isPushAnswer("welcome to the hotel")).toBe(false);
  });
});

describe("batch", () => {
  const op = (n: number, note = ""): Op => ({
    n,
    id: `op-${n}`,
    by: "p",
    kind: "inspection",
    record: "r",
    made: { wall: "", session: "" },
    set: { note },
  });

  it("ends before a gap, and takes one op however large", () => {
    expect(firstRun([op(1), op(2), op(4)], 10, 1e6).map(({ n }) => n)).toEqual([1, 2]);
    expect(firstRun([op(1, "x".repeat(500)), op(2)], 10, 100).map(({ n }) => n)).toEqual([1]);
    expect(firstRun([op(1), op(2), op(3)], 2, 1e6).map(({ n }) => n)).toEqual([1, 2]);
  });

  it("is a header and a line for each op", () => {
    const text = new TextDecoder().decode(pushBody({ epoch: 1, first_n: 1 }, [op(1), op(2)]));
    expect(text.split("\n").map((line) => (line ? JSON.parse(line).n : ""))).toEqual([
      undefined,
      1,
      2,
      "",
    ]);
  });
});

describe("back-off", () => {
  it("grows to its bound and never hammers", () => {
    expect(backoffMs(0, 0)).toBeGreaterThanOrEqual(250);
    expect(backoffMs(3, 0.5)).toBe(4_000);
    expect(backoffMs(1e6, 0.999_999)).toBeLessThanOrEqual(BACKOFF_MS_MAX);
  });

  it("reads Retry-After in both forms", () => {
    const now = Date.parse("2026-08-20T06:00:00Z");
    expect(retryAfterMs("120", now)).toBe(120_000);
    expect(retryAfterMs("Thu, 20 Aug 2026 06:01:00 GMT", now)).toBe(60_000);
    expect(retryAfterMs("99999999", now)).toBe(RETRY_AFTER_MS_MAX);
    expect(retryAfterMs("soon", now)).toBeNull();
    expect(retryAfterMs(null, now)).toBeNull();
  });
});

describe("skew", () => {
  const slow = {
    sentAt: 1_000,
    receivedAt: 3_000,
    elapsedMs: 2_000,
    serverAt: 12_000,
    session: "s",
  };

  it("the smallest round trip wins", () => {
    const first = measured(undefined, slow);
    expect(first).toMatchObject({ offsetMs: 10_000, uncertaintyMs: 1_000, jumps: 0 });
    const quick = measured(first, {
      sentAt: 5_000,
      receivedAt: 5_100,
      elapsedMs: 100,
      serverAt: 15_500,
      session: "s",
    });
    expect(quick).toMatchObject({ offsetMs: 10_450, uncertaintyMs: 50 });
    expect(measured(quick, { ...slow, serverAt: 12_400 })).toBe(quick);
  });

  it("a clock that jumps in a session is noticed, also when the server seems to answer before the question", () => {
    const first = measured(undefined, slow);
    const jumped = measured(first, {
      sentAt: 9_000,
      receivedAt: 9_100,
      elapsedMs: 100,
      serverAt: 99_050,
      session: "s",
    });
    expect(jumped).toMatchObject({ offsetMs: 90_000, jumps: 1, jumpMs: -80_000 });
    // Set while we waited: the round trip took two seconds, and the clock went back by one.
    const set = measured(first, { ...slow, receivedAt: 0 });
    expect(set).toMatchObject({ offsetMs: 10_000, jumps: 1, jumpMs: -3_000 });
    expect(measured(undefined, { ...slow, receivedAt: 0 }).uncertaintyMs).toBe(Infinity);
    expect(measured(first, { ...slow, serverAt: Number.NaN })).toBe(first);
  });

  it("a tablet that slept between two answers has not changed its clock", () => {
    const first = measured(undefined, slow);
    const hour = 3_600_000;
    const woken = { ...slow, sentAt: hour, receivedAt: hour + 500, elapsedMs: 500 };
    const later = measured(first, { ...woken, serverAt: hour + 10_250 });
    expect(later).toMatchObject({ offsetMs: 10_000, uncertaintyMs: 250, jumps: 0 });
  });

  it("over five minutes is flagged only when it is certain", () => {
    const skew = { offsetMs: 301_000, uncertaintyMs: 500, session: "s", measuredAt: 0, jumps: 0 };
    expect(isFlagged(skew)).toBe(true);
    expect(isFlagged({ ...skew, uncertaintyMs: 2_000 })).toBe(false);
  });
});

describe("enrolment links", () => {
  it("give host and ticket", () => {
    const link = { server: "https://x.example:8443", ticket: "abcdefgh" };
    expect(readEnrolLink(" https://x.example:8443/enrol#abcdefgh\n")).toEqual(link);
  });

  it.each([
    "https://x.example/enrol",
    "https://x.example/enrol#short",
    "https://x.example/t/7K4M2P9D6#abcdefgh",
    "javascript:alert(1)#abcdefgh",
    `https://x.example/enrol#${"a".repeat(201)}`,
    "7K4M-2P9D-6",
  ])("refuse %s", (text) => {
    expect(readEnrolLink(text)).toBeNull();
  });
});

describe("keys", () => {
  it("find a serial number however it was typed, and an assignment by person and asset", () => {
    expect(keysOf("asset", { serial: " sn-1a ", number: "", site: "S" })).toContain(
      key("asset", "serial", "SN-1A"),
    );
    const keys = keysOf("assignment", { assignee: "p", backup: "q", targets: [{ asset: "a" }] });
    expect(keys).toEqual(
      expect.arrayContaining([
        key("assignment", "person", "p"),
        key("assignment", "person", "q"),
        key("assignment", "asset", "a"),
      ]),
    );
    expect(keysOf("kind-of-tomorrow", { site: "S" })).toEqual([]);
  });
});
