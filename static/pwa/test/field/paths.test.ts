// Addresses of the field lead to its pages, and belong to the app.

import { expect, test } from "vitest";
import * as paths from "../../src/ui/field/paths.ts";
import { faceOf } from "../../src/ui/kit/address.ts";

const A = "018f0c6a-0000-7000-8000-00000000a5e7";
const B = "018f0c6a-0000-7000-8000-0000000005e1";

const PAGES = [
  [paths.TODAY, { name: "today" }],
  [paths.ROOMS, { name: "rooms" }],
  [paths.SYNC, { name: "sync" }],
  [paths.DEVICE, { name: "device" }],
  [paths.SCAN, { name: "scan" }],
  [paths.ENROL, { name: "enrol" }],
  [paths.roundPath(A), { name: "round", id: A }],
  [paths.roomPath(A), { name: "room", id: A }],
  [paths.assetPath(A), { name: "asset", id: A }],
  [paths.signPath(A), { name: "sign", id: A }],
  [paths.inspectPath(A, B), { name: "inspect", assignment: A, asset: B }],
  [paths.inspectPath(null, B), { name: "inspect", assignment: null, asset: B }],
] as const;

test.each(PAGES)("%s leads to its page, also after a reload without a server", (path, page) => {
  expect(paths.pageOf(path)).toEqual(page);
  expect(faceOf(path)).not.toBeNull();
});

test("what is no page says so", () => {
  for (const path of ["/field/nothing", "/field/round/x", "/field/inspect/-/x", "/field/rooms/x"]) {
    expect(paths.pageOf(path)).toEqual({ name: "missing" });
  }
});

test("the case of an id and a slash at the end do not count", () => {
  expect(paths.pageOf(`/field/asset/${A.toUpperCase()}/`)).toEqual({ name: "asset", id: A });
});

test("a scanned text survives the way through the address", () => {
  const text = "https://host/t/7K4M?a=1&b=#x 中";
  const address = new URL(paths.scannedPath(text), "https://app.example");
  expect(address.searchParams.get("text")).toBe(text);
});
