// How times, days and numbers are written.
// Rule: pure, in the language of the moment; the instant of "now" and the site's IANA time zone are
// given, never taken from the machine. 24 hours; today has no date, this year has no year.

import { language } from "./index.ts";

/** An instant: a Date, milliseconds since 1970, or RFC 3339 text as it comes off the wire. */
export type Instant = Date | number | string;

const NBSP = "\u00a0";
const formats = new Map<string, Intl.DateTimeFormat>();

type Parts = { year: string; month: string; day: string; hour: string; minute: string };

function format(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  formats.set(zone, made);
  return made;
}

function parts(at: Instant, zone: string): Parts {
  const found: Parts = { year: "", month: "", day: "", hour: "", minute: "" };
  for (const { type, value } of format(zone).formatToParts(new Date(at))) {
    if (type in found) found[type as keyof Parts] = value;
  }
  return found;
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

function date({ year, month, day }: Parts, withYear: boolean): string {
  if (language.value === "en") {
    const said = `${Number(day)}${NBSP}${MONTHS[Number(month) - 1]}`;
    return withYear ? `${said} ${year}` : said;
  }
  return `${withYear ? `${year}年` : ""}${Number(month)}月${Number(day)}日`;
}

/** "14:02" in the zone. */
export function clock(at: Instant, zone: string): string {
  const { hour, minute } = parts(at, zone);
  return `${hour}:${minute}`;
}

/** "8月20日" or "20 Aug"; another year adds it. Today, too, is written out. */
export function day(at: Instant, zone: string, now: Instant): string {
  const then = parts(at, zone);
  return date(then, then.year !== parts(now, zone).year);
}

/** "14:02" today, "8月20日 14:02" this year, "2025年8月20日 14:02" before. */
export function instant(at: Instant, zone: string, now: Instant): string {
  const [then, today] = [parts(at, zone), parts(now, zone)];
  const time = `${then.hour}:${then.minute}`;
  const isToday = then.day === today.day && then.month === today.month && then.year === today.year;
  return isToday ? time : `${date(then, then.year !== today.year)} ${time}`;
}

/** "星期三" or "Wednesday". */
export function weekday(at: Instant, zone: string): string {
  const locale = language.value === "en" ? "en-GB" : "zh-CN";
  return new Intl.DateTimeFormat(locale, { timeZone: zone, weekday: "long" }).format(new Date(at));
}

/** "11月22日 星期日" or "Sunday 22 Nov". */
export function dayInWeek(at: Instant, zone: string, now: Instant): string {
  const [date, week] = [day(at, zone, now), weekday(at, zone)];
  return language.value === "en" ? `${week} ${date}` : `${date} ${week}`;
}

/** A calendar day without a time ("2026-08-20"), as plans and windows have it. */
export function calendarDay(iso: string, now: Instant, zone: string): string {
  const noon = `${iso}T12:00:00Z`;
  if (Number.isNaN(Date.parse(noon))) return iso;
  return day(noon, "UTC", `${localDay(now, zone)}T12:00:00Z`);
}

/** The calendar day of an instant in the zone, "2026-08-20". */
export function localDay(at: Instant, zone: string): string {
  const { year, month, day: date } = parts(at, zone);
  return `${year}-${month.padStart(2, "0")}-${date.padStart(2, "0")}`;
}

/** Sentences one after the other; Chinese ones need no space between them. Empty ones are left out. */
export function sentences(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(language.value === "en" ? " " : "");
}

/** "1,240"; with `decimals`, that many always ("24.10"). The minus is a minus, not a hyphen. */
export function figure(value: number, decimals?: number): string {
  const digits =
    decimals === undefined
      ? { maximumFractionDigits: 6 }
      : { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return new Intl.NumberFormat("en-GB", digits).format(value).replace("-", "\u2212");
}

// The units that are words. Those of time: a lone "d" is a letter to whoever reads Chinese, and Chinese
// reports write 天, 小时, 分钟 and 秒 wherever GB 3100 allows the name beside the symbol. Every other symbol
// (°C, %, V, °C/h) is the same in both languages. The reports' are `UNITS` in server/reports/values.py;
// tests/vectors/units/ holds both to the same.
const UNITS: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = {
  d: { zh: "天", en: "d" },
  h: { zh: "小时", en: "h" },
  min: { zh: "分钟", en: "min" },
  s: { zh: "秒", en: "s" },
  页: { zh: "页", en: "pages" },
};

/** A template's unit as people read it. */
export function unitWords(unit: string): string {
  const words = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
  return words?.[language.value === "en" ? "en" : "zh"] ?? unit;
}

/** "29.4 °C": figure and unit never part. */
export function quantity(value: number, unit: string, decimals?: number): string {
  const said = figure(value, decimals);
  return unit === "" ? said : `${said}${NBSP}${unitWords(unit)}`;
}

const STEPS = ["B", "kB", "MB", "GB", "TB"] as const;

/** "300 kB", "21.4 GB": decimal steps, one decimal from MB up. */
export function fileSize(bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), STEPS.length - 1);
  const value = bytes / 1000 ** step;
  return quantity(step < 2 ? Math.round(value) : Math.round(value * 10) / 10, STEPS[step] ?? "B");
}
