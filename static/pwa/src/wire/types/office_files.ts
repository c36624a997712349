// The types of `schemas`' office_files.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type { Degrees } from "./names.ts";

/**
 * Where and when a picture itself says it was taken, in degrees (WGS 84) and metres.
 *
 * `taken` is the camera's own time, ISO 8601, with an offset where the camera knew it.
 */
export interface PhotoPlace {
  readonly latitude?: Degrees | null;
  readonly longitude?: Degrees | null;
  readonly altitude_m?: number | null;
  readonly taken?: string;
}
