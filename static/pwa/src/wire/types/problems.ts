// The types of `schemas`' problems.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type { Id, Line } from "./names.ts";

/** Of `version-moved-on`: what stands at a path (`ours`), and what was to be written. */
export interface Difference {
  readonly record: Id;
  readonly path: Line;
  readonly ours: unknown;
  readonly theirs: unknown;
}

/** One member of the request that is wrong, named by its path, and why. */
export interface FieldProblem {
  readonly field: Line;
  readonly detail: Line;
}

/** `title` never varies for a `type`; `detail` does. The text of each type: docs/problems.md. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly errors?: readonly FieldProblem[];
  readonly differences?: readonly Difference[];
  readonly supported?: readonly number[];
}
