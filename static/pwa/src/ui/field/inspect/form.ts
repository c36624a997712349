// Finding one's way in a form: what stands at a path, where it comes from, what it was last time.
// Rule: pure; the meaning of answers is core/forms', and nothing is judged here.

import { elementIds } from "../../../core/forms/evaluation.ts";
import type { Evaluation, ItemState } from "../../../core/forms/states.ts";
import { placeElementId } from "../../../core/ids.ts";
import type {
  Answer,
  Element,
  Form,
  FormItem,
  Group,
  Inspection,
  LastInspection,
  LastReading,
  Section,
  Value,
} from "../../../wire/types.ts";
import type { Tick } from "../../kit/ticks.tsx";

/** `item`, or `group.element.item`, taken apart. */
export interface Path {
  readonly item: string;
  readonly group: string;
  readonly element: string;
}

export function partsOf(path: string): Path {
  const [first = "", element = "", item = ""] = path.split(".");
  return item === "" ? { item: first, group: "", element: "" } : { item, group: first, element };
}

/** What stands at a path of the form; undefined for a path of another version. */
export interface Located {
  readonly section: Section;
  readonly item: FormItem;
  readonly group: Group | null;
}

export function locate(form: Form, path: string): Located | undefined {
  const { item, group } = partsOf(path);
  for (const section of form.sections) {
    for (const one of section.items) {
      if (group === "" && one.id === item) return { section, item: one, group: null };
      if (one.type !== "group" || one.id !== group) continue;
      const inner = one.items.find(({ id }) => id === item);
      if (inner) return { section, item: inner, group: one };
    }
  }
  return undefined;
}

/** The answer that stands at a path. */
export function answerAt(inspection: Inspection | null, path: string): Answer | null {
  const { item, element } = partsOf(path);
  const answers = element === "" ? inspection?.answers : inspection?.elements?.[element]?.answers;
  return answers?.[item] ?? null;
}

/** What was read there last time. The last visit keeps elements without their group. */
export function lastAt(last: LastInspection | undefined, path: string): LastReading | undefined {
  const { item, element } = partsOf(path);
  return last?.readings[element === "" ? item : `${element}.${item}`];
}

/** The last visit's values by the paths of this form, as the evaluation wants them. */
export function previousValues(
  form: Form,
  elements: Readonly<Record<string, Element>>,
  last: LastInspection | undefined,
): ReadonlyMap<string, Value> {
  const found = new Map<string, Value>();
  const take = (path: string): void => {
    const reading = lastAt(last, path);
    if (reading) found.set(path, reading.value ?? null);
  };
  for (const item of form.sections.flatMap((section) => section.items)) {
    if (item.type !== "group") take(item.id);
    else {
      for (const element of elementIds(item, elements)) {
        for (const inner of item.items) take(`${item.id}.${element}.${inner.id}`);
      }
    }
  }
  return found;
}

/** The name of an element: its place's, what the engineer called it, or its number. */
export function elementName(
  group: Group,
  element: string,
  elements: Readonly<Record<string, Element>>,
  language: "zh" | "en",
): string {
  const place = group.places?.find(({ id }) => placeElementId(group.id, id) === element);
  if (place) return place.title[language];
  const name = elements[element]?.name ?? "";
  const number = elementIds(group, elements).indexOf(element) + 1;
  return name === "" ? `${group.element[language]} ${number}` : name;
}

/** The element number that the next one takes. */
export function nextOrder(group: Group, elements: Readonly<Record<string, Element>>): number {
  const own = Object.values(elements).filter((element) => element.group === group.id);
  return Math.max(0, ...own.map((element) => (element.order ?? 0) + 1));
}

/** The elements that a group had last time; their names only while that inspection is here. */
export function lastElements(
  group: Group,
  last: LastInspection | undefined,
  before: Inspection | undefined,
): readonly { readonly element: string; readonly name: string }[] {
  const items = new Set(group.items.map(({ id }) => id));
  const read = Object.keys(last?.readings ?? {}).flatMap((key) => {
    const [element = "", item = ""] = key.split(".");
    return items.has(item) ? [element] : [];
  });
  const known = before?.elements ?? {};
  const order = (element: string): number => known[element]?.order ?? 0;
  return [...new Set(read)]
    .toSorted((one, other) => order(one) - order(other))
    .map((element) => ({ element, name: known[element]?.name ?? "" }));
}

/** One mark per item of a section, as ticks; a calculated value is judged but never asked. */
export function marksOf(evaluation: Evaluation, section: string): readonly Tick[] {
  return asked(evaluation)
    .filter((state) => state.section === section)
    .map(markOf);
}

function markOf({ verdict }: ItemState): Tick {
  if (verdict === "abnormal") return "abnormal";
  if (verdict === "na") return "na";
  return verdict === "open" ? "open" : "done";
}

/** Everything that a person is asked, in the order of the form. */
export function asked(evaluation: Evaluation): readonly ItemState[] {
  return [...evaluation.items.values()].filter((state) => state.shown && state.asked);
}

/** Shown items without an answer, required or not: what "20 items open" counts. */
export function openCount(evaluation: Evaluation): number {
  return asked(evaluation).filter((state) => state.verdict === "open").length;
}
