// The gauge: a reading beside its limits and its last value.
// Rule: the same drawing in checklist, review, asset page and report. The band is allowed, the ring
// is last time, the diamond is now; red past an alarm limit, amber between warning and alarm.

import { figure, quantity } from "../words/format.ts";
import { t } from "../words/kit.ts";
import { type GaugeLimits, gaugeScale } from "./gauge-scale.ts";

const HEIGHT = 38;
const TRACK = 12;

type GaugeProps = {
  limits: GaugeLimits;
  now: number | null;
  last?: number | null;
  /** As judged by core/forms; the gauge itself judges nothing. */
  verdict?: "normal" | "warning" | "abnormal";
  unit?: string;
  /** 196 in the field, 240 in the office. */
  width?: number;
  range?: readonly [number, number];
};

const DIAMONDS = { normal: "cur", warning: "cur wn", abnormal: "cur out" } as const;

function spoken({ limits, now, last, unit = "" }: GaugeProps): string {
  const low = limits.warning_low ?? limits.alarm_low ?? null;
  const high = limits.warning_high ?? limits.alarm_high ?? null;
  const said = (value: number) => quantity(value, unit);
  return [
    now === null ? t("gauge.none") : t("gauge.now", { value: said(now) }),
    last == null ? null : t("gauge.last", { value: said(last) }),
    low !== null && high !== null
      ? t("gauge.range", { low: said(low), high: said(high) })
      : low !== null
        ? t("gauge.atLeast", { low: said(low) })
        : high !== null
          ? t("gauge.atMost", { high: said(high) })
          : null,
  ]
    .filter((part) => part !== null)
    .join(t("list.comma"));
}

export function Gauge(props: GaugeProps) {
  const { limits, now, last = null, verdict = "normal", width = 196, range } = props;
  const seen = [now, last].filter((value) => value !== null);
  const scale = gaugeScale(limits, seen, width, range);
  const box = `0 0 ${width} ${HEIGHT}`;
  return (
    <svg
      class="g"
      width={width}
      height={HEIGHT}
      viewBox={box}
      role="img"
      aria-label={spoken(props)}
    >
      {scale.band && (
        <rect class="band" x={scale.band.x} y={TRACK - 6} width={scale.band.width} height={12} />
      )}
      <path class="base" d={`M${scale.from} ${TRACK}H${scale.to}`} />
      {scale.marks.map(({ value, x, isWarning, isNamed }) => (
        <g key={`${value}`}>
          <path class={isWarning ? "lim soft" : "lim"} d={`M${x} ${TRACK - 9}v18`} />
          {isNamed && (
            <text x={x} y={TRACK + 23} text-anchor="middle">
              {figure(value)}
            </text>
          )}
        </g>
      ))}
      {last !== null && <circle class="prev" cx={scale.at(last)} cy={TRACK} r={4.5} />}
      {now !== null && (
        <path class={DIAMONDS[verdict]} d={`M${scale.at(now)} ${TRACK - 8}l7 8-7 8-7-8z`} />
      )}
    </svg>
  );
}
