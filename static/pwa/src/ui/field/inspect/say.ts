// Values, reasons and findings in words. Rule: pure but for the language of the moment; a figure is
// never said without its unit, a limit never without its source.

import type { ItemState, Reason } from "../../../core/forms/states.ts";
import type { Answer, FormItem, LastInspection, Limits, Value } from "../../../wire/types.ts";
import type { GaugeLimits } from "../../kit/gauge-scale.ts";
import type { IconName } from "../../kit/icons.tsx";
import type { Tone } from "../../kit/state.tsx";
import { calendarDay, day, quantity, unitWords } from "../../words/format.ts";
import { abnormal, type Reported } from "./findings.ts";
import { answerAt, elementName, lastAt, locate, partsOf } from "./form.ts";
import type { Sheet } from "./sheet.ts";
import { after, said, t, tongue } from "./words.ts";

/** The unit of an item in the language of the moment: "°C", "天"; "" where it has none. */
export function unitOf(item: FormItem): string {
  return "unit" in item ? unitWords(item.unit ?? "") : "";
}

/** A value as a person says it: "正常", "29.4 °C", "机架式，刀片", "8月20日". */
export function valueWords(item: FormItem, value: Value, now: number, zone: string): string {
  if (value === null) return "";
  if (item.type === "check" && (value === "pass" || value === "fail")) {
    return t(value === "fail" ? "answer.abnormal" : "answer.normal");
  }
  if (typeof value === "number") return quantity(value, unitOf(item));
  if (item.type === "choice") {
    const chosen: readonly unknown[] = Array.isArray(value) ? value : [value];
    const titles = item.options.filter(({ id }) => chosen.includes(id)).map((o) => said(o.title));
    return titles.join(t("list.comma"));
  }
  if (item.type === "date" && typeof value === "string") return calendarDay(value, now, zone);
  return String(value);
}

/** "上次 24.1，8月20日", or nothing when there was no last time. */
export function lastWords(
  sheet: Sheet,
  item: FormItem,
  path: string,
  now: number,
  { withDay = false } = {},
): string | undefined {
  const { last, zone } = sheet;
  const reading = lastAt(last, path);
  if (last === undefined || reading === undefined) return undefined;
  const value =
    reading.verdict === "na"
      ? t("answer.na")
      : typeof reading.value === "number" && withDay
        ? quantity(reading.value, "")
        : valueWords(item, reading.value ?? null, now, zone);
  if (value === "") return undefined;
  return withDay
    ? t("item.lastOn", { value, day: lastDay(last, zone, now) })
    : t("item.last", { value });
}

export function lastDay(last: LastInspection, zone: string, now: number): string {
  return day(last.at, zone, now);
}

/** What stands under a question: shape, tone, words. */
export interface Remarked {
  readonly icon: IconName;
  readonly tone: Tone;
  readonly words: string;
  /** Short, for a tile: "超 27". */
  readonly short?: string;
  readonly source?: string;
}

const PAST = {
  "above-alarm-high": ["above", "bad", "limit.aboveAlarm", "points.over"],
  "below-alarm-low": ["below", "bad", "limit.belowAlarm", "points.under"],
  "above-warning-high": ["above", "warn", "limit.aboveWarning", "points.over"],
  "below-warning-low": ["below", "warn", "limit.belowWarning", "points.under"],
} as const;

/** What a limit did, without its figure: "高于上限". For a place where the gauge shows it. */
export function briefly(reason: Reason): string | null {
  switch (reason.code) {
    case "above-alarm-high":
    case "below-alarm-low":
    case "above-warning-high":
    case "below-warning-low":
      return t(PAST[reason.code][2], { limit: "" }).trim();
    default:
      return null;
  }
}

