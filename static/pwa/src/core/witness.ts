// What a repair took out of the base, said to the server as an op that changes nothing. Rule: pure; one per
// record, version and device, by its id, so that it is never offered twice under two names.

import { v5 } from "uuid";
import { FIELDS_PER_OP_MAX, OP_BYTES_MAX } from "../wire/limits.ts";
import type { Id, Made, Op } from "../wire/types.ts";
import { opBytes } from "./edit.ts";
import type { Mapping } from "./json.ts";
import { fieldRule } from "./kinds.ts";

/** What the server writes for itself and can write again; roots and keys are vouched for in their own way. */
const SERVERS_OWN: readonly string[] = ["member", "disposition", "template", "anchor", "key"];

interface Seen {
  readonly kind: string;
  readonly id: Id;
  readonly version: number;
  readonly data: Mapping;
}

interface Stamp {
  readonly n: number;
  readonly by: Id;
  readonly device: Id;
  readonly made: Made;
}

/**
 * The op that tells of `row` as it was pulled: every field of it that its kind knows. Null where
 * there is nothing that the server would want to be told, or more than an op may hold.
 */
export function witnessOf(row: Seen, { n, by, device, made }: Stamp): Op | null {
  const known = Object.entries(row.data).filter(([field]) => fieldRule(row.kind, field));
  if (SERVERS_OWN.includes(row.kind) || known.length === 0) return null;
  if (known.length > FIELDS_PER_OP_MAX) return null;
  const op: Op = {
    n,
    id: v5(`witness:${device}:${row.version}`, row.id),
    by,
    kind: row.kind,
    record: row.id,
    base: row.version,
    made,
    set: Object.fromEntries(known),
    witness: true,
  };
  return opBytes(op) > OP_BYTES_MAX ? null : op;
}
