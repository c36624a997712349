// The types of `schemas`' ops.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type { Count, Id, Instant, N, OutcomeName, Scope, Seq, Text, Version } from "./names.ts";
import type { Problem } from "./problems.ts";

/**
 * What every op says, whoever sends it. Values stay raw JSON: each is read by its field's type.
 *
 * `base` is the version that was on the screen for these fields. `new` marks a creation,
 * and then `parent` is the record (or site) that its home field names.
 */
export interface Edit {
  readonly id: Id;
  readonly kind: string;
  readonly record: Id;
  readonly base?: Version;
  readonly new?: boolean;
  readonly parent?: Id | null;
  readonly set?: Readonly<Record<string, unknown>>;
  readonly add?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly remove?: Readonly<Record<string, readonly string[]>>;
  readonly withdraw?: boolean;
  readonly replaces?: Id | null;
  readonly words?: Text;
}

/** When the edit was made, by the device's clocks. Shown and flagged, never deciding. */
export interface Made {
  readonly wall: Instant;
  readonly session: Id;
  readonly monotonic_ms?: Count;
}

/** One edit as a device sends it, and as every one is kept. */
export interface Op {
  readonly id: Id;
  readonly kind: string;
  readonly record: Id;
  readonly base?: Version;
  readonly new?: boolean;
  readonly parent?: Id | null;
  readonly set?: Readonly<Record<string, unknown>>;
  readonly add?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly remove?: Readonly<Record<string, readonly string[]>>;
  readonly withdraw?: boolean;
  readonly replaces?: Id | null;
  readonly words?: Text;
  readonly n: N;
  readonly by: Id;
  readonly made: Made;
  readonly orig_n?: N | null;
  readonly witness?: boolean;
}

/**
 * What became of one op, and where to see it.
 *
 * `scope` and `seq` are the position at which the device will hold the consequence: the
 * record's own for `applied`, else the disposition's in `device:<id>`. `n` is the position
 * in the batch; `id` is null when the line could not be read.
 */
export interface Outcome {
  readonly n: N;
  readonly id: Id | null;
  readonly outcome: OutcomeName;
  readonly scope?: Scope | null;
  readonly seq?: Seq | null;
  readonly version?: Version | null;
  readonly problem?: Problem | null;
}
