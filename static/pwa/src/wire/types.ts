// Every type of the wire. Generated from `schemas/` by `./dev wire`: do not edit.
// Rule: the wire knows nothing of the app.

export type Answers = Readonly<Record<string, Answer | null>>;

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

export type Condition = Compare | Includes | Answered | AllOf | AnyOf | Not;

export type Count = number;

export type DeviceState = "active" | "dead" | "draining";

/** Count and sum of marks mod 2^64 of a scope's live records, as decimal text. */
export type Digest = string;

export type ElementId = string;

/** Number of the database's history; restores raise it */
export type Epoch = number;

export type Expression = Constant | Reading | Aggregate | Call;

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

/** RFC 3339, UTC with `Z`. */
export type Instant = string;

export type Language = "en" | "zh-CN";

export type Line = string;

/** Lower case; one person each. */
export type LoginName = string;

export type Minutes = number;

/** 1, 2, 3 … per lineage, for ever. */
export type N = number;

export type Name = string;

export type NewPassword = string;

export type OutcomeName = "applied" | "conflict" | "held" | "rejected" | "review";

export type Path = string;

export type PullLine = Start | RecordLine | GoneLine | End;

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

/** Opaque, sealed by the server; send it back. */
export type Sealed = string;

/** Position of a change in its scope; 0 is before all. */
export type Seq = number;

export type Severity = "advice" | "major" | "minor" | "urgent";

/** SHA-256 in lower-case hex. */
export type Sha256 = string;

export type Slug = string;

export type Text = string;

export type Unit = string;

export type Value = Text | number | boolean | readonly Slug[] | null;

export type Verdict = "abnormal" | "na" | "normal" | "open" | "warning";

/** Of one record, server-assigned; 0 is before all. */
export type Version = number;

/** One number from all elements of a group; elements without a number are passed over. */
export interface Aggregate {
  readonly type: "aggregate";
  readonly function: "count" | "max" | "mean" | "min" | "sum";
  readonly group: Slug;
  readonly item: Slug;
}

export interface AllOf {
  readonly type: "all";
  readonly of: readonly Condition[];
}

/**
 * What a person answered to one item; one register, so nothing of it is merged by halves.
 *
 * `value`: "pass" / "fail" of a check, a number, an option id, several, a text, an ISO date.
 */
export interface Answer {
  readonly value?: Value;
  readonly na?: boolean;
  readonly reason?: Text;
  readonly severity?: Severity | null;
  readonly note?: Text;
  readonly rest?: boolean;
}

export interface Answered {
  readonly type: "answered";
  readonly item: Slug;
}

export interface AnyOf {
  readonly type: "any";
  readonly of: readonly Condition[];
}

export interface Asset {
  readonly site: Id;
  readonly room?: Id | null;
  readonly name: Name;
  readonly number?: Line;
  readonly category?: Category | null;
  readonly maker?: Line;
  readonly model?: Line;
  readonly serial?: Line;
  readonly position?: Line;
  readonly status?: "in-repair" | "in-use" | "missing" | "retired" | "standby";
  readonly provisional?: boolean;
  readonly warranty_until?: string | null;
  readonly vendor_phone?: Line;
  readonly responsible?: Line;
  readonly note?: Text;
  readonly attributes?: Readonly<Record<string, Line>>;
  readonly last?: Readonly<Record<string, LastInspection>>;
  readonly merged_into?: Id | null;
}

/** A round at one site in one window. Its id is UUIDv5 of plan, site and occurrence. */
export interface Assignment {
  readonly site: Id;
  readonly plan?: Id | null;
  readonly occurrence?: string | null;
  readonly title: Words;
  readonly targets: readonly Target[];
  readonly starts_at: Instant;
  readonly due_at: Instant;
  readonly assignee?: Id | null;
  readonly backup?: Id | null;
  readonly state?: "closed" | "done" | "issued" | "planned" | "started" | "withdrawn";
  readonly note?: Text;
}

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
  readonly received_at?: Instant | null;
}

