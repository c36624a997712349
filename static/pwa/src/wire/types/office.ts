// The types of `schemas`' office.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type { Asset } from "./asset.ts";
import type { Words } from "./base.ts";
import type { FollowUp } from "./evidence.ts";
import type { Answer, Form, Limits } from "./forms.ts";
import type { Element, Remark, Replacement, Review } from "./inspection.ts";
import type {
  AssignmentState,
  Category,
  Count,
  FindingState,
  Id,
  InspectionStep,
  Instant,
  Line,
  Name,
  OutcomeName,
  Path,
  Severity,
  Slug,
  TargetStep,
  Text,
  Tick,
  Unit,
  Value,
  Verdict,
  Version,
  Versions,
} from "./names.ts";
import type { Settled } from "./notices.ts";
import type { Photo, StillHeld } from "./office_files.ts";
import type { Problem } from "./problems.ts";
import type { Signed, SignedNote } from "./signing.ts";
import type { Plan } from "./work.ts";

/** An asset with its life: tags, last readings (in `asset.last`), inspections, findings. */
export interface AssetDetail {
  readonly row: AssetRow;
  readonly time_zone: string;
  readonly asset: Asset;
  readonly tags?: readonly BoundTag[];
  readonly inspections?: readonly InspectionRow[];
  readonly findings?: readonly FindingRow[];
  readonly photos?: readonly Photo[];
  readonly titles?: Readonly<Record<string, Words>>;
  readonly merged_into?: AssetRow | null;
  readonly merged?: readonly AssetRow[];
  readonly open_rounds?: readonly Words[];
  readonly may?: readonly string[];
}

export interface AssetPage {
  readonly total: Count;
  readonly offset?: Count;
  readonly rows: readonly AssetRow[];
}

export interface AssetRow {
  readonly id: Id;
  readonly version: Version;
  readonly name: Name;
  readonly number?: Line;
  readonly category?: Category | null;
  readonly maker?: Line;
  readonly model?: Line;
  readonly serial?: Line;
  readonly position?: Line;
  readonly status?: string;
  readonly provisional?: boolean;
  readonly site: Id;
  readonly site_name: Name;
  readonly room?: Id | null;
  readonly room_name?: Line;
  readonly codes?: readonly string[];
  readonly open_findings?: Count;
}

/** `may` are the actions of the role table that the reader has at this site. */
export interface AssignmentDetail {
  readonly row: AssignmentRow;
  readonly note?: Text;
  readonly plan?: Id | null;
  readonly occurrence?: string | null;
  readonly targets: readonly TargetRow[];
  readonly visits?: readonly VisitRow[];
  readonly may?: readonly string[];
}

export interface AssignmentPage {
  readonly total: Count;
  readonly offset?: Count;
  readonly rows: readonly AssignmentRow[];
}

export interface AssignmentRow {
  readonly id: Id;
  readonly version: Version;
  readonly title: Words;
  readonly site: Id;
  readonly site_name: Name;
  readonly city: Name;
  readonly time_zone: string;
  readonly customer_name: Name;
  readonly state: AssignmentState;
  readonly assignee?: Id | null;
  readonly assignee_name?: Line;
  readonly backup?: Id | null;
  readonly backup_name?: Line;
  readonly starts_at: Instant;
  readonly due_at: Instant;
  readonly is_overdue?: boolean;
  readonly progress: Progress;
}

/** The same item at the last accepted inspection before this one. */
export interface Before {
  readonly value?: Value;
  readonly verdict?: Verdict;
}

export interface BoundTag {
  readonly id: Id;
  readonly version: Version;
  readonly code: string;
  readonly bound_at?: Instant | null;
  readonly retired?: boolean;
}

/** A field that two people wrote; `ours` stands until somebody decides. */
export interface ConflictRow {
  readonly id: Id;
  readonly record: Id;
  readonly kind: string;
  readonly title?: Line;
  readonly site?: Id | null;
  readonly path: Line;
  readonly ours: unknown;
  readonly theirs: unknown;
  readonly theirs_by?: Line;
  readonly made_at: Instant;
  readonly opened_at: Instant;
  readonly op: Id;
}

export interface ContractPage {
  readonly total: Count;
  readonly offset?: Count;
  readonly rows: readonly ContractRow[];
}

