// The engineer's work: rounds by site and room, and how far each target is. Rule: pure; records are
// given through `Records`, verdicts through `Judge`, so that nothing here knows a database or a form.

import type { Bodies, KindName } from "../wire/kinds.ts";
import type {
  Attachment,
  Id,
  Inspection,
  LastInspection,
  Review,
  Signature,
  Step,
  Template,
} from "../wire/types.ts";
import { inspectionId } from "./ids.ts";

/** A record as screens see it: the base with this device's own ops on top. */
export interface Seen<K extends KindName> {
  readonly id: Id;
  readonly kind: K;
  /** Null while only this device knows it. */
  readonly scope: string | null;
  /** Of the base; 0 while only this device knows it. */
  readonly version: number;
  readonly data: Bodies[K];
}

export interface Records {
  record<K extends KindName>(kind: K, id: Id): Seen<K> | undefined;
  /** By key, as `key(kind, name, value)` of core/kinds.ts. */
  by<K extends KindName>(kind: K, name: string, value: string): readonly Seen<K>[];
}

/** Tell whether something in these answers is out of order. */
export type Judge = (inspection: Seen<"inspection">, template: Template | undefined) => boolean;

export type TargetState = "open" | "draft" | "returned" | "submitted" | "accepted";

export interface TargetWork {
  readonly assignment: Id;
  readonly asset: Seen<"asset"> | undefined;
  readonly assetId: Id;
  readonly template: Id;
  /** The id that this inspection has, or will have. */
  readonly inspectionId: Id;
  readonly inspection: Seen<"inspection"> | undefined;
  readonly state: TargetState;
  readonly isAbnormal: boolean;
}

export interface RoomWork {
  readonly room: Seen<"room"> | undefined;
  readonly targets: readonly TargetWork[];
}

export interface RoundWork {
  readonly assignment: Seen<"assignment">;
  readonly site: Seen<"site"> | undefined;
  readonly rooms: readonly RoomWork[];
  readonly total: number;
  /** Submitted or accepted. */
  readonly done: number;
  /** The engineer is the backup, not the assignee. */
  readonly isBackup: boolean;
}

export interface SiteWork {
  readonly site: Seen<"site"> | undefined;
  readonly siteId: Id;
  readonly rounds: readonly RoundWork[];
}

/** Of a round whose tablets hold it: work may still come in, or come back. */
export const HELD_STATES: readonly unknown[] = ["issued", "started", "done"];

/**
 * Give what this person has to do, by site; sites and rounds by the earliest due, and what is due at
 * once always in the same order, in whichever it came.
 */
export function workOf(person: Id, records: Records, judge: Judge): readonly SiteWork[] {
  const mine = records
    .by("assignment", "person", person)
    .filter(({ data }) => HELD_STATES.includes(data.state ?? "planned"))
    .toSorted(
      (one, other) => compare(one.data.due_at, other.data.due_at) || compare(one.id, other.id),
    );
  const sites = new Map<Id, RoundWork[]>();
  for (const assignment of mine) {
    const rounds = sites.get(assignment.data.site) ?? [];
    sites.set(assignment.data.site, rounds);
    rounds.push(roundOf(assignment, person, records, judge));
  }
  return [...sites].map(([siteId, rounds]) => ({
    site: records.record("site", siteId),
    siteId,
    rounds,
  }));
}

/** Give one round: its targets by room, rooms by name; targets without a room come last. */
export function roundOf(
  assignment: Seen<"assignment">,
  person: Id,
  records: Records,
  judge: Judge,
): RoundWork {
  const targets = targetsOf(assignment, records, judge);
  const rooms = new Map<Id | null, TargetWork[]>();
  for (const target of targets) {
    const room = target.asset?.data.room ?? null;
    const list = rooms.get(room) ?? [];
    rooms.set(room, list);
    list.push(target);
  }
  const groups = [...rooms].map(([id, list]) => ({
    room: id === null ? undefined : records.record("room", id),
    targets: list.toSorted((one, other) => compare(placeOf(one), placeOf(other))),
  }));
  const { data } = assignment;
  return {
    assignment,
    site: records.record("site", data.site),
    rooms: groups.toSorted((one, other) => compare(roomName(one), roomName(other))),
    total: targets.length,
    done: targets.filter(({ state }) => state === "submitted" || state === "accepted").length,
    isBackup: data.assignee !== person && data.backup === person,
  };
}

function targetsOf(assignment: Seen<"assignment">, records: Records, judge: Judge) {
  const standing = assignment.data.targets.filter((target) => !target.withdrawn);
  return standing.map((target): TargetWork => {
    const id = inspectionId(assignment.id, target.asset);
    const inspection = records.record("inspection", id);
    const template = records.record("template", inspection?.data.template ?? target.template);
    return {
      assignment: assignment.id,
      asset: assetOf(target.asset, records),
      assetId: target.asset,
      template: inspection?.data.template ?? target.template,
      inspectionId: id,
      inspection,
      state: targetState(inspection?.data),
      isAbnormal: inspection !== undefined && judge(inspection, template?.data),
    };
  });
}

/** Give an asset, following `merged_into` of duplicates that were merged in the office. */
export function assetOf(id: Id, records: Pick<Records, "record">): Seen<"asset"> | undefined {
  const seen = new Set<Id>();
  let asset = records.record("asset", id);
  while (asset?.data.merged_into && !seen.has(asset.id)) {
    seen.add(asset.id);
    const next = records.record("asset", asset.data.merged_into);
    if (next === undefined) return asset;
    asset = next;
  }
  return asset;
}

/** The step with what an absent member means. */
export function stepOf(inspection: Inspection): Required<Pick<Step, "round" | "step">> {
  return { round: inspection.step?.round ?? 1, step: inspection.step?.step ?? "draft" };
}

export function targetState(inspection: Inspection | undefined): TargetState {
  if (inspection === undefined) return "open";
  const { round, step } = stepOf(inspection);
  if (isCurrent(inspection.review, round) && inspection.review.decision === "accepted") {
    return "accepted";
  }
  if (step === "submitted") return "submitted";
  return isReturned(inspection) ? "returned" : "draft";
}

/** Sent back by the office and not submitted again: the return raised the round. */
export function isReturned(inspection: Inspection): boolean {
  const { round, step } = stepOf(inspection);
  const { review } = inspection;
  return step === "draft" && review?.decision === "returned" && round > review.round;
}

function isCurrent(review: Review | null | undefined, round: number): review is Review {
  return review?.round === round;
}

/** The last accepted answers of this asset to this checklist: the previous readings. */
export function previousOf(
  asset: Seen<"asset"> | undefined,
  template: Template | undefined,
): LastInspection | undefined {
  return template && asset?.data.last?.[template.key];
}

/** The item that a record belongs to, for the status line: the inspection of a photo, a signature. */
export function itemOf(kind: string, id: Id, data: Attachment | Signature | undefined): Id {
  if (data === undefined) return id;
  if (kind === "attachment" && "parent" in data) return data.parent;
  if (kind === "signature" && "of" in data) return data.of;
  return id;
}

function roomName({ room }: RoomWork): string {
  return room ? `0${room.data.name}` : "1";
}

function placeOf({ asset, assetId }: TargetWork): string {
  return asset ? `${asset.data.position ?? ""}\u0000${asset.data.name}` : `\uFFFF${assetId}`;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
