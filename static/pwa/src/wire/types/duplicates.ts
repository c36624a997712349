// The types of `schemas`' duplicates.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type { Count, Line } from "./names.ts";
import type { AssetRow } from "./office.ts";

/** Assets of one customer with the same maker and serial number, the one longest here first. */
export interface DuplicateGroup {
  readonly maker?: Line;
  readonly serial: Line;
  readonly assets: readonly AssetRow[];
}

export interface DuplicatePage {
  readonly total: Count;
  readonly offset?: Count;
  readonly groups: readonly DuplicateGroup[];
}
