// The types of `schemas`' template.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type { Words } from "./base.ts";
import type { Form } from "./forms.ts";
import type { Category, Id, Instant, Slug } from "./names.ts";

/** Version `version_no` of checklist `key`; its id is UUIDv5 of both, so a pack loads once. */
export interface Template {
  readonly key: Slug;
  readonly version_no: number;
  readonly title: Words;
  readonly category: Category;
  readonly form: Form;
  readonly published_at: Instant;
  readonly superseded_by?: Id | null;
}
