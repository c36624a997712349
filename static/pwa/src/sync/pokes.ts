// The stream of pokes (server-sent events), read by fetch because EventSource cannot say who we are.
// Rule: a poke carries no data and is believed in one thing only: it is time to pull.

import { backoffMs } from "../core/backoff.ts";
import { member, parsed } from "../core/json.ts";
import { Lines, textOf } from "../core/ndjson.ts";
import { fraction, type World } from "../core/world.ts";
import type { Poke } from "../wire/types.ts";
import { open } from "./http.ts";

/** The server's heartbeat comes every 20 s; three missed and the line is dead. */
export const SILENCE_MS_MAX = 65_000;

export interface Ears {
  readonly poked: (poke: Poke) => void;
  /** Whether the stream stands. */
  readonly stands: (isUp: boolean) => void;
  /** A line that stood is refused: something became of this device, which a round will tell. */
  readonly refused?: () => void;
}

/**
 * Listen until `signal` is aborted; the line is taken up again whenever it breaks. An empty
 * credential sends none (the office has a cookie); null: not now, ask again later.
 */
export async function listen(
  world: World,
  credential: () => Promise<string | null>,
  ears: Ears,
  signal: AbortSignal,
  path = "/sync/v1/events",
): Promise<void> {
  let attempt = 0;
  while (!signal.aborted) {
    const end = await once(world, path, await credential(), ears, signal);
    ears.stands(false);
    if (end === "refused" && attempt === 0) ears.refused?.();
    attempt = end === "heard" ? 0 : attempt + 1;
    if (!signal.aborted) await world.wait(backoffMs(attempt, fraction(world.random)), signal);
  }
}

/** One connection, to its end, and whether anything was heard on it. */
async function once(
  world: World,
  path: string,
  credential: string | null,
  ears: Ears,
  signal: AbortSignal,
): Promise<"heard" | "silent" | "refused"> {
  if (credential === null) return "silent";
  const opened = await open(world, {
    path,
    credential,
    idleMsMax: SILENCE_MS_MAX,
    signal,
  });
  if (opened.kind === "refused") return "refused";
  if (opened.kind !== "opened") return "silent";
  if (!opened.response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
    opened.close();
    return "silent";
  }
  ears.stands(true);
  let heard = false;
  const cutter = new Lines();
  try {
    for (let piece = await opened.next(); piece !== null; piece = await opened.next()) {
      heard = true;
      // Whatever was missed while the line was down is asked for by the first poke or the poll.
      for (const line of cutter.push(piece)) {
        const poke = parsed(textOf(line)?.match(/^data: ?(.*)$/)?.[1] ?? "");
        if (isPoke(poke)) ears.poked(poke);
      }
    }
  } catch {
    // Silence or a break: taken up again.
  } finally {
    opened.close();
  }
  return heard ? "heard" : "silent";
}

function isPoke(value: unknown): value is Poke {
  return typeof member(value, "scope") === "string" && typeof member(value, "head") === "number";
}
