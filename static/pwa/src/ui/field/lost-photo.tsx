// A photo whose bytes are not what was taken: said plainly, with the way to take it again.
// Rule: what is left of it goes only when its person says so.

import { useState } from "preact/hooks";
import { letGoOfLost } from "../../db/uploads.ts";
import { StateWord } from "../kit/state.tsx";
import { useSession } from "./app.ts";
import type { Need } from "./needs.ts";
import { p } from "./photo-words.ts";

export function LostPhoto({ need }: { need: Need }) {
  const { store } = useSession();
  const [isAsked, setAsked] = useState(false);
  return (
    <li class="nd">
      <div class="grow">
        <StateWord icon="needsYou" tone="bad" size={22}>
          {p("lost.title")}
        </StateWord>
        <h3>{need.name}</h3>
        <p class="quiet">{p("lost.why")}</p>
        {isAsked ? (
          <fieldset class="confirm" aria-label={p("lost.go")}>
            <span class="note">{p("lost.sure")}</span>
            <button type="button" class="btn" onClick={() => setAsked(false)}>
              {p("lost.no")}
            </button>
            <button type="button" class="btn" onClick={() => void letGoOfLost(store, need.key)}>
              {p("lost.yes")}
            </button>
          </fieldset>
        ) : (
          <button type="button" class="btn txt" onClick={() => setAsked(true)}>
            {p("lost.go")}
          </button>
        )}
      </div>
      {need.path && (
        <a class="btn" href={need.path}>
          {p("lost.open")}
        </a>
      )}
    </li>
  );
}
