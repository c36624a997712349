// An answer, a verdict and the value before, in words. Rule: a limit is never named without its source;
// nothing here judges.

import type { InspectionDetail, Value, Why } from "../../../wire/types.ts";
import type { IconName } from "../../kit/icons.tsx";
import { type LimitCode, PastLimit, StateWord, type Tone } from "../../kit/state.tsx";
import { calendarDay, day, figure, quantity } from "../../words/format.ts";
import { minute } from "../state.ts";
import { inLanguage, t } from "../words.ts";
import type { SheetItem } from "./sheet-items.ts";

const LIMITS: readonly LimitCode[] = [
  "above-alarm-high",
  "below-alarm-low",
  "above-warning-high",
  "below-warning-low",
];

function limitOf(why: Why): LimitCode | undefined {
  return LIMITS.find((code) => code === why.code);
}

/** A value of an item, as people say it; null where nothing was answered. */
export function valueWords(
  { item, judged }: Pick<SheetItem, "item" | "judged">,
  value: Value | undefined,
): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "number") return quantity(value, judged.unit ?? "");
  if (item.type === "check" && (value === "pass" || value === "fail")) {
    return t(value === "fail" ? "answer.abnormal" : "answer.normal");
  }
  if (item.type === "choice") {
    const ids = Array.isArray(value) ? value : [value];
    return ids
      .map((id) => inLanguage(item.options.find((one) => one.id === id)?.title) || `${id}`)
      .join(t("list.and"));
  }
  if (item.type === "date" && typeof value === "string") {
    return calendarDay(value, minute.value, "UTC");
  }
  return String(value);
}

/** The answer as it stands: the value, "not applicable", what is none of it, or that there is none. */
export function answerWords(entry: SheetItem): string {
  const { judged, item, answer } = entry;
  if (judged.verdict === "na") return t("answer.na");
  const words = valueWords(entry, judged.value);
  if (words !== null) return words;
  if (answer?.na) return t("answer.na");
  const recorded = [answer?.value ?? ""].flat().join(t("list.and"));
  if (recorded.trim() !== "") return t("why.recorded", { value: recorded });
  const isMeasured =
    item.type === "number" || item.type === "counter" || item.type === "calculated";
  return t(isMeasured ? "notDone.measured" : "notDone.answered");
}

/** The same item last time; null where it was not inspected before. */
export function beforeValue(entry: SheetItem): string | null {
  const { before } = entry.judged;
  if (!before) return null;
  if (before.verdict === "na") return t("answer.na");
  return valueWords(entry, before.value) ?? t("notDone.answered");
}

/** "24.1 °C，8月20日，周立群". */
export function beforeWords(entry: SheetItem, detail: InspectionDetail): string | null {
  const said = beforeValue(entry);
  if (said === null) return null;
  const at = detail.before_at;
  const date = at ? day(at, detail.row.time_zone, minute.value) : null;
  return [said, date, detail.before_by].filter((part) => part).join(t("list.comma"));
}

/** "+5.3": against the time before. */
export function changeWords(change: number | null | undefined): string | null {
  if (change === null || change === undefined) return null;
  return change > 0 ? `+${figure(change)}` : figure(change);
}

/** A reason that is no limit, in words. */
export function whyWords(why: Why, serial: string): string {
  const limit = why.limit ?? 0;
  switch (why.code) {
    case "expired":
      return t("why.expired");
    case "too-old":
      return t("why.tooOld", { n: limit });
    case "counter-down":
      return t("why.counterDown", { value: figure(limit) });
    case "serial-differs":
      return serial ? t("why.serial", { serial }) : t("why.serialNone");
    case "photo-missing":
      return t("why.photo", { n: Math.max(1, limit) });
    case "reason-missing":
      return t("why.reason");
    case "element-missing":
      return t("why.element", { n: limit });
    case "compound":
      return inLanguage(why.words) || t("answer.abnormal");
    default:
      return t("why.value");
  }
}

/** Where the limits of an item come from. */
export function sourceWords({ judged }: SheetItem): string {
  const sources = [judged.limits?.source, ...(judged.reasons ?? []).map((why) => why.source)];
  return [...new Set(sources.map((one) => inLanguage(one)).filter((one) => one !== ""))].join(
    t("list.semicolon"),
  );
}

type Verdict = { readonly icon: IconName; readonly tone: Tone; readonly words: string };

/** The verdict of an item that is no reading past a limit. */
function plainVerdict({ judged, item, answer }: SheetItem): Verdict {
  const { verdict, missing = false } = judged;
  if (missing) return { icon: "open", tone: "warn", words: t("verdict.missing") };
  if (verdict === "abnormal") {
    const own = item.type === "check" ? (item.severity ?? "minor") : null;
    const severity = answer?.severity ?? own;
    const words = severity
      ? t("verdict.severity", { severity: t(`severity.${severity}`) })
      : t("answer.abnormal");
    return { icon: "alert", tone: "bad", words };
  }
  if (verdict === "warning") return { icon: "alert", tone: "warn", words: t("verdict.warning") };
  if (verdict === "na") return { icon: "dash", tone: "quiet", words: t("answer.na") };
  if (verdict === "open") return { icon: "open", tone: "quiet", words: t("notDone.answered") };
  return { icon: "tick", tone: "quiet", words: t("answer.normal") };
}

type VerdictProps = { entry: SheetItem; serial?: string };

/** The verdict in words: past which limit, how bad, or what is lacking. */
export function VerdictWord({ entry, serial = "" }: VerdictProps) {
  const { judged } = entry;
  const reasons = judged.reasons ?? [];
  const past = reasons.find((why) => limitOf(why));
  const code = past && limitOf(past);
  const others = reasons.filter((why) => why !== past).map((why) => whyWords(why, serial));
  const plain = plainVerdict(entry);
  return (
    <span class="verdict">
      {code && typeof past.limit === "number" ? (
        <PastLimit code={code} limit={past.limit} unit={judged.unit ?? ""} size={17} />
      ) : (
        <StateWord icon={plain.icon} tone={plain.tone} size={17}>
          {plain.words}
        </StateWord>
      )}
      {others.length > 0 && <span class="note">{others.join(t("list.semicolon"))}</span>}
    </span>
  );
}
