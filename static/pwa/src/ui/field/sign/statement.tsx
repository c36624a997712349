// What is being signed, in words, before anybody signs: the visit, the counts, what was abnormal.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Icon } from "../../kit/icons.tsx";
import { StateWord } from "../../kit/state.tsx";
import { day } from "../../words/format.ts";
import { isGrave } from "../inspect/before.tsx";
import { after, t } from "../inspect/words.ts";
import type { Coverage } from "./visit.ts";

// Between two of these stands what is bold in the sentence.
const BOLD = "\u0001";

/** The sentence with its bold parts marked; without marks it is what the document holds. */
export function sentenceOf(coverage: Coverage, zone: string, mark = ""): string {
  const { visit, site, inspected, notInspected } = coverage;
  const bold = (text: string | number): string => `${mark}${text}${mark}`;
  const said = {
    // A signature is read years later: with its year.
    day: day(visit.data.started_at, zone, 0),
    engineer: bold(visit.data.engineer_name),
    site: bold(site?.data.name ?? ""),
  };
  const n = inspected.length;
  if (notInspected.length === 0) {
    return t("sign.statement", { ...said, n }).replace(` ${n} `, ` ${bold(n)} `);
  }
  const of = n + notInspected.length;
  return t("sign.statementPart", { ...said, n: bold(n), of });
}

type StatementProps = {
  coverage: Coverage;
  zone: string;
  /** The customer's own problems, opened with the rest. */
  children: ComponentChildren;
};

export function Statement({ coverage, zone, children }: StatementProps) {
  const parts = sentenceOf(coverage, zone, BOLD).split(BOLD);
  return (
    <>
      <p class="note">{t("sign.what")}</p>
      <p class="big">{parts.map((part, at) => (at % 2 === 1 ? <b key={at}>{part}</b> : part))}</p>
      <Numbers coverage={coverage} />
      <Listed coverage={coverage}>{children}</Listed>
      {coverage.drafts > 0 && <p class="note">{t("sign.drafts", { n: coverage.drafts })}</p>}
    </>
  );
}

function Numbers({ coverage }: { coverage: Coverage }) {
  const { inspected, abnormalAssets, notInspected } = coverage;
  const rows = [
    { icon: "tick" as const, name: t("answer.normal"), n: inspected.length - abnormalAssets },
    { icon: "alert" as const, name: t("answer.abnormal"), n: abnormalAssets },
    { icon: "paused" as const, name: t("sign.notInspected"), n: notInspected.length },
  ];
  return (
    <dl class="cn">
      {rows.map(({ icon, name, n }) => (
        <div key={name} class={icon === "alert" && n > 0 ? "b" : ""}>
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

// What fits beside the pad without a scroll; the rest is one tap away.
const SHOWN = 3;

function Listed({ coverage, children }: Omit<StatementProps, "zone">) {
  const { abnormal, notInspected, photos } = coverage;
  const [isAll, setAll] = useState(false);
  const room = isAll ? Number.POSITIVE_INFINITY : SHOWN;
  const first = abnormal.slice(0, room);
  const missed = notInspected.slice(0, Math.max(room - first.length, 1));
  const problems = Object.keys(coverage.visit.data.problems ?? {}).length;
  return (
    <>
      <ul class="fl">
        {first.map(({ key, severity, asset, text }) => (
          <li key={key}>
            <StateWord icon="alert" tone={isGrave(severity) ? "bad" : "quiet"}>
              {t(`severity.${severity}`)}
            </StateWord>
            <span>{after(asset, text)}</span>
          </li>
        ))}
        {missed.map((name) => (
          <li key={name}>
            <StateWord icon="paused" tone="quiet">
              {t("sign.notInspected")}
            </StateWord>
            <span>{name}</span>
          </li>
        ))}
      </ul>
      <p class="note lk">
        <span>
          {[
            abnormal.length > first.length
              ? t("sign.moreAbnormal", { n: abnormal.length - first.length })
              : "",
            notInspected.length > missed.length
              ? t("sign.more", { n: notInspected.length - missed.length })
              : "",
            t("sign.photos", { n: photos }),
            t("sign.problems", { n: problems }),
          ]
            .filter((part) => part !== "")
            .join(" · ")}
        </span>
        <button type="button" class="btn txt" aria-expanded={isAll} onClick={() => setAll(!isAll)}>
          {t(isAll ? "sign.showLess" : "sign.showAll")}
          <Icon name={isAll ? "up" : "right"} size={18} />
        </button>
      </p>
      {isAll && children}
    </>
  );
}
