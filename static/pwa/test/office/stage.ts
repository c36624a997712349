// The stage of a test of an office screen: a page, a server, and waiting for what is to be shown.
// Rule: both are new for each test; waiting lasts as long as a slow machine needs.

import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach } from "vitest";
import { OfficeClient } from "../../src/sync/office.ts";
import { go } from "../../src/ui/kit/address.ts";
import { forgetAll, minute } from "../../src/ui/office/state.ts";
import { setLanguage } from "../../src/ui/words/index.ts";
import { NOW, TestServer } from "./office.ts";

export const PATIENCE_MS = 30_000;

export let root: HTMLElement;
export let server: TestServer;
export let client: OfficeClient;

beforeEach(() => {
  setLanguage("zh-CN");
  minute.value = NOW;
  root = document.createElement("div");
  document.body.append(root);
  server = new TestServer();
  client = new OfficeClient(server.world);
});

afterEach(() => {
  render(null, root);
  root.remove();
  forgetAll();
  go("/office", { replace: true });
});

/** Let answers come and be drawn, until it is so. */
export async function until(isSo: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end) {
    if (isSo()) return;
    await act(() => new Promise((resolve) => setImmediate(resolve)));
  }
  throw new Error(`never came true; on the screen: ${document.body.textContent}`);
}
