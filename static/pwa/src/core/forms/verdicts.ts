// Judge one shown item; the twin of sync/forms/verdicts.py.
// Rule: by its own answer and facts; others enter by what is seen above.

import { DEFAULTS } from "../../wire/defaults.ts";
import type {
  Answer,
  Choice,
  CompoundLimit,
  DateItem,
  FormItem,
  Group,
  Limits,
  PhotoItem,
  Serial,
  Value,
  Verdict,
} from "../../wire/types.ts";
import { answerProblem, asDay, asNumber, isAnswered, trimmed } from "./answers.ts";
import { compute } from "./expressions.ts";
import { roundTo } from "./numbers.ts";
import type { ItemState, Reason, ReasonCode, Seen } from "./states.ts";

type Judged = Pick<ItemState, "value" | "verdict" | "reasons">;

const NOTHING: Judged = { value: null, verdict: "open", reasons: [] };
const WORSE: Readonly<Partial<Record<Verdict, number>>> = { normal: 0, warning: 1, abnormal: 2 };

/** What is known beside the answers. Keys are paths; `today` is the day at the site, YYYY-MM-DD. */
export interface Facts {
  readonly photos: ReadonlyMap<string, number>;
  readonly signatures: ReadonlySet<string>;
  readonly previous: ReadonlyMap<string, Value>;
  readonly assetSerial: string | null;
  readonly today: string;
}

/** Fill `state` (path, section and element of a shown item) with what the answer means. */
export function judge(
  item: FormItem,
  answer: Answer | null | undefined,
  state: ItemState,
  given: { readonly required: boolean; readonly facts: Facts; readonly seen: Seen },
): ItemState {
  const { facts, seen } = given;
  if (item.type === "calculated") {
    const number = compute(item.expression, seen);
    const decimals = item.decimals ?? DEFAULTS.Calculated.decimals;
    return judged(state, reading(number, decimals, item.limits ?? null), { asked: false });
  }
  // A photo of which none need be taken can never be missing.
  const required = given.required && !(item.type === "photo" && item.count_min === 0);
  const problem = answer ? answerProblem(item, answer) : null;
  if (problem !== null) {
    const wrong = judged(state, { ...NOTHING, reasons: [{ code: problem }] }, { required });
    return { ...wrong, incomplete: !required };
  }
  if (answer?.na) return notApplicable(answer, state);
  const verdict = verdictOf(item, answer, state.path, facts);
  const found = judged(state, verdict, { required });
  const lacksPhoto = verdict.reasons.some((reason) => reason.code === "photo-missing");
  return { ...found, incomplete: lacksPhoto && !found.missing };
}

/** Judge whether a group has its elements; their items are judged one by one. */
export function judgeGroup(
  group: Group,
  answer: Answer | null | undefined,
  state: ItemState,
  elements: number,
): ItemState {
  if (answer?.na) return notApplicable(answer, state);
  const countMin = group.count_min ?? 0;
  const enough = elements >= countMin;
  const verdict = enough && elements > 0 ? "normal" : "open";
  const reasons: readonly Reason[] = enough ? [] : [{ code: "element-missing", limit: countMin }];
  const found = judged(state, { value: null, verdict, reasons }, { asked: countMin > 0 });
  return { ...found, missing: (group.required ?? true) && !enough };
}

/** Add a broken compound limit to an item that it names; an item without verdict stays so. */
export function raiseVerdict(state: ItemState, limit: CompoundLimit): ItemState {
  const now = WORSE[state.verdict];
  if (now === undefined || state.reasons.some((reason) => reason.rule === limit.id)) return state;
  const reason: Reason = {
    code: "compound",
    rule: limit.id,
    words: limit.words,
    source: limit.source,
  };
  const worse = (WORSE[limit.verdict] ?? 0) > now;
  return {
    ...state,
    verdict: worse ? limit.verdict : state.verdict,
    reasons: [...state.reasons, reason],
  };
}

function notApplicable(answer: Answer, state: ItemState): ItemState {
  const said = trimmed(answer.reason ?? "") !== "";
  const reasons: readonly Reason[] = said ? [] : [{ code: "reason-missing" }];
  return { ...judged(state, { value: null, verdict: "na", reasons }, {}), incomplete: !said };
}

function judged(
  state: ItemState,
  verdict: Judged,
  how: { readonly asked?: boolean; readonly required?: boolean },
): ItemState {
  return {
    ...state,
    ...verdict,
    shown: true,
    asked: how.asked ?? true,
    missing: (how.required ?? false) && verdict.verdict === "open",
  };
}

