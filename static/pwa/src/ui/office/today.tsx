// The office's first page: what is due, what is overdue, what waits for a decision.

import type { ConflictRow, DeviceRow, SeverityCount, Today } from "../../wire/types.ts";
import { go } from "../kit/address.ts";
import { Icon } from "../kit/icons.tsx";
import { SectionHeader } from "../kit/layout.tsx";
import { Empty } from "../kit/notices.tsx";
import { StateWord } from "../kit/state.tsx";
import { Table } from "../kit/table.tsx";
import { dayInWeek, figure } from "../words/format.ts";
import { READS } from "./api.ts";
import { Alarm, StoredAlarm } from "./audit/alarm.tsx";
import { Begin, isBlank } from "./begin.tsx";
import { Show } from "./failure.tsx";
import { fieldWord } from "./fields.ts";
import { heldShort } from "./files/words.ts";
import { roundColumns } from "./round-words.tsx";
import { Page } from "./shell.tsx";
import { minute, useMay, useOffice, useRead } from "./state.ts";
import { ago, isSilent, when } from "./times.ts";
import { dotted, SEVERITIES, SEVERITY_ICONS, t } from "./words.ts";

type FigureProps = { label: string; value: number; href?: string; isWarning?: boolean };

function Figure({ label, value, href, isWarning = false }: FigureProps) {
  const words = (
    <>
      {isWarning && <Icon name="alert" size={17} />}
      {label}
    </>
  );
  return (
    <div class={isWarning ? "warn" : ""}>
      <dt>{href ? <a href={href}>{words}</a> : words}</dt>
      <dd>{figure(value)}</dd>
    </div>
  );
}

function Figures({ today }: { today: Today }) {
  const overdue = today.overdue ?? 0;
  return (
    <dl class="nums">
      <Figure label={t("today.due")} value={today.due_today ?? 0} />
      <Figure
        label={t("today.overdue")}
        value={overdue}
        isWarning={overdue > 0}
        href="/office/assignments?state=overdue"
      />
      <Figure label={t("today.done")} value={today.done_today ?? 0} />
      <Figure label={t("today.toReview")} value={today.to_review ?? 0} href="/office/review" />
      <Figure
        label={t("today.openRounds")}
        value={today.open_rounds ?? 0}
        href="/office/assignments"
      />
    </dl>
  );
}

function Rounds({ today }: { today: Today }) {
  const rows = today.rounds ?? [];
  const all = {
    label: t("today.allRounds", { n: today.open_rounds ?? 0 }),
    onClick: () => go("/office/assignments"),
  };
  return (
    <section class="rounds">
      <SectionHeader title={t("today.rounds")} action={all} />
      {rows.length === 0 ? (
        <Empty
          why={t("today.noRounds")}
          action={{ label: t("today.seeRounds"), onClick: all.onClick }}
        />
      ) : (
        <div class="wide">
          <Table
            caption={t("today.rounds")}
            columns={roundColumns()}
            rows={rows}
            rowKey={(row) => row.id}
            onOpen={(row) => go(`/office/assignments/${row.id}`)}
          />
        </div>
      )}
    </section>
  );
}

// Rounds that come next, below those of today.
const NEXT_MAX = 8;

function Next({ today }: { today: Today }) {
  const { value } = useRead(READS.rounds({ state: ["issued", "started"], limit: 40 }));
  const here = new Set((today.rounds ?? []).map((row) => row.id));
  const rows = (value?.rows ?? []).filter((row) => !here.has(row.id)).slice(0, NEXT_MAX);
  if (rows.length === 0) return null;
  return (
    <section class="rounds next">
      <SectionHeader title={t("today.next")} />
      <div class="wide">
        <Table
          caption={t("today.next")}
          columns={roundColumns()}
          rows={rows}
          rowKey={(row) => row.id}
          onOpen={(row) => go(`/office/assignments/${row.id}`)}
          sortName="next"
        />
      </div>
    </section>
  );
}

