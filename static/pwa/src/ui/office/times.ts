// Instants in the words of the office. Rule: pure; the instant of "now" and the zone are given.

import { calendarDay, clock, day, instant, localDay } from "../words/format.ts";
import { language } from "../words/index.ts";
import type { Live } from "./state.ts";
import { t } from "./words.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Calendar days from one to the other, both "2026-08-20". */
function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);
}

export type Due = { readonly isOverdue: boolean; readonly words: string };

/** "今天 18:00", "明天 12:00", "8月20日 18:00"; past: "逾期 2 天", on the day itself "逾期，今天 12:00". */
export function dueOf(dueAt: string, now: number, zone: string): Due {
  const last = localDay(dueAt, zone);
  const away = daysBetween(localDay(now, zone), last);
  const time = clock(dueAt, zone);
  if (Date.parse(dueAt) <= now) {
    const words = away < 0 ? t("state.overdue", { n: -away }) : t("due.passed", { time });
    return { isOverdue: true, words };
  }
  if (away === 0) return { isOverdue: false, words: t("due.today", { time }) };
  if (away === 1) return { isOverdue: false, words: t("due.tomorrow", { time }) };
  return { isOverdue: false, words: `${calendarDay(last, now, zone)} ${time}` };
}

/** How long ago: "刚刚", "12 分钟前", "3 小时前", "2 天前". */
export function ago(at: string | number, now: number): string {
  const past = Math.max(0, now - new Date(at).getTime());
  if (past < 2 * MINUTE_MS) return t("ago.now");
  if (past < HOUR_MS) return t("ago.minutes", { n: Math.floor(past / MINUTE_MS) });
  if (past < DAY_MS) return t("ago.hours", { n: Math.floor(past / HOUR_MS) });
  return t("ago.days", { n: Math.floor(past / DAY_MS) });
}

/** A device that has not been heard of for a day, while it holds work, is worth a call. */
export function isSilent(seenAt: string | null | undefined, now: number): boolean {
  return !seenAt || now - Date.parse(seenAt) >= DAY_MS;
}

/** How long it took: "26 分钟", "1 小时 5 分". */
export function spent(from: string, to: string): string | null {
  const minutes = Math.round((Date.parse(to) - Date.parse(from)) / MINUTE_MS);
  if (minutes < 0) return null;
  if (minutes < 1) return t("spent.under");
  if (minutes < 60) return t("spent.minutes", { n: minutes });
  return t("spent.hours", { h: Math.floor(minutes / 60), n: minutes % 60 });
}

/** A time in a list: "14:20" today, "昨天 14:20", then the day alone. */
export function when(at: string, zone: string, now: number): string {
  const away = daysBetween(localDay(at, zone), localDay(now, zone));
  if (away === 0) return clock(at, zone);
  if (away === 1) return t("day.yesterday", { time: clock(at, zone) });
  return day(at, zone, now);
}

/** Whose clock it is, "中国标准时间"; null where this browser's shows the same time. */
export function clockWords(zone: string, own: string, now: number): string | null {
  const here = localDay(now, own) + clock(now, own);
  if (here === localDay(now, zone) + clock(now, zone)) return null;
  const format = new Intl.DateTimeFormat(language.value, { timeZone: zone, timeZoneName: "long" });
  return format.formatToParts(now).find(({ type }) => type === "timeZoneName")?.value ?? zone;
}

export type LiveWords = { readonly isLive: boolean; readonly words: string };

/** "实时，14:31" while the line stands, else how old what is shown is. */
export function liveWords({ isUp, readAt }: Live, now: number, zone: string): LiveWords {
  if (readAt === null) return { isLive: false, words: t("live.connecting") };
  if (isUp) return { isLive: true, words: t("live.now", { time: instant(readAt, zone, now) }) };
  return { isLive: false, words: t("live.lost", { ago: ago(readAt, now) }) };
}
