// The types of `schemas`' office_writes.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type { Review } from "./inspection.ts";
import type {
  Count,
  Id,
  InspectionStep,
  Language,
  Line,
  Seq,
  Slug,
  Text,
  Version,
  Versions,
} from "./names.ts";
import type { Outcome } from "./ops.ts";

/** What stands now; `seen` are the versions after the decision, for an undo. */
export interface Decided {
  readonly inspection: Id;
  readonly step: InspectionStep;
  readonly round: Count;
  readonly review?: Review | null;
  readonly seen: Versions;
}

/**
 * `POST /office/inspections/{id}/decision`.
 *
 * To return needs a remark at least. `reason` is why it is accepted although photos are missing.
 */
export interface Decision {
  readonly decision: "accepted" | "returned";
  readonly seen: Versions;
  readonly reason?: Text;
  readonly remarks?: readonly ReturnRemark[];
}

/** `POST /office/plans/{id}/generate`: the rounds that fall due until this day, inclusive. */
export interface Generate {
  readonly until: string;
}

/** Ids of the rounds that were made; `existing` were there already and stay as they are. */
export interface Generated {
  readonly made?: readonly Id[];
  readonly existing?: Count;
}

/**
 * `POST /office/labels`: assets, or `blank` tags that nothing is bound to, or a batch again.
 *
 * `again` names a batch of blank tags: those that nothing is bound to yet are printed once more,
 * with the codes they have. `skip` leaves that many places of the first sheet free.
 */
export interface LabelOrder {
  readonly assets?: readonly Id[];
  readonly blank?: number;
  readonly batch?: Line;
  readonly again?: Line;
  readonly layout?: Slug;
  readonly language?: Language;
  readonly skip?: number;
}

/** `POST /office/ops`. All of them or none: a difference is answered with both values. */
export interface OfficeEdit {
  readonly ops: readonly OfficeOp[];
}

/** In the order sent; every one of them applied. */
export interface OfficeEdited {
  readonly outcomes: readonly Outcome[];
  readonly heads?: Readonly<Record<string, Seq>>;
}

/** An op by a person in the office: as a device's, the server fills in who, when and `n`. */
export interface OfficeOp {
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

/** What is to be mended. `item` is a path of the form; empty is the whole inspection. */
export interface ReturnRemark {
  readonly item?: Line;
  readonly text: string;
}

/** `POST /office/inspections/{id}/undo`: while nothing came after the decision. */
export interface Undo {
  readonly seen: Versions;
}
