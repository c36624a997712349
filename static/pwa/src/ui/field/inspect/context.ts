// What every part of the checklist is given: the sheet as shown, and the worksheet that writes.
// Rule: parts read the sheet, never the records; they write through the worksheet, never around it.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Sheet } from "./sheet.ts";
import type { Worksheet } from "./worksheet.ts";

export interface Here {
  readonly sheet: Sheet;
  readonly work: Worksheet;
  /** Submitted and not taken up again, or accepted: shown, not changed. */
  readonly isClosed: boolean;
  readonly now: number;
}

const Context = createContext<Here | null>(null);

export const HereProvider = Context.Provider;

export function useHere(): Here {
  const here = useContext(Context);
  if (here === null) throw new Error("a part of the checklist stands outside of it");
  return here;
}

/** The id of an item's place on the page, to jump to. */
export function anchorOf(path: string): string {
  return `at-${path.replaceAll(".", "--")}`;
}

/** Bring an item before the person's eyes, and the focus with it; else the element or group it is in. */
export function jumpTo(path: string): void {
  const parts = path.split(".");
  const tries = parts.map((_, at) => parts.slice(0, parts.length - at).join("."));
  const found = tries.map((one) => document.getElementById(anchorOf(one)));
  const place = found.find((one) => one !== null);
  place?.scrollIntoView({ block: "center" });
  place?.focus({ preventScroll: true });
}
