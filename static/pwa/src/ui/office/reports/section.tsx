// The reports of a round and its visits, or of one visit: made, watched, downloaded.
// Rule: both languages stand side by side; what is there is never hidden by what is being made.

import type {
  Language,
  ReportOf,
  ReportOrdered,
  ReportRow,
  ReportSubject,
  ReportSubjects,
} from "../../../wire/types.ts";
import { SectionHeader } from "../../kit/layout.tsx";
import { LANGUAGES } from "../../words/index.ts";
import "../look/reports.css";
import { READS, reportTable } from "../api.ts";
import { Failure, Show } from "../failure.tsx";
import { useRead } from "../state.ts";
import { Download, ReportNotes, ReportState } from "./row.tsx";
import { keyOf, useOrders, usePolling } from "./use-orders.ts";
import { languageWord, spanOf, t, verifyOf } from "./words.ts";

type SectionProps = { of: string; kind: ReportOf };

export function ReportsOf({ of, kind }: SectionProps) {
  const loaded = useRead(READS.reportsOf(of, kind));
  return (
    <section class="reports-of">
      <SectionHeader title={t("reports.title")} ruled />
      <Show loaded={loaded} words={t("reports.loading")} rows={2}>
        {(found) => <Subjects found={found} again={loaded.again} />}
      </Show>
    </section>
  );
}

function Subjects({ found, again }: { found: ReportSubjects; again: () => void }) {
  const { busy, failed, ordered, order } = useOrders(again);
  usePolling(
    found.subjects.flatMap((one) => one.reports ?? []),
    again,
  );
  return (
    <>
      {failed && <Failure failed={failed} safe={t("said.safe")} />}
      {ordered && <Said ordered={ordered} />}
      <ul class="rows">
        {found.subjects.map((subject) => (
          <li key={subject.of}>
            <div class="what">
              <b>{titleOf(subject, found.time_zone)}</b>
              <span class="note tables">
                {(["xlsx", "csv"] as const).map((format) => (
                  <Table key={format} subject={subject} format={format} />
                ))}
              </span>
            </div>
            {LANGUAGES.map((language) => (
              <OneLanguage
                key={language}
                {...{ subject, language }}
                isBusy={busy === keyOf({ of: subject.of, language })}
                onMake={() => void order({ of: subject.of, of_kind: subject.of_kind, language })}
              />
            ))}
            {(subject.earlier ?? 0) > 0 && (
              <a class="note" href={`/office/reports?of=${subject.of}&revisions=all`}>
                {t("earlier", { n: subject.earlier ?? 0 })}
              </a>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

/** What became of the last order, where nothing on the screen moves by it. */
function Said({ ordered }: { ordered: ReportOrdered }) {
  const n = ordered.report.revision;
  return (
    <p class="note ordered" role="status">
      {ordered.is_new ? t("said.begun", { n }) : t("said.unchanged", { n })}
    </p>
  );
}

function titleOf(subject: ReportSubject, zone: string): string {
  if (subject.of_kind === "assignment") return t("of.assignment");
  if (!subject.started_at) return t("of.thisVisit");
  const span = spanOf(subject.started_at, subject.ended_at, zone);
  return t("of.visitOn", { name: subject.engineer_name ?? "", span });
}

function Table({ subject, format }: { subject: ReportSubject; format: "csv" | "xlsx" }) {
  return (
    <a href={reportTable(subject, format)} download>
      {t(`act.${format}`)}
    </a>
  );
}

type OneProps = {
  subject: ReportSubject;
  language: Language;
  isBusy: boolean;
  onMake: () => void;
};

function OneLanguage({ subject, language, isBusy, onMake }: OneProps) {
  const own = (subject.reports ?? []).filter((row) => row.language === language);
  const newest = own[0];
  const isUnderWay = newest?.state === "waiting";
  const act = newest === undefined ? "make" : newest.state === "failed" ? "retry" : "again";
  return (
    <div class="one-language">
      <span class="lab">{languageWord(language)}</span>
      {own.length === 0 && <span class="note">{t("none.yet")}</span>}
      {own.map((row) => (
        <Revision key={row.id} row={row} />
      ))}
      {!isUnderWay && (
        <button type="button" class="btn" disabled={isBusy} onClick={onMake}>
          {t(`act.${act}`)}
        </button>
      )}
    </div>
  );
}

function Revision({ row }: { row: ReportRow }) {
  return (
    <span class="revision">
      <ReportState row={row} />
      <Download row={row} />
      {row.state === "ready" && (
        <a class="note" href={verifyOf(row)} target="_blank" rel="noreferrer">
          {t("act.verify")}
        </a>
      )}
      <ReportNotes row={row} />
    </span>
  );
}
