// The types of `schemas`' notices.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type {
  Count,
  Epoch,
  Id,
  Instant,
  Line,
  Name,
  Role,
  Sha256,
  Text,
  WaitingKind,
} from "./names.ts";
import type { Problem } from "./problems.ts";

/**
 * What all audit chains had come to on a day, so that every tablet is a witness of it.
 *
 * Id = UUIDv5 of installation, epoch and day. A device keeps the first root that it was told for
 * an epoch and day for ever, whatever comes later.
 */
export interface Anchor {
  readonly epoch: Epoch;
  readonly day: string;
  readonly root: Sha256;
  readonly previous: Sha256;
  readonly writers: Count;
}

/** One field of a conflict: what the device wrote, and what stands. */
export interface ConflictField {
  readonly path: Line;
  readonly theirs: unknown;
  readonly ours: unknown;
}

/** What became of one op that was not simply applied. Id = UUIDv5 of device and op. */
export interface Disposition {
  readonly device: Id;
  readonly op: Id;
  readonly n: number;
  readonly outcome: WaitingKind;
  readonly record_kind?: Line;
  readonly record?: Id | null;
  readonly problem?: Problem | null;
  readonly fields?: readonly ConflictField[];
  readonly cause?: Id | null;
  readonly at: Instant;
  readonly settled?: Settled | null;
}

/**
 * The public key that a device registered, so that every tablet is a witness of it.
 *
 * Id = UUIDv5 of the device: a device has one key for ever, and is another one when it is enrolled
 * again. Written once, in the transaction that enrols it; never changed, never withdrawn.
 */
export interface Key {
  readonly device: Id;
  readonly person: Id;
  readonly public_key: Line;
  readonly thumbprint?: Line;
  readonly registered_at: Instant;
}

/**
 * A person granted at a site, as the others there see them. Id = UUIDv5 of site and person.
 *
 * Never withdrawn: whoever lost the last grant there is not `active` any more, without a phone,
 * and comes back as the same record. The name stays, for the work that names it.
 */
export interface Member {
  readonly site: Id;
  readonly person: Id;
  readonly name: Name;
  readonly role: Role;
  readonly phone?: Line;
  readonly active?: boolean;
}

export interface Settled {
  readonly how: "applied" | "decided" | "discarded" | "replaced";
  readonly at: Instant;
  readonly by_name?: Line;
  readonly words?: Text;
}
