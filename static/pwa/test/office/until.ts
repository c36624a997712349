// Waiting for a screen. Rule: as long as a slow machine needs; only what never comes waits it out.

import { act } from "preact/test-utils";

export const PATIENCE_MS = 30_000;

/** Let answers come and be drawn, until it is so. */
export async function until(isSo: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end) {
    if (isSo()) return;
    await act(() => new Promise((resolve) => setImmediate(resolve)));
  }
  throw new Error(`never came true; on the screen: ${document.body.textContent}`);
}
