// Which presence on site stands over a piece of work, and who signed for it.
// Rule: pure reading, without judging any form, so that every page may ask.

import { type Seen, stepOf } from "../../../core/work.ts";
import type { Records } from "../../../db/records.ts";
import type { Id, Inspection, Signature, Visit } from "../../../wire/types.ts";
import { localDay } from "../../words/format.ts";
import { openVisit } from "../inspect/sheet.ts";
import { type Covered, type CoveredFinding, coveredBy, listedIn, type Sha } from "./document.ts";

/** A piece of work, and the site where it lies. */
export interface Placed {
  readonly data: Inspection;
  readonly site: Id | undefined;
}

/** Whether a visit lasted at an instant; one that nobody ended lasted until midnight. */
export function lastedAt(visit: Visit, at: number, zone: string): boolean {
  if (at < Date.parse(visit.started_at)) return false;
  return visit.ended_at
    ? at <= Date.parse(visit.ended_at)
    : localDay(at, zone) === localDay(visit.started_at, zone);
}

/**
 * Whether its inspector worked on it at the site while a visit lasted. Where one of the others lasted
 * in the same hours and was for its own round, that one has it. `belongs` of server/presence.py.
 */
export function belongs(
  { data, site }: Placed,
  visit: Visit,
  others: readonly Visit[],
  zone: string,
): boolean {
  if (data.inspector !== visit.engineer || site !== visit.site) return false;
  const round = data.assignment ?? null;
  const own =
    round === null || visit.assignment === round
      ? []
      : others.filter(
          (one) => one.assignment === round && one.engineer === visit.engineer && one.site === site,
        );
  return [data.started_at, data.step?.at]
    .filter((at) => typeof at === "string")
    .map(Date.parse)
    .some((at) => lastedAt(visit, at, zone) && !own.some((one) => lastedAt(one, at, zone)));
}

const SITE = /^(?:site|archive):/;

/** Where it lies; what only this device knows lies where its asset is. */
function placed(records: Pick<Records, "record">, one: Seen<"inspection">): Placed {
  const site = one.scope?.replace(SITE, "") ?? records.record("asset", one.data.asset)?.data.site;
  return { data: one.data, site };
}

function othersOf(records: Pick<Records, "by">, visit: Seen<"visit">): readonly Visit[] {
  return records
    .by("visit", "site", visit.data.site)
    .filter(({ id }) => id !== visit.id)
    .map(({ data }) => data);
}

/**
 * Every inspection that belongs to a visit, whatever became of it: what was worked on while it lasted,
 * and what any signature over it lists, though its times were put right since.
 */
export function workOfVisit(
  records: Pick<Records, "ofKind" | "record" | "by">,
  visit: Seen<"visit">,
  zone: string,
): readonly Seen<"inspection">[] {
  const others = othersOf(records, visit);
  const signatures = records.by("signature", "of", visit.id);
  const listed = new Set(signatures.flatMap(({ data }) => listedIn(data.document)));
  return records.ofKind("inspection").filter((one) => {
    const of = placed(records, one);
    if (listed.has(one.id)) return of.site === visit.data.site;
    return belongs(of, visit.data, others, zone);
  });
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
  work: readonly Seen<"inspection">[],
): Seen<"visit"> | undefined {
  const pieces = work.map((one) => placed(records, one));
  const [latest] = records
    .by("visit", "site", here.site)
    .filter(({ data }) => data.engineer === here.person)
    .filter((visit) => {
      const others = othersOf(records, visit);
      return pieces.some((one) => belongs(one, visit.data, others, here.zone));
    })
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
  records: Pick<Records, "by" | "record">,
  work: readonly Seen<"inspection">[],
): Promise<Standing> {
  const covered = await Promise.all(
    work.map(({ id, data }) => {
      const photos = records.by("attachment", "parent", id).map((one) => one.data.sha256);
      // Open findings go along with an asset that is moved away, while its inspection stays.
      const isHere = records.record("asset", data.asset) !== undefined;
      const known = isHere ? { findings: findingsOf(records, id) } : {};
      return coveredBy(sha256, { id, photos, ...known }, data);
    }),
  );
  const isIn = ({ data }: Seen<"inspection">): boolean => stepOf(data).step === "submitted";
  return { covered, handedIn: new Set(work.filter(isIn).map(({ id }) => id)) };
}

function findingsOf(records: Pick<Records, "by">, inspection: Id): readonly CoveredFinding[] {
  return records
    .by("finding", "inspection", inspection)
    .map(({ id, data: { severity, text } }) => ({ id, severity, text }));
}
