// A result as the reviewer goes through it: every shown item with its question, answer and verdict.
// Rule: pure; judged by the server, only put together here.

import { placeElementId } from "../../../core/ids.ts";
import type {
  Answer,
  Form,
  FormItem,
  Group,
  GroupedItem,
  InspectionDetail,
  Judged,
  Photo,
  Remark,
  Section,
} from "../../../wire/types.ts";
import type { Subject } from "../files/viewer.tsx";
import { dotted, inLanguage, tagWords } from "../words.ts";

export type SheetItem = {
  /** `item` or `group.element.item`. */
  readonly path: string;
  readonly judged: Judged;
  readonly section: Section;
  readonly item: FormItem | GroupedItem;
  readonly group: Group | null;
  /** Empty outside of a group. */
  readonly element: string;
  readonly answer: Answer | null;
};

export type Filter = "abnormal" | "rest" | "all";
export const FILTERS: readonly Filter[] = ["abnormal", "rest", "all"];

type Within = { readonly section: Section; readonly group: Group | null };
type Found = Within & { readonly item: FormItem | GroupedItem };

/** Where each item of a form stands; ids are unique within a form. */
function placesOf(form: Form): ReadonlyMap<string, Found> {
  const found = new Map<string, Found>();
  for (const section of form.sections) {
    for (const item of section.items) {
      found.set(item.id, { section, group: item.type === "group" ? item : null, item });
      if (item.type !== "group") continue;
      for (const inner of item.items) {
        found.set(`${item.id}.${inner.id}`, { section, group: item, item: inner });
      }
    }
  }
  return found;
}

/** The items that are shown, in the order of the form. A group itself is one too. */
export function sheetItems(detail: InspectionDetail): readonly SheetItem[] {
  const places = placesOf(detail.form);
  return (detail.judged ?? []).flatMap((judged) => {
    const [first = "", element = "", inner] = judged.path.split(".");
    const found = places.get(inner === undefined ? first : `${first}.${inner}`);
    if (!found) return [];
    const answers = inner === undefined ? detail.answers : detail.elements?.[element]?.answers;
    const answer = answers?.[inner ?? first] ?? null;
    return [{ path: judged.path, judged, ...found, element: inner ? element : "", answer }];
  });
}

/** A group's own line says only how many elements are there. */
export function isGroup({ item }: SheetItem): boolean {
  return item.type === "group";
}

export function needsEyes({ judged }: SheetItem): boolean {
  const { verdict, missing = false, incomplete = false } = judged;
  return verdict === "abnormal" || verdict === "warning" || missing || incomplete;
}

export function wasMarkedRest({ answer }: SheetItem): boolean {
  return answer?.rest === true;
}

/** What a filter leaves. Abnormal ones in the order of the server: the worst first. */
export function filtered(
  items: readonly SheetItem[],
  filter: Filter,
  order: readonly string[],
): readonly SheetItem[] {
  if (filter === "rest") return items.filter(wasMarkedRest);
  if (filter === "all") return items;
  const rank = new Map(order.map((path, index) => [path, index]));
  const at = (item: SheetItem) => rank.get(item.path) ?? order.length;
  return items.filter(needsEyes).sort((a, b) => at(a) - at(b));
}

export type Counts = Readonly<Record<Filter, number>> & { readonly normal: number };

export function countsOf(items: readonly SheetItem[]): Counts {
  const asked = items.filter((item) => !isGroup(item));
  const abnormal = items.filter(needsEyes).length;
  return {
    abnormal,
    rest: asked.filter(wasMarkedRest).length,
    all: asked.length,
    normal: asked.filter(({ judged }) => judged.verdict === "normal").length,
  };
}

/** What an element is called: its own name, its place's, or the kind and its number. */
export function elementName(detail: InspectionDetail, group: Group, element: string): string {
  const place = group.places?.find((one) => placeElementId(group.id, one.id) === element);
  if (place) return inLanguage(place.title);
  const named = detail.elements?.[element]?.name;
  if (named) return named;
  const siblings = elementsOf(detail, group);
  return `${inLanguage(group.element)} ${siblings.indexOf(element) + 1}`;
}

/** The elements of a group that the answers speak of, in the order they are judged. */
export function elementsOf(detail: InspectionDetail, group: Group): readonly string[] {
  const found = (detail.judged ?? []).flatMap(({ path }) => {
    const [first, element, inner] = path.split(".");
    return first === group.id && element && inner ? [element] : [];
  });
  return [...new Set(found)];
}

/** "硬盘 3 · 温度", or the question alone. */
export function titleOf(detail: InspectionDetail, { item, group, element }: SheetItem): string {
  const title = inLanguage(item.title);
  return group && element ? `${elementName(detail, group, element)} · ${title}` : title;
}

export function photosOf(detail: InspectionDetail, path: string): readonly Photo[] {
  return photosUnder(detail, detail.row.id).filter((photo) => (photo.item ?? "") === path);
}

/** What a photo of a result is of: the device with its number and tag, and the item or the finding. */
export function subjectOf(detail: InspectionDetail): Subject {
  const { row, codes = [], findings = [] } = detail;
  const entries = sheetItems(detail);
  return ({ item, parent }) => {
    const entry = entries.find(({ path }) => path === item);
    return dotted(
      row.asset_name,
      row.asset_number,
      tagWords(codes),
      entry ? titleOf(detail, entry) : findings.find(({ id }) => id === parent)?.text,
    );
  };
}

/** The photos of the inspection itself, or of one of its findings. */
export function photosUnder(detail: InspectionDetail, record: string): readonly Photo[] {
  return (detail.photos ?? []).filter((photo) => photo.parent === record);
}

/** What was written at an item before: returns of the office, notes on site. Oldest first. */
export function remarksOf(detail: InspectionDetail, path: string): readonly Remark[] {
  return Object.values(detail.remarks ?? {})
    .filter((remark) => (remark.item ?? "") === path)
    .sort((a, b) => (a.at ?? "").localeCompare(b.at ?? ""));
}
