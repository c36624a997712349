// The reading row: name, verdict and source of the limit | gauge and last value | the figure.
// Rule: every figure stands beside its limits and its last value; judged by core/forms, not here.

import type { ComponentChildren } from "preact";
import { NumberInput } from "./fields.tsx";
import { Gauge } from "./gauge.tsx";
import type { GaugeLimits } from "./gauge-scale.ts";

type ReadingProps = {
  title: string;
  verdict: "normal" | "warning" | "abnormal";
  /** The verdict in words, while there is one: PastLimit. */
  state?: ComponentChildren;
  /** Where the limit comes from; a limit is never shown without it. */
  source?: string | undefined;
  limits: GaugeLimits | null;
  last?: number | null;
  /** "上次 24.1，8月20日" */
  lastWords?: string | undefined;
  value: number | null;
  onValue: (value: number | null) => void;
  unit?: string;
  range?: readonly [number, number];
  /** Below the row: a note, a photo, what an abnormal reading asks for. */
  children?: ComponentChildren;
};

export function ReadingRow(props: ReadingProps) {
  const { title, verdict, state, source, limits, last = null, lastWords } = props;
  const { value, onValue, unit = "", range, children } = props;
  return (
    <section class="item">
      <div class="reading">
        <div class="what">
          <h3>{title}</h3>
          {state}
          {source !== undefined && <p class="note">{source}</p>}
        </div>
        <div class="gz">
          {limits && <Gauge {...{ limits, last, verdict, unit, range }} now={value} />}
          {lastWords !== undefined && <p class="note last">{lastWords}</p>}
        </div>
        <NumberInput {...{ value, onValue, unit, verdict }} big label={title} />
      </div>
      {children}
    </section>
  );
}
