// A server in memory that speaks the real bytes: NDJSON, tokens, digests, replay by (n, id), epochs.
// Rule: it merges by its own few lines and shares no code with the app, so that an error in the app
// cannot hide in it. `faults` says what befalls the next requests.

import { createHash } from "node:crypto";
import type { DeviceReport, Op, Outcome } from "../../src/wire/types.ts";

export type Fault =
  | "lose-request"
  | "lose-answer"
  | "twice"
  | { readonly cutAfter: number }
  | { readonly status: number; readonly headers?: Record<string, string>; readonly type?: string };

interface Kept {
  readonly kind: string;
  readonly id: string;
  scope: string;
  version: number;
  data: Record<string, unknown>;
  seq: number;
  gone: string | null;
}

type Row = Kept & { readonly inScope: string };

const SPAN = 2 ** 32;
const encode = (value: unknown): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(`${JSON.stringify(value)}\n`);

export class FakeServer {
  epoch = 1;
  readonly device = "018f0c6a-0000-7000-8000-00000000d001";
  readonly records = new Map<string, Kept>();
  readonly feed = new Map<string, Map<string, Row>>();
  readonly heads = new Map<string, number>();
  readonly ops = new Map<
    number,
    { readonly id: string; readonly outcome: Outcome; readonly op: Op }
  >();
  readonly faults: Fault[] = [];
  /** Tokens to hand out, one a page, and what each stands for. Without any, they can be read. */
  readonly tokens: string[] = [];
  readonly #meant = new Map<string, string>();
  readonly requests: {
    readonly path: string;
    readonly ops: readonly Op[];
    readonly token?: unknown;
    readonly report?: DeviceReport;
  }[] = [];
  /** As `server/auth/devices.py` has it: one that drains and reports that it holds nothing is dead. */
  state: "active" | "draining" | "dead" = "active";
  appVersionMin: string | null = null;
  held: string[] = ["org", `device:${this.device}`];
  backedUpTo: number | null = null;
  /** Said with the answer that names another epoch. */
  sealed: string | null = null;
  pageSize = 1_000;
  /** So many bytes of each answer come through. */
  throughMax = Number.POSITIVE_INFINITY;
  /** Milliseconds that the server's clock is ahead of 2027-01-15T08:00:00Z, the machine's start. */
  ahead = 0;
  /** What the server answers to an op other than `applied`. */
  judge: (op: Op) => Outcome["outcome"] = () => "applied";
  /** What a disposition says beyond the outcome: the problem, the fields, the cause. */
  tells: (op: Op) => Readonly<Record<string, unknown>> = () => ({});
  /** A push that holds such an op is refused whole. */
  unreadable: (op: Op) => number | null = () => null;
  credential = "secret";

  /** The office writes: a whole record, as `schemas/kinds` has it. */
  put(kind: string, id: string, scope: string, data: Record<string, unknown>): void {
    const old = this.records.get(id);
    if (old && old.scope !== scope) this.#row({ ...old, gone: "moved" });
    const version = Math.max(old?.version ?? 0, this.epoch * SPAN) + 1;
    const kept: Kept = { kind, id, scope, version, data, seq: 0, gone: null };
    this.records.set(id, kept);
    this.#row(kept);
  }

  withdraw(id: string): void {
    const old = this.records.get(id);
    if (!old) return;
    this.records.delete(id);
    this.#row({ ...old, version: old.version + 1, gone: "withdrawn" });
  }