/** Never typed: worked out from readings, open while one of them is. */
export interface Calculated {
  readonly type: "calculated";
  readonly id: Slug;
  readonly title: Words;
  readonly hint?: Words | null;
  readonly required?: boolean;
  readonly shown?: Condition | null;
  readonly expression: Expression;
  readonly unit?: Unit;
  readonly decimals?: number;
  readonly limits?: Limits | null;
}

/** `dew_point` takes °C and % RH and gives °C (Magnus, WMO-No. 8 constants). */
export interface Call {
  readonly type: "call";
  readonly function: "add" | "dew_point" | "divide" | "max" | "mean" | "min" | "multiply" | "subtract";
  readonly arguments: readonly Expression[];
}

/** Normal, abnormal, or not applicable with a reason. */
export interface Check {
  readonly type: "check";
  readonly id: Slug;
  readonly title: Words;
  readonly hint?: Words | null;
  readonly required?: boolean;
  readonly shown?: Condition | null;
  readonly photo_on_fail?: boolean;
  readonly rest?: boolean;
  readonly severity?: Severity;
}

export interface Choice {
  readonly type: "choice";
  readonly id: Slug;
  readonly title: Words;
  readonly hint?: Words | null;
  readonly required?: boolean;
  readonly shown?: Condition | null;
  readonly options: readonly Option[];
  readonly multiple?: boolean;
}

/** True when the item is answered, applicable, and its value stands so to `value`. */
export interface Compare {
  readonly type: "compare";
  readonly item: Slug;
  readonly is?: "above" | "below" | "equal" | "unequal";
  readonly value: Line | number | boolean;
}

/** A limit over several items at once; broken when `broken` is true. */
export interface CompoundLimit {
  readonly id: Slug;
  readonly broken: Condition;
  readonly verdict: "abnormal" | "warning";
  readonly words: Words;
  readonly items: readonly Slug[];
  readonly source: Words;
}

/** One field of a conflict: what the device wrote, and what stands. */
export interface ConflictField {
  readonly path: Line;
  readonly theirs: unknown;
  readonly ours: unknown;
}

export interface Constant {
  readonly type: "constant";
  readonly value: number;
}

export interface Contact {
  readonly name: Name;
  readonly title?: Line;
  readonly phone?: Line;
}

export interface Contract {
  readonly customer: Id;
  readonly number: Line;
  readonly title: Name;
  readonly starts_on: string;
  readonly ends_on: string;
  readonly accept_minutes?: Minutes;
  readonly remote_minutes?: Minutes;
  readonly onsite_minutes?: Minutes;
  readonly spare_parts?: boolean;
}

export interface ContractSummary {
  readonly id: Id;
  readonly number: Line;
  readonly ends_on: string;
}

/** A counter that must not go down: less than the last visit's is abnormal (or replaced). */
export interface Counter {
  readonly type: "counter";
  readonly id: Slug;
  readonly title: Words;
  readonly hint?: Words | null;
  readonly required?: boolean;
  readonly shown?: Condition | null;
  readonly unit?: Unit;
}

export interface Customer {
  readonly name: Name;
  readonly short_name: Name;
  readonly contacts?: readonly Contact[];
  readonly remarks?: Text;
}

/** One entry of the customer's own problem list. */
export interface CustomerProblem {
  readonly text: Text;
  readonly at?: Instant | null;
}

/** What a tablet needs to know of a customer, copied onto each of its sites. */
export interface CustomerSummary {
  readonly id: Id;
  readonly name: Name;
  readonly short_name: Name;
}

/** A calendar date. `expires`: a date before the day of the inspection is abnormal. */
export interface DateItem {
  readonly type: "date";
  readonly id: Slug;
  readonly title: Words;
  readonly hint?: Words | null;
  readonly required?: boolean;
  readonly shown?: Condition | null;
  readonly expires?: boolean;
  readonly age_days_max?: number | null;
}

/** `draining` lets it send what it holds; `dead` refuses it at once. */
export interface DeviceEnd {
  readonly state: "dead" | "draining";
}

