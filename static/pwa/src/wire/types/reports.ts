// The types of `schemas`' reports.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type { Words } from "./base.ts";
import type {
  Count,
  Id,
  Instant,
  Language,
  Line,
  Name,
  ReportOf,
  ReportState,
  ReportVerdict,
  Sha256,
} from "./names.ts";

/** `POST /office/reports`. */
export interface ReportOrder {
  readonly of: Id;
  readonly of_kind: ReportOf;
  readonly language: Language;
}

/** `is_new` is false where the newest revision says all there is to say already. */
export interface ReportOrdered {
  readonly report: ReportRow;
  readonly is_new: boolean;
}

export interface ReportPage {
  readonly total: Count;
  readonly offset?: Count;
  readonly rows: readonly ReportRow[];
}

/**
 * One revision of a report in one language.
 *
 * `progress` is of 100 while it is `waiting`; `problem` says why it `failed`. `missing` are
 * characters that no font had, shown as □. `superseded_at`: a newer revision stands in its place.
 */
export interface ReportRow {
  readonly id: Id;
  readonly of: Id;
  readonly of_kind: ReportOf;
  readonly site: Id;
  readonly site_name: Name;
  readonly customer_name: Name;
  readonly time_zone: string;
  readonly title?: Words | null;
  readonly visited_at?: Instant | null;
  readonly engineer_name?: Line;
  readonly language: Language;
  readonly revision: Count;
  readonly state: ReportState;
  readonly progress?: Count;
  readonly code: Line;
  readonly digest?: Sha256 | null;
  readonly bytes?: Count;
  readonly problem?: Line;
  readonly missing?: Line;
  readonly created_at: Instant;
  readonly created_by_name?: Line;
  readonly ready_at?: Instant | null;
  readonly superseded_at?: Instant | null;
}

/**
 * What a report may be made of: a round, or one of its visits; with its newest revisions.
 *
 * `earlier` counts those before them.
 */
export interface ReportSubject {
  readonly of: Id;
  readonly of_kind: ReportOf;
  readonly started_at?: Instant | null;
  readonly ended_at?: Instant | null;
  readonly engineer_name?: Line;
  readonly reports?: readonly ReportRow[];
  readonly earlier?: Count;
}

/** A round with its visits, or one visit alone. */
export interface ReportSubjects {
  readonly time_zone: string;
  readonly subjects: readonly ReportSubject[];
}

/** `GET /verify/{code or digest}` for programs. `content` is the digest that is printed. */
export interface VerifyAnswer {
  readonly verdict: ReportVerdict;
  readonly revision?: Count;
  readonly language?: Language | null;
  readonly ready_at?: Instant | null;
  readonly content?: Sha256 | null;
  readonly file?: Sha256 | null;
}
