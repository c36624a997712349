// Work a calculated value out; the twin of sync/forms/expressions.py.
// Rule: open while one reading is open; never a text that is run.

import { NESTING_DEPTH_MAX } from "../../wire/limits.ts";
import type { Aggregate, Call, Expression } from "../../wire/types.ts";
import { asNumber } from "./answers.ts";
import { dewPoint } from "./numbers.ts";
import { find, type Seen } from "./states.ts";

/** Give the value, unrounded; null when it is open, undefined (x / 0) or not finite. */
export function compute(expression: Expression, seen: Seen, depth = 1): number | null {
  if (depth > NESTING_DEPTH_MAX) return null;
  switch (expression.type) {
    case "constant":
      return expression.value;
    case "reading":
      return asNumber(find(seen, expression.item)?.value);
    case "aggregate":
      return aggregate(expression, seen);
    case "call": {
      const found = expression.arguments.map((one) => compute(one, seen, depth + 1));
      const numbers = found.filter((one) => one !== null);
      return numbers.length === found.length ? call(expression.function, numbers) : null;
    }
  }
}

function aggregate(expression: Aggregate, seen: Seen): number | null {
  const column = seen.columns.get(`${expression.group}.${expression.item}`) ?? [];
  if (expression.function === "count") return column.length;
  if (column.length === 0) return null;
  switch (expression.function) {
    case "min":
      return Math.min(...column);
    case "max":
      return Math.max(...column);
    case "mean":
      return finite(total(column) / column.length);
    case "sum":
      return finite(total(column));
  }
}

function call(name: Call["function"], numbers: readonly number[]): number | null {
  switch (name) {
    case "dew_point": {
      const [temperature, humidity, ...more] = numbers;
      if (temperature === undefined || humidity === undefined || more.length > 0) return null;
      return dewPoint(temperature, humidity);
    }
    case "min":
      return Math.min(...numbers);
    case "max":
      return Math.max(...numbers);
    case "mean":
      return finite(total(numbers) / numbers.length);
    case "add":
      return finite(total(numbers));
    case "subtract":
      return finite(numbers.reduce((left, right) => left - right));
    case "multiply":
      return finite(numbers.reduce((left, right) => left * right));
    case "divide":
      // Every zero is refused, also 0 / 0 in the middle of a chain, as in Python.
      if (numbers.slice(1).includes(0)) return null;
      return finite(numbers.reduce((left, right) => left / right));
  }
}

/** Add from left to right, as sync/forms does. */
function total(numbers: readonly number[]): number {
  return numbers.reduce((left, right) => left + right);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
