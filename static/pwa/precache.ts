// Build step: writes the list of everything the build produced into the service worker.
// Rule: the list is made from the finished files on disk, so nothing the app needs can be left out
// by hand, and each digest is of the bytes a device will receive.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Plugin } from "vite";

// The name that stands for the list in the worker's source, and the worker's own file.
const LIST = "__PRECACHE__";
const WORKER = "sw.js";

/** SHA-256 as 64 hexadecimal digits: what the worker compares each download with. */
function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** List `[address, digest]` of every file below the folder except the worker, in order of address. */
function list(folder: string): [string, string][] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file): [string, string] => [`/${relative(folder, file)}`, digest(readFileSync(file))])
    .filter(([address]) => address !== `/${WORKER}`)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Replace `__PRECACHE__` in sw.js once all files are written. */
export function precache(): Plugin {
  return {
    name: "xunjian-precache",
    apply: "build",
    writeBundle(options) {
      const folder = options.dir;
      if (folder === undefined) throw new Error("the build has no folder");
      const worker = join(folder, WORKER);
      const code = readFileSync(worker, "utf8");
      if (/\bimport\b|\bexport\b/.test(code)) throw new Error(`${WORKER} must be one file`);
      if (!code.includes(LIST)) throw new Error(`${WORKER} does not name ${LIST}`);
      writeFileSync(worker, code.replace(LIST, JSON.stringify(list(folder))));
    },
  };
}
