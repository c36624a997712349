// Values of a change in words, and the words that somebody types back into values. Rule: pure; an id is
// shown by its name, or as something that this reader does not know.

import type { FormItem, Id, WaitingDetail, WaitingField, WaitingRow } from "../../../wire/types.ts";
import { pathOf } from "../../kit/problem-words.ts";
import { calendarDay, figure } from "../../words/format.ts";
import { fieldLabel, fieldWord } from "../fields.ts";
import { valueWords as answerWords } from "../review/words.tsx";
import { minute } from "../state.ts";
import { CATEGORIES, dotted, inLanguage, SEVERITIES, t as say, statusWord } from "../words.ts";
import { t } from "./words.ts";

const ABOUT_MAX = 3;

/** What of a change a problem names, as people call it. */
export function wrongWords({ fields = [], problem }: WaitingDetail): readonly string[] {
  return (problem?.errors ?? []).flatMap(({ field }) => {
    const path = pathOf(field);
    const found = fields.find((one) => path === one.path || path.startsWith(`${one.path}.`));
    return (found ? pathWords(found) : fieldLabel(path)) ?? [];
  });
}

/** What a change is about: the questions that it answers, else the fields that it writes. */
export function aboutWords({ items = [], paths = [], record_kind: kind }: WaitingRow): string {
  const asked = items.map(({ title, element }) => elementWords(element, inLanguage(title)));
  const answers = paths.filter((path) => path.split(".").includes("answers")).length;
  if (asked.length > 0) return namesWords(asked, answers);
  // What an inspection begins with says nothing of it.
  if (kind === "inspection" && paths.length > ABOUT_MAX) return "";
  const fields = [...new Set(paths.map(fieldWord))];
  return namesWords(fields.slice(0, ABOUT_MAX), fields.length);
}

function namesWords(names: readonly string[], n: number): string {
  const named = names.join(say("list.and"));
  return n > names.length ? t("about.more", { names: named, n }) : named;
}

function elementWords(element: string | undefined, words: string): string {
  return element ? `${element} · ${words}` : words;
}

/** A path in words: the question of the checklist, with its element; else the field. */
export function pathWords(field: WaitingField): string {
  return elementWords(field.element, inLanguage(field.item?.title) || fieldWord(field.path));
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const DAY = /^\d{4}-\d\d-\d\d$/;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** "24.5 °C", "正常", "B07": a value as people say it. Absent is unknown, null is empty. */
export function valueWords(
  field: WaitingField,
  value: unknown,
  names: Readonly<Record<Id, string>> = {},
): string {
  if (value === undefined) return t("value.unknown");
  if (value === null || value === "") return t("value.empty");
  if (typeof value === "boolean") return t(value ? "value.yes" : "value.no");
  if (typeof value === "number") return figure(value);
  if (typeof value === "string") return textWords(field, value, names);
  if (Array.isArray(value)) return t("value.items", { n: value.length });
  if (!isRecord(value)) return t("value.unknown");
  if (field.item) return answered(field.item, value);
  return fieldOf(field.path) === "answers" ? answerAlone(value) : structured(value);
}

function textWords(field: WaitingField, value: string, names: Readonly<Record<Id, string>>) {
  if (UUID.test(value)) return names[value] ?? t("waiting.elsewhere");
  if (DAY.test(value)) return calendarDay(value, minute.value, "UTC");
  const category = CATEGORIES.find((one) => field.path === "category" && one === value);
  if (category) return say(`category.${category}`);
  return field.path === "status" ? statusWord(value) : value;
}

function fieldOf(path: string): string | undefined {
  return path.split(".").at(-2);
}

/** What is said beside a value and makes it another answer: how bad it is, why it was left out. */
function besides({ severity, reason }: Readonly<Record<string, unknown>>): string {
  const known = SEVERITIES.find((one) => one === severity);
  return dotted(known && say(`severity.${known}`), typeof reason === "string" && reason);
}

/** An answer to a question that is not known here. */
function answerAlone(answer: Readonly<Record<string, unknown>>): string {
  const { value, na } = answer;
  const words =
    value === "pass" || value === "fail"
      ? t(value === "pass" ? "value.normal" : "value.abnormal")
      : typeof value === "number"
        ? figure(value)
        : [value].flat().join(say("list.and"));
  return dotted(na === true ? t("value.na") : words || t("value.empty"), besides(answer));
}

function answered(item: FormItem, answer: Readonly<Record<string, unknown>>): string {
  if (answer.na === true) return dotted(t("value.na"), besides(answer));
  const unit = "unit" in item ? (item.unit ?? "") : "";
  const judged = { path: "", section: "", verdict: "open", unit } as const;
  const value = answer.value;
  const isValue =
    typeof value === "string" ||
    typeof value === "number" ||
    typeof value === "boolean" ||
    Array.isArray(value);
  const words = (isValue && answerWords({ item, judged }, value)) || t("value.empty");
  return dotted(words, besides(answer));
}

/** What an element or a summary is called; else how much it holds. */
function structured(value: Readonly<Record<string, unknown>>): string {
  for (const name of ["text", "name", "zh"]) {
    const said = value[name];
    if (typeof said === "string" && said !== "") return said;
  }
  if ("value" in value && Object.keys(value).length === 1) return String(value.value);
  return t("value.items", { n: Object.keys(value).length });
}

/** The note beside an answer. */
export function noteOf(value: unknown): string {
  return isRecord(value) && typeof value.note === "string" ? value.note : "";
}

export type Typing =
  | { readonly kind: "number" | "text" | "date" }
  | { readonly kind: "choice"; readonly options: readonly (readonly [string, string])[] };

/** How another value can be given at a path; null where it cannot be typed. */
export function typingOf(field: WaitingField): Typing | null {
  const { item } = field;
  if (item) return typingOfItem(item);
  const known = [field.theirs, field.ours].find((one) => one !== null && one !== undefined);
  if (field.path.includes(".") && !field.path.startsWith("attributes.")) return null;
  if (typeof known !== "string" || UUID.test(known)) return null;
  return { kind: DAY.test(known) ? "date" : "text" };
}

function typingOfItem(item: FormItem): Typing | null {
  switch (item.type) {
    case "number":
    case "counter":
      return { kind: "number" };
    case "text":
    case "serial":
      return { kind: "text" };
    case "date":
      return { kind: "date" };
    case "check":
      return {
        kind: "choice",
        options: [
          ["pass", t("value.normal")],
          ["fail", t("value.abnormal")],
        ],
      };
    case "choice":
      if (item.multiple) return null;
      return {
        kind: "choice",
        options: item.options.map((one) => [one.id, inLanguage(one.title)] as const),
      };
    default:
      return null;
  }
}

/** What was typed, as the value of the path; undefined while it is none. */
export function typedValue(field: WaitingField, text: string): unknown {
  const typing = typingOf(field);
  const said = text.trim();
  if (typing === null || said === "") return undefined;
  if (typing.kind === "number") {
    const read = Number(said.replace(",", "."));
    return Number.isFinite(read) ? { value: read } : undefined;
  }
  return field.item ? { value: said } : said;
}

/** The disputed paths, and those that the change wrote or would write besides. */
export function sorted(detail: WaitingDetail): {
  readonly disputed: readonly WaitingField[];
  readonly rest: readonly WaitingField[];
} {
  const fields = detail.fields ?? [];
  return {
    disputed: fields.filter((field) => field.conflict),
    rest: fields.filter((field) => !field.conflict),
  };
}
