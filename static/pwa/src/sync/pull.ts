// Fetching what changed: page after page until the heads. Rule: a page counts only when its last line
// has come, and it is kept only where it was asked from.

import { toSay, vouchingOf } from "../core/anchors.ts";
import { markOf } from "../core/digest.ts";
import { Lines, readLine } from "../core/ndjson.ts";
import { measured } from "../core/skew.ts";
import { madeAt, type World } from "../core/world.ts";
import { heldAnchors } from "../db/anchors.ts";
import type { PositionRow } from "../db/database.ts";
import { holdings } from "../db/holdings.ts";
import { withRoom } from "../db/keeping.ts";
import { rewound } from "../db/outbox.ts";
import { type Applied, applyPage, type Page, startRepair } from "../db/pages.ts";
import type { Store } from "../db/store.ts";
import { RECORDS_PER_PAGE_DEFAULT } from "../wire/limits.ts";
import type { DeviceReport, End, Id, Start } from "../wire/types.ts";
import { type Failure, type Opened, open, slugOf } from "./http.ts";
import type { Line, Progress } from "./push.ts";

export type Pulled =
  | { readonly kind: "done"; readonly offeredAgain: number }
  | { readonly kind: "rewound" }
  | Failure;

/** A page that was asked for from a place that has moved on, in a row. */
const STALE_MAX = 3;

export class Puller {
  readonly #session: Id;
  #hasRecounted = false;
  /** How many rows a page may have: fewer where whole ones do not come through. */
  #rowsMax = RECORDS_PER_PAGE_DEFAULT;

  constructor(session: Id) {
    this.#session = session;
  }

  /**
   * Pull to the heads, repairing once what differs there. `tell` hears how many records are here
   * of how many, as far as the server has said.
   */
  async run(line: Line, tell: (progress: Progress | null) => void): Promise<Pulled> {
    let stale = 0;
    let hasRepaired = false;
    let offeredAgain = 0;
    let done = 0;
    try {
      for (;;) {
        const page = await this.#page(line);
        if (!("page" in page)) return page;
        const { start, end, lines } = page.page;
        done += lines.length;
        tell({ done, total: done + start.scopes.reduce((sum, { left }) => sum + (left ?? 0), 0) });
        const recount = !this.#hasRecounted && !end.more;
        const applied = await this.#apply(line, page.page, recount);
        if (applied.kind === "stale") {
          stale += 1;
          if (stale > STALE_MAX) return { kind: "unreachable" };
          continue;
        }
        this.#hasRecounted ||= recount;
        offeredAgain += applied.offeredAgain;
        if (applied.differing.length > 0 && !hasRepaired) {
          hasRepaired = true;
          done = 0;
          const place = { ...page.page, token: end.token };
          await startRepair(line.store, place, applied.isDamaged ? "damage" : "mismatch");
        } else if (!end.more) {
          this.#rowsMax = Math.min(this.#rowsMax * 2, RECORDS_PER_PAGE_DEFAULT);
          return { kind: "done", offeredAgain };
        }
      }
    } finally {
      tell(null);
    }
  }

  #apply({ store, world }: Line, page: Page, recount: boolean): Promise<Applied> {
    const now = world.now();
    const made = madeAt(world, this.#session);
    return withRoom(store, now, () => applyPage(store, page, { now, recount, made }));
  }

  async #page(line: Line): Promise<{ readonly page: Page } | Exclude<Pulled, { kind: "done" }>> {
    const { store, world } = line;
    const position = await store.read(() => store.position());
    const { epoch, token, generation, lastAcked } = position;
    const report = await reportOf(line);
    const asked = { epoch, token, last_acked: lastAcked, limit: this.#rowsMax, report };
    const opened = await open(world, {
      path: "/sync/v1/pull",
      body: JSON.stringify(asked),
      type: "application/json",
      credential: line.credential,
      signal: line.signal,
    });
    if (opened.kind !== "opened") {
      if (opened.kind === "unreachable" && opened.isLate === true) this.#narrow();
      return this.#refused(store, opened, position);
    }
    const read = await readPage(world, opened);
    if (read === null) {
      this.#narrow();
      return { kind: "unreachable" };
    }
    await this.#measure(store, opened, read.start);
    if (read.start.epoch !== epoch) {
      await rewound(store, position, read.start.epoch, null);
      return { kind: "rewound" };
    }
    if (read.end === null) {
      this.#narrow();
      return { kind: "unreachable" };
    }
    return { page: { epoch, token, generation, ...read, end: read.end } };
  }

