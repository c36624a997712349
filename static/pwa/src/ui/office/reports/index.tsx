// Every report: filtered by site, language and state as the address says, the newest first.

import type { ReportRow } from "../../../wire/types.ts";
import { address, go, useAddressState } from "../../kit/address.ts";
import { Empty } from "../../kit/notices.tsx";
import { type Column, Table } from "../../kit/table.tsx";
import { figure, instant } from "../../words/format.ts";
import { LANGUAGES } from "../../words/index.ts";
import "../look/reports.css";
import { READS } from "../api.ts";
import { Failure, Show } from "../failure.tsx";
import { Pager, Pick, PickSite, readOffset, setAddress } from "../list.tsx";
import { Page } from "../shell.tsx";
import { minute, useRead } from "../state.ts";
import { dotted } from "../words.ts";
import { Download, ReportNotes, ReportState } from "./row.tsx";
import { keyOf, useOrders, usePolling } from "./use-orders.ts";
import { languageWord, subjectWords, t, verifyOf } from "./words.ts";

const STATES = ["ready", "waiting", "failed"] as const;

type ColumnsOf = { busy: string | null; onAgain: (row: ReportRow) => void };

function columnsOf({ busy, onAgain }: ColumnsOf): readonly Column<ReportRow>[] {
  return [
    {
      key: "report",
      title: t("column.report"),
      cell: (row) => (
        <>
          <a href={placeOf(row)}>{subjectWords(row)}</a>
          <span class="note one">{row.code}</span>
        </>
      ),
    },
    {
      key: "customer",
      title: t("column.customer"),
      cell: (row) => dotted(row.customer_name, row.site_name),
    },
    { key: "language", title: t("column.language"), cell: (row) => languageWord(row.language) },
    {
      key: "state",
      title: t("column.state"),
      cell: (row) => (
        <>
          <ReportState row={row} />
          <ReportNotes row={row} />
        </>
      ),
    },
    {
      key: "made",
      title: t("column.made"),
      cell: (row) => (
        <>
          {instant(row.ready_at ?? row.created_at, row.time_zone, minute.value)}
          <span class="note one">{row.created_by_name}</span>
        </>
      ),
    },
    {
      key: "act",
      title: "",
      num: true,
      cell: (row) => (
        <span class="acts">
          <Download row={row} />
          {row.state === "ready" && (
            <a class="note" href={verifyOf(row)} target="_blank" rel="noreferrer">
              {t("act.verify")}
            </a>
          )}
          {row.state !== "waiting" && !row.superseded_at && (
            <button
              type="button"
              class="btn"
              disabled={busy === keyOf(row)}
              onClick={() => onAgain(row)}
            >
              {t(row.state === "failed" ? "act.retry" : "act.again")}
            </button>
          )}
        </span>
      ),
    },
  ];
}

/** The page of what it is a report of. */
function placeOf(row: ReportRow): string {
  return row.of_kind === "visit" ? `/office/visits/${row.of}` : `/office/assignments/${row.of}`;
}

function useAsked() {
  const [site] = useAddressState("site");
  const [language] = useAddressState("language");
  const [state] = useAddressState("state");
  const [of] = useAddressState("of");
  const [revisions] = useAddressState("revisions");
  const [offset] = useAddressState("offset");
  const current = revisions === "all" ? null : true;
  const query = { site, language, state, of, current, offset: readOffset(offset) || null };
  return { site, language, state, revisions, of, query };
}

export function ReportsPage() {
  const { path, query } = address.value;
  const asked = useAsked();
  const loaded = useRead(READS.reports(asked.query));
  const { busy, failed, ordered, order } = useOrders(loaded.again);
  usePolling(loaded.value?.rows ?? [], loaded.again);
  const set = (changes: Record<string, string>) => setAddress(path, query, changes);
  const isFiltered = [asked.site, asked.language, asked.state, asked.of].some((one) => one !== "");
  const columns = columnsOf({
    busy,
    onAgain: ({ of, of_kind, language }) => void order({ of, of_kind, language }),
  });
  return (
    <Page
      title={t("place.reports")}
      note={loaded.value ? t("reports.count", { n: figure(loaded.value.total) }) : undefined}
    >
      <main class="scroll pad">
        <Filters {...{ asked, set }} />
        {failed && <Failure failed={failed} safe={t("said.safe")} />}
        {ordered && !ordered.is_new && (
          <p class="note ordered" role="status">
            {t("said.unchanged", { n: ordered.report.revision })}
          </p>
        )}
        <Show loaded={loaded} words={t("reports.loading")} rows={8}>
          {({ rows, total, offset: from = 0 }) =>
            rows.length === 0 ? (
              <Empty
                why={isFiltered ? t("reports.none") : t("reports.noneAtAll")}
                {...(isFiltered
                  ? {
                      action: {
                        label: t("reports.seeAll"),
                        onClick: () => go(path, { replace: true }),
                      },
                    }
                  : {})}
              />
            ) : (
              <div class="reports wide">
                <Table
                  caption={t("place.reports")}
                  columns={columns}
                  rows={rows}
                  rowKey={(row) => row.id}
                />
                <Pager total={total} offset={from} shown={rows.length} />
              </div>
            )
          }
        </Show>
      </main>
    </Page>
  );
}

type FiltersProps = {
  asked: ReturnType<typeof useAsked>;
  set: (changes: Record<string, string>) => void;
};

function Filters({ asked, set }: FiltersProps) {
  return (
    <div class="filters">
      <PickSite value={asked.site} onChange={(site) => set({ site })} />
      <Pick
        label={t("reports.language")}
        all={t("reports.both")}
        value={asked.language}
        options={LANGUAGES.map((value) => ({ value, label: languageWord(value) }))}
        onChange={(language) => set({ language })}
      />
      <Pick
        label={t("reports.state")}
        all={t("reports.anyState")}
        value={asked.state}
        options={STATES.map((value) => ({ value, label: t(`reports.${value}`) }))}
        onChange={(state) => set({ state })}
      />
      <Pick
        label={t("reports.revisions")}
        all={t("reports.current")}
        value={asked.revisions}
        options={[{ value: "all", label: t("reports.allRevisions") }]}
        onChange={(revisions) => set({ revisions })}
      />
    </div>
  );
}
