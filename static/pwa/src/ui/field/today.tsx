// Today, as f1 of the look: my rounds by site, whether this device is ready, and the large scan button.

import { Fragment } from "preact";
import { go } from "../kit/address.ts";
import { Icon } from "../kit/icons.tsx";
import { ListRow, SectionHeader } from "../kit/layout.tsx";
import { Empty } from "../kit/notices.tsx";
import { StateWord } from "../kit/state.tsx";
import { Count, Ticks } from "../kit/ticks.tsx";
import { dayInWeek } from "../words/format.ts";
import { useApp, useSession, zoneOf } from "./app.ts";
import { Coming } from "./coming.tsx";
import { ROOMS, roundPath, SCAN, TODAY } from "./paths.ts";
import { ReadyPanel } from "./ready.tsx";
import { useGun } from "./scan/gun.ts";
import { Screen } from "./screen.tsx";
import { noteOf, type RoundRow, type TodaySite, todayOf } from "./today-model.ts";
import { inLanguage, t } from "./words.ts";

export function TodayPage() {
  useGun();
  return (
    <Screen current={TODAY} home>
      <main class="scroll page today">
        <Rounds />
      </main>
      <aside class="sidecol">
        <ReadyPanel />
        <a class="btn pri scanpad" href={SCAN}>
          <Icon name="scan" size={40} />
          {t("nav.scan")}
        </a>
      </aside>
    </Screen>
  );
}

function Rounds() {
  const app = useApp();
  const session = useSession();
  const zone = zoneOf(session);
  const work = todayOf(session, app.now);
  const { isComplete } = session.sync.value;
  return (
    <>
      <div class="row top">
        <h1>{t("nav.today")}</h1>
        <span class="quiet">{dayInWeek(app.now, zone, app.now)}</span>
        {work.total > 0 && (
          <span class="end sum">
            <b>{work.done}</b>
            {` / ${work.total}\u00a0${t("measure.devices")}`}
          </span>
        )}
      </div>
      {work.sites.map((site) => (
        <SiteRounds key={site.site.siteId} site={site} now={app.now} />
      ))}
      <Backup sites={work.backup} now={app.now} isAlone={work.sites.length === 0} />
      {work.sites.length === 0 &&
        work.backup.length === 0 &&
        (isComplete ? (
          <Empty
            why={t("today.empty")}
            action={{ label: t("today.rooms"), onClick: () => go(ROOMS) }}
          />
        ) : (
          <Coming />
        ))}
    </>
  );
}

type BackupProps = { sites: readonly TodaySite[]; now: number; isAlone: boolean };

/** Rounds of others, folded away below one's own: there when somebody is ill. */
function Backup({ sites, now, isAlone }: BackupProps) {
  if (sites.length === 0) return null;
  const n = sites.reduce((sum, site) => sum + site.rounds.length, 0);
  return (
    <details class="backup" open={isAlone}>
      <summary>{t("today.backup", { n })}</summary>
      {sites.map((site) => (
        <SiteRounds key={site.site.siteId} site={site} now={now} />
      ))}
    </details>
  );
}

function SiteRounds({ site, now }: { site: TodaySite; now: number }) {
  const data = site.site.site?.data;
  const title = data ? `${data.city} · ${data.name}` : t("site.coming");
  const note = [data?.customer.short_name, data?.address].filter(Boolean).join(" · ");
  return (
    <section class="grp">
      <SectionHeader level={3} title={title} count={<span class="one">{note}</span>} />
      <ul>
        {site.rounds.map((row) => (
          <Fragment key={row.round.assignment.id}>
            <li>
              <RoundLine row={row} site={site} now={now} />
            </li>
          </Fragment>
        ))}
      </ul>
    </section>
  );
}

function RoundLine({ row, site, now }: { row: RoundRow; site: TodaySite; now: number }) {
  const { assignment, done, total } = row.round;
  return (
    <ListRow
      href={roundPath(assignment.id)}
      title={inLanguage(assignment.data.title)}
      state={<RoundState row={row} />}
      note={noteOf(row, site, now)}
    >
      <Count done={done} of={total} measure={t("measure.devices")} />
      <Ticks marks={row.marks} />
    </ListRow>
  );
}

/** When it is due; once everything is submitted, where it is. */
export function RoundState({ row }: { row: Pick<RoundRow, "due" | "where"> }) {
  if (row.where) {
    const { icon, tone, words } = row.where;
    return (
      <StateWord {...{ icon, tone }} size={18}>
        {words}
      </StateWord>
    );
  }
  const { isOverdue, words } = row.due;
  return (
    <StateWord
      icon={isOverdue ? "alert" : "calendar"}
      tone={isOverdue ? "warn" : "quiet"}
      size={18}
    >
      {words}
    </StateWord>
  );
}
