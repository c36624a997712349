// What the office looks at: changes that were not written at once, and those that wait behind them.
// Rule: each by its name, with why and that nothing is to be redone; the number above is this list's length.

import type { Disposition } from "../../wire/types.ts";
import { SectionHeader } from "../kit/layout.tsx";
import { supportWords } from "../kit/problem-words.ts";
import { StateWord } from "../kit/state.tsx";
import { Support } from "../kit/support.tsx";
import { useSession } from "./app.ts";
import { m } from "./mend-words.ts";
import { withOfficeOfRecords } from "./needs.ts";

/** A record that is not there, or is not theirs any more, is told alike, and otherwise than the rest. */
function whyWords({ outcome, problem }: Disposition): string {
  if (outcome === "held") return m("office.held");
  return m(problem ? "office.unknown" : "office.review");
}

export function WithOffice() {
  const waiting = withOfficeOfRecords(useSession());
  if (waiting.length === 0) return null;
  return (
    <>
      <SectionHeader title={m("office.title")} count={m("office.note")} />
      <ul class="needs">
        {waiting.map(({ key, name, told }) => (
          <li key={key} class="nd">
            <div class="grow">
              <StateWord icon={told.outcome === "held" ? "clock" : "person"} tone="quiet" size={22}>
                {m(told.outcome === "held" ? "office.queued" : "office.looks")}
              </StateWord>
              <h3>{name}</h3>
              <p class="quiet">{whyWords(told)}</p>
              <Support text={supportWords(told.problem ?? null)} />
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
