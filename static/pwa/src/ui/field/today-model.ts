// The first page as data: sites, rounds, what comes next in each. Rule: pure reading of the records;
// a caller inside a component or `computed` is told when something of it changes.

import {
  type RoomWork,
  type RoundWork,
  type SiteWork,
  type TargetWork,
  workOf,
} from "../../core/work.ts";
import type { Session } from "../../sync/session.ts";
import type { Tick } from "../kit/ticks.tsx";
import { instant } from "../words/format.ts";
import { type Due, dueOf } from "./due.ts";
import { judgeFor } from "./judge.ts";
import { byPlace } from "./search.ts";
import { type ItemWords, itemWords } from "./standing.ts";
import { t } from "./words.ts";

export interface RoundRow {
  readonly round: RoundWork;
  readonly due: Due;
  readonly marks: readonly Tick[];
  readonly next: TargetWork | undefined;
  /** Where the finished work is; null while something is open. */
  readonly where: ItemWords | null;
}

export interface TodaySite {
  readonly site: SiteWork;
  readonly zone: string;
  readonly rounds: readonly RoundRow[];
}

export interface TodayWork {
  readonly sites: readonly TodaySite[];
  /** Rounds of others, which this person takes over when needed; not counted as theirs. */
  readonly backup: readonly TodaySite[];
  readonly done: number;
  readonly total: number;
}

const FINISHED: readonly TargetWork["state"][] = ["submitted", "accepted"];

export const isFinished = ({ state }: TargetWork): boolean => FINISHED.includes(state);

/** Targets in the order in which one walks: by room, then along the racks; 2 stands before 10. */
export function walk(rooms: readonly RoomWork[]): readonly TargetWork[] {
  return rooms.flatMap(({ targets }) => walkRoom(targets));
}

export function walkRoom(targets: readonly TargetWork[]): readonly TargetWork[] {
  return targets.toSorted((one, other) => {
    if (!one.asset || !other.asset) return Number(!one.asset) - Number(!other.asset);
    return byPlace(one.asset, other.asset);
  });
}

/** Full when submitted, tall red when abnormal, hollow while open. */
export function markOf(target: TargetWork): Tick {
  if (!isFinished(target)) return "open";
  return target.isAbnormal ? "abnormal" : "done";
}

/** What was sent back comes first, then what was begun, then the first that is open. */
export function nextOf(targets: readonly TargetWork[]): TargetWork | undefined {
  const first = (state: TargetWork["state"]) => targets.find((target) => target.state === state);
  return first("returned") ?? first("draft") ?? first("open");
}

const URGENCY = [
  "needs-you",
  "returned",
  "waiting",
  "answers-received",
  "received",
  "with-office",
  "confirmed",
] as const;

/** The least advanced state of the finished inspections of a round, in words. */
export function whereOf(
  session: Session,
  targets: readonly TargetWork[],
  at: { readonly now: number; readonly zone: string },
): ItemWords | null {
  const items = targets.map((target) => session.item(target.inspectionId));
  const states = targets.map((target) => session.itemState(target.inspectionId));
  const state = URGENCY.find((one) => states.includes(one));
  if (!state) return null;
  const photosLeft = items.reduce((sum, item) => sum + item.photosLeft, 0);
  const times = items.flatMap((item) => item.tally.confirmedAt ?? []);
  const confirmedAt = times.length > 0 ? Math.max(...times) : null;
  return itemWords(state, { photosLeft, confirmedAt }, at);
}

export function todayOf(session: Session, now: number): TodayWork {
  const work = workOf(session.person.person, session.records, judgeFor(session));
  const sites = work.map((site): TodaySite => {
    const zone = site.site?.data.time_zone ?? "Asia/Shanghai";
    const rounds = site.rounds.map((round): RoundRow => {
      const targets = walk(round.rooms);
      const isDone = round.done === round.total;
      return {
        round,
        due: dueOf(round.assignment.data.due_at, now, zone),
        marks: targets.map(markOf),
        next: nextOf(targets),
        where: isDone ? whereOf(session, targets, { now, zone }) : null,
      };
    });
    return { site, zone, rounds };
  });
  const mine = part(sites, false);
  const rounds = mine.flatMap((site) => site.rounds);
  return {
    sites: mine,
    backup: part(sites, true),
    done: rounds.reduce((sum, { round }) => sum + round.done, 0),
    total: rounds.reduce((sum, { round }) => sum + round.total, 0),
  };
}

/** The rounds of one's own, or those of others; a site without any is left out. */
function part(sites: readonly TodaySite[], isBackup: boolean): readonly TodaySite[] {
  return sites
    .map((site) => ({
      ...site,
      rounds: site.rounds.filter(({ round }) => round.isBackup === isBackup),
    }))
    .filter((site) => site.rounds.length > 0);
}

/** Name and place of a device in one line: "核心数据库 01，B 列 07 柜 18U". */
export function placeWords({ asset }: TargetWork, room?: string): string {
  if (!asset) return t("asset.notHere");
  return [asset.data.name, room ?? "", asset.data.position ?? ""]
    .filter((part) => part !== "")
    .join(t("list.comma"));
}

/** The one line under a round: what comes next, or what became of it, or what the office wrote. */
export function noteOf(row: RoundRow, site: TodaySite, now: number): string {
  const { round, next, due } = row;
  const { assignment, total, done } = round;
  if (total === 0) return t("round.noTargets");
  if (done === total) return doneWords(row);
  const written = assignment.data.note ?? "";
  const isFresh = done === 0 && round.rooms.every(({ targets }) => targets.every(isOpen));
  if (isFresh && written !== "") return written;
  if (isFresh && due.isOverdue) {
    const contact = site.site.site?.data.contacts?.[0];
    const planned = instant(assignment.data.due_at, site.zone, now);
    const meant = t("round.planned", { time: planned });
    return contact ? meant + t("list.comma") + t("round.contact", { name: contact.name }) : meant;
  }
  if (!next) return written;
  const key = next.state === "returned" ? "round.back" : "round.next";
  return t(key, { name: placeWords(next) });
}

const isOpen = ({ state }: TargetWork): boolean => state === "open";

function doneWords({ round, where }: RoundRow): string {
  const targets = round.rooms.flatMap((room) => room.targets);
  const accepted = targets.filter(({ state }) => state === "accepted").length;
  const n = round.total - accepted;
  if (n === 0) return t("round.allAccepted", { n: accepted });
  if (accepted > 0) return t("round.someAccepted", { n, accepted });
  return where?.icon === "clock" ? t("round.allWaiting", { n }) : t("round.allSubmitted", { n });
}
