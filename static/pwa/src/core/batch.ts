// What goes into one push. Rule: pure. A push is a run of numbers without a gap, from the first that waits.

import type { Op, PushHeader } from "../wire/types.ts";

/** Smaller than the server's own limit: a batch that is cut on a bad line costs all of it again. */
export const BATCH_BYTES_MAX = 1_048_576;

/** Take the first ops that stand in a row (n, n + 1, …) and fit. One op always fits. */
export function firstRun(ops: readonly Op[], opsMax: number, bytesMax: number): readonly Op[] {
  const run: Op[] = [];
  let bytes = 0;
  for (const op of ops) {
    const last = run.at(-1);
    bytes += lineOf(op).length;
    const fits = run.length < opsMax && bytes <= bytesMax;
    if (last !== undefined && (op.n !== last.n + 1 || !fits)) break;
    run.push(op);
  }
  return run;
}

/** Write a push: NDJSON, the header and then one op a line. */
export function pushBody(header: PushHeader, ops: readonly Op[]): Uint8Array<ArrayBuffer> {
  const lines = [new TextEncoder().encode(`${JSON.stringify(header)}\n`), ...ops.map(lineOf)];
  const body = new Uint8Array(lines.reduce((length, line) => length + line.length, 0));
  let at = 0;
  for (const line of lines) {
    body.set(line, at);
    at += line.length;
  }
  return body;
}

function lineOf(op: Op): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(op)}\n`);
}
