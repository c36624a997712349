// Everything that the checklist of one asset shows, read from the records at once.
// Rule: pure reading; whoever calls it inside `computed` is told when something of it changes.

import { evaluate } from "../../../core/forms/evaluation.ts";
import type { Evaluation } from "../../../core/forms/states.ts";
import type { Facts } from "../../../core/forms/verdicts.ts";
import { inspectionId } from "../../../core/ids.ts";
import { overlaid, type Patch } from "../../../core/overlay.ts";
import {
  assetOf,
  isReturned,
  previousOf,
  type Records,
  type Seen,
  stepOf,
  type TargetState,
  targetState,
} from "../../../core/work.ts";
import { DEFAULTS } from "../../../wire/defaults.ts";
import type { KindName } from "../../../wire/kinds.ts";
import type { Id, Inspection, LastInspection, Remark } from "../../../wire/types.ts";
import { localDay } from "../../words/format.ts";
import { previousValues } from "./form.ts";

/** Where somebody stands: one asset of one assignment, or of none. */
export interface Subject {
  readonly assignment: Id | null;
  readonly asset: Id;
}

export interface RemarkHere extends Remark {
  readonly id: string;
}

export interface Sheet {
  readonly subject: Subject;
  /** The id that the inspection has, or will have. */
  readonly id: Id;
  readonly asset: Seen<"asset">;
  readonly room: Seen<"room"> | undefined;
  readonly site: Seen<"site"> | undefined;
  readonly template: Seen<"template">;
  /** With what was typed a moment ago; null before the first answer. */
  readonly inspection: Inspection | null;
  readonly version: number;
  readonly state: TargetState;
  readonly round: number;
  readonly evaluation: Evaluation;
  readonly photos: ReadonlyMap<string, readonly Seen<"attachment">[]>;
  /** By the path of the item, the latest of each. */
  readonly signatures: ReadonlyMap<string, Seen<"signature">>;
  /** What was read before this inspection; undefined once this one is accepted. */
  readonly last: LastInspection | undefined;
  /** That inspection itself, while it is still on this device. */
  readonly before: Inspection | undefined;
  /** What the office wrote when it sent this back; empty once it is submitted again. */
  readonly remarks: readonly RemarkHere[];
  /** Of this asset, from earlier visits, not mended yet. */
  readonly openFindings: readonly Seen<"finding">[];
  readonly zone: string;
}

export type Found =
  | { readonly kind: "sheet"; readonly sheet: Sheet }
  | { readonly kind: "missing"; readonly what: "asset" | "target" | "template" };

export interface Given {
  /** The minted id of an inspection without assignment. */
  readonly ownId: Id;
  /** The person's edits that the records do not show yet, of any record. */
  readonly typed: readonly (Patch & { readonly record: Id })[];
  readonly now: number;
}

type Reader = Pick<Records, "record" | "by"> & {
  ofKind<K extends KindName>(kind: K): readonly Seen<K>[];
};

export function readSheet(records: Reader, subject: Subject, given: Given): Found {
  const asset = assetOf(subject.asset, records);
  if (asset === undefined) return { kind: "missing", what: "asset" };
  const id =
    subject.assignment === null ? given.ownId : inspectionId(subject.assignment, subject.asset);
  const seen = records.record("inspection", id);
  const typed = given.typed.filter(({ record }) => record === id);
  const data = overlaid(seen && { ...seen.data }, typed);
  const inspection = isInspection(data) ? data : null;
  const version = templateOf(records, subject, asset, inspection);
  if (version === null) return { kind: "missing", what: "target" };
  const template = records.record("template", version);
  if (template === undefined) return { kind: "missing", what: "template" };
  const site = records.record("site", asset.data.site);
  const zone = site?.data.time_zone ?? DEFAULTS.Site.time_zone;
  const state = targetState(inspection ?? undefined);
  const known = previousOf(asset, template.data);
  // Once accepted, what the asset carries on is this very inspection, or a later one: no last time.
  const last = state === "accepted" || known?.inspection === id ? undefined : known;
  const photos = byItem(records.by("attachment", "parent", id), (one) => one.data.item ?? "");
  const signatures = records.by("signature", "of", id);
  const facts: Facts = {
    photos: new Map([...photos].map(([path, list]) => [path, list.length])),
    signatures: new Set(signatures.map(({ data }) => data.item ?? "")),
    previous: previousValues(template.data.form, inspection?.elements ?? {}, last),
    assetSerial: asset.data.serial ?? null,
    today: localDay(inspection?.step?.at ?? given.now, zone),
  };
  const { answers = {}, elements = {} } = inspection ?? {};
  const sheet: Sheet = {
    subject,
    id,
    asset,
    room: asset.data.room ? records.record("room", asset.data.room) : undefined,
    site,
    template,
    inspection,
    version: seen?.version ?? 0,
    state,
    round: inspection === null ? 1 : stepOf(inspection).round,
    evaluation: evaluate(template.data.form, answers, elements, facts),
    photos,
    signatures: new Map(oldestFirst(signatures).map((one) => [one.data.item ?? "", one])),
    last,
    before: last && records.record("inspection", last.inspection)?.data,
    remarks: remarksOf(inspection),
    openFindings: earlierFindings(records, asset.id, id),
    zone,
  };
  return { kind: "sheet", sheet };
}

