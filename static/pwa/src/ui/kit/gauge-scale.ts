// Where the marks of a gauge stand. Pure: values in, pixels out.
// Rule: the limits make the scale, not the reading, so that one item looks the same in every place
// and a mistyped 294 does not squash 18 to 27 into a point: it stands at the edge.

/** Bounds as in src/wire; each may be missing. */
export type GaugeLimits = {
  readonly alarm_low?: number | null;
  readonly warning_low?: number | null;
  readonly warning_high?: number | null;
  readonly alarm_high?: number | null;
};

export type LimitMark = {
  readonly value: number;
  readonly x: number;
  /** A warning limit, where an alarm limit lies beyond it. */
  readonly isWarning: boolean;
  /** False where the figure would stand on its neighbour's. */
  readonly isNamed: boolean;
};

export type GaugeScale = {
  /** Left and right end of the track. */
  readonly from: number;
  readonly to: number;
  /** The allowed band: between the innermost limits. */
  readonly band: { readonly x: number; readonly width: number } | null;
  readonly marks: readonly LimitMark[];
  /** Where a value stands; beyond the scale it stands at the end. */
  readonly at: (value: number) => number;
};

/** Room at both ends for half a diamond, px. */
export const GAUGE_MARGIN = 8;
// Room outside the limits, as a share of the distance between them.
const BELOW = 0.45;
const ABOVE = 0.75;
// With limits on one side only: half the limit is the scale, and this share of it lies outside.
const BEYOND = 0.3;
// On the open side a reading does not stand at the very end: that place means "beyond the scale".
const AIR = 0.12;
// Figures are about 7 px wide each, and need a gap.
const FIGURE = 7;
const GAP = 5;

function given(value: number | null | undefined): value is number {
  return value !== null && value !== undefined;
}

/** The values at both ends of the track. */
function span(limits: GaugeLimits, seen: readonly number[]): readonly [number, number] {
  const lows = [limits.alarm_low, limits.warning_low].filter(given);
  const highs = [limits.warning_high, limits.alarm_high].filter(given);
  const low = lows.length > 0 ? Math.min(...lows) : null;
  const high = highs.length > 0 ? Math.max(...highs) : null;
  if (low === null && high === null) {
    const [least, most] = [Math.min(...seen), Math.max(...seen)];
    const width = Math.max(most - least, Math.abs(most) / 2, 1);
    return [least - BELOW * width, most + BELOW * width];
  }
  if (low !== null && high !== null) {
    const width = high - low || 1;
    return widened([low - BELOW * width, high + ABOVE * width], seen);
  }
  // On the open side every reading is a good one and is shown where it is.
  const width = Math.max(Math.abs(low ?? high ?? 0) / 2, 1);
  if (low !== null) {
    const best = Math.max(low, ...seen);
    return widened([low - BEYOND * width, Math.max(low + width, best + AIR * (best - low))], seen);
  }
  const top = high ?? 0;
  const best = Math.min(top, ...seen);
  return widened([Math.min(top - width, best - AIR * (top - best)), top + BEYOND * width], seen);
}

/** A reading near the scale widens it, by up to half its width; further out it is clamped. */
function widened(
  [least, most]: readonly [number, number],
  seen: readonly number[],
): readonly [number, number] {
  const reach = (most - least) / 2;
  const near = seen.filter((value) => value > least - reach && value < most + reach);
  return [Math.min(least, ...near), Math.max(most, ...near)];
}

function markAll(limits: GaugeLimits, at: (value: number) => number): readonly LimitMark[] {
  const rows: readonly (readonly [number | null | undefined, boolean])[] = [
    [limits.alarm_low, false],
    [limits.warning_low, given(limits.alarm_low)],
    [limits.warning_high, given(limits.alarm_high)],
    [limits.alarm_high, false],
  ];
  const marks = rows.flatMap(([value, isWarning]) =>
    given(value) ? [{ value, x: at(value), isWarning }] : [],
  );
  const half = (mark: { value: number }) => (String(mark.value).length * FIGURE) / 2;
  return marks.map((mark) => {
    const isCrowded = marks.some(
      (other) => other !== mark && Math.abs(other.x - mark.x) < half(mark) + half(other) + GAP,
    );
    return { ...mark, isNamed: !(mark.isWarning && isCrowded) };
  });
}

/**
 * Lay a gauge out over `width` px. `seen` are the readings to be shown (now and last time);
 * `range` fixes the ends instead, where an item has a physical scale of its own (0 to 100 %).
 */
export function gaugeScale(
  limits: GaugeLimits,
  seen: readonly number[],
  width: number,
  range?: readonly [number, number],
): GaugeScale {
  const inner = [limits.warning_low ?? limits.alarm_low, limits.warning_high ?? limits.alarm_high];
  const [least, most] = range ?? span(limits, seen.length > 0 ? seen : [0, 1]);
  const [from, to] = [GAUGE_MARGIN, width - GAUGE_MARGIN];
  const at = (value: number): number => {
    const share = (value - least) / (most - least || 1);
    return from + Math.min(Math.max(share, 0), 1) * (to - from);
  };
  const [low, high] = inner;
  const left = given(low) ? at(low) : from;
  const right = given(high) ? at(high) : to;
  const hasBand = given(low) || given(high);
  const band = hasBand ? { x: left, width: Math.max(right - left, 0) } : null;
  return { from, to, band, marks: markAll(limits, at), at };
}
