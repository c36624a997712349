// How the app's own tests run. Rule: the build never reads this file, so a demo needs no test package.

import { defineConfig, mergeConfig } from "vitest/config";
import app from "./vite.config.ts";

export default mergeConfig(
  app,
  defineConfig({
    test: {
      include: ["test/**/*.test.{ts,tsx}"],
      environment: "happy-dom",
      setupFiles: ["fake-indexeddb/auto"],
      restoreMocks: true,
      // Only what never ends waits it out; a busy machine needs more than the usual five seconds.
      testTimeout: 120_000,
      hookTimeout: 120_000,
    },
  }),
);
