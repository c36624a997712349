// The build of the page behind a link to sign, beside the app's and after it: it shares no file with the
// app, so that neither a tablet's first load nor its worker's list grows by what only strangers fetch.
// Rule: as in vite.config.ts, nothing inline and nothing from another host.

import { defineConfig } from "vite";

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    emptyOutDir: false,
    copyPublicDir: false,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: { sign: "sign.html" } },
  },
});
