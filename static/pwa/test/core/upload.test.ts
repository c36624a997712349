// @vitest-environment node
// What each end of an attempt means for a photo, and how the pace follows the line.

import { describe, expect, it } from "vitest";
import {
  type Attempt,
  afterAttempt,
  begun,
  CHUNK_BYTES_MAX,
  CHUNK_BYTES_MIN,
  further,
  inOrder,
  lanes,
  paceAfter,
  paceAfterCut,
  REFUSED_MS_MAX,
  rewoundUpload,
  UNKNOWN_PACE,
  type Upload,
} from "../../src/core/upload.ts";

const NOW = 1_800_000_000_000;
const fresh = begun({ attachment: "a", sha256: "f".repeat(64), bytes: 300_000, created: 1 });
const partly: Upload = { ...fresh, url: "/files/1", offset: 100_000 };
const problem = { type: "/problems/x", title: "x", status: 422, detail: "" };

function times(n: number, attempt: Attempt, from = partly): Upload {
  let upload = from;
  for (let at = 0; at < n; at += 1) upload = afterAttempt(upload, attempt, NOW, 0);
  return upload;
}

describe("an attempt", () => {
  it("that ends whole is sent, and nothing of the way to it is remembered", () => {
    const sent = afterAttempt({ ...partly, failures: 4, problem }, { kind: "whole" }, NOW, 0);
    const told = { state: "sent", sentAt: NOW };
    expect(sent).toEqual({ ...fresh, ...told, offset: 300_000, dueAt: sent.dueAt });
  });

  it("that fails on the way changes nothing of the photo", () => {
    expect(afterAttempt(partly, { kind: "away" }, NOW, 0)).toEqual(partly);
  });

  it("that finds another offset goes on at once with the same upload, three times, then waits", () => {
    expect(times(1, { kind: "moved" })).toMatchObject({ url: "/files/1", dueAt: NOW });
    expect(times(3, { kind: "moved" })).toMatchObject({ url: "/files/1", dueAt: NOW });
    expect(times(4, { kind: "moved" }).dueAt).toBeGreaterThan(NOW);
  });

  it("that finds nothing begins anew at once, three times, then waits", () => {
    expect(times(1, { kind: "gone" })).toMatchObject({ url: null, offset: 0, dueAt: NOW });
    expect(times(4, { kind: "gone" }).dueAt).toBeGreaterThan(NOW);
  });

  it("that is refused keeps the reason and waits longer each time, six hours at most", () => {
    const waits = [1, 2, 3, 4, 40].map((n) => times(n, { kind: "refused", problem }));
    expect(waits.map(({ problem: said }) => said)).toEqual(Array(5).fill(problem));
    const ms = waits.map(({ dueAt }) => dueAt - NOW);
    expect(ms).toEqual([5_000, 10_000, 20_000, 40_000, REFUSED_MS_MAX / 2]);
    expect(
      afterAttempt(
        times(40, { kind: "refused", problem }),
        { kind: "refused", problem },
        NOW,
        0.999,
      ).dueAt,
    ).toBeLessThanOrEqual(NOW + REFUSED_MS_MAX);
  });

  it("that finds other bytes here than were taken is lost, for a person to know", () => {
    expect(afterAttempt(partly, { kind: "lost" }, NOW, 0)).toMatchObject({
      state: "lost",
      url: null,
    });
  });

  it("that got further has no problem now, and is not forgotten to have failed", () => {
    const failed = times(3, { kind: "refused", problem });
    expect(further(failed, 200_000)).toMatchObject({ offset: 200_000, failures: 3, problem: null });
    expect(further(failed, 100_000)).toMatchObject({ offset: 100_000, failures: 3, problem });
  });
});

it("under another epoch what was sent is here again, and what is lost stays lost", () => {
  const sent = afterAttempt(partly, { kind: "whole" }, NOW, 0);
  expect(rewoundUpload(sent)).toEqual(fresh);
  expect(rewoundUpload({ ...partly, failures: 3, dueAt: NOW })).toEqual(fresh);
  expect(rewoundUpload({ ...fresh, state: "lost" }).state).toBe("lost");
});

it("those go first that the server was told of, the oldest of them first, the failed last", () => {
  const one = (attachment: string, created: number, failures = 0): Upload => ({
    ...begun({ attachment, sha256: "", bytes: 1, created }),
    failures,
  });
  const uploads = [one("new", 9), one("untold", 1), one("failed", 0, 1), one("old", 2)];
  const order = inOrder(uploads, (id) => id !== "untold").map(({ attachment }) => attachment);
  expect(order).toEqual(["old", "new", "untold", "failed"]);
});

describe("the pace", () => {
  it("doubles on a good line up to one mebibyte, and two go side by side there", () => {
    let pace = UNKNOWN_PACE;
    expect(lanes(pace)).toBe(1);
    pace = paceAfter(pace, pace.chunkBytes, 100);
    expect(pace.chunkBytes).toBe(2 * UNKNOWN_PACE.chunkBytes);
    for (let at = 0; at < 5; at += 1) pace = paceAfter(pace, pace.chunkBytes, 100);
    expect(pace.chunkBytes).toBe(CHUNK_BYTES_MAX);
    expect(lanes(pace)).toBe(2);
  });

  it("makes pieces that take about four seconds on a slow one, one at a time", () => {
    const pace = paceAfter(UNKNOWN_PACE, 100_000, 4_000);
    expect(pace.chunkBytes).toBeGreaterThan(90_000);
    expect(pace.chunkBytes).toBeLessThanOrEqual(100_000);
    expect(lanes(pace)).toBe(1);
  });

  it("halves when a piece is cut, down to 64 KiB", () => {
    expect(paceAfterCut(UNKNOWN_PACE).chunkBytes).toBe(UNKNOWN_PACE.chunkBytes / 2);
    let pace = UNKNOWN_PACE;
    for (let at = 0; at < 9; at += 1) pace = paceAfterCut(pace);
    expect(pace.chunkBytes).toBe(CHUNK_BYTES_MIN);
  });
});
