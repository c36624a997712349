// The readings of the last visit of an asset, named by its checklist. Rule: pure; numbers come with the
// limits and the unit of their item, and what the checklist no longer has keeps its own name.

import type { Records } from "../../core/work.ts";
import type {
  Asset,
  Element,
  FormItem,
  Group,
  LastInspection,
  LastReading,
  Limits,
  Template,
} from "../../wire/types.ts";
import { inLanguage, t } from "./words.ts";

export interface ReadingLine {
  readonly path: string;
  readonly title: string;
  readonly value: number | string;
  readonly unit: string;
  readonly decimals: number | undefined;
  readonly limits: Limits | null;
  readonly verdict: "normal" | "warning" | "abnormal";
}

export interface LastVisit {
  readonly key: string;
  readonly title: string;
  readonly last: LastInspection;
  /** Numbers, and whatever was out of order; "normal" answers say nothing one by one. */
  readonly lines: readonly ReadingLine[];
  /** Answers that were simply normal. */
  readonly normal: number;
}

interface Named {
  readonly item: FormItem;
  readonly title: string;
  /** The group it repeats in. */
  readonly group?: Group;
}

/** Elements by id: of that visit's inspection, while it is here. */
type Elements = Readonly<Record<string, Element>>;

/** The newest version of a checklist that is here. */
function newest(records: Pick<Records, "by">, key: string): Template | undefined {
  const versions = records.by("template", "key", key).map(({ data }) => data);
  return versions.toSorted((one, other) => other.version_no - one.version_no)[0];
}

/** Items by the path that the last visit uses: `item`, or `element.item` (any element of its group). */
function itemsOf(template: Template | undefined): ReadonlyMap<string, Named> {
  const found = new Map<string, Named>();
  for (const item of template?.form.sections.flatMap(({ items }) => items) ?? []) {
    found.set(item.id, { item, title: inLanguage(item.title) });
    if (item.type !== "group") continue;
    for (const inner of item.items) {
      found.set(`*.${inner.id}`, { item: inner, title: inLanguage(inner.title), group: item });
      for (const place of item.places ?? []) {
        const title = `${inLanguage(place.title)} · ${inLanguage(inner.title)}`;
        found.set(`${item.id}-${place.id}.${inner.id}`, { item: inner, title });
      }
    }
  }
  return found;
}

/** The item at a path; one of a repeated group with the name of its element, or else its number. */
function named(
  path: string,
  items: ReadonlyMap<string, Named>,
  elements: Elements,
  order: ReadonlyMap<string, number>,
): Named | undefined {
  const [element = "", inner] = path.split(".");
  const found = items.get(path) ?? (inner === undefined ? undefined : items.get(`*.${inner}`));
  if (found?.group === undefined) return found;
  const number = `${inLanguage(found.group.element)} ${order.get(element) ?? ""}`;
  const name = elements[element]?.name || number;
  return { ...found, title: `${name} · ${found.title}` };
}

/** Which one of its group each element is, from 1, in the order of the readings. */
function numbered(
  paths: readonly string[],
  items: ReadonlyMap<string, Named>,
): ReadonlyMap<string, number> {
  const groups = new Map<string, Set<string>>();
  const order = new Map<string, number>();
  for (const path of paths) {
    const [element = "", inner] = path.split(".");
    const group = inner === undefined ? undefined : items.get(`*.${inner}`)?.group?.id;
    if (group === undefined) continue;
    const known = groups.get(group) ?? new Set();
    groups.set(group, known.add(element));
    order.set(element, [...known].indexOf(element) + 1);
  }
  return order;
}

const LIMITED: readonly FormItem["type"][] = ["number", "calculated"];

function lineOf(path: string, reading: LastReading, found: Named | undefined): ReadingLine | null {
  const { value = null, verdict = "open" } = reading;
  const isOut = verdict === "abnormal" || verdict === "warning";
  const item = found?.item;
  if (typeof value !== "number" && !isOut) return null;
  const unit = item && "unit" in item ? (item.unit ?? "") : "";
  return {
    path,
    title: found?.title ?? path,
    value: typeof value === "number" ? value : valueWords(value, item),
    unit,
    decimals: item && "decimals" in item ? item.decimals : undefined,
    limits: item && LIMITED.includes(item.type) && "limits" in item ? (item.limits ?? null) : null,
    verdict: isOut ? verdict : "normal",
  };
}

function valueWords(value: LastReading["value"], item: FormItem | undefined): string {
  if (item?.type === "choice") {
    const chosen = typeof value === "string" ? [value] : Array.isArray(value) ? value : [];
    const names = item.options.filter(({ id }) => chosen.includes(id));
    return names.map(({ title }) => inLanguage(title)).join(t("list.comma"));
  }
  if (value === "fail") return t("answer.abnormal");
  return typeof value === "string" ? value : "";
}

/** The last visits of an asset, one per checklist, the latest first. */
export function lastVisits(asset: Asset, records: Records): readonly LastVisit[] {
  return Object.entries(asset.last ?? {})
    .map(([key, last]): LastVisit => {
      const template = newest(records, key);
      const items = itemsOf(template);
      const readings = Object.entries(last.readings);
      const { elements = {} } = records.record("inspection", last.inspection)?.data ?? {};
      const order = numbered(Object.keys(last.readings), items);
      const lines = readings.flatMap(
        ([path, reading]) => lineOf(path, reading, named(path, items, elements, order)) ?? [],
      );
      const title = template ? inLanguage(template.title) : key;
      const normal = readings.filter(([, { verdict }]) => verdict === "normal").length;
      const shown = lines.filter(({ verdict }) => verdict === "normal").length;
      return { key, title, last, lines, normal: normal - shown };
    })
    .toSorted((one, other) => (one.last.at < other.last.at ? 1 : -1));
}
