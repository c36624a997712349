// @vitest-environment node
// The failure table of docs/protocol.md: every row of it, on the engine as the app runs it, or by the
// name of the test that holds it elsewhere.
// Each row has an op that fails and one behind it that does not, so that no failure blocks another op.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Status } from "../../src/core/status.ts";
import { statusOfRecords } from "../../src/db/status.ts";
import type { SyncState } from "../../src/sync/engine.ts";
import type { Op, Outcome } from "../../src/wire/types.ts";
import { ASSET, entries, newAsset, note, noteAt, synced, type Tablet, uuid } from "./device.ts";
import { problem } from "./server.ts";
import { rest, until } from "./world.ts";

const BAD = uuid(1);
const GOOD = uuid(2);

interface Seen {
  readonly one: Tablet;
  readonly status: () => Status;
  readonly state: () => SyncState;
  /** What stands in the outbox, by record. */
  readonly entry: (record: string) => Promise<Awaited<ReturnType<typeof entries>>[number]>;
  readonly requests: () => readonly { readonly path: string; readonly ops: readonly Op[] }[];
}

interface Row {
  /** The first words of the row, as docs/protocol.md has it. */
  readonly row: string;
  readonly befalls: (one: Tablet) => void;
  readonly client: (seen: Seen) => Promise<void>;
}

const judged =
  (outcome: Outcome["outcome"], tells: object = {}) =>
  (one: Tablet) => {
    one.server.judge = (op) => (op.record === BAD ? outcome : "applied");
    one.server.tells = () => ({ ...tells });
  };

/** Answered so, told so, and what stood behind it went through. */
async function goesOn({ one, entry }: Seen, outcome: Outcome["outcome"]): Promise<void> {
  await until(async () => (await entry(BAD)).state === "settled", "settled");
  expect(await entry(BAD)).toMatchObject({ outcome, op: { set: { name: BAD } } });
  expect(await entry(GOOD)).toMatchObject({ outcome: "applied" });
  expect(one.server.records.has(GOOD)).toBe(true);
  await until(() => one.records.ofKind("disposition").length === 1, "the screens");
}

const wholeBody = (status: number): Row["befalls"] => {
  return (one) => {
    one.server.unreadable = (op) => (op.record === BAD ? status : null);
  };
};

async function sentSingly({ one, entry, status, requests }: Seen): Promise<void> {
  await until(() => one.server.records.has(GOOD), "the good one");
  await until(async () => (await entry(BAD)).state === "refused", "kept back");
  await until(() => status().unsentOps === 1, "the screens");
  const sizes = requests().flatMap(({ ops }) => (ops.length > 0 ? [ops.length] : []));
  expect(sizes[0]).toBe(3);
  expect(sizes).toContain(1);
  // Offered, each of them, and none passed over in silence.
  const offered = new Set(requests().flatMap(({ ops }) => ops.map(({ n }) => n)));
  expect([...offered].sort()).toEqual([1, 2, 3]);
  expect(status()).toMatchObject({ needsYou: 1, unsentOps: 1 });
  one.server.unreadable = () => null;
  const over = new AbortController();
  const again = one.engine.run(over.signal);
  await until(() => one.server.records.has(BAD), "offered again at the next start");
  over.abort();
  await again;
}

const later = (row: string, name: string, fault: Tablet["server"]["faults"][number]): Row => ({
  row,
  befalls: (one) => one.server.faults.push(...Array(4).fill(fault)),
  client: async ({ one, state, entry }) => {
    await until(() => state().phase === "offline", `${name}: offline`);
    expect(await entry(BAD)).toMatchObject({ state: "pending" });
    expect(state().nextAt).toBeGreaterThan(one.machine.now());
    const isSent = () => one.server.records.has(BAD) && one.server.records.has(GOOD);
    for (let turn = 0; turn < 40 && !isSent(); turn += 1) await one.machine.advance(5_000);
    expect(isSent()).toBe(true);
    expect([...one.server.ops.keys()]).toEqual([1, 2, 3]);
  },
});

