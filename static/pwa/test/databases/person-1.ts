// A person's store as version 1 of the app left it. Rule: written out by hand and never changed, so that
// every later app is tested against it.

import Dexie from "dexie";

export const ATTACHMENTS = [
  "018f0c6a-0000-7000-9000-000000000001",
  "018f0c6a-0000-7000-9000-000000000002",
  "018f0c6a-0000-7000-9000-000000000003",
] as const;
const ASSET = "018f0c6a-0000-7000-8000-00000000a5e7";
const INSPECTION = "018f0c6a-0000-7000-8000-0000000000f1";
const DEVICE = "018f0c6a-0000-7000-8000-00000000d001";
const LINEAGE = "018f0c6a-0000-7000-8000-00000000111e";
const SITE = "site:018f0c6a-0000-7000-8000-0000000005e1";
const MADE = { wall: "2026-11-01T08:00:00Z", session: "s", monotonic_ms: 5 };
const AT = 1_793_520_000_000;

const photo = (n: number) => ({
  n,
  id: `018f0c6a-0000-7000-a000-00000000000${n}`,
  by: "018f0c6a-0000-7000-8000-0000000000ee",
  kind: "attachment",
  record: ATTACHMENTS[n - 1] ?? "",
  new: true,
  made: MADE,
  set: {
    parent: INSPECTION,
    parent_kind: "inspection",
    item: "psu",
    sha256: String(n).repeat(64),
    bytes: n,
    media_type: "image/jpeg",
  },
});

const typed = {
  n: 4,
  id: "018f0c6a-0000-7000-a000-000000000004",
  by: "018f0c6a-0000-7000-8000-0000000000ee",
  kind: "asset",
  record: ASSET,
  base: 4_294_967_297,
  made: MADE,
  set: { note: "typed under version 1" },
};

const entryOf = (op: { n: number; id: string; record: string; kind: string }, more: object) => ({
  n: op.n,
  id: op.id,
  record: op.record,
  kind: op.kind,
  op,
  sent: true,
  madeAt: AT,
  ...more,
});

const SETTLED = {
  state: "settled",
  outcome: "applied",
  position: { scope: SITE, seq: 4_294_967_299 },
  answeredAt: AT,
  settledAt: AT,
  confirmedAt: AT,
  lineage: LINEAGE,
};

const BASE = {
  id: ASSET,
  scope: SITE,
  seq: 4_294_967_297,
  kind: "asset",
  version: 4_294_967_297,
  data: { site: SITE.slice(5), name: "UPS-01" },
  keys: [],
  mark: "7",
  generation: 1,
};

export const BYTES = [1, 2, 3].map((n) => new Uint8Array(n).fill(n));

/** Write it under its name, and close it. */
export async function write(name: string): Promise<void> {
  const db = new Dexie(name);
  db.version(1).stores({
    base: "id, scope, kind, [kind+scope], *keys, generation",
    outbox: "n, &id, record, state, overlay, unconfirmed",
    scopes: "scope",
    state: "key",
    blobs: "attachment, state",
    drafts: "key, record",
    scans: "asset, at",
  });
  await db.table("base").put(BASE);
  await db
    .table("outbox")
    .bulkPut([
      entryOf(photo(1), SETTLED),
      entryOf(photo(2), SETTLED),
      entryOf(photo(3), { state: "pending", sent: false, overlay: 1 }),
      entryOf(typed, { state: "pending", sent: false, overlay: 1 }),
    ]);
  await db.table("state").bulkPut([
    { key: "counter", nextN: 5 },
    { key: "revision", revision: 9 },
    {
      key: "position",
      epoch: 1,
      token: "{}",
      lastAcked: "acked-1-2",
      backedUpTo: null,
      generation: 1,
      isSweeping: false,
      device: DEVICE,
      lineage: LINEAGE,
    },
  ]);
  await db.table("blobs").bulkPut(
    ATTACHMENTS.map((attachment, at) => ({
      attachment,
      bytes: BYTES[at]?.buffer,
      sha256: String(at + 1).repeat(64),
      state: at === 1 ? "sent" : "here",
      created: AT + at,
      ...(at === 1 ? { received: { at: AT, nextN: 3 } } : {}),
    })),
  );
  await db.table("drafts").put({ key: `${ASSET}:note`, record: ASSET, value: "half a w", at: AT });
  await db.table("scans").put({ asset: ASSET, at: AT });
  db.close();
}