function Findings({ counts }: { counts: readonly SeverityCount[] }) {
  const total = counts.reduce((sum, one) => sum + (one.open ?? 0), 0);
  const most = Math.max(1, ...counts.map((one) => one.open ?? 0));
  return (
    <section>
      <SectionHeader title={t("today.findings", { n: total })} />
      <ul class="bars">
        {SEVERITIES.map((severity) => {
          const { open = 0, overdue = 0 } = counts.find((one) => one.severity === severity) ?? {};
          const isBad = open > 0 && (severity === "urgent" || severity === "major");
          return (
            <li key={severity}>
              <StateWord icon={SEVERITY_ICONS[severity]} tone={isBad ? "bad" : "quiet"} size={18}>
                {t(`severity.${severity}`)}
              </StateWord>
              <span class="track" aria-hidden="true">
                <i class={isBad ? "bad" : ""} style={{ width: `${(100 * open) / most}%` }} />
              </span>
              <b class="num">{open}</b>
              <span class="note num">{overdue > 0 && t("today.findingsLate", { n: overdue })}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

type ConflictsProps = { rows: readonly ConflictRow[]; total: number };

function Conflicts({ rows, total }: ConflictsProps) {
  const { zone } = useOffice();
  return (
    <section>
      <SectionHeader title={t("today.conflicts", { n: total })} ruled={rows.length > 0} />
      {rows.length === 0 && <p class="note">{t("today.noConflicts")}</p>}
      <ul class="lines">
        {rows.map((row) => (
          <li key={row.id}>
            <Icon name="fork" size={18} class="bad" />
            <span class="grow one">
              <a href={`/office/waiting/${row.op}`}>{row.title || t("conflict.record")}</a>
              <span class="note"> · {dotted(fieldWord(row.path), row.theirs_by)}</span>
            </span>
            <span class="note nw">{when(row.opened_at, zone, minute.value)}</span>
          </li>
        ))}
      </ul>
      {total > rows.length && (
        <p class="note">{t("today.moreConflicts", { n: total - rows.length })}</p>
      )}
    </section>
  );
}

function Seen({ device }: { device: DeviceRow }) {
  const { seen_at } = device;
  const words = seen_at ? ago(seen_at, minute.value) : t("device.never");
  if (!isSilent(seen_at, minute.value)) return <>{words}</>;
  return (
    <StateWord icon="alert" tone="warn" size={16}>
      {words}
    </StateWord>
  );
}

function Devices({ rows }: { rows: readonly DeviceRow[] }) {
  const { zone } = useOffice();
  const mayOpen = useMay("enrol");
  return (
    <section>
      <SectionHeader
        title={t("today.devices", { n: rows.length })}
        count={rows.length > 0 ? t("today.lastContact") : undefined}
        ruled={rows.length > 0}
      />
      {rows.length === 0 ? (
        <p class="note">{t("today.noDevices")}</p>
      ) : (
        <table class="table tight">
          <caption class="spoken">{t("today.devices", { n: rows.length })}</caption>
          <tbody>
            {rows.map((device) => (
              <tr key={device.id}>
                <th scope="row">
                  {mayOpen ? <a href="/office/people">{device.name}</a> : device.name}
                </th>
                <td>{device.person_name}</td>
                <td class="num">
                  <span class="block nw">
                    {device.unsent > 0 && t("device.unsent", { n: device.unsent })}
                  </span>
                  {device.held && (
                    <span class="note block nw">{heldShort(device.held, zone, minute.value)}</span>
                  )}
                </td>
                <td class="num nw">
                  <Seen device={device} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

/** What a day has in it. */
function Day({ today }: { today: Today }) {
  return (
    <>
      <Figures today={today} />
      <div class="columns">
        <div>
          <Rounds today={today} />
          <Next today={today} />
        </div>
        <aside>
          <Findings counts={today.findings ?? []} />
          <Conflicts rows={today.conflicts ?? []} total={today.conflicts_total ?? 0} />
          <Devices rows={today.devices ?? []} />
        </aside>
      </div>
    </>
  );
}

export function TodayPage() {
  const { zone, now } = useOffice();
  const loaded = useRead(READS.today());
  const at = minute.value || now();
  const date = dayInWeek(at, zone, at);
  return (
    <Page title={t("nav.today")} note={date}>
      <main class="scroll pad">
        <Show loaded={loaded} words={t("today.loading")} rows={8}>
          {(today) => (
            <>
              <Alarm n={today.altered ?? 0} />
              <StoredAlarm lost={today.lost ?? 0} isLate={today.backup_late ?? false} />
              {isBlank(today) ? (
                <Begin>
                  <Day today={today} />
                </Begin>
              ) : (
                <Day today={today} />
              )}
            </>
          )}
        </Show>
      </main>
    </Page>
  );
}
