// What needed somebody and is over: how, by whom and when; or mended here and on its way.

import { SectionHeader } from "../kit/layout.tsx";
import { StateWord } from "../kit/state.tsx";
import { instant } from "../words/format.ts";
import { m } from "./mend-words.ts";
import type { Done } from "./needs.ts";
import { useStanding } from "./screen.tsx";

const HOW = {
  applied: "done.applied",
  replaced: "done.replaced",
  discarded: "done.discarded",
  decided: "done.decided",
  sent: "done.sent",
} as const satisfies Readonly<Record<Done["how"], string>>;

export function DoneList({ done }: { done: readonly Done[] }) {
  const { zone, now } = useStanding();
  if (done.length === 0) return null;
  return (
    <>
      <SectionHeader title={m("done.title")} />
      <ul>
        {done.map(({ key, name, how, by, at, words }) => (
          <li key={key} class="nd">
            <div class="grow">
              <h3>{name}</h3>
              <p class="note">
                {[by, at === null ? "" : instant(Date.parse(at), zone, now), words]
                  .filter(Boolean)
                  .join(" · ")}
              </p>
            </div>
            <StateWord icon={how === "sent" ? "clock" : "tick"} tone="quiet" size={20}>
              {m(HOW[how])}
            </StateWord>
          </li>
        ))}
      </ul>
    </>
  );
}
