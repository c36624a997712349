// What the office writes of rounds and findings, as ops. Rule: pure; every op names the version that was on the
// screen, so that nobody's newer change is overwritten unseen.

import { mintId } from "../../core/ids.ts";
import type { Random } from "../../core/world.ts";
import type {
  AssetRow,
  AssignmentDetail,
  AssignmentState,
  BoundTag,
  ContractRow,
  Finding,
  Id,
  InspectionDetail,
  OfficeEdit,
  OfficeOp,
  Target,
} from "../../wire/types.ts";

type Minted = { readonly now: number; readonly random: Random };

function opOn(
  detail: AssignmentDetail,
  set: Readonly<Record<string, unknown>>,
  { now, random }: Minted,
): OfficeEdit {
  const op: OfficeOp = {
    id: mintId(now, random),
    kind: "assignment",
    record: detail.row.id,
    base: detail.row.version,
    set,
  };
  return { ops: [op] };
}

/** Hand a round to somebody else. */
export function reassigned(detail: AssignmentDetail, assignee: Id | null, minted: Minted) {
  return opOn(detail, { assignee }, minted);
}

/** Issue, close, reopen or withdraw a round. */
export function stated(detail: AssignmentDetail, state: AssignmentState, minted: Minted) {
  return opOn(detail, { state }, minted);
}

/** One field of an asset: where it stands, or what it is a duplicate of. */
export function assetWith(
  row: AssetRow,
  set: Readonly<Record<string, unknown>>,
  { now, random }: Minted,
): OfficeEdit {
  return {
    ops: [{ id: mintId(now, random), kind: "asset", record: row.id, base: row.version, set }],
  };
}

/** Whether photos under a contract keep where they were taken when they leave the house. */
export function photoPlaced(
  row: ContractRow,
  place: ContractRow["photo_place"],
  { now, random }: Minted,
): OfficeEdit {
  const set = { photo_place: place };
  return {
    ops: [{ id: mintId(now, random), kind: "contract", record: row.id, base: row.version, set }],
  };
}

/** A printed tag is out of use: torn, lost, or on the wrong thing. */
export function tagRetired(tag: BoundTag, { now, random }: Minted): OfficeEdit {
  const set = { retired: true };
  return {
    ops: [{ id: mintId(now, random), kind: "tag", record: tag.id, base: tag.version, set }],
  };
}

/** The targets with one taken out, or put back in; none is ever deleted. */
export function targetsWith(
  detail: AssignmentDetail,
  asset: Id,
  isWithdrawn: boolean,
): readonly Target[] {
  return detail.targets.map((target) => ({
    asset: target.asset,
    template: target.template,
    withdrawn: target.asset === asset ? isWithdrawn : target.tick === "withdrawn",
  }));
}

export function retargeted(
  detail: AssignmentDetail,
  asset: Id,
  isWithdrawn: boolean,
  minted: Minted,
) {
  return opOn(detail, { targets: targetsWith(detail, asset, isWithdrawn) }, minted);
}

type Recorded = Pick<Finding, "item" | "severity" | "text">;

/** A finding out of a result; `item` is the path it was found at, "" the whole. */
export function recorded(
  { row }: InspectionDetail,
  finding: Recorded,
  { now, random }: Minted,
): OfficeEdit {
  const op: OfficeOp = {
    id: mintId(now, random),
    kind: "finding",
    record: mintId(now, random),
    new: true,
    parent: row.asset,
    set: {
      ...finding,
      asset: row.asset,
      inspection: row.id,
      found_at: new Date(now).toISOString(),
    },
  };
  return { ops: [op] };
}
