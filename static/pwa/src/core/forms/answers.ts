// Whether an answer is one that its item can have; the twin of sync/forms/answers.py.
// Rule: by the item, whatever else is answered.

import type { Answer, Choice, FormItem, Value } from "../../wire/types.ts";
import type { AnswerProblem } from "./states.ts";

// The blanks that a keyboard, a scanner or a paste leaves; named, because `strip` and `trim` differ.
const BLANKS = /^[ \t\r\n\u00a0\u3000\ufeff]+|[ \t\r\n\u00a0\u3000\ufeff]+$/g;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MS = 86_400_000;

/** Cut the blanks at both ends. */
export function trimmed(text: string): string {
  return text.replace(BLANKS, "");
}

/** Tell an answer from none: a note alone, blanks, and an empty choice are none. */
export function isAnswered(answer: Answer | null | undefined): answer is Answer {
  if (!answer) return false;
  if (answer.na) return true;
  const value = answer.value ?? null;
  if (typeof value === "string") return trimmed(value) !== "";
  return value !== null && !(Array.isArray(value) && value.length === 0);
}

/** Give the number, or null; true and false are no numbers. */
export function asNumber(value: Value | undefined): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** Read `YYYY-MM-DD` as a count of days since 1970; anything else of ISO 8601 is no date here. */
export function asDay(value: Value | undefined): number | null {
  if (typeof value !== "string" || !DATE.test(value) || value.startsWith("0000")) return null;
  const instant = Date.parse(`${value}T00:00:00Z`);
  if (Number.isNaN(instant)) return null;
  // Some engines roll 30 February over into March; a date is one that reads back as it was.
  return new Date(instant).toISOString().startsWith(value) ? instant / DAY_MS : null;
}

/** Name what is wrong with an answer to `item`, or give null; no answer at all is fine. */
export function answerProblem(item: FormItem, answer: Answer): AnswerProblem | null {
  const value = answer.value ?? null;
  if (item.type === "calculated") return isAnswered(answer) ? "wrong-type" : null;
  if (answer.na) return value === null ? null : "value-and-na";
  if (!isAnswered(answer)) return null;
  switch (item.type) {
    case "check":
      return value === "pass" || value === "fail" ? null : "wrong-type";
    case "number":
      return numberProblem(value, item.low ?? null, item.high ?? null);
    case "counter":
      return numberProblem(value, 0, null);
    case "choice":
      return choiceProblem(item, value);
    case "date":
      return asDay(value) === null ? "not-a-date" : null;
    case "text":
    case "serial":
      return typeof value === "string" ? null : "wrong-type";
    default: // A photo, a signature and a group hold no value of their own.
      return "wrong-type";
  }
}

function numberProblem(
  value: Value,
  low: number | null,
  high: number | null,
): AnswerProblem | null {
  const number = asNumber(value);
  if (number === null) return "wrong-type";
  const outside = (low !== null && number < low) || (high !== null && number > high);
  return outside ? "out-of-range" : null;
}

function choiceProblem(item: Choice, value: Value): AnswerProblem | null {
  if ((item.multiple ?? false) !== Array.isArray(value)) return "wrong-type";
  const chosen: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (!chosen.every((option) => typeof option === "string")) return "wrong-type";
  if (new Set(chosen).size !== chosen.length) return "repeated-option";
  const known = new Set<unknown>(item.options.map((option) => option.id));
  return chosen.every((option) => known.has(option)) ? null : "unknown-option";
}
