// The build of the app: one page, two faces loaded apart, one service worker, everything self-hosted.
// Rule: nothing inline and nothing from another host, so that the server's Content-Security-Policy
// (default-src 'self', no 'unsafe-inline') holds without exceptions.

import { build, defineConfig, type Plugin } from "vite";
import { precache } from "./precache.ts";

const server = process.env.XUNJIAN_SERVER ?? "http://127.0.0.1:8000";
const served = [
  "/api",
  "/enrol/",
  "/files",
  "/health",
  "/labels",
  "/office-api",
  "/problems",
  "/ready",
  "/schema",
  "/sign/",
  "/sync",
  "/verify",
];

/** What strangers fetch is built apart, once the app is written. */
const signPage: Plugin = {
  name: "xunjian-sign-page",
  apply: "build",
  closeBundle: async () => {
    await build({ configFile: "vite.sign.ts" });
  },
};

export default defineConfig({
  plugins: [precache(), signPage],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { main: "index.html", sw: "src/sw.ts" },
      output: {
        // The worker keeps its name for ever: its address is its identity.
        entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
      },
    },
  },
  server: { proxy: Object.fromEntries(served.map((path) => [path, server])) },
});
