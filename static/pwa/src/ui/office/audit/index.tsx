// Whether everything is as it was received: the last look, a new one, the newest roots, and what devices
// hold of them. Rule: what is broken is said first, with whose it is; a look is never waited for.

import { useEffect, useState } from "preact/hooks";
import { rootWords } from "../../../core/anchors.ts";
import type { Failed } from "../../../sync/office.ts";
import type {
  BrokenPlace,
  ChainLook,
  DayRoot,
  DeviceVouching,
  LookUnderWay,
  OfficeAudit,
} from "../../../wire/types.ts";
import { Icon } from "../../kit/icons.tsx";
import { SectionHeader } from "../../kit/layout.tsx";
import { ErrorPlace } from "../../kit/notices.tsx";
import { StateWord } from "../../kit/state.tsx";
import { calendarDay, figure } from "../../words/format.ts";
import "../look/audit.css";
import { READS, WRITES } from "../api.ts";
import { Failure, Show } from "../failure.tsx";
import { Page } from "../shell.tsx";
import { minute, useOffice, useRead } from "../state.ts";
import { when } from "../times.ts";
import { Stored } from "./stored.tsx";
import { aboutHref, aboutWords, faultWords, t, VERDICTS, writerWords } from "./words.ts";

/** While a look is under way, how far it is is read again this often. */
const POLL_MS = 1_500;

function isUnderWay(now: LookUnderWay | null | undefined): now is LookUnderWay {
  return now?.state === "waiting" || now?.state === "running";
}

function Progress({ now }: { now: LookUnderWay }) {
  const { state, done = 0, ahead = 0 } = now;
  if (state === "failing") return <p class="note">{t("audit.failing")}</p>;
  if (state === "given-up") return <p class="note">{t("audit.givenUp")}</p>;
  if (state === "waiting") {
    return (
      <StateWord icon="clock" size={18}>
        {t("audit.asked")}
      </StateWord>
    );
  }
  const said = t("audit.progress", { done: figure(done), ahead: figure(ahead) });
  return (
    <div class="auditing">
      <StateWord icon="underWay" tone="act" size={18} busy>
        {t("audit.looking")}
      </StateWord>
      <span class="track" aria-hidden="true">
        <i style={{ width: `${(100 * done) / Math.max(1, ahead)}%` }} />
      </span>
      <span class="note num">{said}</span>
    </div>
  );
}

