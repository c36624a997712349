// The types of `schemas`' inspection.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type { Answers, Id, Instant, Line, Name, Round, Slug, Text } from "./names.ts";

/**
 * One disk, port, battery or measuring point of a group; `answers` are registers.
 *
 * Its id is minted, or `<group>-<place>` where the form fixes the places.
 */
export interface Element {
  readonly group: Slug;
  readonly name?: Line;
  readonly order?: number;
  readonly answers?: Answers;
}

export interface Inspection {
  readonly asset: Id;
  readonly template: Id;
  readonly assignment?: Id | null;
  readonly inspector: Id;
  readonly inspector_name: Name;
  readonly started_at?: Instant | null;
  readonly answers?: Answers;
  readonly elements?: Readonly<Record<string, Element>>;
  readonly remarks?: Readonly<Record<string, Remark>>;
  readonly replacements?: Readonly<Record<string, Replacement>>;
  readonly note?: Text;
  readonly step?: Step;
  readonly review?: Review | null;
}

/**
 * What somebody wrote beside the work: a return of the office, or a note on site.
 *
 * `item` is the path of an item (`item` or `group.element.item`); empty is the whole.
 */
export interface Remark {
  readonly text: Text;
  readonly item?: Line;
  readonly author: Id;
  readonly author_name: Name;
  readonly origin: "field" | "office";
  readonly round?: Round;
  readonly at?: Instant | null;
}

/** A part that was replaced on site (更换部件), with both serial numbers as far as known. */
export interface Replacement {
  readonly part: Name;
  readonly old?: Line;
  readonly new?: Line;
  readonly at?: Instant | null;
}

/** The office's decision over one round. */
export interface Review {
  readonly decision: "accepted" | "returned";
  readonly round: Round;
  readonly reviewer: Id;
  readonly reviewer_name: Name;
  readonly at: Instant;
  readonly reason?: Text;
  readonly submitted_at?: Instant | null;
}

/** How far the work has come; moves on only. A higher round beats any step of a lower one. */
export interface Step {
  readonly round?: Round;
  readonly step?: "draft" | "submitted";
  readonly at?: Instant | null;
}
