// Which presence on site stands over a piece of work, and who signed for it.
// Rule: pure reading, without judging any form, so that every page may ask.

import { type Seen, stepOf } from "../../../core/work.ts";
import type { Records } from "../../../db/records.ts";
import type { Id, Inspection, Signature, Visit } from "../../../wire/types.ts";
import { localDay } from "../../words/format.ts";
import { openVisit } from "../inspect/sheet.ts";
import { type Covered, coveredBy, type Sha } from "./document.ts";

/** Worked on by that person while the visit lasted; one that nobody ended lasted until midnight. */
export function isDuring(visit: Visit, inspection: Inspection, zone: string): boolean {
  if (inspection.inspector !== visit.engineer) return false;
  const from = Date.parse(visit.started_at);
  const isBefore = (at: number): boolean =>
    visit.ended_at
      ? at <= Date.parse(visit.ended_at)
      : localDay(at, zone) === localDay(visit.started_at, zone);
  return [inspection.started_at, inspection.step?.at]
    .filter((at) => typeof at === "string")
    .map(Date.parse)
    .some((at) => at >= from && isBefore(at));
}

/** Every inspection at the site of a visit that was worked on while it lasted, whatever became of it. */
export function heldDuring(
  records: Pick<Records, "ofKind" | "record">,
  visit: Visit,
  zone: string,
): readonly Seen<"inspection">[] {
  return records
    .ofKind("inspection")
    .filter(({ data }) => isDuring(visit, data, zone))
    .filter(({ data }) => records.record("asset", data.asset)?.data.site === visit.site);
}

export interface Here {
  readonly site: Id;
  readonly person: Id;
  readonly zone: string;
  readonly now: number;
}

/**
 * The visit in which the customer signs for this work: the latest in which any of it was done, ended
 * or not; while none of it was done, the one that is open today. What is mended days later is still
 * part of the visit in which it was inspected.
 */
export function visitOver(
  records: Pick<Records, "record" | "by" | "ofKind">,
  here: Here,
  work: readonly Inspection[],
): Seen<"visit"> | undefined {
  const [latest] = records
    .by("visit", "site", here.site)
    .filter(({ data }) => data.engineer === here.person)
    .filter(({ data }) => work.some((one) => isDuring(data, one, here.zone)))
    .toSorted((one, other) => (one.data.started_at < other.data.started_at ? 1 : -1));
  return latest ?? openVisit(records, here);
}

/** The signature of the customer that stands over this visit. */
export function customerSignature(
  records: Pick<Records, "by">,
  visit: Id,
): Seen<"signature"> | undefined {
  return standingBy(records, visit, "contact");
}

/**
 * The one that stands of a role: the latest that was given, which goes before any that says why nobody
 * signed; the others are kept.
 */
export function standingBy(
  records: Pick<Records, "by">,
  visit: Id,
  role: Signature["role"],
): Seen<"signature"> | undefined {
  const all = records.by("signature", "of", visit).filter(({ data }) => data.role === role);
  const given = all.filter(({ data }) => (data.strokes ?? "") !== "");
  const [latest] = (given.length > 0 ? given : all).toSorted(
    (one, other) => Date.parse(other.data.signed_at) - Date.parse(one.data.signed_at),
  );
  return latest;
}

/** What is to be compared with a document: the work as it stands, and what of it is handed in. */
export interface Standing {
  readonly covered: readonly Covered[];
  readonly handedIn: ReadonlySet<Id>;
}

export async function standingOf(
  sha256: Sha,
  records: Pick<Records, "by">,
  held: readonly Seen<"inspection">[],
): Promise<Standing> {
  const covered = await Promise.all(
    held.map(({ id, data }) => {
      const photos = records.by("attachment", "parent", id).map((one) => one.data.sha256);
      return coveredBy(sha256, { id, photos }, data);
    }),
  );
  const isIn = ({ data }: Seen<"inspection">): boolean => stepOf(data).step === "submitted";
  return { covered, handedIn: new Set(held.filter(isIn).map(({ id }) => id)) };
}
