// The list of what waits for the engineer, each with the one action that helps.

import { useState } from "preact/hooks";
import type { IconName } from "../kit/icons.tsx";
import { StateWord, type Tone } from "../kit/state.tsx";
import { Support } from "../kit/support.tsx";
import { LostPhoto } from "./lost-photo.tsx";
import { m } from "./mend-words.ts";
import type { Need } from "./needs.ts";
import { Mend } from "./needs-mend.tsx";
import { type FieldLabel, t } from "./words.ts";

type Look = { icon: IconName; tone: Tone; title: FieldLabel; action: FieldLabel };

const LOOKS: Readonly<Record<Exclude<Need["kind"], "lost">, Look>> = {
  conflict: { icon: "fork", tone: "bad", title: "need.conflict", action: "need.compare" },
  rejected: { icon: "needsYou", tone: "bad", title: "need.rejected", action: "need.mend" },
  returned: { icon: "returned", tone: "warn", title: "state.returned", action: "need.change" },
};

export function NeedList({ needs }: { needs: readonly Need[] }) {
  return (
    <ul class="needs">
      {needs.map((need) =>
        need.kind === "lost" ? (
          <LostPhoto key={need.key} need={need} />
        ) : (
          <NeedRow key={need.key} need={need} look={LOOKS[need.kind]} />
        ),
      )}
    </ul>
  );
}

function NeedRow({ need, look }: { need: Need; look: Look }) {
  const [isOpen, setOpen] = useState(false);
  const { icon, tone, title, action } = look;
  const isConflict = need.kind === "conflict";
  const opens = isConflict || need.entry !== null;
  return (
    <li class="nd">
      <div class="grow">
        <StateWord icon={icon} tone={tone} size={22}>
          {t(title)}
        </StateWord>
        <h3>{need.name}</h3>
        <p class="quiet">{need.why}</p>
        {need.todo !== "" && <p>{need.todo}</p>}
        {need.behind.length > 0 && (
          <p class="note">
            {m("need.behind", {
              n: need.behind.length,
              names: [...new Set(need.behind.map(({ name }) => name))].join(t("list.comma")),
            })}
          </p>
        )}
        {isOpen && isConflict && <Compared need={need} />}
        {isOpen && need.entry && <Mend need={need} entry={need.entry} />}
        <Support text={need.support} />
      </div>
      {opens ? (
        <button type="button" class="btn" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {t(isOpen ? "need.close" : action)}
        </button>
      ) : (
        need.path && (
          <a class="btn" href={need.path}>
            {t(action)}
          </a>
        )
      )}
    </li>
  );
}

/** Both values side by side; the office decides, and neither is lost. */
function Compared({ need }: { need: Need }) {
  return (
    <div class="compared">
      <table>
        <thead>
          <tr>
            <th scope="col">
              <span class="spoken">{t("need.field")}</span>
            </th>
            <th scope="col">{t("need.mine")}</th>
            <th scope="col">{t("need.theirs")}</th>
          </tr>
        </thead>
        <tbody>
          {need.fields.map(({ label, mine, theirs }) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              <td>{mine}</td>
              <td>{theirs}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="note">{t("need.decided")}</p>
      {need.path && (
        <a class="btn" href={need.path}>
          {t("need.open")}
        </a>
      )}
    </div>
  );
}
