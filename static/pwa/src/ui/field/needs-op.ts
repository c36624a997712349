// What an op that was not taken says, field by field, and what it says once mended. Rule: pure; what is not
// changed goes along as it was, so that a creation is a whole creation again.

import { isMapping, member } from "../../core/json.ts";
import { isKind } from "../../core/kinds.ts";
import type { Entry } from "../../core/outbox.ts";
import type { Change } from "../../db/mend.ts";
import type { Session } from "../../sync/session.ts";
import type { Op, Problem } from "../../wire/types.ts";
import { pathOf } from "../kit/problem-words.ts";
import type { Option } from "../kit/segmented.tsx";
import { CATEGORIES, categoryWords } from "./asset-words.ts";
import { checkAnswer, checked, withValue } from "./inspect/edits.ts";
import { fieldWords, isChoice, itemAt, seenIn, valueWordsAt } from "./needs.ts";
import { inLanguage, t } from "./words.ts";

/** What may be chosen instead, and the answer that comes of it. */
export interface Choices {
  readonly options: readonly Option<string>[];
  readonly multiple: boolean;
  readonly chosenIn: (value: unknown) => readonly string[];
  readonly choose: (chosen: readonly string[]) => unknown;
}

/** One value that was typed or tapped. */
export interface Typed {
  readonly key: string;
  readonly label: string;
  /** As a person reads it. */
  readonly shown: string;
  /** What can be changed here, as text; null: chosen, or only shown. */
  readonly text: string | null;
  /** What can be chosen here; null: typed, or only shown. */
  readonly choices: Choices | null;
  /** As it was sent. */
  readonly value: unknown;
  readonly isNumber: boolean;
  /** The problem names it. */
  readonly isWrong: boolean;
  /** It may be left out of what is sent again. */
  readonly mayGo: boolean;
}

/** A text in place of what was typed, or the answer that was chosen; null: left out. By key. */
export type Changes = ReadonlyMap<string, Changed | null>;
export type Changed = string | { readonly chosen: unknown };

interface Part {
  readonly key: string;
  readonly path: string;
  readonly value: unknown;
}

