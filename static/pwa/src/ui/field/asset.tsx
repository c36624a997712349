// The page of one asset: what it is, its tag, what is open, the last readings, the way into its checklist.

import { display } from "../../core/tags.ts";
import { assetOf, isReturned, type Seen, targetState } from "../../core/work.ts";
import type { Id, Severity } from "../../wire/types.ts";
import { FieldHead } from "../kit/field-shell.tsx";
import { Gauge } from "../kit/gauge.tsx";
import { Icon } from "../kit/icons.tsx";
import { ListRow, SectionHeader } from "../kit/layout.tsx";
import { Empty } from "../kit/notices.tsx";
import { StateWord } from "../kit/state.tsx";
import { calendarDay, day, quantity } from "../words/format.ts";
import { useApp, useSession, zoneOf } from "./app.ts";
import { AssetForm } from "./asset-form.tsx";
import { categoryWords, modelOf, placeOf, titleOf } from "./asset-words.ts";
import { openRoundsOf } from "./judge.ts";
import { bindPath, inspectPath, ROOMS, roomPath } from "./paths.ts";
import { type LastVisit, lastVisits, type ReadingLine } from "./readings.ts";
import { useGun } from "./scan/gun.ts";
import { Screen } from "./screen.tsx";
import { StartAdHoc } from "./start.tsx";
import { inLanguage, t } from "./words.ts";

export function AssetPage({ id }: { id: Id }) {
  const session = useSession();
  useGun();
  const asset = assetOf(id, session.records);
  if (asset === undefined) {
    return (
      <Screen current={ROOMS} head={<FieldHead title={t("asset.title")} back={ROOMS} />}>
        <main class="scroll page">
          <Empty why={`${t("asset.notHere")} ${t("asset.notHereHow")}`} />
        </main>
      </Screen>
    );
  }
  const back = asset.data.room ? roomPath(asset.data.room) : ROOMS;
  return (
    <Screen
      current={ROOMS}
      head={
        <FieldHead title={titleOf(asset)} note={placeOf(session, asset)} back={back}>
          {asset.data.provisional && (
            <StateWord icon="tag" tone="warn">
              {t("asset.toComplete")}
            </StateWord>
          )}
        </FieldHead>
      }
    >
      <main class="scroll page">
        <Work asset={asset} />
        <Findings asset={asset} />
        <Readings asset={asset} />
        <History asset={asset} />
      </main>
      <aside class="sidecol below">
        <Master asset={asset} />
        <Tags asset={asset} />
      </aside>
    </Screen>
  );
}

type Of = { asset: Seen<"asset"> };

/** What can be done here: the round's checklist, one that was begun, or one outside any round. */
function Work({ asset }: Of) {
  const app = useApp();
  const session = useSession();
  const { records, person } = session;
  const rounds = openRoundsOf(session, asset.id);
  const open = records
    .by("inspection", "asset", asset.id)
    .filter(({ data }) => data.inspector === person.person && !data.assignment)
    .filter(({ data }) => targetState(data) !== "accepted");
  const zone = zoneOf(session, asset.data.site);
  return (
    <section class="grp">
      <SectionHeader level={3} title={t("asset.work")} />
      <ul>
        {rounds.map((round) => (
          <li key={round.id}>
            <ListRow
              href={inspectPath(round.id, asset.id)}
              title={inLanguage(round.data.title)}
              note={t("asset.roundDue", { day: day(round.data.due_at, zone, app.now) })}
              state={
                <StateWord icon="checks" tone="act" size={18}>
                  {t("scan.open")}
                </StateWord>
              }
            />
          </li>
        ))}
        {open.map(({ id, data }) => {
          const template = records.record("template", data.template);
          return (
            <li key={id}>
              <ListRow
                href={inspectPath(null, asset.id)}
                title={template ? inLanguage(template.data.title) : t("asset.adHoc")}
                note={t("asset.adHoc")}
                state={
                  <StateWord
                    icon={isReturned(data) ? "returned" : "underWay"}
                    tone={isReturned(data) ? "warn" : "quiet"}
                    size={18}
                  >
                    {t(isReturned(data) ? "state.returned" : "state.underWay")}
                  </StateWord>
                }
              />
            </li>
          );
        })}
      </ul>
      {open.length === 0 && <StartAdHoc asset={asset} isMain={rounds.length === 0} />}
    </section>
  );
}

const SEVERITY_ICONS: Readonly<Record<Severity, "alert" | "flag">> = {
  urgent: "alert",
  major: "alert",
  minor: "flag",
  advice: "flag",
};

