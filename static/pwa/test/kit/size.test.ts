// @vitest-environment node
// What a tablet fetches before it shows anything. Rule: measured on a build like the one that is served,
// compressed as the server does; what a screen loads when it is opened does not count.

import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import { expect, test } from "vitest";

const FIRST_LOAD_BYTES_MAX = 120_000;
const BUILD_MS_MAX = 120_000;
const FIELD = "src/ui/field/index.tsx";

function sizeOf(source: string | Uint8Array): number {
  return gzipSync(source).length;
}

async function built(): Promise<Rolldown.RolldownOutput["output"]> {
  const made = await build({
    configFile: false,
    logLevel: "silent",
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: {
      target: "es2022",
      assetsInlineLimit: 0,
      write: false,
      rolldownOptions: { input: { main: "index.html" } },
    },
  });
  if (Array.isArray(made) || !("output" in made)) throw new Error("built something else");
  return made.output;
}

test("the field face loads in 120 kB compressed, styles with it", {
  timeout: BUILD_MS_MAX,
}, async () => {
  const output = await built();
  const chunks = output.filter((one) => one.type === "chunk");
  const files = new Set<string>();
  const take = (name: string): void => {
    const chunk = chunks.find((one) => one.fileName === name);
    if (chunk === undefined || files.has(name)) return;
    files.add(name);
    for (const style of chunk.viteMetadata?.importedCss ?? []) files.add(style);
    for (const needed of chunk.imports) take(needed);
  };
  const first = chunks.filter((one) => one.isEntry || one.facadeModuleId?.endsWith(FIELD));
  expect(first).toHaveLength(2);
  for (const { fileName } of first) take(fileName);
  const sizes = output
    .filter((one) => files.has(one.fileName))
    .map((one) => [one.fileName, sizeOf(one.type === "chunk" ? one.code : one.source)] as const);
  const sum = sizes.reduce((all, [, size]) => all + size, 0);
  expect(sum, JSON.stringify(Object.fromEntries(sizes))).toBeLessThanOrEqual(FIRST_LOAD_BYTES_MAX);
  // Less would mean that something was not found.
  expect(sizes.some(([name]) => name.endsWith(".css"))).toBe(true);
  expect(sum).toBeGreaterThan(FIRST_LOAD_BYTES_MAX / 2);
});
