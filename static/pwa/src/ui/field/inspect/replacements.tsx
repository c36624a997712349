// Parts that were replaced on site: what, and both serial numbers.
// Rule: what is written is one whole part; it is put right by removing it and noting it again.

import { useState } from "preact/hooks";
import { mintId } from "../../../core/ids.ts";
import { LINE_LENGTH_MAX, NAME_LENGTH_MAX } from "../../../wire/limits.ts";
import type { Replacement } from "../../../wire/types.ts";
import { TextField } from "../../kit/fields.tsx";
import { Icon } from "../../kit/icons.tsx";
import { SectionHeader } from "../../kit/layout.tsx";
import { useHere } from "./context.ts";
import { addReplacementEdit, removeReplacementEdit } from "./edits.ts";
import { t } from "./words.ts";

export function Replacements() {
  const { sheet, work, isClosed } = useHere();
  const known = Object.entries(sheet.inspection?.replacements ?? {}).toSorted(([one], [other]) =>
    one < other ? -1 : 1,
  );
  if (isClosed && known.length === 0) return null;
  return (
    <section class="replaced" aria-label={t("part.title")}>
      <SectionHeader title={t("part.title")} />
      <ul>
        {known.map(([id, { part, old, new: fresh }]) => (
          <li key={id} class="row">
            <span class="grow">
              {part}
              <span class="note">
                {t("part.serials", {
                  old: old || t("part.unknown"),
                  new: fresh || t("part.unknown"),
                })}
              </span>
            </span>
            {!isClosed && (
              <button
                type="button"
                class="btn txt"
                aria-label={t("part.removeNamed", { part })}
                onClick={() => void work.change((now) => [removeReplacementEdit(now.id, id)])}
              >
                {t("part.remove")}
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
        {t("part.add")}
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
        label={t("part.part")}
        value={part}
        onInput={setPart}
        max={NAME_LENGTH_MAX}
        required
      />
      <TextField label={t("part.old")} value={old} onInput={setOld} max={LINE_LENGTH_MAX} />
      <TextField label={t("part.new")} value={fresh} onInput={setFresh} max={LINE_LENGTH_MAX} />
      <div class="row act">
        <button type="button" class="btn" onClick={() => setOpen(false)}>
          {t("part.cancel")}
        </button>
        <button type="submit" class="btn pri grow" disabled={part.trim() === ""}>
          {t("part.keep")}
        </button>
      </div>
    </form>
  );
}
