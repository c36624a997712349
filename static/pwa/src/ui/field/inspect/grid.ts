// The points of a grid: where each stands, which is next, and what all of them say together.
// Rule: pure; columns and rows come from the places of the form, never from their number.

import type { Evaluation, ItemState } from "../../../core/forms/states.ts";
import { placeElementId } from "../../../core/ids.ts";
import type {
  Calculated,
  Counter,
  Group,
  GroupedItem,
  LastInspection,
  NumberItem,
  Place,
  Verdict,
} from "../../../wire/types.ts";
import { lastAt } from "./form.ts";

export interface Point {
  readonly place: Place;
  readonly element: string;
  readonly row: number;
  readonly column: number;
}

export interface Grid {
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  readonly points: readonly Point[];
}

export type Figure = NumberItem | Counter;

export function gridOf(group: Group): Grid {
  const points = (group.places ?? []).map((place) => ({
    place,
    element: placeElementId(group.id, place.id),
    row: place.row ?? 0,
    column: place.column ?? 0,
  }));
  const sorted = (of: (point: Point) => number) =>
    [...new Set(points.map(of))].toSorted((one, other) => one - other);
  return { points, rows: sorted((one) => one.row), columns: sorted((one) => one.column) };
}

export function pathAt(group: Group, point: Point, item: GroupedItem): string {
  return `${group.id}.${point.element}.${item.id}`;
}

/** What is measured at each point: typed on the pad. */
export function figuresOf(group: Group): readonly Figure[] {
  return group.items.filter((item) => item.type === "number" || item.type === "counter");
}

/** A title "首柜 · 2.0 m" taken apart into the heads of its column and row. */
export function headsOf(title: string): readonly [column: string, row: string] {
  const [column = "", ...row] = title.split(" · ");
  return [column, row.join(" · ")];
}

/** Tell whether every place's title has the two parts that make heads of columns and rows. */
export function hasHeads(grid: Grid, language: "zh" | "en"): boolean {
  const same = (points: readonly Point[], part: 0 | 1): boolean => {
    const heads = new Set(points.map(({ place }) => headsOf(place.title[language])[part]));
    return heads.size === 1 && !heads.has("");
  };
  const { points, rows, columns } = grid;
  return (
    columns.every((column) =>
      same(
        points.filter((one) => one.column === column),
        0,
      ),
    ) &&
    rows.every((row) =>
      same(
        points.filter((one) => one.row === row),
        1,
      ),
    )
  );
}

/** A point is measured when everything asked there is answered. */
export function isMeasured(evaluation: Evaluation, group: Group, point: Point): boolean {
  const states = statesAt(evaluation, group, point).filter(({ asked }) => asked);
  return states.length > 0 && states.every(({ verdict }) => verdict !== "open");
}

export function statesAt(evaluation: Evaluation, group: Group, point: Point): readonly ItemState[] {
  return group.items.flatMap((item) => {
    const state = evaluation.items.get(pathAt(group, point, item));
    return state?.shown ? [state] : [];
  });
}

/** The next point without its readings, in the order of the form; after the last comes the first. */
export function nextOpen(
  evaluation: Evaluation,
  group: Group,
  from: Point | null,
): Point | undefined {
  const { points } = gridOf(group);
  const start = from === null ? 0 : points.findIndex(({ element }) => element === from.element) + 1;
  const turned = [...points.slice(start), ...points.slice(0, start)];
  return turned.find((one) => one.element !== from?.element && !isMeasured(evaluation, group, one));
}

/** One question over all points: least and most, and the one that its gauge shows. */
export interface Extremes {
  readonly item: Figure | Calculated;
  readonly least: number;
  readonly most: number;
  /** The one farthest out: what was judged worst, else the most. */
  readonly shown: number;
  readonly verdict: Verdict;
  readonly isLeast: boolean;
  readonly last: number | null;
  readonly state: ItemState;
}

const WORSE: Readonly<Partial<Record<Verdict, number>>> = { normal: 1, warning: 2, abnormal: 3 };

export function extremes(
  evaluation: Evaluation,
  group: Group,
  item: Figure | Calculated,
  last: LastInspection | undefined,
): Extremes | null {
  const { points } = gridOf(group);
  const states = points.flatMap((point) => {
    const state = evaluation.items.get(pathAt(group, point, item));
    return typeof state?.value === "number" ? [{ state, value: state.value }] : [];
  });
  if (states.length === 0) return null;
  const byValue = states.toSorted((one, other) => one.value - other.value);
  const [low, high] = [byValue[0], byValue.at(-1)];
  if (low === undefined || high === undefined) return null;
  const isLeast = (WORSE[low.state.verdict] ?? 0) > (WORSE[high.state.verdict] ?? 0);
  const { state, value } = isLeast ? low : high;
  const before = points.flatMap((point) => {
    const reading = lastAt(last, pathAt(group, point, item))?.value;
    return typeof reading === "number" ? [reading] : [];
  });
  const edge = isLeast ? Math.min(...before) : Math.max(...before);
  return {
    item,
    least: low.value,
    most: high.value,
    shown: value,
    verdict: state.verdict,
    isLeast,
    last: before.length > 0 ? edge : null,
    state,
  };
}
