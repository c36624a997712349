// The words of printing labels, in English.

import type { Translation } from "../index.ts";
import type { zh } from "../zh/labels.ts";

export const en: Translation<typeof zh> = {
  "labels.again": "A batch again",
  "paper.title": "Labels",
  "paper.a4-3x8": "A4, 24 labels",
  "paper.a4-5x13": "A4, 65 labels",
  "paper.tape-62": "62 mm tape",
  "hint.a4-3x8": "A4 label sheets, 3 × 8 places of 70 × 37 mm; print without scaling.",
  "hint.a4-5x13":
    "A4 label sheets, 5 × 13 places of 38.1 × 21.2 mm; print without scaling. Without the customer.",
  "hint.tape-62": "Continuous tape of 62 mm, cut after each 62 × 30 mm; print without scaling.",
  "preview.alt": "First page of {n}",
  "preview.coming": "Drawing the preview",
  "preview.codes": {
    one: "{n} label gets its code when it is printed",
    other: "{n} labels get their codes when they are printed",
  },
  "preview.missing": "No font has these; they print as □: {marks}",
  "preview.away": "The server does not answer, so no labels can be made. What you entered stays.",
  "preview.none": "No preview; printing works all the same.",
  "batch.none": "No blank tags were printed yet.",
  "batch.loading": "Loading the batches",
  "batch.counts": "{labels} tags, {bound} bound, {free} left",
  "batch.retired": "{n} retired",
  "batch.pick": "Print the {n} left again",
  "batch.retire": "Retire the {n} left",
  "batch.ask": {
    one: "Retire {n} unused tag of “{name}”?",
    other: "Retire {n} unused tags of “{name}”?",
  },
  "batch.askMore": "They are printed no more and not known when scanned. Bound tags stay.",
  "batch.keep": "Keep them",
  "batch.safe": "The batch is unchanged.",
  "batch.more": "Only the newest: {n}.",
  "tag.retire": "Retire",
  "tag.ask": "Retire tag {code}?",
  "tag.askMore":
    "A tablet that scans it says that it is retired. A new label can be printed; the history stays.",
  "tag.keep": "Keep it in use",
  "tag.safe": "The tag is unchanged.",
};