function Facts({ last }: { last: ChainLook }) {
  const { zone } = useOffice();
  const by = last.by_itself ? t("audit.byItself") : last.asked_by_name || t("audit.bySomebody");
  const rows: readonly (readonly [string, string])[] = [
    [t("audit.endedAt"), when(last.ended_at, zone, minute.value)],
    [t("audit.by"), by],
    [t("audit.ops"), figure(last.ops)],
    [t("audit.writers"), figure(last.writers)],
    [t("audit.roots"), figure(last.roots)],
    [t("audit.witnesses"), figure(last.witnesses)],
    [t("audit.seals"), figure(last.seals ?? 0)],
  ];
  return (
    <dl class="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Verdict({ last }: { last: ChainLook | null | undefined }) {
  if (!last) {
    return (
      <>
        <p>{t("audit.never")}</p>
        <p class="note">{t("audit.neverHow")}</p>
      </>
    );
  }
  const { broken = 0, forgotten = 0, seals_broken = 0, seals_unrecorded = 0 } = last;
  return (
    <>
      {broken > 0 ? (
        <ErrorPlace what={t("audit.broken", { n: broken })} safe={t("audit.brokenHow")} />
      ) : (
        <p class="whole">
          <StateWord icon="shield" size={20}>
            {t("audit.whole")}
          </StateWord>
        </p>
      )}
      <Facts last={last} />
      {forgotten > 0 && <p class="note">{t("audit.forgotten", { n: forgotten })}</p>}
      {seals_broken > 0 && <p class="note">{t("audit.sealsBroken", { n: seals_broken })}</p>}
      {seals_unrecorded > 0 && (
        <p class="note">{t("audit.sealsUnrecorded", { n: seals_unrecorded })}</p>
      )}
    </>
  );
}

function About({ place }: { place: BrokenPlace }) {
  const words = aboutWords(place);
  const href = aboutHref(place);
  return href ? <a href={href}>{words}</a> : <span>{words}</span>;
}

function Places({ last }: { last: ChainLook }) {
  const { zone } = useOffice();
  const { places = [], elsewhere = 0 } = last;
  return (
    <section>
      <SectionHeader title={t("audit.places")} ruled />
      <ul class="lines faults">
        {places.map((place) => (
          <li key={JSON.stringify(place)}>
            <Icon name="alert" size={18} class="bad" />
            <span class="grow">
              <b>{faultWords(place, minute.value, zone)}</b>
              <span class="note block">
                {writerWords(place)}
                {place.record && " · "}
                <About place={place} />
              </span>
            </span>
            {place.received_at && (
              <span class="note nw">
                {t("col.received")} {when(place.received_at, zone, minute.value)}
              </span>
            )}
          </li>
        ))}
      </ul>
      {elsewhere > 0 && <p class="note">{t("audit.elsewhere", { n: elsewhere })}</p>}
    </section>
  );
}

function Devices({ rows }: { rows: readonly DeviceVouching[] }) {
  const { zone } = useOffice();
  return (
    <section>
      <SectionHeader title={t("audit.devices")} ruled={rows.length > 0} />
      {rows.length === 0 && <p class="note">{t("audit.devicesNone")}</p>}
      <ul class="lines holding">
        {rows.map(({ id, name, person_name, held, verdict }) => {
          const [icon, tone] = VERDICTS[verdict];
          return (
            <li key={id}>
              <span class="grow">
                <b>{name}</b>
                <span class="note"> · {person_name}</span>
                {held && (
                  <span class="note block">
                    {calendarDay(held.day, minute.value, zone)} <code>{rootWords(held.root)}</code>
                  </span>
                )}
              </span>
              <StateWord icon={icon} tone={tone} size={16}>
                {t(`held.${verdict}`)}
              </StateWord>
            </li>
          );
        })}
      </ul>
      <p class="note">{t("audit.witnessHow")}</p>
    </section>
  );
}

function Roots({ rows, total }: { rows: readonly DayRoot[]; total: number }) {
  const { zone } = useOffice();
  return (
    <section>
      <SectionHeader
        title={t("audit.rootsTitle")}
        count={total > 0 ? t("audit.rootsMore", { n: total }) : undefined}
        ruled={rows.length > 0}
      />
      {rows.length === 0 && <p class="note">{t("audit.rootsNone")}</p>}
      <ul class="lines">
        {rows.map(({ epoch, day, root }) => (
          <li key={`${epoch} ${day}`}>
            <span class="grow nw">{calendarDay(day, minute.value, zone)}</span>
            <code class="nw">{rootWords(root)}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function AuditPage() {
  const { client } = useOffice();
  const loaded = useRead(READS.audit());
  const { value, again } = loaded;
  const [failed, setFailed] = useState<Failed | null>(null);
  const isBusy = isUnderWay(value?.now);
  useEffect(() => {
    if (!isBusy) return;
    const timer = setInterval(again, POLL_MS);
    return () => clearInterval(timer);
  }, [isBusy, again]);
  const look = async () => {
    const answer = await client.write<OfficeAudit>(WRITES.look);
    setFailed(answer.kind === "ok" ? null : answer);
    again();
  };
  return (
    <Page title={t("audit.title")}>
      <main class="scroll pad">
        {failed && <Failure failed={failed} />}
        <Show loaded={loaded} words={t("audit.loading")} rows={8}>
          {(audit) => {
            const { last, now, devices = [], roots = [], roots_total = 0 } = audit;
            return (
              <div class="columns audit">
                <div>
                  <section>
                    <Verdict last={last} />
                    <div class="looks">
                      <button
                        type="button"
                        class="btn"
                        disabled={isBusy}
                        onClick={() => void look()}
                      >
                        <Icon name="shield" size={18} />
                        {t("audit.look")}
                      </button>
                      <div role="status">{now && <Progress now={now} />}</div>
                    </div>
                  </section>
                  {last && (last.broken ?? 0) > 0 && <Places last={last} />}
                  <Stored audit={audit} />
                </div>
                <aside>
                  <Devices rows={devices} />
                  <Roots rows={roots} total={roots_total} />
                </aside>
              </div>
            );
          }}
        </Show>
      </main>
    </Page>
  );
}