  #row(kept: Kept): void {
    const head = Math.max(this.heads.get(kept.scope) ?? 0, this.epoch * SPAN) + 1;
    this.heads.set(kept.scope, head);
    kept.seq = head;
    const rows = this.feed.get(kept.scope) ?? new Map<string, Row>();
    this.feed.set(kept.scope, rows.set(kept.id, { ...kept, inScope: kept.scope }));
  }

  readonly fetch = async (path: string, init: RequestInit): Promise<Response> => {
    const text =
      typeof init.body === "string" ? init.body : new TextDecoder().decode(bytesOf(init.body));
    const fault = path.includes("/events") ? undefined : this.faults.shift();
    if (fault === "lose-request") throw new TypeError("network");
    if (typeof fault === "object" && "status" in fault) {
      this.#note(path, text);
      return problem(fault.status, fault.type ?? "/problems/fault", fault.headers);
    }
    const answer = await this.#handle(path, init, text);
    if (fault === "lose-answer") throw new TypeError("network");
    if (fault === "twice") return this.#handle(path, init, text);
    const cutAfter = typeof fault === "object" ? fault.cutAfter : this.throughMax;
    if (cutAfter < Number.POSITIVE_INFINITY) {
      const bytes = new Uint8Array(await answer.arrayBuffer()).slice(0, cutAfter);
      return new Response(bytes, { status: answer.status, headers: answer.headers });
    }
    return answer;
  };

  #note(path: string, text: string): void {
    const lines = text.split("\n").filter((line) => line !== "");
    const isPush = path.endsWith("/push");
    const { token, report } = path.endsWith("/pull") ? JSON.parse(text) : {};
    this.requests.push({
      path,
      ops: isPush ? lines.slice(1).map((line) => JSON.parse(line)) : [],
      token,
      report,
    });
  }

  async #handle(path: string, init: RequestInit, text: string): Promise<Response> {
    this.#note(path, text);
    const isKnown = new Headers(init.headers).get("Authorization") === `Bearer ${this.credential}`;
    if (path.startsWith("/sync/v1/") && !isKnown) return problem(401, "/problems/not-signed-in");
    if (this.state === "dead") return problem(401, "/problems/device-ended");
    if (path === "/sync/v1/push") return this.#push(text);
    if (path === "/sync/v1/pull") return this.#pull(text);
    return problem(404, "/problems/not-found");
  }

  #push(text: string): Response {
    const [first = "", ...rest] = text.split("\n").filter((line) => line !== "");
    const header: { epoch: number; first_n: number } = JSON.parse(first);
    const ops: Op[] = rest.map((line) => JSON.parse(line));
    if (header.epoch !== this.epoch) {
      return Response.json({ epoch: this.epoch, last_acked: this.sealed });
    }
    for (const op of ops) {
      const status = this.unreadable(op);
      if (status !== null) return problem(status, "/problems/unreadable");
    }
    const outcomes: Outcome[] = [];
    for (const [at, op] of ops.entries()) {
      const stored = this.ops.get(op.n);
      if (stored && stored.id !== op.id) return problem(409, "/problems/cloned-device");
      if (op.n !== header.first_n + at) throw new Error(`op ${op.n} is not at its place`);
      const outcome = stored?.outcome ?? this.#take(op);
      this.ops.set(op.n, { id: op.id, outcome, op });
      outcomes.push(outcome);
    }
    const acked = Math.max(0, ...this.ops.keys());
    return Response.json({
      epoch: this.epoch,
      outcomes,
      heads: Object.fromEntries(this.heads),
      last_acked: `acked-${this.epoch}-${acked}`,
      backed_up_to: this.backedUpTo,
    });
  }

  #take(op: Op): Outcome {
    const judged = op.witness ? "review" : this.judge(op);
    const base = { n: op.n, id: op.id, outcome: judged };
    if (op.replaces && this.#settle(op) === "discarded") {
      const scope = `device:${this.device}`;
      return { ...base, scope, seq: this.heads.get(scope) ?? 0 };
    }
    if (judged !== "applied") {
      const scope = `device:${this.device}`;
      const { kind: record_kind, record } = op;
      const told = {
        device: this.device,
        op: op.id,
        n: op.n,
        outcome: judged,
        record_kind,
        record,
      };
      this.put("disposition", `disposition-${op.id}`, scope, {
        ...told,
        ...this.tells(op),
        at: "2027-01-15T08:00:00Z",
      });
      return { ...base, scope, seq: this.heads.get(scope) ?? 0 };
    }
    const old = this.records.get(op.record);
    const data = structuredClone(old?.data ?? {});
    for (const [path, value] of Object.entries(op.set ?? {})) place(data, path.split("."), value);
    for (const [path, elements] of Object.entries(op.add ?? {})) {
      for (const [key, value] of Object.entries(elements))
        place(data, [...path.split("."), key], value);
    }
    const scope =
      old?.scope ?? this.records.get(String(op.parent))?.scope ?? `site:${String(op.parent)}`;
    this.put(op.kind, op.record, scope, data);
    const version = this.records.get(op.record)?.version;
    return { ...base, scope, seq: this.heads.get(scope) ?? 0, version };
  }

  /** What the device was told of the op that this one replaces says so. */
  #settle(op: Op): "replaced" | "discarded" {
    const told = this.records.get(`disposition-${op.replaces}`);
    const how = op.new || op.set || op.add || op.remove || op.withdraw ? "replaced" : "discarded";
    const settled = { how, at: "2027-01-15T08:00:00Z", by_name: "王磊", words: op.words ?? "" };
    if (told) this.put("disposition", told.id, told.scope, { ...told.data, settled });
    return how;
  }

  #pull(text: string): Response {
    const asked: { epoch: number; token: string | null; limit?: number; report?: DeviceReport } =
      JSON.parse(text);
    const rowsMax = Math.min(this.pageSize, asked.limit ?? 1_000);
    const server_time = new Date(Date.parse("2027-01-15T08:00:00Z") + this.ahead).toISOString();
    if (asked.epoch !== this.epoch) {
      return ndjson([encode({ t: "start", epoch: this.epoch, server_time, scopes: [] })]);
    }
    if (this.state === "draining") {
      const { report } = asked;
      if (report && report.unsent + report.photos_left === 0) this.state = "dead";
      const isDead = this.state === "dead";
      return problem(isDead ? 401 : 403, `/problems/device-${isDead ? "ended" : "draining"}`);
    }
    if (this.appVersionMin !== null && asked.report?.app_version !== this.appVersionMin) {
      return problem(426, "/problems/app-too-old");
    }
    const places: Record<string, { pos: number; live: number }> = asked.token
      ? JSON.parse(this.#meant.get(asked.token) ?? asked.token)
      : {};
    const next: typeof places = {};
    const scopes: unknown[] = [];
    const lines: Uint8Array<ArrayBuffer>[] = [];
    for (const scope of this.held) {
      const head = this.heads.get(scope) ?? 0;
      const place = places[scope] ?? { pos: 0, live: head };
      const all = [...(this.feed.get(scope)?.values() ?? [])].sort((a, b) => a.seq - b.seq);
      const due = all.filter((row) => row.seq > place.pos && (!row.gone || row.seq > place.live));
      const page = due.slice(0, Math.max(0, rowsMax - lines.length));
      const left = due.length - page.length;
      lines.push(...page.map(lineOf));
      next[scope] = { pos: left > 0 ? (page.at(-1)?.seq ?? place.pos) : head, live: place.live };
      scopes.push({ scope, head, left, digest: left > 0 ? null : digest(all) });
    }
    const more = scopes.some((one) => (one as { left: number }).left > 0);
    const start = encode({ t: "start", epoch: this.epoch, server_time, scopes });
    let token = JSON.stringify(next);
    const seal = this.tokens.shift();
    if (seal !== undefined) {
      this.#meant.set(seal, token);
      token = seal;
    }
    return ndjson([start, ...lines, encode({ t: "end", token, more })]);
  }

  /** Go back to how it was: what came since is forgotten, and the epoch says so. */
  restore(copy: FakeServer): void {
    for (const name of ["records", "feed", "heads", "ops"] as const) {
      this[name].clear();
      for (const [key, value] of structuredClone(copy[name]))
        this[name].set(key as never, value as never);
    }
    this.epoch += 1;
  }

  copy(): FakeServer {
    const copy = new FakeServer();
    for (const name of ["records", "feed", "heads", "ops"] as const) {
      for (const [key, value] of structuredClone(this[name]))
        copy[name].set(key as never, value as never);
    }
    return copy;
  }
}

