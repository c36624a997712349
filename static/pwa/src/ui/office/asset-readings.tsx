// The readings of an asset: its last inspection's, with those before it. What stands on this page comes
// from the inspections themselves, with the limits that held then.

import { useEffect, useState } from "preact/hooks";
import type { Failed } from "../../sync/office.ts";
import type { AssetDetail, InspectionDetail, InspectionRow } from "../../wire/types.ts";
import { Gauge } from "../kit/gauge.tsx";
import { SectionHeader } from "../kit/layout.tsx";
import { Loading } from "../kit/notices.tsx";
import { quantity } from "../words/format.ts";
import { READS } from "./api.ts";
import { Chart } from "./chart.tsx";
import { Failure } from "./failure.tsx";
import { sourceWords, VerdictWord } from "./review/words.tsx";
import { type Series, seriesOf } from "./series.ts";
import { minute, pulse, useOffice } from "./state.ts";
import { when } from "./times.ts";
import { dotted, t } from "./words.ts";

/** Inspections that are read for one page; the rounds of two years, each quarter one. */
export const READ_MAX = 8;
const SHOWN_FIRST = 6;

/** The newest results, all of the newest one's checklist. */
export function resultsOf(rows: readonly InspectionRow[]): readonly InspectionRow[] {
  const at = (row: InspectionRow) => row.submitted_at ?? "";
  const results = rows
    .filter((row) => row.step === "submitted" || row.step === "accepted")
    .sort((a, b) => at(b).localeCompare(at(a)));
  const newest = results[0];
  if (!newest) return [];
  const title = newest.template_title?.zh;
  return results.filter((row) => row.template_title?.zh === title).slice(0, READ_MAX);
}

type Reading = { readonly details: readonly InspectionDetail[]; readonly failed: Failed | null };

function useDetails(rows: readonly InspectionRow[]): Reading | null {
  const { client } = useOffice();
  const [reading, setReading] = useState<Reading | null>(null);
  const ids = rows.map((row) => row.id).join(" ");
  const beat = pulse.value;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a beat reads the same inspections again.
  useEffect(() => {
    const leave = new AbortController();
    const wanted = ids === "" ? [] : ids.split(" ");
    const reads = wanted.map((id) => client.read(READS.result(id), leave.signal));
    void Promise.all(reads).then((answers) => {
      if (leave.signal.aborted) return;
      const details = answers.flatMap((answer) => (answer.kind === "ok" ? answer.value : []));
      const failed = answers.find((answer) => answer.kind !== "ok") ?? null;
      setReading({ details, failed });
    });
    return () => leave.abort();
  }, [client, ids, beat]);
  return reading;
}

/** "°C，18 至 27": the unit and where it may lie. */
function bounds({ limits, unit }: Series): string {
  if (!limits) return unit;
  const low = limits.warning_low ?? limits.alarm_low;
  const high = limits.warning_high ?? limits.alarm_high;
  const said = (value: number) => quantity(value, unit);
  if (typeof low === "number" && typeof high === "number") {
    return t("gauge.range", { low: quantity(low, ""), high: said(high) });
  }
  if (typeof high === "number") return t("gauge.atMost", { high: said(high) });
  return typeof low === "number" ? t("gauge.atLeast", { low: said(low) }) : unit;
}

function One({ series, zone }: { series: Series; zone: string }) {
  const { entry, points, limits, unit } = series;
  const [last, before] = [points.at(-1), points.at(-2)];
  const { verdict } = entry.judged;
  return (
    <section>
      <header class="row">
        <h3 class="one">{series.title}</h3>
        <span class="end">
          <VerdictWord entry={entry} />
        </span>
      </header>
      <p class="note">{dotted(bounds(series), sourceWords(entry))}</p>
      {points.length > 1 ? (
        <Chart series={series} zone={zone} />
      ) : (
        <div class="row">
          {limits && (
            <Gauge
              limits={limits}
              now={last?.value ?? null}
              last={before?.value ?? null}
              verdict={verdict === "abnormal" || verdict === "warning" ? verdict : "normal"}
              unit={unit}
              width={200}
            />
          )}
          <b class="val">{last ? quantity(last.value, unit) : t("notDone.measured")}</b>
        </div>
      )}
    </section>
  );
}

export function Readings({ detail }: { detail: AssetDetail }) {
  const rows = resultsOf(detail.inspections ?? []);
  const reading = useDetails(rows);
  const [isAll, setAll] = useState(false);
  const newest = rows[0];
  if (!newest) return <p class="note">{t("asset.neverInspected")}</p>;
  if (reading === null) return <Loading words={t("readings.loading")} rows={4} />;
  const series = seriesOf(reading.details);
  const shown = isAll ? series : series.slice(0, SHOWN_FIRST);
  const date = newest.submitted_at ? when(newest.submitted_at, detail.time_zone, minute.value) : "";
  const more =
    series.length > SHOWN_FIRST
      ? {
          action: {
            label: isAll ? t("readings.fewer") : t("readings.all", { n: series.length }),
            onClick: () => setAll(!isAll),
          },
        }
      : {};
  return (
    <>
      <SectionHeader
        title={t("readings.title")}
        count={t("readings.of", { n: reading.details.length, day: date })}
        ruled
        {...more}
      />
      {reading.failed && <Failure failed={reading.failed} />}
      {series.length === 0 && <p class="note">{t("readings.none")}</p>}
      <div class="charts">
        {shown.map((one) => (
          <One key={one.path} series={one} zone={detail.time_zone} />
        ))}
      </div>
    </>
  );
}
