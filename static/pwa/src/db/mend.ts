// An op that was not taken is mended or let go by its person. Rule: what it said is never rewritten; another
// op stands in its place, and says which. One that the server never had is put aside here, whole.

import type { Edit } from "../core/edit.ts";
import { mintId } from "../core/ids.ts";
import { type Entry, over } from "../core/outbox.ts";
import { madeAt } from "../core/world.ts";
import type { Id } from "../wire/types.ts";
import type { Store } from "./store.ts";
import { type Pen, put } from "./write.ts";

/** What an op changes, without what it stands for. */
export type Change = Omit<Edit, "replaces" | "origN" | "words">;

/** Put `change` in the place of an op: of its person, merged where that one stood. */
export function mend(store: Store, pen: Pen, op: Id, change: Change): Promise<void> {
  return inPlace(store, pen, op, "replaced", (entry, lineage) => {
    // One that was never read cannot be named to the server: then this is an edit like any other.
    if (entry.state === "refused") return change;
    // Numbers are counted per lineage: under another one it would name another op.
    const isOurs = entry.lineage !== undefined && entry.lineage === lineage;
    return { ...change, replaces: op, ...(isOurs ? { origN: entry.n } : {}) };
  });
}

/** Let an op go, with the reason; the bytes of a photo that it names go with it. */
export function discard(
  store: Store,
  pen: Pen,
  op: Id,
  { kind, record, words }: Pick<Edit, "kind" | "record"> & { readonly words: string },
): Promise<void> {
  return inPlace(store, pen, op, "discarded", (entry) =>
    entry.state === "refused" ? null : { kind, record, replaces: op, words },
  );
}

async function inPlace(
  store: Store,
  pen: Pen,
  op: Id,
  how: "replaced" | "discarded",
  make: (entry: Entry, lineage: Id | null) => Edit | null,
): Promise<void> {
  const now = pen.now();
  const made = madeAt(pen, pen.session);
  const id = mintId(now, pen.random);
  const { db } = store;
  await store.change(async () => {
    const entry = await db.outbox.where("id").equals(op).first();
    const others = db.outbox.filter((one) => one.op.replaces === op && one.outcome !== "rejected");
    // Done already: by a second tap, or in another tab.
    if (entry === undefined || entry.over !== undefined || (await others.count()) > 0) {
      return { value: undefined, records: [] };
    }
    const edit = make(entry, (await store.position()).lineage ?? null);
    if (entry.state === "refused") await db.outbox.put(over(entry, how));
    if (edit !== null) await put(store, pen.person, made, now, edit, id);
    const isPhoto = entry.kind === "attachment" && entry.op.new === true;
    if (how === "discarded" && isPhoto) {
      await db.blobs.delete(entry.record);
      await db.uploads.delete(entry.record);
    }
    return { value: undefined, records: [entry.record] };
  }, [db.blobs, db.uploads]);
}