function place(
  data: Record<string, unknown>,
  [first = "", ...rest]: readonly string[],
  value: unknown,
): void {
  if (rest.length === 0) {
    data[first] = value;
    return;
  }
  const inner = { ...(data[first] as Record<string, unknown> | undefined) };
  data[first] = inner;
  place(inner, rest, value);
}

function lineOf({ inScope, kind, id, version, seq, gone, data }: Row): Uint8Array<ArrayBuffer> {
  const common = { scope: inScope, seq, kind, id, version };
  return encode(gone ? { t: "gone", ...common, reason: gone } : { t: "record", ...common, data });
}

function digest(rows: readonly Row[]): string {
  const live = rows.filter((row) => row.gone === null);
  let sum = 0n;
  for (const row of live) {
    const line = lineOf(row);
    const hash = createHash("sha256")
      .update(line.subarray(0, line.length - 1))
      .digest();
    sum += hash.readBigUInt64BE(0);
  }
  return `${live.length}:${sum % 2n ** 64n}`;
}

function ndjson(lines: readonly Uint8Array<ArrayBuffer>[]): Response {
  return new Response(Buffer.concat(lines), {
    headers: { "Content-Type": "application/x-ndjson" },
  });
}

export function problem(
  status: number,
  type: string,
  headers: Record<string, string> = {},
): Response {
  const body = JSON.stringify({ type, title: "told by the fake server", status });
  return new Response(body, {
    status,
    headers: { "Content-Type": "application/problem+json", ...headers },
  });
}

function bytesOf(body: RequestInit["body"]): Uint8Array {
  return body instanceof Uint8Array ? body : new Uint8Array();
}
