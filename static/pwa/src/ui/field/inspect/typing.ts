// Text between a key stroke and its op. Rule: kept where a reload cannot take it, by a call that has
// returned before the next key, because a page that is killed finishes nothing that it has begun; and
// kept with the answer that it was typed over, because what is said of one answer belongs to no other.

import { isMapping } from "../../../core/json.ts";
import type { Answer, Id } from "../../../wire/types.ts";

/** What a text belongs to: the value of an answer, what was noted, a reason, a name, the whole. */
export type Part = "value" | "note" | "reason" | "name" | "whole" | "caption";

export interface Typed {
  readonly part: Part;
  readonly path: string;
  readonly text: string;
}

/** The answer that somebody types over, and the version of the record that it was seen in. */
export interface Over {
  readonly answer: Answer | null;
  readonly base: number;
}

const PREFIX = "xunjian.typing";
const OVER = "over";

/** The part of `localStorage` that is used here. */
export type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

export class Typing {
  readonly #shelf: Shelf | null;
  readonly #prefix: string;
  /** What to do at once when the page may be about to go. */
  readonly #hurries = new Set<() => void>();
  readonly #over = new Map<string, Over>();

  /** `place` tells one checklist of one person from every other. Without a shelf nothing is kept. */
  constructor(shelf: Shelf | null, person: Id, place: string) {
    this.#shelf = shelf;
    this.#prefix = `${PREFIX}|${person}|${place}|`;
  }

  keep(part: Part, path: string, text: string): void {
    try {
      this.#shelf?.setItem(`${this.#prefix}${part}|${path}`, text);
    } catch {
      // A full shelf: the op that follows in a moment keeps the text.
    }
  }

  /** Let go of what has become an op, unless more was typed meanwhile. */
  drop(part: Part, path: string, text: string): void {
    const key = `${this.#prefix}${part}|${path}`;
    if (this.#shelf?.getItem(key) === text) this.#shelf.removeItem(key);
    if (this.left().some((one) => one.path === path)) return;
    this.#over.delete(path);
    this.#shelf?.removeItem(`${this.#prefix}${OVER}|${path}`);
  }

  /** Keep the answer that the first key at a path was typed over; a later key changes nothing. */
  begin(path: string, over: Over): void {
    if (this.over(path) === null) this.#overlie(path, over);
  }

  /** The person gave another answer themselves: what is being typed now belongs to that. */
  follow(path: string, answer: Answer | null): void {
    const over = this.over(path);
    if (over !== null) this.#overlie(path, { ...over, answer });
  }

  /** What the text at a path was typed over; null where nothing is being typed. */
  over(path: string): Over | null {
    const held = this.#over.get(path);
    if (held !== undefined) return held;
    const kept = this.#shelf?.getItem(`${this.#prefix}${OVER}|${path}`);
    return kept ? readOver(kept) : null;
  }

  #overlie(path: string, over: Over): void {
    this.#over.set(path, over);
    try {
      this.#shelf?.setItem(`${this.#prefix}${OVER}|${path}`, JSON.stringify(over));
    } catch {
      // A full shelf: this page knows it still.
    }
  }

  /** What was typed here and never became an op. */
  left(): readonly Typed[] {
    const shelf = this.#shelf;
    if (shelf === null) return [];
    const keys = Array.from({ length: shelf.length }, (_, at) => shelf.key(at));
    return keys.flatMap((key): readonly Typed[] => {
      if (!key?.startsWith(this.#prefix)) return [];
      const [part = "", path = ""] = key.slice(this.#prefix.length).split("|");
      const text = shelf.getItem(key);
      return isPart(part) && text !== null ? [{ part, path, text }] : [];
    });
  }

  onHurry(hurry: () => void): () => void {
    this.#hurries.add(hurry);
    return () => this.#hurries.delete(hurry);
  }

  hurry(): void {
    for (const hurry of this.#hurries) hurry();
  }

  /** Hurry whenever the page is hidden or left. */
  watch(
    page: Document & GlobalEventHandlers,
    frame: Pick<Window, "addEventListener" | "removeEventListener">,
  ): () => void {
    const hide = (): void => {
      if (page.visibilityState === "hidden") this.hurry();
    };
    const leave = (): void => this.hurry();
    page.addEventListener("visibilitychange", hide);
    frame.addEventListener("pagehide", leave);
    return () => {
      page.removeEventListener("visibilitychange", hide);
      frame.removeEventListener("pagehide", leave);
    };
  }
}

/** What an earlier page wrote here; null where it is not that. */
function readOver(text: string): Over | null {
  const kept: unknown = JSON.parse(text);
  return isOver(kept) ? kept : null;
}

function isOver(kept: unknown): kept is Over {
  return isMapping(kept) && typeof kept.base === "number" && typeof kept.answer === "object";
}

function isPart(part: string): part is Part {
  return ["value", "note", "reason", "name", "whole", "caption"].includes(part);
}
