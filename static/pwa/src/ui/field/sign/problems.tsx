// The customer's own problem list, on the page where they sign.

import { useState } from "preact/hooks";
import { mintId } from "../../../core/ids.ts";
import type { Seen } from "../../../core/work.ts";
import type { Session } from "../../../sync/session.ts";
import { TEXT_LENGTH_MAX } from "../../../wire/limits.ts";
import { TextField } from "../../kit/fields.tsx";
import { Icon } from "../../kit/icons.tsx";
import { addProblemEdit } from "../edits.ts";
import { t } from "../inspect/words.ts";

/** The customer's own problem list, written down while they are here. */
export function Problems({ session, visit }: { session: Session; visit: Seen<"visit"> }) {
  const [text, setText] = useState("");
  const problems = Object.entries(visit.data.problems ?? {}).toSorted(([, one], [, other]) =>
    (one.at ?? "") < (other.at ?? "") ? -1 : 1,
  );
  const add = (): void => {
    const { pen } = session;
    const now = pen.now();
    const at = new Date(now).toISOString();
    const id = mintId(now, pen.random);
    void session
      .write([addProblemEdit(visit.id, id, text.trim(), at)])
      .then(() => setText(""))
      // The text stays in its field, to be noted again.
      .catch(() => undefined);
  };
  return (
    <div class="problems">
      <ul>
        {problems.map(([id, problem]) => (
          <li key={id}>{problem.text}</li>
        ))}
      </ul>
      <form
        class="adding"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== "") add();
        }}
      >
        <TextField
          label={t("sign.addProblem")}
          hideLabel
          placeholder={t("sign.addProblem")}
          value={text}
          onInput={setText}
          max={TEXT_LENGTH_MAX}
        />
        <button type="submit" class="btn" disabled={text.trim() === ""}>
          <Icon name="plus" size={22} />
          {t("sign.addProblemYes")}
        </button>
      </form>
    </div>
  );
}
