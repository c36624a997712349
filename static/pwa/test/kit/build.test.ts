// The service worker and the page agree on which addresses are the app's.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { faceOf } from "../../src/ui/kit/address.ts";

const worker = readFileSync("src/sw.ts", "utf8");
const pattern = /const PAGES = \/(.+)\/;/.exec(worker)?.[1];

test.each([
  "/",
  "/enrol",
  "/enrol/7K4M",
  "/field/rooms",
  "/office",
  "/office/review",
  "/sync",
  "/office-api/rounds",
  "/api/v1",
  "/files/a",
  "/labels/sheet.pdf",
  "/t/7K4M2P9D6",
  "/sign",
  "/sign/look",
  "/verify/1",
  "/problems/gone",
  "/schema",
  "/health",
  "/ready",
])("the worker answers for %s exactly when a face does", (path) => {
  if (pattern === undefined) throw new Error("src/sw.ts names no PAGES");
  expect(new RegExp(pattern).test(path)).toBe(faceOf(path) !== null);
});

test.each(["index.html", "sign.html"])(
  "%s holds nothing inline, so that the Content-Security-Policy needs no exception",
  (file) => {
    const page = readFileSync(file, "utf8");
    expect(page).not.toMatch(/\sstyle=|<style|\son\w+=|<script(?![^>]*\ssrc=)/);
  },
);