export interface DeviceSummary {
  readonly id: Id;
  readonly name: Name;
  readonly person: Id;
  readonly person_name: Name;
  readonly state: DeviceState;
  readonly app_version?: Line;
  readonly enrolled_at: Instant;
  readonly seen_at?: Instant | null;
  readonly ended_at?: Instant | null;
  readonly unsent?: Count;
  readonly unsent_since?: Instant | null;
}

/** `GET /sync`: what a client must know before it speaks. */
export interface Discovery {
  readonly name: string;
  readonly protocols: readonly number[];
  readonly epoch: Epoch;
  readonly server_time: Instant;
  readonly app_version_min: string;
}

/** What became of one op that was not simply applied. Id = UUIDv5 of device and op. */
export interface Disposition {
  readonly device: Id;
  readonly op: Id;
  readonly n: number;
  readonly outcome: "conflict" | "held" | "rejected" | "review";
  readonly record_kind?: Line;
  readonly record?: Id | null;
  readonly problem?: Problem | null;
  readonly fields?: readonly ConflictField[];
  readonly cause?: Id | null;
  readonly at: Instant;
  readonly settled?: Settled | null;
}

/**
 * One disk, port, battery or measuring point of a group; `answers` are registers.
 *
 * Its id is minted, or `<group>-<place>` where the form fixes the places.
 */
export interface Element {
  readonly group: Slug;
  readonly name?: Line;
  readonly order?: number;
  readonly answers?: Answers;
}

/** Last line; a page without it was cut and is not applied. */
export interface End {
  readonly t: "end";
  readonly token: Sealed;
  readonly more?: boolean;
}

export interface EnrolAnswer {
  readonly device: Id;
  readonly credential: string;
  readonly person: Id;
  readonly person_name: Name;
  readonly role: Role;
  readonly epoch: Epoch;
  readonly next_n: number;
  readonly server_time: Instant;
}

export interface EnrolRequest {
  readonly ticket: string;
  readonly lineage: Id;
  readonly name: Name;
  readonly public_key?: Line | null;
  readonly app_version?: Line;
  readonly language?: Language;
}

/** One member of the request that is wrong, named by its path, and why. */
export interface FieldProblem {
  readonly field: Line;
  readonly detail: Line;
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
  readonly step?: "accepted-risk" | "fixed" | "open" | "planned" | "verified";
}

export interface FollowUp {
  readonly text: Text;
  readonly author: Id;
  readonly author_name: Name;
  readonly at?: Instant | null;
}

export interface Form {
  readonly sections: readonly Section[];
  readonly limits?: readonly CompoundLimit[];
}

