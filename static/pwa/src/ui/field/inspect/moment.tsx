// Whether a photo shows what was before the repair, or after it.
// Rule: nothing is guessed; a photo is neither until somebody says so, and a second tap takes it back.

import type { Moment } from "../../../wire/types.ts";
import { p } from "../photo-words.ts";

const MOMENTS = ["before", "after"] as const;

type MomentsProps = { value: Moment; onChange: (moment: Moment) => void };

export function Moments({ value, onChange }: MomentsProps) {
  return (
    <fieldset class="quick moments" aria-label={p("moment.title")}>
      {MOMENTS.map((moment) => (
        <button
          key={moment}
          type="button"
          class={value === moment ? "chip on" : "chip"}
          aria-pressed={value === moment}
          onClick={() => onChange(value === moment ? "" : moment)}
        >
          {p(`moment.${moment}`)}
        </button>
      ))}
    </fieldset>
  );
}