const TABLE: readonly Row[] = [
  {
    row: "line undecodable",
    befalls: judged("rejected", {
      problem: { type: "/problems/unreadable-line", title: "The line is not an op", status: 422 },
    }),
    client: async (seen) => {
      await goesOn(seen, "rejected");
      expect(seen.status()).toMatchObject({ needsYou: 1, withOffice: 0 });
    },
  },
  {
    row: "dependency rejected or held",
    befalls: (one) => {
      one.server.judge = ({ record, new: isNew }) =>
        record !== BAD ? "applied" : isNew ? "rejected" : "held";
      one.server.tells = ({ record, new: isNew }) =>
        record === BAD && !isNew ? { cause: [...one.server.ops.values()][0]?.id } : {};
    },
    client: async (seen) => {
      const { one, status } = seen;
      await until(() => one.server.records.has(GOOD), "the good one");
      await one.write({ kind: "asset", record: BAD, set: { position: "behind it" } });
      one.engine.wake("button");
      await until(() => one.records.ofKind("disposition").length === 2, "two dispositions");
      expect(one.records.ofKind("disposition").map(({ data }) => data.outcome)).toEqual([
        "rejected",
        "held",
      ]);
      // One thing is asked; what waits behind it is neither asked nor with the office.
      expect(status()).toMatchObject({ needsYou: 1, withOffice: 0 });
    },
  },
  {
    row: "accepted already",
    befalls: judged("review"),
    client: async (seen) => {
      await goesOn(seen, "review");
      expect(seen.status()).toMatchObject({ needsYou: 0, withOffice: 1 });
    },
  },
  {
    row: "path written by somebody else",
    befalls: judged("conflict", {
      fields: [{ path: "name", theirs: "mine", ours: "the office's" }],
    }),
    client: async (seen) => {
      await goesOn(seen, "conflict");
      const [told] = seen.one.records.ofKind("disposition");
      expect(told?.data.fields).toEqual([{ path: "name", theirs: "mine", ours: "the office's" }]);
    },
  },
  ...(
    [
      ["header unreadable", 400],
      ["a member missing", 400],
      ["body too large", 413],
      ["bad type or coding", 415],
    ] as const
  ).map(([row, status]) => ({ row, befalls: wholeBody(status), client: sentSingly })),
  {
    row: "clone",
    befalls: (one) => {
      const outcome = { n: 1, id: "another", outcome: "applied" } as const;
      one.server.ops.set(1, { id: "another", outcome, op: {} as Op });
    },
    client: async ({ one, state, entry }) => {
      await until(() => state().phase === "cloned-device", "told");
      expect(one.lost).toEqual(["cloned-device"]);
      expect(await entry(BAD)).toMatchObject({ state: "pending", n: 1 });
    },
  },
  {
    row: "credential unknown",
    befalls: (one) => {
      one.server.credential = "another";
    },
    client: async ({ one, state, entry }) => {
      await until(() => state().phase === "enrol-again", "told");
      expect(one.lost).toEqual(["enrol-again"]);
      expect(await entry(BAD)).toMatchObject({ state: "pending" });
      expect(state().nextAt).toBeNull();
    },
  },
  {
    row: "draining",
    befalls: (one) => {
      one.server.state = "draining";
    },
    client: async ({ one, state }) => {
      await until(() => state().phase === "erased", "sent, and empty");
      expect([...one.server.ops.keys()]).toEqual([1, 2, 3]);
      expect(state().closed).toBe("erased");
      expect(await one.store.db.outbox.count()).toBe(0);
    },
  },
  {
    row: "app too old",
    befalls: (one) => {
      one.server.appVersionMin = "0.2.0";
    },
    client: async ({ one, state }) => {
      await until(() => state().phase === "update-needed", "told");
      expect(one.server.records.has(GOOD)).toBe(true);
      const closed = new Set<unknown>();
      const stop = one.engine.state.subscribe((seen) => closed.add(seen.closed));
      one.server.faults.push("lose-request");
      one.engine.wake("button");
      await until(() => state().phase === "offline", "away");
      // Neither while it asks again, nor while nobody answers, may new work be begun.
      expect([...closed]).toEqual(["update-needed"]);
      one.server.appVersionMin = null;
      one.engine.wake("button");
      await until(() => state().closed === null, "updated");
      stop();
    },
  },
  {
    row: "other epoch",
    befalls: (one) => {
      one.server.epoch = 2;
    },
    client: async ({ one, requests, state }) => {
      await until(() => one.server.records.has(GOOD) && state().phase === "idle", "sent");
      const calls = requests().map(({ path }) => path.split("/").at(-1));
      expect(calls).toEqual(["push", "push", "pull"]);
      expect(await one.store.position()).toMatchObject({ epoch: 2, isSweeping: false });
    },
  },
  {
    row: "other version in the path",
    befalls: (one) => {
      const spoken = { status: 404, type: "/problems/unsupported-protocol" };
      one.server.faults.push(spoken);
    },
    client: async ({ one, state, entry }) => {
      await until(() => state().phase === "update-needed", "told");
      expect(state().closed).toBe("update-needed");
      expect(await entry(BAD)).toMatchObject({ state: "pending" });
      one.engine.wake("button");
      await until(() => one.server.records.has(BAD), "spoken again");
    },
  },
  {
    row: "too many sites",
    befalls: (one) => {
      const many = { status: 409, type: "/problems/too-many-scopes" };
      one.server.faults.push({ cutAfter: Number.POSITIVE_INFINITY }, many); // A push whole, a pull.
    },
    client: async ({ one, state, entry }) => {
      await until(() => state().problem?.type === "/problems/too-many-scopes", "told");
      expect([...one.server.ops.keys()]).toEqual([1, 2, 3]);
      expect(await entry(BAD)).toMatchObject({ outcome: "applied" });
    },
  },
  later("no such address", "404", { status: 404, type: "/problems/not-found" }),
  later("too many tries", "429", { status: 429, headers: { "Retry-After": "20" } }),
  later("a defect of the server", "500", { status: 500 }),
  later("others write the same", "busy", { status: 503, headers: { "Retry-After": "2" } }),
  later("database away", "503", { status: 503 }),
  later("database of another version", "a proxy", { status: 502 }),
  later("disk full", "507", { status: 507, headers: { "Retry-After": "30" } }),
  later("timeout, cut", "away", "lose-request"),
  later("timeout, cut", "cut", { cutAfter: 40 }),
];

