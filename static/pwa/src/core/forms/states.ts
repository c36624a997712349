// What an evaluation says of each item and of the whole; the twin of sync/forms/states.py.
// Rule: no state holds a hidden answer.

import type { Value, Verdict, Words } from "../../wire/types.ts";

export type AnswerProblem =
  | "wrong-type"
  | "unknown-option"
  | "repeated-option"
  | "not-a-date"
  | "out-of-range"
  | "value-and-na";

export type ReasonCode =
  | AnswerProblem
  | "below-alarm-low"
  | "below-warning-low"
  | "above-warning-high"
  | "above-alarm-high"
  | "expired"
  | "too-old"
  | "counter-down"
  | "serial-differs"
  | "compound"
  | "photo-missing"
  | "reason-missing"
  | "element-missing";

/**
 * Why a verdict is not simply normal, or what an answer still lacks. `limit` is in the item's
 * unit (days for `too-old`, a count for what is missing), `source` the norm behind it; `rule`
 * and `words` are those of a compound limit.
 */
export interface Reason {
  readonly code: ReasonCode;
  readonly limit?: number;
  readonly source?: Words;
  readonly rule?: string;
  readonly words?: Words;
}

/**
 * One item of the form, or of one element. `path` is `item` or `group.element.item`.
 *
 * A hidden item is open, without value and reasons. `missing`: required, shown, not answered.
 * `incomplete`: answered, but a reason or a photo is still to come, or the value is no answer.
 * `asked`: counts in the progress; a calculated value is judged, never asked.
 */
export interface ItemState {
  readonly path: string;
  readonly item: string;
  readonly section: string;
  readonly group: string;
  readonly element: string;
  readonly shown: boolean;
  readonly asked: boolean;
  readonly value: Value;
  readonly verdict: Verdict;
  readonly reasons: readonly Reason[];
  readonly missing: boolean;
  readonly incomplete: boolean;
}

/** Counts over shown items. Work may be submitted when `missing` and `incomplete` are empty. */
export interface Totals {
  readonly asked: number;
  readonly answered: number;
  readonly abnormal: number;
  readonly warning: number;
  readonly na: number;
  readonly missing: readonly string[];
  readonly incomplete: readonly string[];
}

/** One section with its own totals. */
export interface SectionState {
  readonly section: string;
  readonly shown: boolean;
  readonly totals: Totals;
}

/** Everything that the answers mean, by path, in the order of the form. */
export interface Evaluation {
  readonly items: ReadonlyMap<string, ItemState>;
  readonly sections: readonly SectionState[];
  readonly totals: Totals;
}

/**
 * The states above one place of the form; what stands below is not there yet. `prefix` is
 * `group.element.` inside an element: its own items are found first. `columns` are the numbers
 * of each group's item, by `group.item`, one for every element that has one.
 */
export interface Seen {
  readonly states: ReadonlyMap<string, ItemState>;
  readonly columns: ReadonlyMap<string, readonly number[]>;
  readonly prefix: string;
}

/** Give the state of an item that is shown, or undefined. */
export function find(seen: Seen, item: string): ItemState | undefined {
  const state = seen.states.get(seen.prefix + item) ?? seen.states.get(item);
  return state?.shown ? state : undefined;
}

/** Add up what `states` say; hidden ones count nowhere. */
export function count(states: readonly ItemState[]): Totals {
  const shown = states.filter((state) => state.shown);
  const asked = shown.filter((state) => state.asked);
  const judged = (verdict: Verdict) => shown.filter((state) => state.verdict === verdict).length;
  return {
    asked: asked.length,
    answered: asked.filter((state) => state.verdict !== "open").length,
    abnormal: judged("abnormal"),
    warning: judged("warning"),
    na: judged("na"),
    missing: shown.filter((state) => state.missing).map((state) => state.path),
    incomplete: shown.filter((state) => state.incomplete).map((state) => state.path),
  };
}
