// The types of `schemas`' waiting.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type { Words } from "./base.ts";
import type {
  Count,
  FormItem,
  Id,
  Instant,
  Line,
  Path,
  Text,
  Version,
  Versions,
  WaitingChoice,
  WaitingKind,
  WaitingReason,
} from "./names.ts";
import type { Problem } from "./problems.ts";
import type { SignedNote } from "./signing.ts";

/** What is taken of one conflict: what stands, what the change wanted, or `value`. */
export interface Taken {
  readonly id: Id;
  readonly take: "ours" | "theirs" | "value";
  readonly value?: unknown;
}

/** `left` conflicts of it are still open. */
export interface WaitingDecided {
  readonly op: Id;
  readonly left?: Count;
}

/**
 * `POST /office/waiting/{op}/decide`: one of `conflicts`, `apply` or `discard`.
 *
 * `values` stand in place of what the change would write at these paths.
 */
export interface WaitingDecision {
  readonly seen?: Versions;
  readonly conflicts?: readonly Taken[];
  readonly apply?: boolean;
  readonly discard?: boolean;
  readonly values?: Readonly<Record<string, unknown>>;
  readonly words?: Text;
}

/**
 * One change that waits, whole. `seen` goes back with what is decided over it.
 *
 * `obstacle` says why it cannot be applied here. `needs_words`: the work was accepted, so it
 * is not changed without a reason. `may` are the decisions that this reader has.
 */
export interface WaitingDetail {
  readonly row: WaitingRow;
  readonly base?: Version;
  readonly is_new?: boolean;
  readonly is_withdrawal?: boolean;
  readonly fields?: readonly WaitingField[];
  readonly problem?: Problem | null;
  readonly inspection?: Id | null;
  readonly cause?: Id | null;
  readonly behind?: readonly WaitingRow[];
  readonly names?: Readonly<Record<string, Line>>;
  readonly seen?: Versions;
  readonly obstacle?: "" | "elsewhere" | "held" | "own" | "unknown" | "unread" | "withdrawn";
  readonly needs_words?: boolean;
  readonly signed?: SignedNote | null;
  readonly may?: readonly WaitingChoice[];
}

/**
 * One path that the change would write: what stood at its base, what stands, what it wants.
 *
 * An absent value is unknown, or not the reader's to know; null is that there is none. With
 * `conflict` a person has to decide it. `item` is the question of an answer.
 */
export interface WaitingField {
  readonly path: Line;
  readonly conflict?: Id | null;
  readonly before?: unknown;
  readonly before_by?: Wrote | null;
  readonly ours?: unknown;
  readonly ours_by?: Wrote | null;
  readonly theirs?: unknown;
  readonly is_removed?: boolean;
  readonly item?: FormItem | null;
  readonly element?: Line;
}

/** A question of a checklist that a change answers; `element` is the disk, port or battery. */
export interface WaitingItem {
  readonly title: Words;
  readonly element?: Line;
}

/** The one that has waited longest first; `kinds` and `sites` count before the filter. */
export interface WaitingPage {
  readonly total: Count;
  readonly offset?: Count;
  readonly kinds?: Readonly<Record<string, Count>>;
  readonly sites?: readonly WaitingSite[];
  readonly rows?: readonly WaitingRow[];
}

/**
 * One change that waits. `made_at` is the tablet's clock, `at` the server's.
 *
 * `op` names it; `paths` are what it would write; `items` are the questions that the first of them
 * answer; `behind` counts what waits for it.
 */
export interface WaitingRow {
  readonly op: Id;
  readonly kind: WaitingKind;
  readonly reason: WaitingReason;
  readonly record_kind?: Line;
  readonly record?: Id | null;
  readonly title?: Line;
  readonly site?: Id | null;
  readonly site_name?: Line;
  readonly time_zone?: string;
  readonly person_name?: Line;
  readonly device_name?: Line;
  readonly made_at?: Instant | null;
  readonly at: Instant;
  readonly paths?: readonly Path[];
  readonly items?: readonly WaitingItem[];
  readonly behind?: Count;
}

/** How much waits at one site. */
export interface WaitingSite {
  readonly site: Id;
  readonly name: Line;
  readonly count: Count;
}

/** Who wrote a value, when by the writer's clock, and when it arrived. */
export interface Wrote {
  readonly person_name?: Line;
  readonly device_name?: Line;
  readonly is_office?: boolean;
  readonly made_at?: Instant | null;
  readonly at?: Instant | null;
}
