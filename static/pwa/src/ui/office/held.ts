// What is on the screen stays while somebody looks at it. Rule: a newer state is announced, and shown
// when it is asked for or when a decision needs it.

import { useRef, useState } from "preact/hooks";
import { type Kept, type Loaded, useRead } from "./state.ts";

export type Held<T> = {
  readonly loaded: Loaded<T>;
  /** A newer state was read than the one that is shown. */
  readonly hasNewer: boolean;
  readonly showNewer: () => void;
  /** Show whatever is read next. */
  readonly release: () => void;
};

/** Read a thing and hold it. `isIt` knows it from another, `isSame` tells of two states nothing new. */
export function useHeld<T>(
  kept: Kept<T>,
  isIt: (value: T) => boolean,
  isSame: (one: T, other: T) => boolean,
): Held<T> {
  const read = useRead(kept);
  const shown = useRef<T | null>(null);
  const isReleased = useRef(false);
  const [, redraw] = useState(0);
  const fresh = read.value;
  if (shown.current !== null && !isIt(shown.current)) shown.current = null;
  const isQuiet = shown.current !== null && fresh !== null && isSame(shown.current, fresh);
  // An answer that was under way already may be the old state once more.
  const isAwaited = isReleased.current && !isQuiet;
  if (shown.current === null || isQuiet || isAwaited) shown.current = fresh;
  if (isAwaited) isReleased.current = false;
  const value = shown.current;
  return {
    loaded: { ...read, value },
    hasNewer: value !== null && fresh !== null && value !== fresh,
    showNewer: () => {
      shown.current = fresh;
      redraw((before) => before + 1);
    },
    release: () => {
      isReleased.current = true;
      read.again();
    },
  };
}
