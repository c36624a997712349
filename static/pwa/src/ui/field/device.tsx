// This device: who uses it, with which server, how ready it is, how it looks and speaks.

import { useEffect, useState } from "preact/hooks";
import { isFlagged, type Skew } from "../../core/skew.ts";
import type { PersonRow } from "../../db/database.ts";
import type { SyncState } from "../../sync/engine.ts";
import { go } from "../kit/address.ts";
import { Icon } from "../kit/icons.tsx";
import { ListRow, SectionHeader } from "../kit/layout.tsx";
import { Segmented } from "../kit/segmented.tsx";
import { StateWord } from "../kit/state.tsx";
import { setTheme, type Theme, theme } from "../kit/theme.ts";
import { takeUpdate, updateWaiting } from "../kit/update.ts";
import { clock, day, figure, fileSize } from "../words/format.ts";
import { type Language, language, setLanguage } from "../words/index.ts";
import { useApp, useSession, zoneOf } from "./app.ts";
import { m } from "./mend-words.ts";
import { OtherKey } from "./own-key.tsx";
import { DEVICE, ENROL } from "./paths.ts";
import { skewWords, verdictOf } from "./ready.ts";
import { CheckList, useReady } from "./ready.tsx";
import { forgetScans } from "./scan/log.ts";
import { Screen } from "./screen.tsx";
import { Differing, VouchingFor } from "./vouching.tsx";
import { t } from "./words.ts";

export function DevicePage() {
  return (
    <Screen current={DEVICE}>
      <main class="scroll page">
        <h1>{t("nav.device")}</h1>
        <Differing />
        <OtherKey />
        <Update />
        <Choices />
        <Who />
        <Facts />
        <VouchingFor />
      </main>
      <aside class="sidecol below">
        <Ready />
      </aside>
    </Screen>
  );
}

/**
 * Put off by doing nothing: then the new version is used at the next start. Not offered while there
 * is something that the server has not answered: nobody shall wonder whether an update took it.
 */
function Update() {
  const { status } = useSession();
  if (!updateWaiting.value || status.value.unsentOps > 0) return null;
  return (
    <p class="row update">
      <Icon name="sync" />
      <span class="grow">{t("update.ready")}</span>
      <button type="button" class="btn" onClick={takeUpdate}>
        {t("update.now")}
      </button>
    </p>
  );
}

function Choices() {
  const languages = [
    { value: "zh-CN" as const, label: "中文" },
    { value: "en" as const, label: "English" },
  ];
  const themes = (["light", "dark", "system"] as const).map((value) => ({
    value,
    label: t(`theme.${value}`),
  }));
  return (
    <section class="grp choices">
      <div>
        <span class="lab">{t("device.language")}</span>
        <Segmented<Language>
          label={t("device.language")}
          options={languages}
          value={language.value}
          onChange={(value) => value && setLanguage(value)}
          clearable={false}
        />
      </div>
      <div>
        <span class="lab">{t("device.theme")}</span>
        <Segmented<Theme>
          label={t("device.theme")}
          options={themes}
          value={theme.value}
          onChange={(value) => value && setTheme(value)}
          clearable={false}
        />
      </div>
    </section>
  );
}

/** The people of a shared tablet; each has a store of their own. */
function Who() {
  const app = useApp();
  const { person } = useSession();
  const [persons, setPersons] = useState<readonly PersonRow[]>([]);
  useEffect(() => {
    void app.device
      .persons()
      .then(setPersons)
      .catch(() => undefined);
  }, [app]);
  const change = (id: string) => {
    forgetScans();
    void app.changeTo(id);
  };
  const others = persons.filter((one) => one.person !== person.person);
  return (
    <section class="grp">
      <SectionHeader level={3} title={t("device.person")} />
      <ListRow title={person.name} note={t(`role.${person.role}`)} state={<Credential />} />
      {others.map((one) => (
        <ListRow
          key={one.person}
          title={one.name}
          note={t("device.changeTo")}
          onOpen={() => change(one.person)}
        />
      ))}
      <button type="button" class="btn again" onClick={() => go(ENROL)}>
        <Icon name="scan" size={22} />
        {t("enrol.again")}
      </button>
      <p class="note rest">{t("enrol.againSafe")}</p>
    </section>
  );
}

