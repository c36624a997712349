// What somebody signed, or is about to, in words: the sentence, the counts, what was out of order.
// Rule: read-only and whole; it prints as it stands.

import { useState } from "preact/hooks";
import type { Stated } from "../../wire/types.ts";
import "../look/stated.css";
import { t } from "../words/sign.ts";
import { Icon } from "./icons.tsx";
import { StateWord } from "./state.tsx";

const SEVERITIES = ["urgent", "major", "minor", "advice"] as const;

/** A severity in words; "abnormal" where another client wrote something else. */
export function severityWord(severity: string): string {
  const known = SEVERITIES.find((one) => one === severity);
  return known === undefined ? t("answer.abnormal") : t(`severity.${known}`);
}

// What was not inspected, beside a pad; the rest is one tap away. Nothing abnormal is ever folded.
const SHOWN = 3;

type StatementProps = {
  stated: Stated;
  /** A long list of what was not inspected is opened by a button. */
  isFolded?: boolean;
};

export function StatementOf({ stated, isFolded = false }: StatementProps) {
  const { statement = [], counts, photos, problems = [] } = stated;
  const [first = "", ...rest] = statement;
  return (
    <div class="stated">
      {first === "" ? <p class="note">{t("stated.none")}</p> : <p class="big">{first}</p>}
      {counts && <Counts {...counts} />}
      <Listed {...{ stated, isFolded }} />
      {problems.length > 0 && (
        <>
          <h3>{t("stated.problems")}</h3>
          <ul class="told">
            {problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </>
      )}
      {typeof photos === "number" && <p class="note">{t("stated.photos", { n: photos })}</p>}
      {rest.map((sentence) => (
        <p key={sentence} class="note">
          {sentence}
        </p>
      ))}
    </div>
  );
}

function Counts({ normal = 0, abnormal = 0, not_inspected = 0 }: NonNullable<Stated["counts"]>) {
  const rows = [
    { icon: "tick" as const, name: t("answer.normal"), n: normal },
    { icon: "alert" as const, name: t("answer.abnormal"), n: abnormal },
    { icon: "paused" as const, name: t("stated.notInspected"), n: not_inspected },
  ];
  return (
    <dl class="three">
      {rows.map(({ icon, name, n }) => (
        <div key={name} class={icon === "alert" && n > 0 ? "bad" : ""}>
          <dd>{n}</dd>
          <dt>
            <Icon name={icon} size={18} />
            {name}
          </dt>
        </div>
      ))}
    </dl>
  );
}

function Listed({ stated, isFolded }: { stated: Stated; isFolded: boolean }) {
  const { abnormal = [], not_inspected = [] } = stated;
  const [isAll, setAll] = useState(false);
  const missed = isFolded && !isAll ? not_inspected.slice(0, SHOWN) : not_inspected;
  if (abnormal.length === 0 && not_inspected.length === 0) return null;
  return (
    <>
      <ul class="things">
        {abnormal.map(({ asset = "", severity = "", text = "" }, at) => (
          <li key={at}>
            <StateWord icon="alert" tone={/urgent|major/.test(severity) ? "bad" : "quiet"}>
              {severityWord(severity)}
            </StateWord>
            <span>{[asset, text].filter((part) => part !== "").join(t("list.colon"))}</span>
          </li>
        ))}
        {missed.map((name) => (
          <li key={name}>
            <StateWord icon="paused" tone="quiet">
              {t("stated.notInspected")}
            </StateWord>
            <span>{name}</span>
          </li>
        ))}
      </ul>
      {isFolded && not_inspected.length > SHOWN && (
        <button type="button" class="btn txt" aria-expanded={isAll} onClick={() => setAll(!isAll)}>
          {isAll ? t("stated.fold") : t("stated.all", { n: not_inspected.length })}
        </button>
      )}
    </>
  );
}
