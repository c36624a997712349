// The types of `schemas`' files.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type { Instant, Sha256 } from "./names.ts";

/** Those that the server holds whole and this device may know of; the others are to be sent. */
export interface HaveAnswer {
  readonly have?: readonly Sha256[];
  readonly leased_until?: Instant | null;
}

/** `POST /files/have`: which of these bytes need not be sent. */
export interface HaveRequest {
  readonly sha256: readonly Sha256[];
}