function Credential() {
  const { sync } = useSession();
  const isLost = sync.value.phase === "enrol-again" || sync.value.phase === "cloned-device";
  if (!isLost) return null;
  return (
    <StateWord icon="needsYou" tone="warn" size={20}>
      {t("phase.enrolAgain")}
    </StateWord>
  );
}

function useUsage(): number | null {
  const [usage, setUsage] = useState<number | null>(null);
  useEffect(() => {
    void navigator.storage
      ?.estimate?.()
      .then((estimate) => setUsage(estimate.usage ?? null))
      .catch(() => undefined);
  }, []);
  return usage;
}

function jumpWords({ jumps, jumpMs = 0 }: Skew): string {
  return m("device.jumpsBy", { n: jumps, skew: skewWords({ offsetMs: -jumpMs }) });
}

/** What comparing with the server came to; nothing can be said before there was a sync. */
function checkWords({ checks: { repairs, mismatches }, lastSuccess }: SyncState): string {
  if (lastSuccess === null) return m("check.none");
  if (mismatches > 0) return m("check.defect", { n: mismatches });
  return repairs > 0 ? m("check.repaired", { n: repairs }) : m("check.fine");
}

function Facts() {
  const app = useApp();
  const session = useSession();
  const usage = useUsage();
  const { person, records, sync } = session;
  const { skew } = sync.value;
  const zone = zoneOf(session);
  const isMeasured = skew !== null && Number.isFinite(skew.uncertaintyMs);
  const held = t("device.held", {
    assets: figure(records.ofKind("asset").length),
    n: records.ofKind("site").length,
  });
  const measured = isMeasured
    ? t("device.skewBy", {
        skew: skewWords(skew),
        by: figure(Math.round(skew.uncertaintyMs / 100) / 10),
      })
    : t("ready.notMeasured");
  const rows: readonly (readonly [string, string])[] = [
    [t("device.name"), person.deviceName],
    [t("device.server"), person.server],
    [t("device.joined"), day(person.enrolledAt, zone, app.now)],
    [t("device.id"), person.device],
    [t("device.version"), app.version],
    [t("device.storage"), usage === null ? t("ready.unknown") : fileSize(usage)],
    [t("device.records"), held],
    [t("device.skew"), measured],
    ...(skew && skew.jumps > 0 ? [[m("device.jumps"), jumpWords(skew)] as const] : []),
    [m("check.title"), checkWords(sync.value)],
  ];
  return (
    <section class="grp">
      <SectionHeader level={3} title={t("device.title")} />
      <dl class="facts">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {skew && isFlagged(skew) && (
        <StateWord icon="alert" tone="warn">
          {t("ready.clockHow")}
        </StateWord>
      )}
    </section>
  );
}

function Ready() {
  const session = useSession();
  const ready = useReady();
  if (ready === null) return null;
  const { words, note } = verdictOf(ready.checks, clock(ready.at, zoneOf(session)));
  return (
    <section class="rdy full">
      <div class="rh">
        <Icon name="shield" size={26} />
        <div class="grow">
          <h2>{words}</h2>
          <p class="note">{note}</p>
        </div>
      </div>
      <CheckList checks={ready.checks} advised />
      <AskCamera
        isNeeded={ready.checks.some(
          ({ name, advice }) => name === "camera" && advice === t("ready.askHow"),
        )}
      />
    </section>
  );
}

/** The browser asks once; better here than before a rack. */
function AskCamera({ isNeeded }: { isNeeded: boolean }) {
  if (!isNeeded || !navigator.mediaDevices?.getUserMedia) return null;
  const ask = async () => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: true });
      for (const track of stream.getTracks()) track.stop();
    } catch {
      // Said by the check itself.
    }
    document.dispatchEvent(new Event("visibilitychange"));
  };
  return (
    <button type="button" class="btn" onClick={() => void ask()}>
      <Icon name="camera" size={22} />
      {t("ready.askCamera")}
    </button>
  );
}
