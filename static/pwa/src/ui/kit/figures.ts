// What a person types as a figure, and what the keys of the number pad do to it.
// Rule: pure. Full-width digits and the decimal comma of other keyboards are figures too.

/** Longest figure that can be typed, characters: no reading needs more. */
export const FIGURE_CHARS_MAX = 12;

/** The number meant; null for nothing typed (or only a sign so far), undefined for no figure. */
export function readFigure(text: string): number | null | undefined {
  const plain = text.normalize("NFKC").trim().replace("\u2212", "-").replace(/[,。]/, ".");
  if (plain === "" || plain === "-") return null;
  if (!/^-?(\d+\.?\d*|\.\d+)$/.test(plain) || plain.length > FIGURE_CHARS_MAX) return undefined;
  return Number(plain);
}

export type PadKey =
  | "0"
  | "1"
  | "2"
  | "3"
  | "4"
  | "5"
  | "6"
  | "7"
  | "8"
  | "9"
  | "."
  | "-"
  | "erase";

/** The text after a key. A key that would make no figure changes nothing. */
export function pressKey(text: string, key: PadKey, decimals: number): string {
  if (key === "erase") return text.slice(0, -1);
  if (key === "-") return text.startsWith("-") ? text.slice(1) : `-${text}`;
  const point = text.indexOf(".");
  if (key === ".") {
    if (point >= 0 || decimals === 0) return text;
    return text === "" || text === "-" ? `${text}0.` : `${text}.`;
  }
  if (point >= 0 && text.length - point > decimals) return text;
  const next = /^-?0$/.test(text) ? text.replace("0", key) : text + key;
  return next.length > FIGURE_CHARS_MAX ? text : next;
}
