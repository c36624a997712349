// The types of `schemas`' enrol.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type { Epoch, Id, Instant, Language, Line, Name, Role } from "./names.ts";

/** `GET /sync`: what a client must know before it speaks. */
export interface Discovery {
  readonly name: string;
  readonly protocols: readonly number[];
  readonly epoch: Epoch;
  readonly server_time: Instant;
  readonly app_version_min: string;
}

export interface EnrolAnswer {
  readonly device: Id;
  readonly credential: string;
  readonly person: Id;
  readonly person_name: Name;
  readonly role: Role;
  readonly lineage: Id;
  readonly epoch: Epoch;
  readonly next_n: number;
  readonly server_time: Instant;
}

export interface EnrolRequest {
  readonly ticket: string;
  readonly lineage: Id;
  readonly name: Name;
  readonly public_key?: Line | null;
  readonly proof?: Line | null;
  readonly app_version?: Line;
  readonly language?: Language;
}
