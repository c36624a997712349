// What a scanned or typed text means on this device. Rule: pure and offline; the code decides, never the
// host that is printed around it, and a text is called mistyped only when nothing here has that number.

import { readEnrolLink } from "../../../core/enrol-link.ts";
import { tagId } from "../../../core/ids.ts";
import { parse } from "../../../core/tags.ts";
import { assetOf, type Records, type Seen } from "../../../core/work.ts";
import { LINE_LENGTH_MAX } from "../../../wire/limits.ts";

export type Meaning =
  | { readonly kind: "nothing" }
  /** `code`: read from a tag; null: found by serial or asset number. */
  | { readonly kind: "asset"; readonly asset: Seen<"asset">; readonly code: string | null }
  /** One number, several assets: the person chooses. */
  | { readonly kind: "assets"; readonly assets: readonly Seen<"asset">[] }
  /** A sound code that no asset on this device has. */
  | { readonly kind: "unknown"; readonly code: string }
  | { readonly kind: "retired"; readonly code: string }
  | { readonly kind: "mistyped" }
  /** An enrolment code, shown to the scanner of tags. */
  | { readonly kind: "enrolment" }
  /** Some other QR code, or a text that is neither code nor known number. */
  | { readonly kind: "foreign" };

type Reader = Pick<Records, "record" | "by">;

export function meaningOf(text: string, records: Reader): Meaning {
  const typed = text.trim();
  if (typed === "") return { kind: "nothing" };
  const reading = parse(typed);
  if (reading.kind === "tag") {
    const bound = boundTo(reading.code, records);
    if (bound) return bound;
  }
  const found = byNumber(typed, records);
  const [only] = found;
  if (only && found.length === 1) return { kind: "asset", asset: only, code: null };
  if (found.length > 1) return { kind: "assets", assets: found };
  if (reading.kind === "tag") return { kind: "unknown", code: reading.code };
  if (readEnrolLink(typed) !== null) return { kind: "enrolment" };
  return { kind: reading.kind === "mistyped" ? "mistyped" : "foreign" };
}

function boundTo(code: string, records: Reader): Meaning | null {
  const tag = records.record("tag", tagId(code));
  if (tag === undefined) return null;
  if (tag.data.retired) return { kind: "retired", code };
  const asset = assetOf(tag.data.asset, records);
  return asset ? { kind: "asset", asset, code } : null;
}

/** By serial number, then by the customer's own number; duplicates that were merged count once. */
function byNumber(typed: string, records: Reader): readonly Seen<"asset">[] {
  if (typed.length > LINE_LENGTH_MAX) return [];
  const number = typed.normalize("NFKC");
  const found = new Map<string, Seen<"asset">>();
  for (const name of ["serial", "number"]) {
    for (const one of records.by("asset", name, number)) {
      const asset = assetOf(one.id, records);
      if (asset) found.set(asset.id, asset);
    }
  }
  return [...found.values()];
}
