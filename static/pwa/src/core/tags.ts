// The code on a printed tag: checked and read back, exactly as sync/tags.py does it (the reasons for
// the algorithm stand there). Rule: pure, and bound to the Python by tests/vectors/tags/*.json.

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const ENTROPY_BITS = 40;
const PAYLOAD_LENGTH = 8;
const MODULUS = 0b101001; // x^5 + x^3 + 1
const START = 24;

/** Of what a scan or a person delivers, in code points; TAG_TEXT_LENGTH_MAX of schemas/base.py. */
export const TAG_TEXT_LENGTH_MAX = 2_048;
export const CODE_LENGTH = PAYLOAD_LENGTH + 1;

/** `mistyped`: the shape of a code, but its check symbol does not fit. `not-a-tag`: anything else. */
export type Reading =
  | { readonly kind: "tag"; readonly code: string }
  | { readonly kind: "mistyped" }
  | { readonly kind: "not-a-tag" };

/** Give the canonical code for 40 bits of chance. RangeError outside 0 … 2^40 - 1. */
export function make(entropy: bigint): string {
  if (entropy < 0n || entropy >= 1n << BigInt(ENTROPY_BITS)) {
    throw new RangeError(`entropy must have ${ENTROPY_BITS} bits at most and be no less than 0`);
  }
  let payload = "";
  for (let shift = ENTROPY_BITS - 5; shift >= 0; shift -= 5) {
    payload += ALPHABET.charAt(Number((entropy >> BigInt(shift)) & 31n));
  }
  return payload + ALPHABET.charAt(timesFactor(remainder(payload)));
}

/** Tell whether this is a code exactly as stored: nine symbols, upper case, check fits. */
export function isCode(text: string): boolean {
  const symbols = [...text];
  const known = symbols.every((symbol) => ALPHABET.includes(symbol));
  return symbols.length === CODE_LENGTH && known && remainder(text) === 0;
}

/** Give the form that people read and type: `7K4M-2P9D-6`. The code must be canonical. */
export function display(code: string): string {
  return `${code.slice(0, 4)}-${code.slice(4, PAYLOAD_LENGTH)}-${code.slice(PAYLOAD_LENGTH)}`;
}

/** Give what the QR code holds: `<base>/t/<code>`. Readers take the code and ignore the host. */
export function address(baseUrl: string, code: string): string {
  return `${baseUrl.replace(/\/+$/, "")}/t/${code}`;
}

/**
 * Read a tag out of whatever a camera, a scanner gun or a person delivers: an address whose path ends
 * in `/t/<code>` on any host, a code alone, or a code written 4-4-1 inside any text. Tolerates case,
 * O for 0, I and L for 1, spaces, dashes of any kind and full-width characters.
 */
export function parse(text: string): Reading {
  // A code point is at most two units, so that the long text is not even taken apart.
  if (text.length > 2 * TAG_TEXT_LENGTH_MAX) return { kind: "not-a-tag" };
  const points = [...text];
  if (points.length > TAG_TEXT_LENGTH_MAX) return { kind: "not-a-tag" };
  const words = points.map(folded).join("").split(" ");
  const addresses = words.filter(isAddress);
  const rest = words.filter((word) => !isAddress(word)).join(" ");
  const candidates = [...addresses.flatMap(inAddress), ...inWords(rest)];
  const codes = candidates.map((candidate) => candidate.replace(/O/g, "0").replace(/[IL]/g, "1"));
  const code = codes.find(isCode);
  if (code !== undefined) return { kind: "tag", code };
  return { kind: codes.length > 0 ? "mistyped" : "not-a-tag" };
}

// A code that stands alone: punctuation and other scripts around it, only spaces and dashes in it.
const ALONE = /^[^0-9A-Z]*([0-9A-Z](?:[ -]*[0-9A-Z]){8})[^0-9A-Z]*$/;
// A code in running text: only with its dashes, because any nine letters would be a word. Written
// without look-behind, which Safari before 16.4 cannot even load.
const DASHED = /(?:^|[^0-9A-Z-])([0-9A-Z]{4}) ?- ?([0-9A-Z]{4}) ?- ?([0-9A-Z])(?!-?[0-9A-Z])/g;

function isAddress(word: string): boolean {
  return word.includes("://") || word.includes("/T/");
}

/** Give the nine characters after `/T/` at the end of the path, or nothing. */
function inAddress(word: string): string[] {
  const path = word.replace(/[?#].*$/, "").replace(/\/+$/, "");
  const start = path.indexOf("://");
  const segments = (start < 0 ? path : path.slice(start + 3)).split("/");
  return segments.at(-2) === "T" ? alone(segments.at(-1) ?? "") : [];
}

function inWords(text: string): string[] {
  const found = alone(text);
  if (found.length > 0) return found;
  return [...text.matchAll(DASHED)].map((match) => match.slice(1).join(""));
}

function alone(text: string): string[] {
  const found = ALONE.exec(text)?.[1];
  return found === undefined ? [] : [found.replace(/[ -]/g, "")];
}

/** Evaluate the polynomial of the symbols at g (Horner); 0 for a whole code that fits. */
function remainder(symbols: string): number {
  let value = START;
  for (const symbol of symbols) value = timesFactor(value) ^ ALPHABET.indexOf(symbol);
  return value;
}

/** Multiply by g = x^2 in GF(32): twice by x, each time reduced by the modulus. */
function timesFactor(value: number): number {
  let product = value;
  for (let step = 0; step < 2; step += 1) {
    product <<= 1;
    if (product & 0b100000) product ^= MODULUS;
  }
  return product;
}

// What is read as a space, as a dash, as nothing. Explicit, because Unicode's own folding has versions.
type Range = readonly [first: number, last: number];
const SPACES: readonly Range[] = [
  [0x00, 0x1f],
  [0x7f, 0x7f],
  [0x85, 0x85],
  [0xa0, 0xa0],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
];
const DASHES: readonly Range[] = [
  [0x2010, 0x2015],
  [0x2043, 0x2043],
  [0x2212, 0x2212],
  [0x2500, 0x2500],
  [0x30fc, 0x30fc],
  [0xfe58, 0xfe58],
  [0xfe63, 0xfe63],
];
const UNSEEN: readonly Range[] = [
  [0xad, 0xad],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x2060],
  [0x2066, 0x2069],
  [0xfeff, 0xfeff],
];

function folded(symbol: string): string {
  let point = symbol.codePointAt(0) ?? 0;
  if (point >= 0xff01 && point <= 0xff5e) point -= 0xfee0;
  if (point >= 0x61 && point <= 0x7a) point -= 32;
  if (isIn(SPACES, point)) return " ";
  if (isIn(DASHES, point)) return "-";
  if (isIn(UNSEEN, point)) return "";
  return String.fromCodePoint(point);
}

function isIn(ranges: readonly Range[], point: number): boolean {
  return ranges.some(([first, last]) => point >= first && point <= last);
}
