// Beside a piece of work: who signed for it, and whether it still is what was signed.
// Rule: a signature is never shown as if it covered what came after it.

import type { Signed, SignedNote, Standing } from "../../../wire/types.ts";
import { StateWord } from "../../kit/state.tsx";
import { t } from "./words.ts";

export function standingOf({ changed_after, added_after }: Signed): Standing {
  if (changed_after) return "changed-after";
  return added_after ? "added-after" : "signed";
}

export function Note({ note, size = 16 }: { note: SignedNote; size?: number }) {
  const { signature, name = "", standing = "signed" } = note;
  const isOld = standing !== "signed";
  return (
    <a class="signednote" href={`/office/signatures/${signature}`}>
      <StateWord icon={isOld ? "needsYou" : "pen"} tone={isOld ? "warn" : "quiet"} size={size}>
        {t(`note.${standing}`, { name })}
      </StateWord>
    </a>
  );
}

/** What became of signed work; nothing while it is as it was. */
export function Since({ signed, size = 16 }: { signed: Signed; size?: number }) {
  const standing = standingOf(signed);
  if (standing === "signed") return null;
  return (
    <StateWord icon="needsYou" tone="warn" size={size}>
      {t(`since.${standing}`)}
    </StateWord>
  );
}
