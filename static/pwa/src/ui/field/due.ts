// When a round is due, in words of calendar days at the site. Rule: pure; the instant is given.

import { calendarDay, clock, localDay } from "../words/format.ts";
import { t } from "./words.ts";

export type Due = {
  readonly isOverdue: boolean;
  /** Whole calendar days past; 0 while not overdue and on the day itself. */
  readonly days: number;
  readonly words: string;
};

const DAY_MS = 86_400_000;

/** Calendar days from one day to another, "2026-08-20" each. */
function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);
}

/** "今天 18:00 前", "明天 12:00 前", "8月20日 18:00 前"; past: "逾期 2 天". */
export function dueOf(dueAt: string, now: number, zone: string): Due {
  const [today, last] = [localDay(now, zone), localDay(dueAt, zone)];
  const time = clock(dueAt, zone);
  const away = daysBetween(today, last);
  if (Date.parse(dueAt) <= now) {
    const words = away < 0 ? t("state.overdue", { n: -away }) : t("due.passed", { time });
    return { isOverdue: true, days: Math.max(0, -away), words };
  }
  const at =
    away === 0
      ? t("due.today", { time })
      : away === 1
        ? t("due.tomorrow", { time })
        : `${calendarDay(last, now, zone)} ${time}`;
  return { isOverdue: false, days: 0, words: t("state.due", { time: at }) };
}
