// The types of `schemas`' office_labels.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type { Count, Instant, Line } from "./names.ts";

/** Blank tags that were printed together: how many are on equipment, free, or out of use. */
export interface LabelBatch {
  readonly name: Line;
  readonly printed_at?: Instant | null;
  readonly labels: Count;
  readonly bound?: Count;
  readonly free?: Count;
  readonly retired?: Count;
}

export interface LabelBatchPage {
  readonly total: Count;
  readonly offset?: Count;
  readonly rows: readonly LabelBatch[];
}

/**
 * `POST /office/labels/preview`: what a `LabelOrder` would print. Nothing is made by it.
 *
 * `picture` is the first page, a PNG as a data URL (RFC 2397). `new_codes` labels get a code when
 * they are printed. `missing` are the characters that no font has.
 */
export interface LabelPreview {
  readonly picture: string;
  readonly pages: Count;
  readonly labels: Count;
  readonly new_codes?: Count;
  readonly missing?: string;
}

/** `POST /office/labels/batches/retire`: the free tags of a batch are out of use from now on. */
export interface RetireBatch {
  readonly name: string;
}

export interface RetiredBatch {
  readonly retired: Count;
}
