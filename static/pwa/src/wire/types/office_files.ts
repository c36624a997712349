// The types of `schemas`' office_files.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type {
  Count,
  Degrees,
  FileFault,
  Id,
  Instant,
  Line,
  Moment,
  Name,
  Sha256,
  Version,
} from "./names.ts";

/**
 * An attachment. `waiting`: its bytes are not here, whatever else has arrived.
 *
 * `announced_at`, the device and the person say which tablet told of it, and when that arrived.
 * `found_type` is what its bytes are; null while nobody has looked. Only where it is `shown` are
 * there thumbnails.
 */
export interface Photo {
  readonly id: Id;
  readonly version: Version;
  readonly parent: Id;
  readonly item?: Line;
  readonly sha256: Sha256;
  readonly bytes: Count;
  readonly media_type: string;
  readonly name?: Line;
  readonly width?: Count;
  readonly height?: Count;
  readonly taken_at?: Instant | null;
  readonly caption?: Line;
  readonly moment?: Moment;
  readonly received_at?: Instant | null;
  readonly waiting?: boolean;
  readonly announced_at?: Instant | null;
  readonly device?: Id | null;
  readonly device_name?: Line;
  readonly person_name?: Line;
  readonly found_type?: string | null;
  readonly fault?: FileFault | null;
  readonly shown?: boolean;
  readonly place?: PhotoPlace | null;
}

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

/** Files that a tablet has announced and still holds; `since` is when the first was told of. */
export interface StillHeld {
  readonly device: Id;
  readonly device_name: Name;
  readonly person_name?: Line;
  readonly files: Count;
  readonly bytes: Count;
  readonly since: Instant;
  readonly seen_at?: Instant | null;
}