/** Say a reason. What is only missing is said quietly: nobody is blamed for an open form. */
export function reasonWords(
  item: FormItem,
  state: ItemState,
  reason: Reason,
  answer: Answer | null = null,
): Remarked {
  const unit = unitOf(item);
  const limit = reason.limit ?? 0;
  const source = reason.source ? { source: said(reason.source) } : {};
  const tone: Tone = state.verdict === "abnormal" ? "bad" : "warn";
  switch (reason.code) {
    case "above-alarm-high":
    case "below-alarm-low":
    case "above-warning-high":
    case "below-warning-low": {
      const [icon, its, key, short] = PAST[reason.code];
      const words = t(key, { limit: quantity(limit, unit) });
      return { icon, tone: its, words, short: t(short, { limit }), ...source };
    }
    case "compound":
      return { icon: "alert", tone, words: reason.words ? said(reason.words) : "", ...source };
    case "expired":
      return { icon: "alert", tone, words: t("reason.expired") };
    case "too-old":
      return { icon: "alert", tone, words: t("reason.old", { n: limit }) };
    case "counter-down":
      return { icon: "alert", tone, words: t("reason.down", { value: quantity(limit, unit) }) };
    case "serial-differs":
      return { icon: "alert", tone, words: t("reason.serial") };
    case "photo-missing": {
      const words = limit > 1 ? t("reason.photos", { n: limit }) : t("reason.photo");
      return { icon: "camera", tone: "warn", words };
    }
    case "reason-missing":
      return { icon: "pen", tone: "warn", words: t("reason.why") };
    case "element-missing":
      return { icon: "open", tone: "quiet", words: t("reason.elements", { n: limit }) };
    case "out-of-range":
      return { icon: "alert", tone: "bad", words: rangeWords(item) };
    default: {
      const value = [answer?.value ?? ""].flat().join(t("list.comma"));
      const words = value === "" ? t("reason.wrong") : t("reason.wrongSaid", { value });
      return { icon: "alert", tone: "bad", words };
    }
  }
}

function rangeWords(item: FormItem): string {
  const unit = unitOf(item);
  const low = item.type === "number" ? (item.low ?? null) : 0;
  const high = item.type === "number" ? (item.high ?? null) : null;
  if (low !== null && high !== null) {
    return t("reason.range", { low: quantity(low, ""), high: quantity(high, unit) });
  }
  if (high !== null) return t("reason.rangeHigh", { high: quantity(high, unit) });
  return t("reason.rangeLow", { low: quantity(low ?? 0, unit) });
}

/** The limits that the gauge marks, and their source in words. */
export function limitsOf(item: FormItem): Limits | null {
  const isJudged = item.type === "number" || item.type === "calculated";
  return isJudged ? (item.limits ?? null) : null;
}

/** "18–27 °C", "≤ 60 %": the outermost limits, for the head of a gauge. */
export function limitWords(limits: GaugeLimits, unit: string): string {
  const low = limits.alarm_low ?? limits.warning_low ?? null;
  const high = limits.alarm_high ?? limits.warning_high ?? null;
  if (low !== null && high !== null) {
    return t("limits.both", { low: quantity(low, ""), high: quantity(high, unit) });
  }
  if (high !== null) return t("limits.high", { high: quantity(high, unit) });
  return low === null ? unit : t("limits.low", { low: quantity(low, unit) });
}

/** The title of what stands at a path, with its element: "槽位 2：状态". */
export function titleAt(sheet: Sheet, path: string, between?: string): string {
  const place = locate(sheet.template.data.form, path);
  if (place === undefined) return path;
  const title = said(place.item.title);
  if (place.group === null) return title;
  const { element } = partsOf(path);
  const elements = sheet.inspection?.elements ?? {};
  const name = elementName(place.group, element, elements, tongue());
  return between === undefined ? after(name, title) : name + between + title;
}

/** What a submission reports, in the words of whoever submits. */
export function reportedOf(sheet: Sheet, now: number): readonly Reported[] {
  const { form } = sheet.template.data;
  return abnormal(form, sheet.evaluation).map((state) => {
    const item = locate(form, state.path)?.item;
    const answer = answerAt(sheet.inspection, state.path);
    const base = item?.type === "check" ? item.severity : undefined;
    return {
      path: state.path,
      severity: answer?.severity ?? base ?? "minor",
      text: findingText(sheet, item, state, answer, now),
    };
  });
}

/** "电源模块冗余：PSU2 指示灯熄灭", or without a note "进风口温度 29.4 °C，高于上限 27 °C". */
function findingText(
  sheet: Sheet,
  item: FormItem | undefined,
  state: ItemState,
  answer: Answer | null,
  now: number,
): string {
  const title = titleAt(sheet, state.path, " ");
  const note = (answer?.note ?? "").trim();
  if (note !== "" || item === undefined) return after(title, note);
  const value = valueWords(item, state.value, now, sheet.zone);
  const reasons = state.reasons
    .filter(({ code }) => code !== "photo-missing")
    .map((reason) => reasonWords(item, state, reason).words);
  const said_ = [`${title} ${value}`.trim(), ...reasons].filter((part) => part !== "");
  return said_.join(t("list.comma"));
}
