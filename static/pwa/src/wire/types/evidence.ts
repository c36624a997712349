// The types of `schemas`' evidence.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type {
  FindingState,
  Id,
  Instant,
  Line,
  Moment,
  Name,
  Round,
  Severity,
  Sha256,
  SignedRole,
  Text,
} from "./names.ts";

/** What a file is and where it belongs; its bytes travel apart, addressed by SHA-256. */
export interface Attachment {
  readonly parent: Id;
  readonly parent_kind: "asset" | "finding" | "inspection" | "visit";
  readonly item?: Line;
  readonly sha256: Sha256;
  readonly bytes: number;
  readonly media_type: string;
  readonly name?: Line;
  readonly width?: number;
  readonly height?: number;
  readonly taken_at?: Instant | null;
  readonly caption?: Line;
  readonly moment?: Moment;
  readonly received_at?: Instant | null;
}

/** A hidden danger (隐患), from an item or free. */
export interface Finding {
  readonly asset: Id;
  readonly inspection?: Id | null;
  readonly item?: Line;
  readonly severity: Severity;
  readonly text: Text;
  readonly recommendation?: Text;
  readonly found_at: Instant;
  readonly step?: FindingStep;
  readonly owner?: Line;
  readonly due_on?: string | null;
  readonly reason?: Text;
  readonly follow_ups?: Readonly<Record<string, FollowUp>>;
}

export interface FindingStep {
  readonly round?: Round;
  readonly step?: FindingState;
}

export interface FollowUp {
  readonly text: Text;
  readonly author: Id;
  readonly author_name: Name;
  readonly at?: Instant | null;
}

/**
 * One signature: over an inspection (of a device's user), or over a visit.
 *
 * `document` is the canonical text (RFC 8785) that the signer saw; `digest` is its SHA-256.
 * `strokes` is SVG path data. Without strokes, `absent_reason` says why nobody signed.
 */
export interface Signature {
  readonly of: Id;
  readonly of_kind: "inspection" | "visit";
  readonly role: SignedRole;
  readonly item?: Line;
  readonly name?: Line;
  readonly title?: Line;
  readonly strokes?: string;
  readonly absent_reason?: Text;
  readonly document: string;
  readonly digest: Sha256;
  readonly signed_at: Instant;
  readonly device_signature?: Line;
}
