// Ticks: one mark per device or item. Full is done, tall red abnormal, short not applicable, hollow
// open. Rule: the count stands beside them in figures; above 40 marks a plain bar says as much.

import { t } from "../words/kit.ts";

export type Tick = "done" | "abnormal" | "na" | "open";

const MARKS_MAX = 40;
const CLASSES: Readonly<Record<Tick, string>> = { done: "", abnormal: "x", na: "n", open: "o" };
const BAR: readonly Exclude<Tick, "open">[] = ["done", "abnormal", "na"];

type TicksProps = { marks: readonly Tick[]; small?: boolean };

/** The marks in the order of the list they stand for. */
export function Ticks({ marks, small = false }: TicksProps) {
  const count = (kind: Tick) => marks.filter((mark) => mark === kind).length;
  const label = t("ticks.label", {
    n: marks.length,
    done: count("done"),
    abnormal: count("abnormal"),
    na: count("na"),
    open: count("open"),
  });
  const size = small ? " sm" : "";
  if (marks.length > MARKS_MAX) {
    return (
      <div class={`plainbar${size}`} role="img" aria-label={label}>
        {BAR.map((kind) => (
          <i key={kind} class={CLASSES[kind]} style={{ flexGrow: count(kind) }} />
        ))}
        <i class="o" style={{ flexGrow: count("open") }} />
      </div>
    );
  }
  return (
    <div class={`ticks${size}`} role="img" aria-label={label}>
      {marks.map((mark, index) => (
        <i key={index} class={CLASSES[mark]} />
      ))}
    </div>
  );
}

type CountProps = { done: number; of: number; measure?: string };

/** "13 / 24 台": the figure that belongs beside the marks. */
export function Count({ done, of, measure = "" }: CountProps) {
  return (
    <span class="count">
      <b>{done}</b>
      {` / ${of}${measure === "" ? "" : `\u00a0${measure}`}`}
    </span>
  );
}