  /** A page that was cut is fetched anew: a line that always cuts there would never bring it. */
  #narrow(): void {
    this.#rowsMax = Math.ceil(this.#rowsMax / 4);
  }

  /** A token that the server does not take is as good as none: what is there is pulled again. */
  async #refused(
    store: Store,
    failure: Failure,
    position: PositionRow,
  ): Promise<Failure | { readonly kind: "rewound" }> {
    const isOfToken = failure.kind === "refused" && slugOf(failure.problem) === "token-refused";
    if (!isOfToken || position.token === null) return failure;
    await startRepair(store, position, "token");
    return { kind: "rewound" };
  }

  async #measure(store: Store, opened: Opened, start: Start): Promise<void> {
    const { skew } = await store.read(() => store.report());
    const next = measured(skew ?? undefined, {
      sentAt: opened.sentAt,
      receivedAt: opened.receivedAt,
      elapsedMs: opened.elapsedMs,
      serverAt: Date.parse(start.server_time),
      session: this.#session,
    });
    if (next !== skew) await store.note({ skew: next });
  }
}

/** How this device stands: the office shows it, and ends a draining one that holds nothing. */
async function reportOf({ store, appVersion }: Line): Promise<DeviceReport> {
  const { unsent, unsentSince, photosLeft } = await holdings(store);
  return {
    app_version: appVersion,
    unsent,
    unsent_since: unsentSince === null ? null : new Date(unsentSince).toISOString(),
    photos_left: photosLeft,
    anchor: toSay(vouchingOf(await heldAnchors(store))),
  };
}

interface Read {
  readonly start: Start;
  readonly lines: Page["lines"];
  /** Null: it was cut, or belongs to another epoch and was not read. */
  readonly end: End | null;
}

/** Read a page line by line as its bytes come; null when not even its start could be read. */
async function readPage(world: World, opened: Opened): Promise<Read | null> {
  const reading = new Reading(world);
  const cutter = new Lines();
  try {
    for (let piece = await opened.next(); piece !== null; piece = await opened.next()) {
      for (const bytes of cutter.push(piece)) {
        if (!reading.take(bytes)) return reading.result();
      }
    }
    const last = cutter.end();
    if (last.length > 0) reading.take(last);
  } catch {
    // Cut: whether it can be used is said by what has come.
  } finally {
    opened.close();
  }
  return reading.result();
}

class Reading {
  readonly #world: World;
  readonly #lines: Promise<Page["lines"][number]>[] = [];
  #start: Start | null = null;
  #end: End | null = null;

  constructor(world: World) {
    this.#world = world;
  }

  /** Give false when nothing after this line is of use. */
  take(bytes: Uint8Array<ArrayBuffer>): boolean {
    const line = readLine(bytes);
    if (line === "unknown") return true;
    if (line === "broken" || (line.t === "start") !== (this.#start === null)) return false;
    if (line.t === "start") this.#start = line;
    else if (line.t === "end") this.#end = line;
    else if (line.t === "gone") this.#lines.push(Promise.resolve({ line }));
    else {
      const sum = this.#world.sha256(bytes);
      this.#lines.push(sum.then((sha256) => ({ line, mark: markOf(sha256) })));
    }
    return line.t !== "end";
  }

  async result(): Promise<Read | null> {
    const lines = await Promise.all(this.#lines);
    return this.#start && { start: this.#start, lines, end: this.#end };
  }
}
