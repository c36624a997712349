// Read a form from top to bottom against its answers; the twin of sync/forms/evaluation.py, both
// held together by tests/vectors/forms. Rule: total; no answer makes it throw.

import { DEFAULTS } from "../../wire/defaults.ts";
import type {
  Answer,
  Answers,
  CompoundLimit,
  Element,
  Form,
  FormItem,
  Group,
  GroupedItem,
  Section,
} from "../../wire/types.ts";
import { placeElementId } from "../ids.ts";
import { asNumber } from "./answers.ts";
import { holds, named } from "./conditions.ts";
import { count, type Evaluation, find, type ItemState, type Seen } from "./states.ts";
import { type Facts, judge, judgeGroup, raiseVerdict } from "./verdicts.ts";

export type Elements = Readonly<Record<string, Element>>;

/**
 * Give what is shown, worked out, judged and missing. Answers to hidden items, and to items that
 * the form does not have, are passed over.
 */
export function evaluate(
  form: Form,
  answers: Answers,
  elements: Elements,
  facts: Facts,
): Evaluation {
  const reading = new FormReading(answers, elements, facts);
  for (const section of form.sections) reading.read(section);
  for (const limit of form.limits ?? []) reading.apply(limit, form);
  const states = [...reading.states.values()];
  return {
    items: reading.states,
    sections: form.sections.map((section) => ({
      section: section.id,
      shown: reading.shown.get(section.id) ?? false,
      totals: count(states.filter((state) => state.section === section.id)),
    })),
    totals: count(states),
  };
}

/** Paths that "mark the rest normal" may answer: open, shown checks of the section only. */
export function restItems(form: Form, section: string, evaluation: Evaluation): readonly string[] {
  const wanted = new Set(
    allItems(form)
      .filter((item) => item.type === "check" && (item.rest ?? DEFAULTS.Check.rest))
      .map((item) => item.id),
  );
  return [...evaluation.items.values()]
    .filter((state) => state.section === section && wanted.has(state.item))
    .filter((state) => state.shown && state.verdict === "open" && state.reasons.length === 0)
    .map((state) => state.path);
}

/** Give the ids of a group's elements in order: its places, else what was added. */
export function elementIds(group: Group, elements: Elements): readonly string[] {
  const places = group.places ?? [];
  if (places.length > 0) return places.map((place) => placeElementId(group.id, place.id));
  return Object.entries(elements)
    .filter(([, element]) => element.group === group.id)
    .map(([id, element]) => ({ id, order: element.order ?? 0 }))
    .sort((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id);
}

/** One pass over a form: the states so far, and the columns of numbers of its groups. */
class FormReading {
  readonly states = new Map<string, ItemState>();
  readonly shown = new Map<string, boolean>();
  private readonly columns = new Map<string, number[]>();
  private readonly prefixes = new Map<string, string[]>();
  private readonly answers: Answers;
  private readonly elements: Elements;
  private readonly facts: Facts;

  constructor(answers: Answers, elements: Elements, facts: Facts) {
    this.answers = answers;
    this.elements = elements;
    this.facts = facts;
  }

  read(section: Section): void {
    const seen = this.seen("");
    const shown = !section.shown || holds(section.shown, seen);
    this.shown.set(section.id, shown);
    for (const item of section.items) {
      const state = hidden(section.id, item.id);
      this.states.set(item.id, state);
      if (!shown || (item.shown && !holds(item.shown, seen))) continue;
      const answer = own(this.answers, item.id);
      if (item.type === "group") {
        this.readGroup(item, answer, state);
      } else {
        const required = item.required ?? true;
        this.states.set(item.id, judge(item, answer, state, { required, facts: this.facts, seen }));
      }
    }
  }

  /** Judge a compound limit once, or once per element of the one group that it speaks of. */
  apply(limit: CompoundLimit, form: Form): void {
    const groups = spokenOf(limit, form);
    const [only] = groups;
    const places = groups.length === 1 && only ? (this.prefixes.get(only) ?? []) : [""];
    for (const prefix of places) {
      const seen = this.seen(prefix);
      if (!holds(limit.broken, seen)) continue;
      for (const item of limit.items) {
        const state = find(seen, item);
        if (state) this.states.set(state.path, raiseVerdict(state, limit));
      }
    }
  }

  private readGroup(group: Group, answer: Answer | null | undefined, state: ItemState): void {
    const ids = elementIds(group, this.elements);
    const found = judgeGroup(group, answer, state, ids.length);
    this.states.set(group.id, found);
    if (found.verdict === "na") return;
    const prefixes: string[] = [];
    this.prefixes.set(group.id, prefixes);
    for (const element of ids) {
      const prefix = `${group.id}.${element}.`;
      prefixes.push(prefix);
      const written = own(this.elements, element);
      const answers = written?.group === group.id ? (written.answers ?? {}) : {};
      for (const item of group.items) {
        const path = prefix + item.id;
        const here = { ...state, path, item: item.id, group: group.id, element };
        this.states.set(path, this.readGrouped(item, answers, here, group, prefix));
      }
    }
  }

  private readGrouped(
    item: GroupedItem,
    answers: Answers,
    state: ItemState,
    group: Group,
    prefix: string,
  ): ItemState {
    const seen = this.seen(prefix);
    if (item.shown && !holds(item.shown, seen)) return state;
    // Nothing is missing in a group that need not be filled in.
    const required = (item.required ?? true) && (group.required ?? true);
    const found = judge(item, own(answers, item.id), state, { required, facts: this.facts, seen });
    const number = asNumber(found.value);
    if (number !== null) {
      const key = `${group.id}.${item.id}`;
      const column = this.columns.get(key) ?? [];
      column.push(number);
      this.columns.set(key, column);
    }
    return found;
  }

  private seen(prefix: string): Seen {
    return { states: this.states, columns: this.columns, prefix };
  }
}

/** Read a member that may carry any name, also one that every object inherits. */
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function hidden(section: string, item: string): ItemState {
  return {
    path: item,
    item,
    section,
    group: "",
    element: "",
    shown: false,
    asked: false,
    value: null,
    verdict: "open",
    reasons: [],
    missing: false,
    incomplete: false,
  };
}

function spokenOf(limit: CompoundLimit, form: Form): readonly string[] {
  const wanted = new Set([...limit.items, ...named(limit.broken)]);
  return form.sections
    .flatMap((section) => section.items)
    .filter((item) => item.type === "group" && item.items.some((inner) => wanted.has(inner.id)))
    .map((item) => item.id);
}

function allItems(form: Form): readonly FormItem[] {
  return form.sections
    .flatMap((section) => section.items)
    .flatMap((item): readonly FormItem[] =>
      item.type === "group" ? [item, ...item.items] : [item],
    );
}
