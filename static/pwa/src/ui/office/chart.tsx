// Readings over time: the band is allowed, rings are within it, a diamond is past a limit.
// Rule: the same marks as the gauge; no grid, no legend; the last figure is written beside its point.

import { day, figure } from "../words/format.ts";
import type { Point, Series } from "./series.ts";
import { minute } from "./state.ts";
import { t } from "./words.ts";

const WIDTH = 286;
const HEIGHT = 150;
const LEFT = 36;
const RIGHT = 246;
const TOP = 14;
const BOTTOM = 122;
/** Height of a figure, px. */
const LINE = 14;
/** Half the figure that stands at a limit, px. */
const BASE = 4;

export type Scale = (value: number) => number;

/** From a value to its height; limits and readings all lie on the paper, with some air. */
export function chartScale(values: readonly number[]): Scale {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const air = (most - least || Math.abs(most) || 1) * 0.18;
  const [from, to] = [least - air, most + air];
  return (value) => BOTTOM - ((value - from) / (to - from)) * (BOTTOM - TOP);
}

function across(points: readonly Point[]): (index: number) => number {
  const step = points.length > 1 ? (RIGHT - LEFT - 16) / (points.length - 1) : 0;
  return (index) => LEFT + 8 + index * step;
}

function Mark({ point, x, y }: { point: Point; x: number; y: number }) {
  if (point.verdict === "abnormal" || point.verdict === "warning") {
    const look = point.verdict === "warning" ? "ptout wn" : "ptout";
    return <path class={look} d={`M${x} ${y - 6}l5.5 6-5.5 6-5.5-6z`} />;
  }
  return <circle class="pt" cx={x} cy={y} r={3.2} />;
}

/** The figure of an outer limit gives way to the one beside it that bounds the band. */
function isCrowded(
  value: number,
  marks: readonly number[],
  inner: readonly unknown[],
  y: Scale,
): boolean {
  if (inner.includes(value)) return false;
  return marks.some((other) => other !== value && Math.abs(y(other) - y(value)) < LINE);
}

function Limits({ series, y }: { series: Series; y: Scale }) {
  const { limits } = series;
  if (!limits) return null;
  const { alarm_low, warning_low, warning_high, alarm_high } = limits;
  const marks = [alarm_low, warning_low, warning_high, alarm_high].filter(
    (value) => value !== null && value !== undefined,
  );
  const high = warning_high ?? alarm_high;
  const low = warning_low ?? alarm_low;
  const inner = [low, high];
  const top = typeof high === "number" ? y(high) : TOP;
  const bottom = typeof low === "number" ? y(low) : BOTTOM;
  return (
    <>
      <rect class="band" x={LEFT} y={top} width={RIGHT - LEFT} height={Math.max(0, bottom - top)} />
      {marks.map((value) => (
        <g key={value}>
          <path class="lim" d={`M${LEFT} ${y(value)}H${RIGHT}`} />
          {!isCrowded(value, marks, inner, y) && (
            <text x={LEFT - 6} y={y(value) + BASE} text-anchor="end">
              {figure(value)}
            </text>
          )}
        </g>
      ))}
    </>
  );
}

export function Chart({ series, zone }: { series: Series; zone: string }) {
  const { points, limits, title, unit } = series;
  const bounds = limits
    ? [limits.alarm_low, limits.warning_low, limits.warning_high, limits.alarm_high]
    : [];
  const known = bounds.filter((value) => value !== null && value !== undefined);
  const y = chartScale([...points.map((point) => point.value), ...known]);
  const x = across(points);
  const last = points.at(-1);
  const path = points.map(
    (point, index) => `${index === 0 ? "M" : "L"}${x(index)} ${y(point.value)}`,
  );
  const tone =
    last?.verdict === "abnormal" ? "bad" : last?.verdict === "warning" ? "wnt" : "strong";
  const said = points
    .map((point) => `${day(point.at, zone, minute.value)} ${figure(point.value)}`)
    .join(t("list.comma"));
  return (
    <svg
      class="g chart"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={`${title} ${unit}: ${said}`}
    >
      <Limits series={series} y={y} />
      <path class="ln" d={path.join("")} />
      {points.map((point, index) => (
        <Mark key={point.at} point={point} x={x(index)} y={y(point.value)} />
      ))}
      {last && (
        <text class={tone} x={x(points.length - 1) + 11} y={y(last.value) + BASE}>
          {figure(last.value)}
        </text>
      )}
      {points.map((point, index) =>
        index === 0 || index === points.length - 1 ? (
          <text
            key={`${point.at}-day`}
            x={index === 0 ? LEFT : RIGHT}
            y={HEIGHT - 6}
            text-anchor={index === 0 ? "start" : "end"}
          >
            {day(point.at, zone, minute.value)}
          </text>
        ) : null,
      )}
    </svg>
  );
}
