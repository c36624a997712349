// What a scanned or typed text means on this device. Rule: pure and offline; the code decides, never the
// host that is printed around it, and a text is called mistyped only when nothing here has that number.

import { readEnrolLink } from "../../../core/enrol-link.ts";
import { tagId } from "../../../core/ids.ts";
import { parse } from "../../../core/tags.ts";
import { assetOf, type Records, type Seen } from "../../../core/work.ts";
import { LINE_LENGTH_MAX } from "../../../wire/limits.ts";
import type { Id } from "../../../wire/types.ts";

export type Meaning =
  | { readonly kind: "nothing" }
  /** `code`: read from a tag; null: found by serial or asset number. */
  | {
      readonly kind: "asset";
      readonly asset: Seen<"asset">;
      readonly code: string | null;
      /** What was read names this one, which the office merged into the other. */
      readonly merged?: Seen<"asset">;
    }
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
  if (only && found.length === 1) return { kind: "asset", code: null, ...only };
  if (found.length > 1) return { kind: "assets", assets: found.map(({ asset }) => asset) };
  if (reading.kind === "tag") return { kind: "unknown", code: reading.code };
  if (readEnrolLink(typed) !== null) return { kind: "enrolment" };
  return { kind: reading.kind === "mistyped" ? "mistyped" : "foreign" };
}

function boundTo(code: string, records: Reader): Meaning | null {
  const tag = records.record("tag", tagId(code));
  if (tag === undefined) return null;
  if (tag.data.retired) return { kind: "retired", code };
  const hit = hitOf(tag.data.asset, records);
  return hit ? { kind: "asset", code, ...hit } : null;
}

interface Hit {
  readonly asset: Seen<"asset">;
  readonly merged?: Seen<"asset">;
}

/** The asset that stands, and the one that was merged into it, if that was asked for. */
function hitOf(id: Id, records: Reader): Hit | null {
  const asset = assetOf(id, records);
  if (asset === undefined) return null;
  const merged = asset.id === id ? undefined : records.record("asset", id);
  return merged ? { asset, merged } : { asset };
}

/** By serial number, then by the customer's own number; duplicates that were merged count once. */
function byNumber(typed: string, records: Reader): readonly Hit[] {
  if (typed.length > LINE_LENGTH_MAX) return [];
  const number = typed.normalize("NFKC");
  const found = new Map<string, Hit>();
  for (const name of ["serial", "number"]) {
    for (const one of records.by("asset", name, number)) {
      const hit = hitOf(one.id, records);
      // Where the one that stands has the number too, nothing has to be said of the other.
      if (hit && (!hit.merged || !found.has(hit.asset.id))) found.set(hit.asset.id, hit);
    }
  }
  return [...found.values()];
}
