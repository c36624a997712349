// One visit in the office: who was there, what the customer said, who signed, and links to sign later.

import type { VisitDetail } from "../../../wire/types.ts";
import { SectionHeader } from "../../kit/layout.tsx";
import { clock, day } from "../../words/format.ts";
import "../../look/signed.css";
import { READS } from "../api.ts";
import { Show } from "../failure.tsx";
import { ReportsOf } from "../reports/section.tsx";
import { Page } from "../shell.tsx";
import { minute, useRead } from "../state.ts";
import { Links } from "./links.tsx";
import { Signature } from "./signature.tsx";
import { t } from "./words.ts";

/** "11月18日 09:10–16:20" */
export function presence(from: string, to: string | null | undefined, zone: string): string {
  const start = `${day(from, zone, minute.value)} ${clock(from, zone)}`;
  return to ? t("visit.span", { from: start, to: clock(to, zone) }) : start;
}

export function VisitPage({ id }: { id: string }) {
  const loaded = useRead(READS.visit(id));
  return (
    <Page title={t("visit.title")} note={loaded.value?.site_name}>
      <main class="scroll pad on-surface">
        <Show loaded={loaded} words={t("visit.loading")} rows={6}>
          {(visit) => <Body visit={visit} again={loaded.again} />}
        </Show>
      </main>
    </Page>
  );
}

function Body({ visit, again }: { visit: VisitDetail; again: () => void }) {
  const { time_zone: zone, problems = [], signatures = [], contact, assignment } = visit;
  return (
    <>
      <div class="headline">
        <div class="grow">
          <h1>
            {t("visit.on", {
              name: visit.engineer_name,
              from: presence(visit.started_at, visit.ended_at, zone),
            })}
          </h1>
          <p class="quiet">{t("visit.inspected", { n: visit.inspected ?? 0 })}</p>
        </div>
        <dl class="facts">
          {contact && (
            <div>
              <dt>{t("visit.contact")}</dt>
              <dd>{contact}</dd>
            </div>
          )}
          {assignment && (
            <div>
              <dt>{t("visit.round")}</dt>
              <dd>
                <a href={`/office/assignments/${assignment}`}>{visit.site_name}</a>
              </dd>
            </div>
          )}
        </dl>
      </div>
      <ReportsOf of={visit.id} kind="visit" />
      <div class="columns">
        <div>
          <SectionHeader title={t("visits.title")} ruled />
          {signatures.length === 0 && <p class="note">{t("visit.none")}</p>}
          <div class="signatures">
            {signatures.map((signed) => (
              <Signature key={signed.id} {...{ signed, zone }} />
            ))}
          </div>
          {problems.length > 0 && (
            <section class="reported">
              <h3>{t("visit.problems")}</h3>
              {problems.map((text) => (
                <p key={text}>{text}</p>
              ))}
            </section>
          )}
        </div>
        <aside>{(visit.may ?? []).includes("link") && <Links {...{ visit, again }} />}</aside>
      </div>
    </>
  );
}