/** A range of `n` that was never sent; recorded as void, never waited for. */
export interface Gap {
  readonly from_n: N;
  readonly to_n: N;
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

/** A role at a customer, a contract or a site; an administrator's names none of them. */
export interface GrantSummary {
  readonly id: Id;
  readonly role: Role;
  readonly customer?: Id | null;
  readonly contract?: Id | null;
  readonly site?: Id | null;
  readonly granted_at: Instant;
}

/**
 * Items asked once per element: per disk, port, battery, or measuring point.
 *
 * With `places` the elements are fixed and known by the place's id, so that two engineers
 * offline write the same element; without, engineers add elements with minted ids.
 */
export interface Group {
  readonly type: "group";
  readonly id: Slug;
  readonly title: Words;
  readonly hint?: Words | null;
  readonly required?: boolean;
  readonly shown?: Condition | null;
  readonly element: Words;
  readonly items: readonly GroupedItem[];
  readonly places?: readonly Place[];
  readonly count_min?: number;
  readonly layout?: "grid" | "list";
}

/** True when a multiple choice holds `option`. */
export interface Includes {
  readonly type: "includes";
  readonly item: Slug;
  readonly option: Slug;
}

export interface Inspection {
  readonly asset: Id;
  readonly template: Id;
  readonly assignment?: Id | null;
  readonly inspector: Id;
  readonly inspector_name: Name;
  readonly started_at?: Instant | null;
  readonly answers?: Answers;
  readonly elements?: Readonly<Record<string, Element>>;
  readonly remarks?: Readonly<Record<string, Remark>>;
  readonly note?: Text;
  readonly step?: Step;
  readonly review?: Review | null;
}

/** What every item has. Ids are unique within a form and keep their meaning across versions. */
export interface Item {
  readonly id: Slug;
  readonly title: Words;
  readonly hint?: Words | null;
  readonly required?: boolean;
  readonly shown?: Condition | null;
}

export interface LanguageChange {
  readonly language: Language;
}

/**
 * The last accepted answers to one template, so that the previous value is there offline.
 *
 * Keys of `readings` are paths: `item` or `element.item`.
 */
export interface LastInspection {
  readonly inspection: Id;
  readonly at: Instant;
  readonly by: Name;
  readonly readings: Readonly<Record<string, LastReading>>;
}

export interface LastReading {
  readonly value?: Value;
  readonly verdict?: Verdict;
}

/**
 * Bounds of a reading, each inclusive: at the limit is still within it.
 *
 * Outside an alarm limit a reading is abnormal; between warning and alarm it is a warning.
 * `source` is the norm, the maker or the contract: a limit is never shown without it.
 */
export interface Limits {
  readonly alarm_low?: number | null;
  readonly warning_low?: number | null;
  readonly warning_high?: number | null;
  readonly alarm_high?: number | null;
  readonly source: Words;
}

/** `POST /office/login`. Any text is taken here, so that the answer is the same for all. */
export interface LoginRequest {
  readonly login: Line;
  readonly password: string;
}

/** When the edit was made, by the device's clocks. Shown and flagged, never deciding. */
export interface Made {
  readonly wall: Instant;
  readonly session: Id;
  readonly monotonic_ms?: Count;
}

/** `GET /office/me`. `csrf` goes into the header `X-CSRF-Token` of every write. */
export interface Me {
  readonly person: Id;
  readonly login: LoginName;
  readonly name: Name;
  readonly language: Language;
  readonly grants: readonly GrantSummary[];
  readonly may: readonly string[];
  readonly csrf: string;
  readonly expires_at: Instant;
}

/** A person granted at a site, as the others there see them. Id = UUIDv5 of site and person. */
export interface Member {
  readonly site: Id;
  readonly person: Id;
  readonly name: Name;
  readonly role: Role;
  readonly phone?: Line;
}

/** Exactly one place is named, or none for an administrator. */
export interface NewGrant {
  readonly role: Role;
  readonly customer?: Id | null;
  readonly contract?: Id | null;
  readonly site?: Id | null;
}

/** Without a password the person can only use a device. */
export interface NewPerson {
  readonly login: LoginName;
  readonly name: Name;
  readonly phone?: Line;
  readonly email?: Line;
  readonly language?: Language;
  readonly password?: NewPassword | null;
}

export interface NewTicket {
  readonly person: Id;
}

export interface Not {
  readonly type: "not";
  readonly of: Condition;
}

export interface NumberItem {
  readonly type: "number";
  readonly id: Slug;
  readonly title: Words;
  readonly hint?: Words | null;
  readonly required?: boolean;
  readonly shown?: Condition | null;
  readonly unit?: Unit;
  readonly decimals?: number;
  readonly low?: number | null;
  readonly high?: number | null;
  readonly limits?: Limits | null;
}

/**
 * One edit. Values stay raw JSON here; the planner reads each by the type of its field.
 *
 * `base` is the version that was on the screen for these fields. `new` marks a creation,
 * and then `parent` is the record (or site) that its home field names.
 */
export interface Op {
  readonly n: N;
  readonly id: Id;
  readonly by: Id;
  readonly kind: string;
  readonly record: Id;
  readonly base?: Version;
  readonly made: Made;
  readonly new?: boolean;
  readonly parent?: Id | null;
  readonly set?: Readonly<Record<string, unknown>>;
  readonly add?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly remove?: Readonly<Record<string, readonly string[]>>;
  readonly withdraw?: boolean;
  readonly replaces?: Id | null;
  readonly orig_n?: N | null;
}

export interface Option {
  readonly id: Slug;
  readonly title: Words;
  readonly verdict?: "abnormal" | "normal" | "warning";
}

/**
 * What became of one op, and where to see it.
 *
 * `scope` and `seq` are the position at which the device will hold the consequence: the
 * record's own for `applied`, else the disposition's in `device:<id>`. `n` is the position
 * in the batch; `id` is null when the line could not be read.
 */
export interface Outcome {
  readonly n: N;
  readonly id: Id | null;
  readonly outcome: OutcomeName;
  readonly scope?: Scope | null;
  readonly seq?: Seq | null;
  readonly version?: Version | null;
  readonly problem?: Problem | null;
}

export interface PasswordChange {
  readonly current: string;
  readonly new: NewPassword;
}

export interface PersonSummary {
  readonly id: Id;
  readonly login: LoginName;
  readonly name: Name;
  readonly phone?: Line;
  readonly email?: Line;
  readonly language?: Language;
  readonly active?: boolean;
  readonly grants?: readonly GrantSummary[];
}

/** Answered by attachments that name this item; the answer itself stays empty. */
export interface PhotoItem {
  readonly type: "photo";
  readonly id: Slug;
  readonly title: Words;
  readonly hint?: Words | null;
  readonly required?: boolean;
  readonly shown?: Condition | null;
  readonly count_min?: number;
}

/** One fixed element of a group, for example a measuring point of a grid. */
export interface Place {
  readonly id: Slug;
  readonly title: Words;
  readonly row?: number;
  readonly column?: number;
}

/** A rule that generates assignments: an RFC 5545 RRULE over sites and categories. */
export interface Plan {
  readonly title: Words;
  readonly contract: Id;
  readonly sites: readonly Id[];
  readonly categories: readonly Category[];
  readonly templates: Readonly<Record<string, Id>>;
  readonly rrule: string;
  readonly starts_on: string;
  readonly ends_on?: string | null;
  readonly window_days?: number;
  readonly paused?: boolean;
}

/** `event: poke`. A comment line every 20 s is the heartbeat. */
export interface Poke {
  readonly scope: Scope;
  readonly head: Seq;
}

/** `title` never varies for a `type`; `detail` does. The text of each type: docs/problems.md. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly errors?: readonly FieldProblem[];
  readonly supported?: readonly number[];
}

/** `token` null starts from zero. `at_least` are heads that the device knows to exist. */
export interface PullRequest {
  readonly epoch: number;
  readonly token?: Sealed | null;
  readonly last_acked?: Sealed | null;
  readonly limit?: number;
}

/** Under another epoch than the device's, `outcomes` is empty and nothing was processed. */
export interface PushAnswer {
  readonly epoch: Epoch;
  readonly outcomes?: readonly Outcome[];
  readonly heads?: Readonly<Record<string, Seq>>;
  readonly last_acked?: Sealed | null;
  readonly backed_up_to?: N | null;
  readonly void?: readonly Gap[];
}

/** First line of a push. `first_n` numbers the first op; the rest follow without a gap. */
export interface PushHeader {
  readonly epoch: number;
  readonly first_n: N;
  readonly last_acked?: Sealed | null;
}

/** The number answered to an item: of the same element first, then of the whole form. */
export interface Reading {
  readonly type: "reading";
  readonly item: Slug;
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

/**
 * What somebody wrote beside the work: a return of the office, or a note on site.
 *
 * `item` is the path of an item (`item` or `group.element.item`); empty is the whole.
 */
export interface Remark {
  readonly text: Text;
  readonly item?: Line;
  readonly author: Id;
  readonly author_name: Name;
  readonly origin: "field" | "office";
  readonly round?: Round;
  readonly at?: Instant | null;
}

/** The office's decision over one round. */
export interface Review {
  readonly decision: "accepted" | "returned";
  readonly round: Round;
  readonly reviewer: Id;
  readonly reviewer_name: Name;
  readonly at: Instant;
  readonly reason?: Text;
}

export interface Room {
  readonly site: Id;
  readonly name: Name;
  readonly kind: "network" | "office" | "other" | "server-room" | "shop" | "ups";
  readonly floor?: Line;
  readonly note?: Text;
}

/** One scope of the device. `left` counts the rows still to come after this page. */
export interface ScopeState {
  readonly scope: Scope;
  readonly head: Seq;
  readonly left?: Count;
  readonly digest?: Digest | null;
}

export interface Section {
  readonly id: Slug;
  readonly title: Words;
  readonly items: readonly FormItem[];
  readonly shown?: Condition | null;
}

/** A serial number by scan. `of_asset`: must equal the asset's own, else abnormal. */
export interface Serial {
  readonly type: "serial";
  readonly id: Slug;
  readonly title: Words;
  readonly hint?: Words | null;
  readonly required?: boolean;
  readonly shown?: Condition | null;
  readonly of_asset?: boolean;
}

export interface Settled {
  readonly how: "applied" | "decided" | "discarded" | "replaced";
  readonly at: Instant;
  readonly by_name?: Line;
  readonly words?: Text;
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
  readonly role: "contact" | "device-user" | "engineer";
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

/** Answered by a signature record of this inspection that names this item. */
export interface SignatureItem {
  readonly type: "signature";
  readonly id: Slug;
  readonly title: Words;
  readonly hint?: Words | null;
  readonly required?: boolean;
  readonly shown?: Condition | null;
  readonly statement: Words;
}

/** A place where work is done. Its scope is `site:<its own id>`. */
export interface Site {
  readonly name: Name;
  readonly city: Name;
  readonly address?: Line;
  readonly time_zone?: string;
  readonly customer: CustomerSummary;
  readonly contract?: ContractSummary | null;
  readonly contacts?: readonly Contact[];
  readonly access?: Text;
}

/** First line. The device drops every scope that is not named in `scopes`. */
export interface Start {
  readonly t: "start";
  readonly epoch: Epoch;
  readonly server_time: Instant;
  readonly scopes: readonly ScopeState[];
}

/** How far the work has come; moves on only. A higher round beats any step of a lower one. */
export interface Step {
  readonly round?: Round;
  readonly step?: "draft" | "submitted";
  readonly at?: Instant | null;
}

/** The binding of one printed code to one asset. Its id is UUIDv5 of the code. */
export interface Tag {
  readonly code: string;
  readonly asset: Id;
  readonly bound_at?: Instant | null;
  readonly retired?: boolean;
}

export interface Target {
  readonly asset: Id;
  readonly template: Id;
  readonly withdrawn?: boolean;
}

/** Version `version_no` of checklist `key`; its id is UUIDv5 of both, so a pack loads once. */
export interface Template {
  readonly key: Slug;
  readonly version_no: number;
  readonly title: Words;
  readonly category: Category;
  readonly form: Form;
  readonly published_at: Instant;
  readonly superseded_by?: Id | null;
}

export interface TextItem {
  readonly type: "text";
  readonly id: Slug;
  readonly title: Words;
  readonly hint?: Words | null;
  readonly required?: boolean;
  readonly shown?: Condition | null;
  readonly multiline?: boolean;
}

/** The link is shown once: the server keeps only its hash. */
export interface TicketAnswer {
  readonly person: Id;
  readonly person_name: Name;
  readonly link: string;
  readonly qr_svg: string;
  readonly expires_at: Instant;
}

/** One presence on site. Its report is what the customer receives. */
export interface Visit {
  readonly site: Id;
  readonly assignment?: Id | null;
  readonly engineer: Id;
  readonly engineer_name: Name;
  readonly started_at: Instant;
  readonly ended_at?: Instant | null;
  readonly contact?: Line;
  readonly problems?: Readonly<Record<string, CustomerProblem>>;
  readonly note?: Text;
}

/** One text in both languages of the product. */
export interface Words {
  readonly zh: string;
  readonly en: string;
}
