// Where a photo is on its way, in words: bytes that were kept, and a time whenever it waits for one.

import { beforeEach, expect, test } from "vitest";
import { begun, type Upload } from "../../src/core/upload.ts";
import { NO_UPLOADS, type UploadsState } from "../../src/sync/uploads.ts";
import { holdWords, sumWords, wayWords } from "../../src/ui/field/sync-photos.tsx";
import { setLanguage } from "../../src/ui/words/index.ts";

const NOW = Date.parse("2026-11-18T06:31:00Z");
const at = { now: NOW, zone: "Asia/Shanghai" };
const photo = begun({ attachment: "a", sha256: "f".repeat(64), bytes: 300_000, created: 1 });
const state = (part: Partial<UploadsState>): UploadsState => ({ ...NO_UPLOADS, ...part });
const words = (part: Partial<Upload>, told: UploadsState | null = null) =>
  wayWords({ ...photo, ...part }, told, at).words;

beforeEach(() => setLanguage("zh-CN"));

test("a photo says how much of it is there, or when it goes on", () => {
  const sending = state({ active: [{ attachment: "a", sent: 120_000, bytes: 300_000 }] });
  expect(words({})).toBe("等待上传，300\u00a0kB");
  expect(words({}, sending)).toBe("正在上传 120\u00a0kB / 300\u00a0kB");
  expect(words({ offset: 120_000, url: "/files/1" })).toBe(
    "已传 120\u00a0kB / 300\u00a0kB，接着传",
  );
  expect(words({ failures: 4, dueAt: NOW + 600_000 })).toBe("14:41 再传，300\u00a0kB");
  const problem = { type: "/problems/x", title: "x", status: 413, detail: "" };
  expect(words({ problem, dueAt: NOW + 600_000 })).toBe("服务器没有收下，照片在本机。14:41 再传");
  expect(words({ state: "lost" })).toContain("损坏");
});

test("what holds them all says what is safe, and when it is tried again", () => {
  const away = state({ phase: "away", nextAt: NOW + 60_000 });
  expect(holdWords(away, at)).toBe("照片都在本机，不会丢。14:32 接着传，连上服务器后会更早。");
  expect(holdWords({ ...away, isServerFull: true }, at)).toBe(
    "服务器存不下照片了，要告诉办公室。照片都在本机，14:32 再传。",
  );
  expect(holdWords(null, at)).toBe("答案先传，照片随后。可以离开这一页。");
});

test("those under way are added up in bytes, never in a percentage", () => {
  const active = [
    { attachment: "a", sent: 1_000_000, bytes: 2_000_000 },
    { attachment: "b", sent: 100_000, bytes: 1_600_000 },
  ];
  expect(sumWords(state({ active }))).toBe("正在上传 1.1\u00a0MB / 3.6\u00a0MB");
  expect(sumWords(state({}))).toBeNull();
  expect(sumWords(null)).toBeNull();
});
