// The named types.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type {
  Aggregate,
  AllOf,
  Answer,
  Answered,
  AnyOf,
  Calculated,
  Call,
  Check,
  Choice,
  Compare,
  Constant,
  Counter,
  DateItem,
  Group,
  Includes,
  Not,
  NumberItem,
  PhotoItem,
  Reading,
  Serial,
  SignatureItem,
  TextItem,
} from "./forms.ts";
import type { End, GoneLine, RecordLine, Start } from "./pull.ts";

export type Answers = Readonly<Record<string, Answer | null>>;

export type AssignmentState = "closed" | "done" | "issued" | "planned" | "started" | "withdrawn";

export type Category =
  | "air-conditioner"
  | "backup"
  | "cold-aisle"
  | "database"
  | "desktop"
  | "network"
  | "pos"
  | "printer"
  | "security"
  | "server"
  | "server-room"
  | "ups";

export type ChainFault =
  | "altered"
  | "changed"
  | "cut"
  | "gone"
  | "missing"
  | "rekeyed"
  | "rewritten"
  | "root"
  | "stranger"
  | "unrecorded"
  | "unrooted"
  | "unwritten"
  | "witness";

export type Condition = Compare | Includes | Answered | AllOf | AnyOf | Not;

export type Count = number;

export type Degrees = number;

export type DeviceState = "active" | "dead" | "draining";

/** Count and sum of marks mod 2^64 of a scope's live records, as decimal text. */
export type Digest = string;

export type ElementId = string;

/** Number of the database's history; restores raise it */
export type Epoch = number;

export type Expression = Constant | Reading | Aggregate | Call;

export type FileFault =
  | "active"
  | "broken"
  | "empty"
  | "exhausting"
  | "mislabelled"
  | "polyglot"
  | "too-large";

export type FindingState = "accepted-risk" | "fixed" | "open" | "planned" | "verified";

export type FormItem =
  | Check
  | NumberItem
  | Choice
  | TextItem
  | DateItem
  | PhotoItem
  | Counter
  | Serial
  | Calculated
  | SignatureItem
  | Group;

export type GoneReason = "archived" | "moved" | "withdrawn";

export type GroupedItem =
  | Check
  | NumberItem
  | Choice
  | TextItem
  | DateItem
  | PhotoItem
  | Counter
  | Serial
  | Calculated;

export type Id = string;

export type InspectionStep = "accepted" | "draft" | "returned" | "submitted";

/** RFC 3339, UTC with `Z`. */
export type Instant = string;

export type Language = "en" | "zh-CN";

export type Line = string;

/** Lower case; one person each. */
export type LoginName = string;

export type Minutes = number;

export type Moment = "" | "after" | "before";

/** 1, 2, 3 … per lineage, for ever. */
export type N = number;

export type Name = string;

export type NewPassword = string;

export type OutcomeName = "applied" | "conflict" | "held" | "rejected" | "review";

export type Path = string;

export type PullLine = Start | RecordLine | GoneLine | End;

export type ReportOf = "assignment" | "visit";

export type ReportState = "failed" | "ready" | "waiting";

export type ReportVerdict = "genuine" | "superseded" | "unknown";

export type Role =
  | "administrator"
  | "desk"
  | "engineer"
  | "project-manager"
  | "quality"
  | "supervisor";

export type Round = number;

export type Rule = "fixed" | "forward" | "grow" | "office" | "register" | "registers";

/** Unit of partial replication and of ordering. */
export type Scope = string;

export type SealFault = "digest" | "form" | "key" | "key-not-recorded" | "op" | "seal" | "subject";

export type SealTold = SealVerdict | "key-not-recorded";

export type SealVerdict = "broken" | "by-link" | "genuine" | "older" | "unsealed";

/** Opaque, sealed by the server; send it back. */
export type Sealed = string;

/** Position of a change in its scope; 0 is before all. */
export type Seq = number;

export type Severity = "advice" | "major" | "minor" | "urgent";

/** SHA-256 in lower-case hex. */
export type Sha256 = string;

export type SignedRole = "contact" | "device-user" | "engineer";

export type Slug = string;

export type Standing = "added-after" | "changed-after" | "signed";

export type TargetStep = "accepted" | "draft" | "open" | "returned" | "submitted";

export type Text = string;

export type Tick = "abnormal" | "done" | "na" | "open" | "started" | "withdrawn";

export type Unit = string;

export type Value = Text | number | boolean | readonly Slug[] | null;

export type Verdict = "abnormal" | "na" | "normal" | "open" | "warning";

/** Of one record, server-assigned; 0 is before all. */
export type Version = number;

export type Versions = Readonly<Record<string, Version>>;

export type Vouches = "agrees" | "differs" | "restored" | "silent";

export type WaitingChoice = "apply" | "decide" | "discard";

export type WaitingKind = "conflict" | "held" | "rejected" | "review";

export type WaitingReason =
  | "accepted"
  | "conflict"
  | "draining"
  | "held"
  | "not-held"
  | "recalled"
  | "rule"
  | "settled-before"
  | "tag-elsewhere"
  | "unknown"
  | "withdrawn"
  | "witness";

export type WriterKind = "" | "device" | "office" | "server" | "unknown";