function Findings({ asset }: Of) {
  const app = useApp();
  const session = useSession();
  const zone = zoneOf(session, asset.data.site);
  const open = session.records
    .by("finding", "asset", asset.id)
    .filter(({ data }) => ["open", "planned"].includes(data.step?.step ?? "open"));
  if (open.length === 0) return null;
  return (
    <section class="grp">
      <SectionHeader
        level={3}
        title={t("asset.findings")}
        count={t("state.finding", { n: open.length })}
      />
      <ul>
        {open.map(({ id, data }) => (
          <li key={id}>
            <ListRow
              title={data.text}
              note={[
                t("asset.foundOn", { day: day(data.found_at, zone, app.now) }),
                data.due_on
                  ? t("asset.dueOn", { day: calendarDay(data.due_on, app.now, zone) })
                  : "",
                data.owner,
              ]
                .filter(Boolean)
                .join(" · ")}
              state={
                <StateWord icon={SEVERITY_ICONS[data.severity]} tone="warn" size={18}>
                  {t(`severity.${data.severity}`)}
                </StateWord>
              }
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Readings({ asset }: Of) {
  const session = useSession();
  const visits = lastVisits(asset.data, session.records);
  return (
    <>
      {visits.map((visit) => (
        <Visit key={visit.key} visit={visit} zone={zoneOf(session, asset.data.site)} />
      ))}
    </>
  );
}

function Visit({ visit, zone }: { visit: LastVisit; zone: string }) {
  const app = useApp();
  const { last, lines, title, normal } = visit;
  const at = day(last.at, zone, app.now);
  return (
    <section class="grp">
      <SectionHeader
        level={3}
        title={t("asset.lastReadings")}
        count={t("asset.lastBy", { title, day: at, name: last.by })}
      />
      <ul class="lasts">
        {lines.map((line) => (
          <Line key={line.path} line={line} />
        ))}
      </ul>
      {normal > 0 && <p class="note rest">{t("asset.normal", { n: normal })}</p>}
    </section>
  );
}

const TONES = { normal: "", warning: " warn", abnormal: " bad" } as const;

function Line({ line }: { line: ReadingLine }) {
  const { title, value, unit, decimals, limits, verdict } = line;
  const words = typeof value === "number" ? quantity(value, unit, decimals) : value;
  return (
    <li class="last">
      <span class="grow">{title}</span>
      {limits && typeof value === "number" && (
        <Gauge limits={limits} now={value} verdict={verdict} unit={unit} width={160} />
      )}
      <span class={`figure${TONES[verdict]}`}>
        {verdict !== "normal" && <Icon name="alert" size={18} label={t("answer.abnormal")} />}
        {words}
      </span>
    </li>
  );
}

function Master({ asset }: Of) {
  const { number, serial, category, status, responsible, vendor_phone, warranty_until, note } =
    asset.data;
  const app = useApp();
  const session = useSession();
  const site = session.records.record("site", asset.data.site);
  const rows: readonly (readonly [string, string | null | undefined])[] = [
    [t("asset.model"), modelOf(asset.data)],
    [t("asset.serial"), serial],
    [t("asset.number"), number],
    [t("asset.category"), category && categoryWords(category)],
    [t("asset.site"), site && `${site.data.city} · ${site.data.name}`],
    [t("asset.place"), placeOf(session, asset)],
    [t("asset.status"), status && status !== "in-use" ? t(`assetStatus.${status}`) : ""],
    [t("asset.responsible"), responsible],
    [t("asset.vendor"), vendor_phone],
    [
      t("asset.warranty"),
      warranty_until && calendarDay(warranty_until, app.now, zoneOf(session, asset.data.site)),
    ],
    [t("asset.note"), note],
  ];
  return (
    <AssetForm asset={asset}>
      <dl class="facts">
        {rows
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </AssetForm>
  );
}

function Tags({ asset }: Of) {
  const { records } = useSession();
  const tags = records.by("tag", "asset", asset.id).filter(({ data }) => !data.retired);
  return (
    <section class="grp">
      <SectionHeader level={3} title={t("tag.title")} />
      <ul class="tags">
        {tags.map(({ id, data }) => (
          <li key={id} class="code">
            <Icon name="tag" />
            {display(data.code)}
          </li>
        ))}
      </ul>
      {tags.length === 0 && <p class="note">{t("tag.none")}</p>}
      <a class="btn" href={bindPath(asset.id)}>
        <Icon name="scan" size={22} />
        {t("tag.bindNew")}
      </a>
    </section>
  );
}

const HISTORY_MAX = 8;

function History({ asset }: Of) {
  const app = useApp();
  const session = useSession();
  const zone = zoneOf(session, asset.data.site);
  const past = session.records
    .by("inspection", "asset", asset.id)
    .filter(({ data }) => ["submitted", "accepted"].includes(targetState(data)))
    .toSorted((one, other) => ((one.data.step?.at ?? "") < (other.data.step?.at ?? "") ? 1 : -1));
  if (past.length === 0) return null;
  return (
    <section class="grp">
      <SectionHeader level={3} title={t("asset.history")} />
      <ul>
        {past.slice(0, HISTORY_MAX).map(({ id, data }) => {
          const isAccepted = targetState(data) === "accepted";
          const at = data.step?.at ?? data.started_at;
          return (
            <li key={id}>
              <ListRow
                href={inspectPath(data.assignment ?? null, asset.id)}
                title={at ? day(at, zone, app.now) : t("asset.adHoc")}
                note={data.inspector_name}
                state={
                  <StateWord icon={isAccepted ? "tick" : "clock"} tone="quiet" size={18}>
                    {t(isAccepted ? "review.accepted" : "review.toReview")}
                  </StateWord>
                }
              />
            </li>
          );
        })}
      </ul>
    </section>
  );
}