/** The version that is pinned; without assignment, the newest for this kind of equipment. */
function templateOf(
  records: Reader,
  { assignment, asset: target }: Subject,
  asset: Seen<"asset">,
  inspection: Inspection | null,
): Id | null {
  if (inspection !== null) return inspection.template;
  if (assignment !== null) {
    const targets = records.record("assignment", assignment)?.data.targets ?? [];
    return targets.find((one) => one.asset === target && !one.withdrawn)?.template ?? null;
  }
  const [newest] = records
    .ofKind("template")
    .filter(({ data }) => data.category === asset.data.category && !data.superseded_by)
    .toSorted((one, other) => other.data.version_no - one.data.version_no);
  return newest?.id ?? null;
}

/** The person's own open inspection of an asset outside any round, to go on with. */
export function openAdHoc(records: Reader, asset: Id, person: Id): Id | undefined {
  return records
    .by("inspection", "asset", asset)
    .find(
      ({ data }) =>
        !data.assignment && data.inspector === person && targetState(data) !== "accepted",
    )?.id;
}

/** The person's visit of today at a site that has not ended. */
export function openVisit(
  records: Reader,
  at: { readonly site: Id; readonly person: Id; readonly zone: string; readonly now: number },
): Seen<"visit"> | undefined {
  const today = localDay(at.now, at.zone);
  return records
    .by("visit", "site", at.site)
    .find(
      ({ data }) =>
        data.engineer === at.person &&
        !data.ended_at &&
        localDay(data.started_at, at.zone) === today,
    );
}

function oldestFirst(signatures: readonly Seen<"signature">[]): readonly Seen<"signature">[] {
  return signatures.toSorted((one, other) => (one.data.signed_at < other.data.signed_at ? -1 : 1));
}

function byItem<T>(
  list: readonly T[],
  item: (one: T) => string,
): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>();
  for (const one of list) {
    const known = found.get(item(one));
    if (known) known.push(one);
    else found.set(item(one), [one]);
  }
  return found;
}

/** Remarks of the return that stands: written for the round that was sent back. */
function remarksOf(inspection: Inspection | null): readonly RemarkHere[] {
  if (inspection === null || !isReturned(inspection)) return [];
  const round = inspection.review?.round ?? 1;
  return Object.entries(inspection.remarks ?? {})
    .filter(([, remark]) => remark.origin === "office" && (remark.round ?? 1) >= round)
    .map(([id, remark]) => ({ id, ...remark }))
    .toSorted((one, other) => ((one.at ?? "") < (other.at ?? "") ? -1 : 1));
}

const MENDED: readonly unknown[] = ["fixed", "verified", "accepted-risk"];

function earlierFindings(records: Reader, asset: Id, inspection: Id): readonly Seen<"finding">[] {
  return records
    .by("finding", "asset", asset)
    .filter(({ data }) => data.inspection !== inspection && !MENDED.includes(data.step?.step));
}

/** What the records hold came from the server or from this app; as in db/records.ts. */
function isInspection(data: unknown): data is Inspection {
  return typeof data === "object" && data !== null;
}