/** Rows that another file tests, by the name that the test has there. */
const ELSEWHERE: readonly (readonly [row: string, file: string, name: string])[] = [
  ["unknown kind, wrong type", "sync/session.test.ts", "a rejected op asks for the person"],
  ["gap in `n`", "sync/failures.test.ts", "a gap in the numbers is no failure"],
  [
    "token or `last_acked`",
    "sync/when.test.ts",
    "a place that the server does not take is dropped",
  ],
  ["credential ended", "sync/life.test.ts", "is not erased because its credential is unknown"],
  ["ticket unknown, used, expired", "sync/session.test.ts", "%s is told as such"],
  ["lineage of somebody else", "sync/session.test.ts", "a lineage of somebody else there"],
  ["an upload's headers", "sync/uploads.test.ts", "a 409 heals itself"],
  [
    "bytes are not those",
    "sync/uploads.test.ts",
    "starts over when what arrived has another digest",
  ],
  ["somebody else writes this upload", "sync/uploads.test.ts", "at any step, %s: it arrives once"],
  ["too much that is not finished", "sync/uploads.test.ts", "that the server refuses keeps"],
  ["another version of tus", "sync/uploads.test.ts", "that the server refuses keeps"],
  ["upload not known", "sync/uploads.test.ts", "begins anew where the upload is unknown"],
  ["no more streams", "sync/when.test.ts", "polls every five minutes, and every minute"],
  ["store of bytes away", "sync/uploading.test.ts", "do not wait for photos: the outbox drains"],
  ["bytes asked for", "sync/pictures.test.ts", "is %s, and nothing of that is kept"],
];

