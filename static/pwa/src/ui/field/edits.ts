// What a person does to assets, tags and visits in the field, as edits. Rule: pure; ids and instants are
// given. A person writes only what the wire lets a device write.

import type { Edit } from "../../core/edit.ts";
import { tagId } from "../../core/ids.ts";
import type { Seen } from "../../core/work.ts";
import type { Asset, Category, Id, Instant } from "../../wire/types.ts";

/** Put a tag on an asset: a new binding, or the old one moved. */
export function bindEdit(
  code: string,
  asset: Id,
  at: Instant,
  known: Seen<"tag"> | undefined,
): Edit {
  const record = tagId(code);
  if (known === undefined) {
    return { kind: "tag", record, new: true, set: { code, asset, bound_at: at } };
  }
  const set = { asset, bound_at: at, ...(known.data.retired ? { retired: false } : {}) };
  return { kind: "tag", record, base: known.version, set };
}

export interface Provisional {
  readonly site: Id;
  readonly room: Id | null;
  readonly name: string;
  readonly category: Category | null;
}

/** An asset that the archive does not have yet; the office completes it. */
export function provisionalEdit(record: Id, made: Provisional): Edit {
  const { room, category, ...rest } = made;
  return {
    kind: "asset",
    record,
    new: true,
    set: {
      ...rest,
      ...(room === null ? {} : { room }),
      ...(category === null ? {} : { category }),
      provisional: true,
    },
  };
}

/** What an engineer corrects on site. */
export const ASSET_FIELDS = ["name", "number", "maker", "model", "serial", "position"] as const;
export type AssetField = (typeof ASSET_FIELDS)[number];

export type AssetChange = Readonly<Partial<Record<AssetField, string>>> &
  Readonly<Partial<Pick<Asset, "room" | "category">>>;

/** Only what differs is written, so that nobody else's correction is touched. Null: nothing does. */
export function assetEdit(asset: Seen<"asset">, change: AssetChange): Edit | null {
  const set: Record<string, unknown> = {};
  for (const field of ASSET_FIELDS) {
    const value = change[field]?.trim();
    if (value !== undefined && value !== (asset.data[field] ?? "")) set[field] = value;
  }
  for (const field of ["room", "category"] as const) {
    const value = change[field];
    if (value !== undefined && value !== (asset.data[field] ?? null)) set[field] = value;
  }
  if (Object.keys(set).length === 0) return null;
  return { kind: "asset", record: asset.id, base: asset.version, set };
}

export interface Arrival {
  readonly site: Id;
  readonly assignment: Id | null;
  readonly engineer: Id;
  readonly engineerName: string;
  readonly at: Instant;
}

export function startVisitEdit(record: Id, arrival: Arrival): Edit {
  const { site, assignment, engineer, engineerName, at } = arrival;
  return {
    kind: "visit",
    record,
    new: true,
    set: {
      site,
      ...(assignment === null ? {} : { assignment }),
      engineer,
      engineer_name: engineerName,
      started_at: at,
    },
  };
}

/** One entry of the customer's own problem list: added, its text changed, taken away. */
export function addProblemEdit(visit: Id, problem: Id, text: string, at: Instant): Edit {
  return { kind: "visit", record: visit, add: { problems: { [problem]: { text, at } } } };
}

export function changeProblemEdit(visit: Id, problem: string, text: string): Edit {
  return { kind: "visit", record: visit, set: { [`problems.${problem}.text`]: text } };
}

export function removeProblemEdit(visit: Id, problem: string): Edit {
  return { kind: "visit", record: visit, remove: { problems: [problem] } };
}

export interface AdHoc {
  readonly asset: Id;
  readonly template: Id;
  readonly inspector: Id;
  readonly inspectorName: string;
  readonly at: Instant;
}

/** An inspection outside any round, with the checklist that the person chose. */
export function adHocEdit(
  record: Id,
  { asset, template, inspector, inspectorName, at }: AdHoc,
): Edit {
  const set = { asset, template, inspector, inspector_name: inspectorName, started_at: at };
  return { kind: "inspection", record, new: true, set };
}
