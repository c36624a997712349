// The field's first page, as f1 of the look.

import { Rail, Tabs } from "../field-shell.tsx";
import { Icon } from "../icons.tsx";
import { ListRow, SectionHeader } from "../layout.tsx";
import { StateWord } from "../state.tsx";
import { Count, Ticks } from "../ticks.tsx";
import { DESTINATIONS, FieldStatus, MARKS } from "./shared.tsx";
import { t } from "./words.ts";

function Rounds() {
  return (
    <>
      <ListRow
        href="/gallery"
        title={t("round")}
        note={t("roundNote")}
        state={
          <StateWord icon="calendar" tone="quiet" size={18}>
            {t("due")}
          </StateWord>
        }
      >
        <Count done={13} of={24} measure={t("devices")} />
        <Ticks marks={MARKS} />
      </ListRow>
      <ListRow
        href="/gallery"
        title={t("ups")}
        note={t("upsNote")}
        state={
          <StateWord icon="clock" tone="quiet" size={18}>
            {t("waiting")}
          </StateWord>
        }
      >
        <Count done={6} of={6} measure={t("devices")} />
        <Ticks marks={MARKS.slice(0, 4)} />
      </ListRow>
      <ListRow
        href="/gallery"
        title={t("pos")}
        note={t("posNote")}
        state={
          <StateWord icon="alert" tone="warn" size={18}>
            {t("state.overdue", { n: 1 })}
          </StateWord>
        }
      >
        <Count done={0} of={60} measure={t("devices")} />
        <Ticks marks={[...MARKS, ...MARKS, ...MARKS]} />
      </ListRow>
    </>
  );
}

export function Today() {
  return (
    <div class="app">
      <FieldStatus home />
      <div class="shell">
        <Rail destinations={DESTINATIONS} current="/" />
        <main class="scroll page">
          <div class="row">
            <h1>{t("nav.today")}</h1>
            <span class="quiet">{t("date")}</span>
          </div>
          <SectionHeader level={3} title={t("site")} count={t("siteNote")} />
          <Rounds />
        </main>
        <aside class="sidecol">
          <StateWord icon="shield">{t("ready")}</StateWord>
          <a class="btn pri scanpad" href="/gallery">
            <Icon name="scan" size={40} />
            {t("nav.scan")}
          </a>
        </aside>
      </div>
      <Tabs destinations={DESTINATIONS} current="/" scan={{ href: "/field/scan" }} />
    </div>
  );
}
