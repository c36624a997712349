// Finding one device among many by what a person remembers of it: name, number, serial, maker, place.
// Rule: pure; each text is prepared once per record, so that 1,600 are searched between two keys.

import type { Seen } from "../../core/work.ts";

const prepared = new WeakMap<object, string>();

/** Full-width is half-width, case does not count. */
export function folded(text: string): string {
  return text.normalize("NFKC").toLowerCase();
}

const bare = (text: string): string => text.replace(/[\s\-_./·–]+/g, "");

function textOf(asset: Seen<"asset">): string {
  const known = prepared.get(asset);
  if (known !== undefined) return known;
  const { name, number = "", serial = "", maker = "", model = "", position = "" } = asset.data;
  const plain = folded([name, number, serial, maker, model, position].join("\n"));
  // Also without dashes and spaces: "b07" finds "B-07", "sn123" finds "SN 123".
  const text = `${plain}\n${plain.split("\n").map(bare).join("\n")}`;
  prepared.set(asset, text);
  return text;
}

/** Give a test for what was typed: every word of it must occur. Empty text fits everything. */
export function finder(typed: string): (asset: Seen<"asset"> | undefined) => boolean {
  const words = folded(typed).trim().split(/\s+/).filter(Boolean);
  const terms = words.map((word) => [word, bare(word)] as const);
  return (asset) => {
    if (terms.length === 0) return true;
    if (asset === undefined) return false;
    const text = textOf(asset);
    return terms.every(
      ([word, short]) => text.includes(word) || (short !== "" && text.includes(short)),
    );
  };
}

const order = new Intl.Collator("zh-CN", { numeric: true });

/** By position and then by name, as one walks along the racks: 2 before 10. */
export function byPlace(one: Seen<"asset">, other: Seen<"asset">): number {
  return (
    order.compare(one.data.position ?? "", other.data.position ?? "") ||
    order.compare(one.data.name, other.data.name)
  );
}
