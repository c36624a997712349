// A signature as it was given: its strokes, drawn large enough to be seen whole.
// Rule: path data of a pen is numbers, M, L and blanks; anything else is not drawn.

const STROKES = /^[ML\d\s.,-]*$/;

/** Where the drawing lies, with room for the pen, as a `viewBox`; null for no strokes. */
export function boxOf(path: string): string | null {
  const numbers = [...path.matchAll(/-?\d+/g)].map(([digits]) => Number(digits));
  if (numbers.length < 2) return null;
  const xs = numbers.filter((_, index) => index % 2 === 0);
  const ys = numbers.filter((_, index) => index % 2 === 1);
  const [left, top] = [Math.min(...xs) - PEN, Math.min(...ys) - PEN];
  return [left, top, Math.max(...xs) + PEN - left, Math.max(...ys) + PEN - top].join(" ");
}

const PEN = 8;

/** Drawn from path data alone; `name` is what it says to a screen reader. */
export function Drawn({ strokes, name }: { strokes: string; name: string }) {
  const box = STROKES.test(strokes) ? boxOf(strokes) : null;
  if (box === null) return null;
  return (
    <svg class="drawn" viewBox={box} role="img" aria-label={name}>
      <path d={strokes} />
    </svg>
  );
}
