// A signature as a drawing: pen strokes to SVG path data that any viewer can draw.
// Rule: pure. Units are thousandths of the pad's width, from its top left corner; only the letters
// M, L and digits are written, so that the text is data and never anything else.

import { STROKES_LENGTH_MAX } from "../../wire/limits.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}
export type Stroke = readonly Point[];

const WIDTH = 1_000;
// A dot is a stroke too; drawn with round ends it needs some length.
const DOT = 2;
/** Deviations below this, in thousandths of the width, are the hand's, not the letter's. */
const TOLERANCE = 0.8;
const COARSER = 1.6;

/** Path data of strokes drawn on a pad of `width` px, simplified until it fits the wire. */
export function pathOf(strokes: readonly Stroke[], width: number): string {
  const scaled = strokes
    .filter((stroke) => stroke.length > 0)
    .map((stroke) => stroke.map((point) => scaledTo(point, width)));
  for (let tolerance = TOLERANCE; ; tolerance *= COARSER) {
    const path = scaled.map((stroke) => drawn(simplified(stroke, tolerance))).join("");
    if (path.length <= STROKES_LENGTH_MAX) return path;
  }
}

function scaledTo({ x, y }: Point, width: number): Point {
  return { x: (x / width) * WIDTH, y: (y / width) * WIDTH };
}

function drawn(stroke: Stroke): string {
  const [first, ...rest] = stroke;
  if (first === undefined) return "";
  const tail = rest.length > 0 ? rest : [{ x: first.x + DOT, y: first.y }];
  return `M${at(first)}L${tail.map(at).join(" ")}`;
}

function at({ x, y }: Point): string {
  return `${Math.round(x)},${Math.round(y)}`;
}

/** Ramer–Douglas–Peucker: keep the points without which the line would go elsewhere. */
export function simplified(stroke: Stroke, tolerance: number): Stroke {
  const kept = new Set([0, stroke.length - 1]);
  const spans: (readonly [number, number])[] = [[0, stroke.length - 1]];
  for (let span = spans.pop(); span; span = spans.pop()) {
    const [from, to] = span;
    let farthest = -1;
    let most = tolerance;
    for (let index = from + 1; index < to; index += 1) {
      const off = distance(stroke[index], stroke[from], stroke[to]);
      if (off > most) [farthest, most] = [index, off];
    }
    if (farthest < 0) continue;
    kept.add(farthest);
    spans.push([from, farthest], [farthest, to]);
  }
  return stroke.filter((_, index) => kept.has(index));
}

/** From a point to the line piece between two others. */
function distance(point?: Point, from?: Point, to?: Point): number {
  if (!point || !from || !to) return 0;
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = dx * dx + dy * dy;
  const share = length === 0 ? 0 : ((point.x - from.x) * dx + (point.y - from.y) * dy) / length;
  const near = Math.min(Math.max(share, 0), 1);
  return Math.hypot(point.x - from.x - near * dx, point.y - from.y - near * dy);
}
