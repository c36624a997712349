// The keyboard of the review: one letter, one thing. Rule: nothing happens while somebody types, with a
// modifier held, or while a dialog asks.

import { useLayoutEffect, useRef } from "preact/hooks";

export type Keys = Readonly<Record<string, () => void>>;

/** Whether the key belongs to what has the focus. */
function isTaken(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
  if (document.querySelector("dialog[open]")) return true;
  const { target } = event;
  if (!(target instanceof Element)) return false;
  if (target.closest("input, textarea, select, [role=radiogroup], .menu")) return true;
  // Enter and space press the button or follow the link that has the focus.
  return ["Enter", " "].includes(event.key) && target.closest("button, a") !== null;
}

/** Hear keys by their name, letters in lower case, from the moment in which the part is shown. */
export function useKeys(keys: Keys): void {
  const current = useRef(keys);
  current.current = keys;
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      const act = current.current[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (!act || isTaken(event)) return;
      event.preventDefault();
      act();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}