function normal(value: Value): Judged {
  return { value, verdict: "normal", reasons: [] };
}

function verdictOf(
  item: FormItem,
  answer: Answer | null | undefined,
  path: string,
  facts: Facts,
): Judged {
  if (item.type === "photo") return photo(item, facts.photos.get(path) ?? 0);
  if (item.type === "signature") return facts.signatures.has(path) ? normal(null) : NOTHING;
  if (!isAnswered(answer)) return NOTHING;
  const value = answer.value ?? null;
  switch (item.type) {
    case "check": {
      if (value === "pass") return normal(value);
      const wanted = item.photo_on_fail ?? DEFAULTS.Check.photo_on_fail;
      const lacks = wanted && (facts.photos.get(path) ?? 0) === 0;
      const reasons: readonly Reason[] = lacks ? [{ code: "photo-missing", limit: 1 }] : [];
      return { value, verdict: "abnormal", reasons };
    }
    case "number": {
      const decimals = item.decimals ?? DEFAULTS.NumberItem.decimals;
      return reading(asNumber(value), decimals, item.limits ?? null);
    }
    case "choice":
      return choice(item, value);
    case "date":
      return date(item, value, facts.today);
    case "counter": {
      const before = asNumber(facts.previous.get(path));
      const now = asNumber(value);
      if (before === null || now === null || now >= before) return normal(value);
      return { value, verdict: "abnormal", reasons: [{ code: "counter-down", limit: before }] };
    }
    case "serial":
      return serial(item, value, facts.assetSerial);
    default:
      return normal(value);
  }
}

function photo(item: PhotoItem, photos: number): Judged {
  const countMin = item.count_min ?? DEFAULTS.PhotoItem.count_min;
  if (photos >= Math.max(countMin, 1)) return normal(null);
  if (photos === 0) return NOTHING;
  return { ...NOTHING, reasons: [{ code: "photo-missing", limit: countMin }] };
}

function choice(item: Choice, value: Value): Judged {
  const chosen: readonly unknown[] = Array.isArray(value) ? value : [value];
  let verdict: Verdict = "normal";
  for (const option of item.options) {
    const its = option.verdict ?? DEFAULTS.Option.verdict;
    if (chosen.includes(option.id) && (WORSE[its] ?? 0) > (WORSE[verdict] ?? 0)) verdict = its;
  }
  return { value, verdict, reasons: [] };
}

function reading(number: number | null, decimals: number, limits: Limits | null): Judged {
  if (number === null) return NOTHING;
  const value = roundTo(number, decimals);
  if (limits === null) return normal(value);
  const broken = (code: ReasonCode, limit: number, verdict: Verdict): Judged => ({
    value,
    verdict,
    reasons: [{ code, limit, source: limits.source }],
  });
  const { alarm_low, alarm_high, warning_low, warning_high } = limits;
  if (alarm_low != null && value < alarm_low) {
    return broken("below-alarm-low", alarm_low, "abnormal");
  }
  if (alarm_high != null && value > alarm_high) {
    return broken("above-alarm-high", alarm_high, "abnormal");
  }
  if (warning_low != null && value < warning_low) {
    return broken("below-warning-low", warning_low, "warning");
  }
  if (warning_high != null && value > warning_high) {
    return broken("above-warning-high", warning_high, "warning");
  }
  return normal(value);
}

function date(item: DateItem, value: Value, today: string): Judged {
  const [day, now] = [asDay(value), asDay(today)];
  if (day === null || now === null) return NOTHING;
  if (item.expires && day < now) {
    return { value, verdict: "abnormal", reasons: [{ code: "expired" }] };
  }
  const ageMax = item.age_days_max ?? null;
  if (ageMax === null || now - day <= ageMax) return normal(value);
  return { value, verdict: "warning", reasons: [{ code: "too-old", limit: ageMax }] };
}

function serial(item: Serial, value: Value, assetSerial: string | null): Judged {
  const own = folded(assetSerial ?? "");
  if (!item.of_asset || own === "" || typeof value !== "string") return normal(value);
  if (folded(value) === own) return normal(value);
  return { value, verdict: "abnormal", reasons: [{ code: "serial-differs" }] };
}

/** Latin letters only: what one program folds and another does not would make two verdicts. */
function folded(text: string): string {
  return trimmed(text).replace(/[a-z]/g, (letter) => letter.toUpperCase());
}