/** A contract, with whether photos that leave the house keep where they were taken. */
export interface ContractRow {
  readonly id: Id;
  readonly version: Version;
  readonly customer: Id;
  readonly customer_name: Name;
  readonly number: Line;
  readonly title?: Line;
  readonly starts_on: string;
  readonly ends_on: string;
  readonly photo_place?: "kept" | "stripped";
}

/** A device that holds work which has not arrived, as it said itself, or files it announced. */
export interface DeviceRow {
  readonly id: Id;
  readonly name: Name;
  readonly person_name: Name;
  readonly unsent: Count;
  readonly unsent_since?: Instant | null;
  readonly seen_at?: Instant | null;
  readonly held?: StillHeld | null;
}

export interface FindingRow {
  readonly id: Id;
  readonly version: Version;
  readonly asset: Id;
  readonly asset_name?: Line;
  readonly site: Id;
  readonly site_name: Name;
  readonly inspection?: Id | null;
  readonly item?: Line;
  readonly severity: Severity;
  readonly text: Text;
  readonly recommendation?: Text;
  readonly found_at: Instant;
  readonly round?: Count;
  readonly step?: FindingState;
  readonly owner?: Line;
  readonly due_on?: string | null;
  readonly is_overdue?: boolean;
  readonly signed?: SignedNote | null;
  readonly follow_ups?: Readonly<Record<string, FollowUp>>;
}

/**
 * One op on this record or its children. `made_at` is the writer's clock, `at` the server's.
 *
 * `skew_ms` is by how much the writer's clock was ahead; null is unknown.
 */
export interface HistoryRow {
  readonly op?: Id | null;
  readonly record?: Id | null;
  readonly kind?: string;
  readonly person_name?: Line;
  readonly device_name?: Line;
  readonly is_office?: boolean;
  readonly paths?: readonly Path[];
  readonly made_at?: Instant | null;
  readonly at: Instant;
  readonly skew_ms?: number | null;
  readonly outcome: OutcomeName;
  readonly replaces?: Id | null;
  readonly words?: Text;
  readonly is_late?: boolean;
}

/**
 * One result, whole. `seen` goes back with the decision: it is taken over these versions.
 *
 * `order` lists the shown paths, what is abnormal first. `obstacles` are why it cannot be
 * accepted now, without or with a reason; `may` are the decisions that this reader has.
 */
export interface InspectionDetail {
  readonly row: InspectionRow;
  readonly asset: Asset;
  readonly codes?: readonly string[];
  readonly template_key: Slug;
  readonly form: Form;
  readonly answers?: Readonly<Record<string, Answer | null>>;
  readonly elements?: Readonly<Record<string, Element>>;
  readonly judged?: readonly Judged[];
  readonly order?: readonly Line[];
  readonly before_at?: Instant | null;
  readonly before_by?: Line;
  readonly remarks?: Readonly<Record<string, Remark>>;
  readonly replacements?: Readonly<Record<string, Replacement>>;
  readonly note?: Text;
  readonly review?: Review | null;
  readonly photos?: readonly Photo[];
  readonly still_held?: readonly StillHeld[];
  readonly signatures?: readonly Signed[];
  readonly findings?: readonly FindingRow[];
  readonly visits?: readonly VisitRow[];
  readonly conflicts?: readonly ConflictRow[];
  readonly history?: readonly HistoryRow[];
  readonly seen: Versions;
  readonly obstacles?: readonly Problem[];
  readonly may?: readonly ("accept" | "return" | "undo")[];
}

/** `oldest` is the submission that has waited longest, of all that the filter leaves. */
export interface InspectionPage {
  readonly total: Count;
  readonly offset?: Count;
  readonly oldest?: Instant | null;
  readonly rows: readonly InspectionRow[];
}

export interface InspectionRow {
  readonly id: Id;
  readonly version: Version;
  readonly asset: Id;
  readonly asset_name?: Line;
  readonly asset_number?: Line;
  readonly position?: Line;
  readonly room_name?: Line;
  readonly site: Id;
  readonly site_name: Name;
  readonly time_zone: string;
  readonly assignment?: Id | null;
  readonly assignment_title?: Words | null;
  readonly template: Id;
  readonly template_title?: Words | null;
  readonly inspector: Id;
  readonly inspector_name: Name;
  readonly step: InspectionStep;
  readonly round?: Count;
  readonly started_at?: Instant | null;
  readonly submitted_at?: Instant | null;
  readonly abnormal?: Count;
  readonly warning?: Count;
  readonly photos_waiting?: Count;
  readonly conflicts?: Count;
  readonly signed?: SignedNote | null;
}