function partsOf(op: Op): readonly Part[] {
  const set = Object.entries(op.set ?? {});
  const added = Object.entries(op.add ?? {}).flatMap(([path, elements]) =>
    Object.entries(elements).map(([id, value]) => [`${path}.${id}`, value] as const),
  );
  const gone = Object.entries(op.remove ?? {}).flatMap(([path, ids]) =>
    ids.map((id) => `${path}.${id}`),
  );
  return [
    ...set.map(([path, value]) => ({ key: `set ${path}`, path, value })),
    ...added.map(([path, value]) => ({ key: `add ${path}`, path, value })),
    ...gone.map((path) => ({ key: `remove ${path}`, path, value: undefined })),
  ];
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What the op says, the wrong first; ids and marks, which nobody typed, only where they are wrong. */
export function typedOf(
  session: Pick<Session, "records">,
  entry: Entry,
  told: Problem | null = entry.problem ?? null,
): readonly Typed[] {
  const { op } = entry;
  const seen = session.records.any(entry.record) ?? seenIn(entry);
  const wrong = (told?.errors ?? []).map(({ field }) => pathOf(field));
  const typed = partsOf(op).map(({ key, path, value }): Typed & { readonly isOurs: boolean } => {
    const isWrong = wrong.some((one) => isWithin(one, path) || isWithin(path, one));
    const text = isChoice(session, seen, path) ? null : textOf(value);
    return {
      key,
      label: fieldWords(session, seen, path),
      shown: valueWordsAt(session, seen, path, value),
      text: text === null ? null : String(text),
      choices: choicesOf(session, seen, path, value),
      value,
      isNumber: typeof text === "number",
      isWrong,
      mayGo: op.new !== true,
      isOurs: typeof value === "boolean" || (typeof value === "string" && ID.test(value)),
    };
  });
  return typed
    .filter(({ isOurs, isWrong }) => isWrong || !isOurs)
    .toSorted((one, other) => Number(other.isWrong) - Number(one.isWrong));
}

const CATEGORY: Choices = {
  options: CATEGORIES.map((value) => ({ value, label: categoryWords(value) })),
  multiple: false,
  chosenIn: (of) => (typeof of === "string" ? [of] : []),
  choose: ([one]) => one,
};

/** The answers that a form offers at a path; "not applicable" asks for a reason, where it was asked. */
function choicesOf(
  session: Pick<Session, "records">,
  seen: Parameters<typeof itemAt>[1],
  path: string,
  value: unknown,
): Choices | null {
  if (seen?.kind === "asset" && path === "category") return CATEGORY;
  const item = itemAt(session, seen, path);
  const answer = isMapping(value) ? value : null;
  if (item?.type === "check") {
    return {
      options: [
        { value: "normal", label: t("answer.normal") },
        { value: "abnormal", label: t("answer.abnormal"), weight: "alarm" },
      ],
      multiple: false,
      chosenIn: (of) => [checkAnswer(isMapping(of) ? of : null) ?? ""].filter(Boolean),
      choose: ([one]) => checked(item, answer, one === "normal" || one === "abnormal" ? one : null),
    };
  }
  if (item?.type !== "choice") return null;
  return {
    options: item.options.map(({ id, title, verdict }) => ({
      value: id,
      label: inLanguage(title),
      ...(verdict === "abnormal" ? { weight: "alarm" as const } : {}),
    })),
    multiple: item.multiple ?? false,
    chosenIn: (of) => [member(of, "value") ?? []].flat().map(String),
    choose: (chosen) => withValue(answer, item.multiple ? chosen : (chosen[0] ?? null)),
  };
}

function isWithin(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}.`);
}

/** Where the words of a value stand: itself, or the member that a person types. */
const TYPED = ["value", "text", "name", "caption"] as const;

function textOf(value: unknown): string | number | null {
  if (typeof value === "string" || typeof value === "number") return value;
  const found = TYPED.map((name) => member(value, name)).find((one) => one !== undefined);
  return typeof found === "string" || typeof found === "number" ? found : null;
}

function changed(value: unknown, change: Changed): unknown {
  if (typeof change === "string") return withText(value, change);
  // Nothing chosen is no answer to send.
  return change.chosen ?? undefined;
}

/** The value with another text in it; undefined when the text is no number and has to be one. */
function withText(value: unknown, text: string): unknown {
  const before = textOf(value);
  const next = typeof before === "number" ? numberOf(text) : text;
  if (next === undefined || !isMapping(value)) return next;
  const name = TYPED.find((one) => member(value, one) !== undefined) ?? "value";
  return { ...value, [name]: next };
}

function numberOf(text: string): number | undefined {
  const number = Number(text.trim().replace(",", "."));
  return text.trim() !== "" && Number.isFinite(number) ? number : undefined;
}

/** What is sent in the op's place. Null: nothing is left of it, or a number is none. */
export function changeOf({ op }: Entry, changes: Changes): Change | null {
  if (!isKind(op.kind)) return null;
  const set: Record<string, unknown> = {};
  const add: Record<string, Record<string, unknown>> = {};
  const remove: Record<string, string[]> = {};
  for (const { key, path, value } of partsOf(op)) {
    const text = changes.get(key);
    if (text === null) continue;
    const next = text === undefined ? value : changed(value, text);
    const [how = ""] = key.split(" ", 1);
    const at = path.lastIndexOf(".");
    const [home, id] = [path.slice(0, at), path.slice(at + 1)];
    if (how === "remove") remove[home] = [...(remove[home] ?? []), id];
    else if (next === undefined) return null;
    else if (how === "add") add[home] = { ...add[home], [id]: next };
    else set[path] = next;
  }
  const isEmpty = [set, add, remove].every((part) => Object.keys(part).length === 0);
  if (isEmpty && !op.withdraw) return null;
  return {
    kind: op.kind,
    record: op.record,
    base: op.base ?? 0,
    ...(op.new ? { new: true } : {}),
    ...(op.parent ? { parent: op.parent } : {}),
    ...(op.withdraw ? { withdraw: true } : {}),
    set,
    add,
    remove,
  };
}
