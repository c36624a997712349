// What somebody has chosen of a change that waits, kept while they look elsewhere. Rule: pure but for the
// signals in memory; a decision names the versions that were on the screen.

import { signal } from "@preact/signals";
import type {
  Taken,
  WaitingDecision,
  WaitingDetail,
  WaitingField,
  WaitingRow,
} from "../../../wire/types.ts";
import { alsoForget } from "../state.ts";
import { sorted, typedValue } from "./values.ts";

export type Take = Taken["take"];
export type Choice = { readonly take: Take; readonly text: string };
export type Hand = {
  /** By conflict, or by path where a rejected value is given anew. */
  readonly chosen: Readonly<Record<string, Choice>>;
  readonly words: string;
};

const NOTHING: Hand = { chosen: {}, words: "" };
const hands = signal<Readonly<Record<string, Hand>>>({});
/** What was settled last, in words. */
export const settled = signal<string | null>(null);
/** Settled here, and perhaps in the list that was read still: it never comes back. */
export const gone = signal<ReadonlySet<string>>(new Set());
alsoForget(() => {
  gone.value = new Set();
  hands.value = {};
  settled.value = null;
});

export function handOf(op: string): Hand {
  return hands.value[op] ?? NOTHING;
}

function put(op: string, hand: Hand): void {
  hands.value = { ...hands.peek(), [op]: hand };
}

export function choose(op: string, key: string, take: Take, text?: string): void {
  const hand = hands.peek()[op] ?? NOTHING;
  const before = hand.chosen[key]?.text ?? "";
  put(op, { ...hand, chosen: { ...hand.chosen, [key]: { take, text: text ?? before } } });
}

export function writeWords(op: string, words: string): void {
  put(op, { ...(hands.peek()[op] ?? NOTHING), words });
}

export function drop(op: string): void {
  const { [op]: _, ...others } = hands.peek();
  hands.value = others;
}

/** What is taken of a disputed path; undefined while that is open, or what was typed is no value. */
export function takenOf(field: WaitingField, hand: Hand): Taken | undefined {
  const id = field.conflict;
  const choice = id ? hand.chosen[id] : undefined;
  if (!id || !choice) return undefined;
  if (choice.take !== "value") return { id, take: choice.take };
  const value = typedValue(field, choice.text);
  return value === undefined ? undefined : { id, take: "value", value };
}

/** Every decision that is ready; some may be left for later. */
export function decided(detail: WaitingDetail, hand: Hand): readonly Taken[] {
  return sorted(detail).disputed.flatMap((field) => takenOf(field, hand) ?? []);
}

/** The first disputed path that nobody has chosen at. */
export function nextField(detail: WaitingDetail, hand: Hand): WaitingField | undefined {
  return sorted(detail).disputed.find((field) => takenOf(field, hand) === undefined);
}

export type Wish = "decide" | "apply" | "discard";

/** The decision as it is sent; null while something lacks. */
export function decisionOf(detail: WaitingDetail, hand: Hand, wish: Wish): WaitingDecision | null {
  const words = hand.words.trim();
  const needsWords = wish === "discard" || (detail.needs_words ?? false);
  if (!(detail.may ?? []).includes(wish) || (needsWords && words === "")) return null;
  const said = { seen: detail.seen ?? {}, ...(words ? { words } : {}) };
  if (wish === "discard") return { ...said, discard: true };
  if (wish === "decide") {
    const conflicts = decided(detail, hand);
    return conflicts.length > 0 ? { ...said, conflicts } : null;
  }
  const values = given(detail, hand);
  return { ...said, apply: true, ...(Object.keys(values).length > 0 ? { values } : {}) };
}

/** Values given anew for paths of a change that broke a rule. */
export function given(detail: WaitingDetail, hand: Hand): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    sorted(detail).rest.flatMap((field) => {
      const choice = hand.chosen[field.path];
      const value = choice?.take === "value" ? typedValue(field, choice.text) : undefined;
      return value === undefined ? [] : [[field.path, value]];
    }),
  );
}

/** The row `step` further on, and after a decision the one that follows. */
export function rowAfter(
  rows: readonly WaitingRow[],
  current: string | null,
  step: 1 | -1,
): WaitingRow | undefined {
  const at = rows.findIndex((row) => row.op === current);
  if (at < 0) return rows[0];
  return rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
}

/** The same versions, and the same wishes: nothing has changed under the reader's eyes. */
export function isSame(one: WaitingDetail, other: WaitingDetail): boolean {
  return (
    JSON.stringify([one.seen, one.row.kind, one.fields]) ===
    JSON.stringify([other.seen, other.row.kind, other.fields])
  );
}
