// How the app's own tests run. Rule: the build never reads this file, so a demo needs no test package.
// What draws nothing is given no document: one for each file costs more than most files' tests.

import { defineConfig, mergeConfig } from "vitest/config";
import app from "./vite.config.ts";

const PLAIN = ["test/{core,db}/**/*.test.ts", "test/sync/!(photos).test.ts"];
const EVERY = "test/**/*.test.{ts,tsx}";

export default mergeConfig(
  app,
  defineConfig({
    test: {
      pool: "threads",
      projects: [
        { extends: true, test: { name: "plain", environment: "node", include: PLAIN } },
        {
          extends: true,
          test: { name: "screens", environment: "happy-dom", include: [EVERY], exclude: PLAIN },
        },
      ],
      setupFiles: ["fake-indexeddb/auto"],
      restoreMocks: true,
      // Only what never ends waits it out; a busy machine needs more than the usual five seconds.
      testTimeout: 120_000,
      hookTimeout: 120_000,
    },
  }),
);
