// What comes first where nothing is set up yet. Rule: what no screen does is said, with what does it.

import type { ComponentChildren } from "preact";
import type { Today } from "../../wire/types.ts";
import { SectionHeader } from "../kit/layout.tsx";
import { Empty } from "../kit/notices.tsx";
import { READS } from "./api.ts";
import { Show } from "./failure.tsx";
import { useMay, useRead } from "./state.ts";
import { t } from "./words.ts";

/** Whether a day has nothing in it: then it is asked whether there is any place of work at all. */
export function isBlank(today: Today): boolean {
  const { open_rounds = 0, to_review = 0, done_today = 0, waiting = 0 } = today;
  const findings = (today.findings ?? []).some(({ open = 0 }) => open > 0);
  return open_rounds + to_review + done_today + waiting === 0 && !findings;
}

/** The first steps where there is no site; `children` where there is one. */
export function Begin({ children }: { children: ComponentChildren }) {
  const sites = useRead(READS.sites());
  const mayAll = useMay("people");
  return (
    <Show loaded={sites} words={t("today.loading")} rows={8}>
      {({ total }) => {
        if (total > 0) return children;
        return mayAll ? <FirstSteps /> : <Empty why={t("begin.noSite")} />;
      }}
    </Show>
  );
}

function FirstSteps() {
  return (
    <section class="begin">
      <SectionHeader title={t("begin.title")} ruled />
      <p>{t("begin.why")}</p>
      <ol>
        <li>
          <b>{t("begin.data")}</b>
          <p class="note">{t("begin.dataHow")}</p>
          <pre>
            <code>python -m server company FILE</code>
          </pre>
          <p class="note">{t("begin.dataMore")}</p>
        </li>
        <li>
          <a href="/office/assignments">{t("begin.rounds")}</a>
          <p class="note">{t("begin.roundsHow")}</p>
        </li>
        <li>
          <a href="/office/people">{t("begin.tablets")}</a>
          <p class="note">{t("begin.tabletsHow")}</p>
        </li>
        <li>
          <a href="/office/labels">{t("begin.labels")}</a>
          <p class="note">{t("begin.labelsHow")}</p>
        </li>
      </ol>
    </section>
  );
}
