// The types of `schemas`' signing.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type { Answer, Form } from "./forms.ts";
import type { Element, Replacement } from "./inspection.ts";
import type {
  Count,
  Id,
  Instant,
  Language,
  Line,
  Name,
  SealFault,
  SealVerdict,
  Sha256,
  SignedRole,
  Standing,
  Text,
  Version,
} from "./names.ts";

/** The answers of an inspection at one moment. */
export interface AsAnswered {
  readonly answers?: Readonly<Record<string, Answer | null>>;
  readonly elements?: Readonly<Record<string, Element>>;
  readonly replacements?: Readonly<Record<string, Replacement>>;
  readonly note?: Text;
}

/** What was counted when it was signed. */
export interface Counted {
  readonly inspected?: Count;
  readonly normal?: Count;
  readonly abnormal?: Count;
  readonly not_inspected?: Count;
}

/**
 * An inspection that a document covers: as it was signed, and as it is.
 *
 * `was` is put together from the history and is exactly what was signed: its digest is the
 * signed one. It is null where that could not be found. `changed` are the paths that differ,
 * `findings` those of its findings that do, where the document says what they were.
 */
export interface CoveredInspection {
  readonly id: Id;
  readonly asset_name?: Line;
  readonly template?: Id | null;
  readonly was?: AsAnswered | null;
  readonly now?: AsAnswered | null;
  readonly changed?: readonly Line[];
  readonly findings?: readonly FindingSince[];
  readonly photos?: Count;
  readonly photos_gone?: Count;
  readonly photos_added?: Count;
}

/** A finding that is not as it was signed; `was` or `now` is null where there was, is none. */
export interface FindingSince {
  readonly id: Id;
  readonly was?: ListedAbnormal | null;
  readonly now?: ListedAbnormal | null;
}

/** One thing that was out of order, in the words that the signer read. */
export interface ListedAbnormal {
  readonly asset?: Line;
  readonly severity?: Line;
  readonly text?: Text;
}

/**
 * `POST /sign/give`: the signature. `strokes` is path data, in thousandths of the width.
 *
 * Who has no pen signs by the typed name: `strokes` is then the mark that stands for it.
 */
export interface SignGive {
  readonly secret: Name;
  readonly language?: Language;
  readonly content: Sha256;
  readonly name: Name;
  readonly title?: Line;
  readonly strokes: string;
}

/** A link that was made; what it is, is shown this once: the server keeps only its hash. */
export interface SignLink {
  readonly id: Id;
  readonly link: string;
  readonly qr_svg: string;
  readonly expires_at: Instant;
}

/** A link that was made for a visit, and what became of it. */
export interface SignLinkRow {
  readonly id: Id;
  readonly created_by_name?: Line;
  readonly created_at: Instant;
  readonly expires_at: Instant;
  readonly state: "expired" | "open" | "used" | "withdrawn";
  readonly at?: Instant | null;
}

/** `POST /sign/look`: what is behind a link, in the signer's language. */
export interface SignLook {
  readonly secret: Name;
  readonly language?: Language;
}

/** It is signed. `digest` names the document for ever: who signed may keep it. */
export interface SignReceipt {
  readonly digest: Sha256;
  readonly signed_at: Instant;
  readonly time_zone: string;
}

/** One signature whole: what was signed, and what has become of it. */
export interface SignatureDetail {
  readonly signed: Signed;
  readonly time_zone: string;
  readonly site_name?: Line;
  readonly document: string;
  readonly stated: Stated;
  readonly sealed_at?: Instant | null;
  readonly received_at?: Instant | null;
  readonly covered?: readonly CoveredInspection[];
  readonly covered_total?: Count;
  readonly forms?: Readonly<Record<string, Form>>;
}

/**
 * A signature over an inspection, or over a visit.
 *
 * `changed_after`: an answer, a finding or a photo that it covers is not what it was when signed;
 * `added_after`: something came after it that it does not cover. `superseded`: a later one
 * stands in its place; it is kept. `sealed_by` is the device whose key sealed it.
 */
export interface Signed {
  readonly id: Id;
  readonly version: Version;
  readonly of?: Id | null;
  readonly of_kind: "inspection" | "visit";
  readonly role: SignedRole;
  readonly item?: Line;
  readonly name?: Line;
  readonly title?: Line;
  readonly strokes?: string;
  readonly absent_reason?: Text;
  readonly digest: Sha256;
  readonly signed_at: Instant;
  readonly changed_after?: boolean;
  readonly added_after?: boolean;
  readonly superseded?: boolean;
  readonly seal?: SealVerdict;
  readonly faults?: readonly SealFault[];
  readonly sealed_by?: Line;
}

/** Beside a piece of work in a list: who signed for it, and whether that still stands. */
export interface SignedNote {
  readonly signature: Id;
  readonly name?: Line;
  readonly at: Instant;
  readonly standing?: Standing;
}

/** What a document says, read from its own text alone. Another client's may say less. */
export interface Stated {
  readonly site?: Line;
  readonly engineer?: Line;
  readonly started_at?: Instant | null;
  readonly signed_at?: Instant | null;
  readonly statement?: readonly Text[];
  readonly counts?: Counted | null;
  readonly abnormal?: readonly ListedAbnormal[];
  readonly problems?: readonly Text[];
  readonly not_inspected?: readonly Line[];
  readonly photos?: Count | null;
}

/** What is to be signed, as it is shown. `content` is its digest, which goes back with it. */
export interface ToSign {
  readonly content: Sha256;
  readonly time_zone: string;
  readonly site: Line;
  readonly engineer: Line;
  readonly started_at: Instant;
  readonly ended_at?: Instant | null;
  readonly statement: readonly Text[];
  readonly counts: Counted;
  readonly abnormal?: readonly ListedAbnormal[];
  readonly not_inspected?: readonly Line[];
  readonly problems?: readonly Text[];
  readonly photos?: Count;
}

/** One presence on site with what was signed over it. `may` has `link` and `withdraw`. */
export interface VisitDetail {
  readonly id: Id;
  readonly version: Version;
  readonly site: Id;
  readonly site_name: Name;
  readonly time_zone: string;
  readonly assignment?: Id | null;
  readonly engineer_name: Name;
  readonly started_at: Instant;
  readonly ended_at?: Instant | null;
  readonly contact?: Line;
  readonly problems?: readonly Text[];
  readonly note?: Text;
  readonly inspected?: Count;
  readonly signatures?: readonly Signed[];
  readonly links?: readonly SignLinkRow[];
  readonly may?: readonly "link"[];
}
