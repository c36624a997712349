// The head of a result: what it is about, who did it, how long it took, what has arrived, who signed.

import type { InspectionDetail, Signed } from "../../../wire/types.ts";
import { SealWord } from "../../kit/seal.tsx";
import { Segmented } from "../../kit/segmented.tsx";
import { StateWord } from "../../kit/state.tsx";
import { day } from "../../words/format.ts";
import { stillHeldWords } from "../files/words.ts";
import { Since } from "../sign/note.tsx";
import { minute } from "../state.ts";
import { spent, when } from "../times.ts";
import { dotted, inLanguage, t } from "../words.ts";
import { type Counts, FILTERS, type Filter } from "./sheet-items.ts";

/** When the last of it came from a device, by the server's clock. */
export function arrivedAt(detail: InspectionDetail): string | null {
  const times = (detail.history ?? [])
    .filter((row) => !row.is_office && row.outcome === "applied")
    .map((row) => row.at)
    .sort();
  return times.at(-1) ?? detail.row.submitted_at ?? null;
}

function Arrived({ detail }: { detail: InspectionDetail }) {
  const { photos_waiting = 0, time_zone, step } = detail.row;
  const at = arrivedAt(detail);
  const time = at ? when(at, time_zone, minute.value) : "";
  if (step === "draft" || step === "returned") {
    return (
      <StateWord icon="underWay" tone="plain" size={17}>
        {t(step === "draft" ? "state.underWay" : "state.returned")}
      </StateWord>
    );
  }
  if (photos_waiting > 0) {
    return (
      <>
        <StateWord icon="photosLeft" tone="warn" size={17}>
          {t("round.photos", { n: photos_waiting })}
        </StateWord>
        {(detail.still_held ?? []).map((held) => (
          <span key={held.device} class="note block">
            {stillHeldWords(held, time_zone, minute.value)}
          </span>
        ))}
      </>
    );
  }
  return (
    <StateWord icon="confirmed" tone="ok" size={17}>
      {t("result.arrived", { time })}
    </StateWord>
  );
}

/** The signature of the customer that stands, over the visit or, of a device's user, over this. */
export function customerSignature(detail: InspectionDetail): Signed | undefined {
  const signed = (detail.signatures ?? []).filter(
    (one) => one.role !== "engineer" && !one.superseded,
  );
  const latest = signed.toSorted((one, other) => (one.signed_at < other.signed_at ? 1 : -1));
  return latest.find((one) => one.role === "contact") ?? latest[0];
}

function Customer({ detail }: { detail: InspectionDetail }) {
  const one = customerSignature(detail);
  if (!one) return <span class="faint">{t("sign.none")}</span>;
  if (!one.strokes) return <span class="one">{one.absent_reason || t("sign.absent")}</span>;
  const words = `${one.name ?? ""} ${when(one.signed_at, detail.row.time_zone, minute.value)}`;
  return (
    <>
      <a href={`/office/signatures/${one.id}`}>{words}</a>
      <Since signed={one} />
      {one.seal === "broken" && <SealWord seal="broken" faults={one.faults ?? []} />}
    </>
  );
}

export function Head({ detail }: { detail: InspectionDetail }) {
  const { row, asset } = detail;
  const took = row.started_at && row.submitted_at ? spent(row.started_at, row.submitted_at) : null;
  const before = detail.before_at ? day(detail.before_at, row.time_zone, minute.value) : "";
  return (
    <header class="rh">
      <div class="grow">
        <h1>{row.asset_name || t("asset.unnamed")}</h1>
        <p class="quiet">
          {dotted(
            [asset.maker, asset.model].filter((one) => one).join(" "),
            [row.site_name, row.room_name, row.position].filter((one) => one).join(" "),
          )}
        </p>
        <p class="note">
          <a href={`/office/assets/${row.asset}`}>{row.asset_number || t("asset.open")}</a>
          {" · "}
          {dotted(
            inLanguage(row.template_title),
            inLanguage(row.assignment_title),
            detail.before_at && t("before.was", { day: before, name: detail.before_by ?? "" }),
            (row.round ?? 1) > 1 && t("result.round", { n: row.round ?? 1 }),
          )}
        </p>
      </div>
      <dl class="facts">
        <div>
          <dt>{t("round.engineer")}</dt>
          <dd>{row.inspector_name}</dd>
        </div>
        {took !== null && (
          <div>
            <dt>{t("result.took")}</dt>
            <dd>{took}</dd>
          </div>
        )}
        <div>
          <dt>{t("result.arrival")}</dt>
          <dd>
            <Arrived detail={detail} />
          </dd>
        </div>
        <div>
          <dt>{t("result.signature")}</dt>
          <dd class="signed">
            <Customer detail={detail} />
          </dd>
        </div>
      </dl>
    </header>
  );
}

type FiltersProps = { counts: Counts; filter: Filter; onFilter: (filter: Filter) => void };

export function Filters({ counts, filter, onFilter }: FiltersProps) {
  const options = FILTERS.map((value) => ({
    value,
    label: t(`filter.${value}`, { count: counts[value] }),
  }));
  return (
    <div class="flt">
      <Segmented
        label={t("filter.label")}
        options={options}
        value={filter}
        onChange={(next) => next && onFilter(next)}
        clearable={false}
      />
      <span class="note end">
        {counts.rest > 0
          ? t("filter.normalRest", { normal: counts.normal, rest: counts.rest })
          : t("filter.normal", { normal: counts.normal })}
      </span>
    </div>
  );
}