/**
 * What one answer means. `path` is `item` or `group.element.item`; hidden items are left out.
 *
 * `change` is the reading minus the one before.
 */
export interface Judged {
  readonly path: Line;
  readonly section: Slug;
  readonly verdict: Verdict;
  readonly value?: Value;
  readonly asked?: boolean;
  readonly missing?: boolean;
  readonly incomplete?: boolean;
  readonly reasons?: readonly Why[];
  readonly limits?: Limits | null;
  readonly unit?: Unit;
  readonly before?: Before | null;
  readonly change?: number | null;
}

/** Somebody who may inspect at a site: whom a round can be assigned to. */
export interface PersonName {
  readonly id: Id;
  readonly name: Name;
}

export interface PlanPage {
  readonly total: Count;
  readonly offset?: Count;
  readonly rows: readonly PlanRow[];
}

export interface PlanRow {
  readonly id: Id;
  readonly version: Version;
  readonly plan: Plan;
}

/**
 * How far a round is. `ticks` are one per target, in the order of the targets.
 *
 * `done` counts submitted and accepted ones; withdrawn targets count nowhere.
 */
export interface Progress {
  readonly total: Count;
  readonly done?: Count;
  readonly abnormal?: Count;
  readonly to_review?: Count;
  readonly returned?: Count;
  readonly photos_waiting?: Count;
  readonly ticks?: readonly Tick[];
}

export interface SeverityCount {
  readonly severity: Severity;
  readonly open?: Count;
  readonly overdue?: Count;
}

export interface SitePage {
  readonly total: Count;
  readonly offset?: Count;
  readonly rows: readonly SiteRow[];
}

export interface SiteRow {
  readonly id: Id;
  readonly version: Version;
  readonly name: Name;
  readonly city: Name;
  readonly address?: Line;
  readonly time_zone: string;
  readonly customer: Id;
  readonly customer_name: Name;
  readonly contract?: Id | null;
  readonly contract_number?: Line;
  readonly assets?: Count;
  readonly open_rounds?: Count;
  readonly open_findings?: Count;
}

/** `GET /office/tags/{code}`. A code that is bound where the reader may not read is unknown. */
export interface TagAnswer {
  readonly code: string;
  readonly state: "blank" | "bound" | "unknown";
  readonly asset?: Id | null;
  readonly merged_from?: Id | null;
  readonly batch?: Line;
}

/**
 * One asset of a round. `inspection` is null while nothing was begun.
 *
 * `discarded`: a beginning that was not taken, and that somebody let go; it can be begun again.
 */
export interface TargetRow {
  readonly asset: Id;
  readonly asset_name?: Line;
  readonly asset_number?: Line;
  readonly room_name?: Line;
  readonly position?: Line;
  readonly template: Id;
  readonly template_title?: Words | null;
  readonly inspection?: Id | null;
  readonly step?: TargetStep;
  readonly tick?: Tick;
  readonly inspector_name?: Line;
  readonly submitted_at?: Instant | null;
  readonly abnormal?: Count;
  readonly warning?: Count;
  readonly photos_waiting?: Count;
  readonly discarded?: Settled | null;
}

/** Counts are of rounds, `to_review` of inspections. Days are those of each site. */
export interface Today {
  readonly at: Instant;
  readonly due_today?: Count;
  readonly overdue?: Count;
  readonly done_today?: Count;
  readonly to_review?: Count;
  readonly open_rounds?: Count;
  readonly rounds?: readonly AssignmentRow[];
  readonly findings?: readonly SeverityCount[];
  readonly devices?: readonly DeviceRow[];
  readonly conflicts?: readonly ConflictRow[];
  readonly conflicts_total?: Count;
  readonly waiting?: Count;
  readonly altered?: Count;
  readonly lost?: Count;
  readonly backup_late?: boolean;
}

/** The presence on site that this inspection belongs to, with the customer's own problems. */
export interface VisitRow {
  readonly id: Id;
  readonly engineer_name: Name;
  readonly started_at: Instant;
  readonly ended_at?: Instant | null;
  readonly contact?: Line;
  readonly problems?: readonly Text[];
  readonly note?: Text;
  readonly signed?: SignedNote | null;
}

/** Why a verdict is not simply normal: `code` is one of `sync.forms`, `limit` in its unit. */
export interface Why {
  readonly code: string;
  readonly limit?: number | null;
  readonly source?: Words | null;
  readonly rule?: Line;
  readonly words?: Words | null;
}
