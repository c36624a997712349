// The types of `schemas`' audit.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type {
  ChainFault,
  Count,
  DeviceState,
  Epoch,
  Id,
  Instant,
  Line,
  Name,
  Sha256,
  Vouches,
  WriterKind,
} from "./names.ts";
import type { AnchorSeen } from "./pull.ts";

/** When the newest backup was whole. `late`: no other was in time, whatever kept it. */
export interface BackupState {
  readonly made_at?: Instant | null;
  readonly scheduled?: boolean;
  readonly late?: boolean;
}

/**
 * One place that is not what it was; protocol.md, Audit, says what each fault means.
 *
 * `n` is the op's number in its writer's chain, `record` what it is about, where that is known
 * and the reader may read it; `field` what of it differs. `times` counts the days whose root
 * names the same chain.
 */
export interface BrokenPlace {
  readonly fault: ChainFault;
  readonly writer?: WriterKind;
  readonly lineage?: Id | null;
  readonly person_name?: Line;
  readonly device_name?: Line;
  readonly n?: Count | null;
  readonly day?: string | null;
  readonly times?: Count;
  readonly record_kind?: Line;
  readonly record?: Id | null;
  readonly field?: Line;
  readonly title?: Line;
  readonly site_name?: Line;
  readonly received_at?: Instant | null;
}

/**
 * A look that ended. `broken` counts all places, wherever their writers are.
 *
 * A seal that does not verify is no such place: it may have come so, and each is told where it is
 * shown.
 */
export interface ChainLook {
  readonly begun_at: Instant;
  readonly ended_at: Instant;
  readonly asked_by_name?: Line;
  readonly by_itself?: boolean;
  readonly writers: Count;
  readonly ops: Count;
  readonly roots: Count;
  readonly witnesses: Count;
  readonly forgotten?: Count;
  readonly seals?: Count;
  readonly seals_broken?: Count;
  readonly seals_unrecorded?: Count;
  readonly broken?: Count;
  readonly places?: readonly BrokenPlace[];
  readonly elsewhere?: Count;
}

/** What all chains had come to on a day, in UTC. */
export interface DayRoot {
  readonly epoch: Epoch;
  readonly day: string;
  readonly root: Sha256;
  readonly writers: Count;
  readonly made_at: Instant;
}

/** What a device last said that it holds. */
export interface DeviceVouching {
  readonly id: Id;
  readonly name: Name;
  readonly person_name: Name;
  readonly state: DeviceState;
  readonly seen_at?: Instant | null;
  readonly held?: AnchorSeen | null;
  readonly verdict: Vouches;
}

/** `failing` is tried again by itself; `given-up` has to be asked for again. */
export interface LookUnderWay {
  readonly state: "failing" | "given-up" | "running" | "waiting";
  readonly since: Instant;
  readonly done?: Count;
  readonly ahead?: Count;
}

/** A photo or file that the server has no more. `record` is what it belongs to. */
export interface LostFile {
  readonly id: Id;
  readonly record_kind: Line;
  readonly record: Id;
  readonly title?: Line;
  readonly site_name?: Line;
  readonly name?: Line;
  readonly bytes: Count;
  readonly taken_at?: Instant | null;
  readonly waiting?: boolean;
}

/**
 * `GET /office/audit`. The newest roots first; devices of people that the reader may know.
 *
 * `lost_total` counts stored files that are lost, wherever and whatever they are; `lost_files` are
 * photos and files of the reader's sites. `backup` is null where none is made, or ever was.
 */
export interface OfficeAudit {
  readonly roots?: readonly DayRoot[];
  readonly roots_total?: Count;
  readonly devices?: readonly DeviceVouching[];
  readonly last?: ChainLook | null;
  readonly now?: LookUnderWay | null;
  readonly lost_files?: readonly LostFile[];
  readonly lost_total?: Count;
  readonly lost_elsewhere?: Count;
  readonly backup?: BackupState | null;
}
