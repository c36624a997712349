// A hardware scanner is a very fast keyboard: characters a few milliseconds apart, and Enter at the end.
// Rule: what a hand types is never taken; a burst in a field stays there too, so that nothing is lost.

import { useEffect } from "preact/hooks";
import { CODE_LENGTH } from "../../../core/tags.ts";
import { go } from "../../kit/address.ts";
import { scannedPath } from "../paths.ts";

/** Between two characters, milliseconds: cables take 2 to 20, radio up to 40, hands rarely under 60. */
export const GAP_MS_MAX = 50;
/** A few keys may fall together under one hand; six and Enter do not. */
export const LENGTH_MIN = 6;
const LENGTH_MAX = 2_048;

export type Key = { readonly key: string; readonly at: number };

/** Gathers keys; gives the text of a burst when its Enter comes, else null. */
export class Burst {
  #text = "";
  #last = Number.NEGATIVE_INFINITY;

  press({ key, at }: Key): string | null {
    const isQuick = at - this.#last <= GAP_MS_MAX;
    this.#last = at;
    if (!isQuick) this.#text = "";
    if (key === "Enter") {
      const text = this.#text;
      this.#text = "";
      return text.length >= LENGTH_MIN ? text : null;
    }
    // Shift and the like come between the characters of a scanner.
    if ([...key].length !== 1) return null;
    if (this.#text.length < LENGTH_MAX) this.#text += key;
    return null;
  }
}

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;

function open(text: string): void {
  go(scannedPath(text));
}

/**
 * Hear a scanner anywhere on the page. In a field that is being typed into, only where `everywhere`
 * says so, and only what is as long as a code: a checklist's own serial field stays a field.
 */
export function useGun(onText: (text: string) => void = open, everywhere = false): void {
  useEffect(() => {
    const burst = new Burst();
    const hear = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      const text = burst.press({ key: event.key, at: event.timeStamp });
      if (text === null) return;
      if (isField(event.target) && !(everywhere && text.length >= CODE_LENGTH)) return;
      event.preventDefault();
      event.stopPropagation();
      onText(text);
    };
    document.addEventListener("keydown", hear, true);
    return () => document.removeEventListener("keydown", hear, true);
  }, [onText, everywhere]);
}
