// Whether a text can stand for somebody's name. Rule: pure; a name shows something. What shows nothing is a
// list of our own and not of Unicode's categories, whose versions differ between an app and a server; the
// same as sync/names.py, sign by sign, by tests/vectors/signing/shown.json.

const NOTHING = [
  // Controls and blanks, with the punctuation of ASCII and Latin-1.
  "\\x00-#%-*,-/:;?@\\[-\\]_\\{\\}\\x7f-\\xa1\\xa7\\xab\\xad\\xb6\\xb7\\xbb\\xbf",
  // Marks that stand on a letter, and those that only say how it is drawn.
  "\\u0300-\\u036f\\u061c\\u17b4\\u17b5\\u180b-\\u180f\\u1ab0-\\u1aff\\u1dc0-\\u1dff\\u20d0-\\u20ff",
  // Hangul fillers and the empty Braille pattern: letters and a symbol, and not seen.
  "\\u115f\\u1160\\u2800\\u3164\\uffa0",
  // Blanks, joiners and punctuation of all scripts, then of Chinese and Japanese.
  "\\u1680\\u2000-\\u206f\\u2e00-\\u2e7f",
  "\\u3000-\\u3003\\u3008-\\u3011\\u3014-\\u301f\\u302a-\\u3030\\u303d\\u3099\\u309a\\u30a0\\u30fb",
  // Surrogates, private use, variation selectors, punctuation in other forms and widths.
  "\\ud800-\\uf8ff\\ufe00-\\ufe6f\\ufeff-\\uff03\\uff05-\\uff0a\\uff0c-\\uff0f\\uff1a\\uff1b\\uff1f\\uff20",
  "\\uff3b-\\uff3d\\uff3f\\uff5b\\uff5d\\uff5f-\\uff65\\ufff0-\\ufffb",
  // Controls of shorthand and music; tags, more variation selectors, private use.
  "\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{10ffff}",
];
const SHOWN = new RegExp(`[^${NOTHING.join("")}]`, "u");

/** Tell a name from a text that shows nothing: blanks, joiners, variation selectors. */
export function isName(text: string): boolean {
  return SHOWN.test(text);
}
