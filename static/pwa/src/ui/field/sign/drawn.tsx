// A signature as it was given: its strokes, or why there are none.

import { boxOf } from "./strokes.ts";

/** Drawn from path data alone; `name` is what it says to a screen reader. */
export function Drawn({ strokes, name }: { strokes: string; name: string }) {
  const box = boxOf(strokes);
  if (box === null) return null;
  return (
    <svg class="drawn" viewBox={box} role="img" aria-label={name}>
      <path d={strokes} />
    </svg>
  );
}
