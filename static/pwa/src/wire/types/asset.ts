// The types of `schemas`' asset.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type { Category, Id, Instant, Line, Name, Text, Value, Verdict } from "./names.ts";

export interface Asset {
  readonly site: Id;
  readonly room?: Id | null;
  readonly name: Name;
  readonly number?: Line;
  readonly category?: Category | null;
  readonly maker?: Line;
  readonly model?: Line;
  readonly serial?: Line;
  readonly position?: Line;
  readonly status?: "in-repair" | "in-use" | "missing" | "retired" | "standby";
  readonly provisional?: boolean;
  readonly warranty_until?: string | null;
  readonly vendor_phone?: Line;
  readonly responsible?: Line;
  readonly note?: Text;
  readonly attributes?: Readonly<Record<string, Line>>;
  readonly last?: Readonly<Record<string, LastInspection>>;
  readonly merged_into?: Id | null;
}

/**
 * The last accepted answers to one template, so that the previous value is there offline.
 *
 * Keys of `readings` are paths: `item` or `element.item`.
 */
export interface LastInspection {
  readonly inspection: Id;
  readonly at: Instant;
  readonly by: Name;
  readonly readings: Readonly<Record<string, LastReading>>;
}

export interface LastReading {
  readonly value?: Value;
  readonly verdict?: Verdict;
}

/** The binding of one printed code to one asset. Its id is UUIDv5 of the code. */
export interface Tag {
  readonly code: string;
  readonly asset: Id;
  readonly bound_at?: Instant | null;
  readonly retired?: boolean;
}
