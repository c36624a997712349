// Whether a condition holds; the twin of sync/forms/conditions.py.
// Rule: what is hidden, open or not applicable has no value here.

import { NESTING_DEPTH_MAX } from "../../wire/limits.ts";
import type { Compare, Condition, Value } from "../../wire/types.ts";
import { asDay, asNumber } from "./answers.ts";
import { find, type Seen } from "./states.ts";

/** Tell whether `condition` is true of what is seen; beyond NESTING_DEPTH_MAX it is not. */
export function holds(condition: Condition, seen: Seen, depth = 1): boolean {
  if (depth > NESTING_DEPTH_MAX) return false;
  switch (condition.type) {
    case "compare":
      return compare(condition, seen);
    case "includes": {
      const value = find(seen, condition.item)?.value;
      return Array.isArray(value) && value.includes(condition.option);
    }
    case "answered": {
      const state = find(seen, condition.item);
      return state !== undefined && state.verdict !== "open";
    }
    case "all":
      return condition.of.every((term) => holds(term, seen, depth + 1));
    case "any":
      return condition.of.some((term) => holds(term, seen, depth + 1));
    case "not":
      return !holds(condition.of, seen, depth + 1);
  }
}

function compare(condition: Compare, seen: Seen): boolean {
  const value = find(seen, condition.item)?.value ?? null;
  if (value === null) return false;
  switch (condition.is ?? "equal") {
    case "equal":
      return value === condition.value;
    case "unequal":
      return value !== condition.value;
    case "above":
      return (order(value, condition.value) ?? 0) > 0;
    case "below":
      return (order(value, condition.value) ?? 0) < 0;
  }
}

/** Order two numbers or two dates; nothing else has an order here. */
function order(left: Value, right: Value): number | null {
  const [a, b] = [asNumber(left), asNumber(right)];
  if (a !== null && b !== null) return a - b;
  const [day, other] = [asDay(left), asDay(right)];
  return day !== null && other !== null ? day - other : null;
}

/** Give the id of every item that is compared inside. */
export function named(condition: Condition): readonly string[] {
  switch (condition.type) {
    case "all":
    case "any":
      return condition.of.flatMap(named);
    case "not":
      return named(condition.of);
    default:
      return [condition.item];
  }
}
