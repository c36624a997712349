// The types of `schemas`' work.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type { Words } from "./base.ts";
import type { AssignmentState, Category, Id, Instant, Line, Name, Text } from "./names.ts";

/** A round at one site in one window. Its id is UUIDv5 of plan, site and occurrence. */
export interface Assignment {
  readonly site: Id;
  readonly plan?: Id | null;
  readonly occurrence?: string | null;
  readonly title: Words;
  readonly targets: readonly Target[];
  readonly starts_at: Instant;
  readonly due_at: Instant;
  readonly assignee?: Id | null;
  readonly backup?: Id | null;
  readonly state?: AssignmentState;
  readonly note?: Text;
}

/** One entry of the customer's own problem list. */
export interface CustomerProblem {
  readonly text: Text;
  readonly at?: Instant | null;
}

/** A rule that generates assignments: an RFC 5545 RRULE over sites and categories. */
export interface Plan {
  readonly title: Words;
  readonly contract: Id;
  readonly sites: readonly Id[];
  readonly categories: readonly Category[];
  readonly templates: Readonly<Record<string, Id>>;
  readonly rrule: string;
  readonly starts_on: string;
  readonly ends_on?: string | null;
  readonly window_days?: number;
  readonly paused?: boolean;
}

export interface Target {
  readonly asset: Id;
  readonly template: Id;
  readonly withdrawn?: boolean;
}

/** One presence on site. Its report is what the customer receives. */
export interface Visit {
  readonly site: Id;
  readonly assignment?: Id | null;
  readonly engineer: Id;
  readonly engineer_name: Name;
  readonly started_at: Instant;
  readonly ended_at?: Instant | null;
  readonly contact?: Line;
  readonly problems?: Readonly<Record<string, CustomerProblem>>;
  readonly note?: Text;
}
