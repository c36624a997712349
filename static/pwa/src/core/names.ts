// Whether a text can stand for somebody's name. Rule: pure; a name shows something. By Unicode's categories
// a letter or ideograph, a figure, or a symbol; the same as sync/names.py, by tests/vectors/signing/names.json.

const SHOWN = /[\p{L}\p{N}\p{S}]/u;
// Hangul fillers and the empty Braille pattern: letters and a symbol by category, nothing to the eye.
const DRAWN_AS_NOTHING = /[\u115f\u1160\u2800\u3164\uffa0]/g;

/** Tell a name from a text that shows nothing: blanks, joiners, variation selectors. */
export function isName(text: string): boolean {
  return SHOWN.test(text.replace(DRAWN_AS_NOTHING, ""));
}
