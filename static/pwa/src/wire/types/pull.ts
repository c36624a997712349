// The types of `schemas`' pull.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type {
  Count,
  Digest,
  Epoch,
  GoneReason,
  Id,
  Instant,
  Scope,
  Sealed,
  Seq,
  Sha256,
  Version,
} from "./names.ts";

/** A root of the audit chains as the device was first told it. */
export interface AnchorSeen {
  readonly epoch: Epoch;
  readonly day: string;
  readonly root: Sha256;
}

/**
 * How the device stands as it pulls: what the office shows of it.
 *
 * Of a draining device that holds nothing any more it is also its end.
 */
export interface DeviceReport {
  readonly app_version?: string;
  readonly unsent: Count;
  readonly unsent_since?: Instant | null;
  readonly photos_left: Count;
  readonly anchor?: AnchorSeen | null;
}

/** Last line; a page without it was cut and is not applied. */
export interface End {
  readonly t: "end";
  readonly token: Sealed;
  readonly more?: boolean;
}

/** A record that left this scope. Removes only a copy that is in this scope. */
export interface GoneLine {
  readonly t: "gone";
  readonly scope: Scope;
  readonly seq: Seq;
  readonly kind: string;
  readonly id: Id;
  readonly version: Version;
  readonly reason: GoneReason;
}

/** `token` null starts from zero; else it is the one that the last page ended with. */
export interface PullRequest {
  readonly epoch: number;
  readonly token?: Sealed | null;
  readonly last_acked?: Sealed | null;
  readonly limit?: number;
  readonly report?: DeviceReport | null;
}

/** A live record, whole. These bytes are encoded once, stored, and sent as they are. */
export interface RecordLine {
  readonly t: "record";
  readonly scope: Scope;
  readonly seq: Seq;
  readonly kind: string;
  readonly id: Id;
  readonly version: Version;
  readonly data: unknown;
}

/** One scope of the device. `left` counts the rows still to come after this page. */
export interface ScopeState {
  readonly scope: Scope;
  readonly head: Seq;
  readonly left?: Count;
  readonly digest?: Digest | null;
}

/** First line. The device drops every scope that is not named in `scopes`. */
export interface Start {
  readonly t: "start";
  readonly epoch: Epoch;
  readonly server_time: Instant;
  readonly scopes: readonly ScopeState[];
}