describe("the failure table", () => {
  const text = readFileSync("../../docs/protocol.md", "utf8");
  const section = text.split(/^## \d+\. Failure table$/m)[1]?.split("\n## ")[0] ?? "";
  const rows = section
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| what"))
    .map((line) => line.split("|")[1]?.trim() ?? "");

  it("is read", () => expect(rows.length).toBeGreaterThan(35));

  it.each(rows)("has a test of: %s", (words) => {
    const named = [...TABLE.map(({ row }) => row), ...ELSEWHERE.map(([row]) => row)];
    expect(named.filter((row) => words.startsWith(row))).not.toEqual([]);
  });

  it.each(ELSEWHERE)("of %s is in %s", (row, file, name) => {
    expect(rows.some((words) => words.startsWith(row))).toBe(true);
    expect(readFileSync(`test/${file}`, "utf8")).toContain(`"${name}`);
  });

  it.each(TABLE)("$row", async ({ befalls, client }) => {
    const one = await synced();
    befalls(one);
    one.server.requests.length = 0;
    await one.write(newAsset(BAD), newAsset(GOOD));
    await one.write(note("and a third"));
    const over = new AbortController();
    const running = one.engine.run(over.signal);
    const entry: Seen["entry"] = async (record) => {
      const found = (await entries(one)).find((each) => each.record === record);
      if (found === undefined) throw new Error(`nothing of ${record}`);
      return found;
    };
    try {
      await client({
        one,
        entry,
        status: () => statusOfRecords(one.records, one.pen.person, "idle"),
        state: () => one.engine.state.value,
        requests: () => one.server.requests,
      });
    } finally {
      over.abort();
      await one.machine.advance(0);
      await running;
    }
    expect((await one.store.report()).mismatches ?? 0).toBe(0);
  });

  it("a gap in the numbers is no failure: what comes after it goes on", async () => {
    const one = await synced();
    await one.write(newAsset(BAD), newAsset(GOOD));
    await one.write(note("after the gap"));
    await one.store.db.outbox.delete(2);
    expect(await one.round()).toBe("done");
    expect([...one.server.ops.keys()]).toEqual([1, 3]);
    expect(noteAt(one.server)).toBe("after the gap");
  });
});

describe("an answer of a later version", () => {
  it("with an outcome that this app does not know is with the office", async () => {
    const one = await synced();
    one.server.judge = (op) => (op.record === BAD ? ("merged" as never) : "applied");
    await one.write(newAsset(BAD), newAsset(GOOD));
    expect(await one.round()).toBe("done");
    expect((await entries(one)).map(({ outcome, state }) => [outcome, state])).toEqual([
      ["review", "settled"],
      ["applied", "settled"],
    ]);
    const status = statusOfRecords(one.records, one.pen.person, "idle");
    expect(status).toMatchObject({ withOffice: 1, needsYou: 0 });
  });

  it("keeps the members that it does not know, and stores a kind that it does not show", async () => {
    const one = await synced();
    const { scope = "", data = {} } = one.server.records.get(ASSET) ?? {};
    one.server.put("asset", ASSET, scope, { ...data, colour: { paint: "RAL 7035" } });
    one.server.put("drone", uuid(5), scope, { site: "s", asset: ASSET, name: "D-1" });
    expect(await one.round()).toBe("done");
    await one.write(note("edited by an old app"));
    expect(await one.round()).toBe("done");
    expect(one.records.record("asset", ASSET)?.data).toMatchObject({
      colour: { paint: "RAL 7035" },
      note: "edited by an old app",
    });
    expect(one.server.records.get(ASSET)?.data.colour).toEqual({ paint: "RAL 7035" });
    expect(await one.store.db.base.get(uuid(5))).toMatchObject({ kind: "drone", keys: [] });
    expect(one.records.any(uuid(5))).toBeUndefined();
    expect((await one.store.report()).repairs).toBe(0);
  });
});

describe("a batch that the way does not take", () => {
  it("in the time given is halved, until it gets through", async () => {
    const one = await synced();
    await one.write(...[...Array(8)].map((_, at) => newAsset(uuid(at))));
    const { answer } = one.machine;
    const sizes: number[] = [];
    one.machine.answer = async (path, init) => {
      if (!path.endsWith("/push")) return answer(path, init);
      const lines =
        new TextDecoder()
          .decode(init.body as Uint8Array)
          .trim()
          .split("\n").length - 1;
      sizes.push(lines);
      return lines > 2 ? new Promise(() => undefined) : answer(path, init);
    };
    const over = new AbortController();
    const running = one.engine.run(over.signal);
    for (let minute = 0; minute < 10 && one.server.ops.size < 8; minute += 1) {
      await one.machine.advance(60_001);
      await rest();
    }
    expect(one.server.ops.size).toBe(8);
    expect(sizes.slice(0, 3)).toEqual([8, 4, 2]);
    over.abort();
    await one.machine.advance(0);
    await running;
  });

  it.each([502, 504])("answered %i by something on the way is halved too", async (status) => {
    const one = await synced();
    await one.write(newAsset(uuid(1)), newAsset(uuid(2)));
    const { answer } = one.machine;
    one.machine.answer = async (path, init) => {
      const isLarge = path.endsWith("/push") && String((init.body as Uint8Array).length).length > 2;
      const lines = isLarge ? new TextDecoder().decode(init.body as Uint8Array).split("\n") : [];
      return lines.length > 3 ? problem(status, "/problems/fault") : answer(path, init);
    };
    expect(await one.round()).toBe("later");
    expect(await one.round()).toBe("done");
    expect([...one.server.ops.keys()]).toEqual([1, 2]);
  });
});
