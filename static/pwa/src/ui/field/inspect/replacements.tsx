// Parts that were replaced on site: what, and both serial numbers.
// Rule: what is written is one whole part; it is put right by removing it and noting it again.

import { useState } from "preact/hooks";
import { mintId } from "../../../core/ids.ts";
import { LINE_LENGTH_MAX, NAME_LENGTH_MAX } from "../../../wire/limits.ts";
import type { Replacement } from "../../../wire/types.ts";
import { TextField } from "../../kit/fields.tsx";
import { Icon } from "../../kit/icons.tsx";
import { SectionHeader } from "../../kit/layout.tsx";
import { p } from "../photo-words.ts";
import { useHere } from "./context.ts";
import { addReplacementEdit, removeReplacementEdit } from "./edits.ts";

export function Replacements() {
  const { sheet, work, isClosed } = useHere();
  const known = Object.entries(sheet.inspection?.replacements ?? {}).toSorted(([one], [other]) =>
    one < other ? -1 : 1,
  );
  if (isClosed && known.length === 0) return null;
  return (
    <section class="replaced" aria-label={p("part.title")}>
      <SectionHeader title={p("part.title")} />
      <ul>
        {known.map(([id, { part, old, new: fresh }]) => (
          <li key={id} class="row">
            <span class="grow">
              {part}
              <span class="note">
                {p("part.serials", {
                  old: old || p("part.unknown"),
                  new: fresh || p("part.unknown"),
                })}
              </span>
            </span>
            {!isClosed && (
              <button
                type="button"
                class="btn txt"
                aria-label={p("part.removeNamed", { part })}
                onClick={() => void work.change((now) => [removeReplacementEdit(now.id, id)])}
              >
                {p("part.remove")}
              </button>
            )}
          </li>
        ))}
      </ul>
      {!isClosed && <Adding />}
    </section>
  );
}

/** Three fields and a button; the fields are empty again once the part is on this device. */
function Adding() {
  const { work } = useHere();
  const [isOpen, setOpen] = useState(false);
  const [part, setPart] = useState("");
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  if (!isOpen) {
    return (
      <button type="button" class="btn" onClick={() => setOpen(true)}>
        <Icon name="plus" size={22} />
        {p("part.add")}
      </button>
    );
  }
  const keep = async (): Promise<void> => {
    const { pen } = work.work;
    const now = pen.now();
    const made: Replacement = {
      part: part.trim(),
      old: old.trim(),
      new: fresh.trim(),
      at: new Date(now).toISOString(),
    };
    await work.change(({ id }) => [addReplacementEdit(id, mintId(now, pen.random), made)]);
    for (const clear of [setPart, setOld, setFresh]) clear("");
    setOpen(false);
  };
  return (
    <form
      class="adding"
      onSubmit={(event) => {
        event.preventDefault();
        if (part.trim() !== "") void keep();
      }}
    >
      <TextField
        label={p("part.part")}
        value={part}
        onInput={setPart}
        max={NAME_LENGTH_MAX}
        required
      />
      <TextField label={p("part.old")} value={old} onInput={setOld} max={LINE_LENGTH_MAX} />
      <TextField label={p("part.new")} value={fresh} onInput={setFresh} max={LINE_LENGTH_MAX} />
      <div class="row act">
        <button type="button" class="btn" onClick={() => setOpen(false)}>
          {p("part.cancel")}
        </button>
        <button type="submit" class="btn pri grow" disabled={part.trim() === ""}>
          {p("part.keep")}
        </button>
      </div>
    </form>
  );
}
