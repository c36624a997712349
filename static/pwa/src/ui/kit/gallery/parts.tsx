// Every remaining part: icons, states, fields, notices, menu, dialog.

import { useState } from "preact/hooks";
import { address } from "../address.ts";
import { Dialog } from "../dialog.tsx";
import { NumberInput, SelectField, TextField } from "../fields.tsx";
import { ICON_NAMES, Icon } from "../icons.tsx";
import { ListRow, SectionHeader } from "../layout.tsx";
import { Menu } from "../menu.tsx";
import { Empty, ErrorPlace, Loading } from "../notices.tsx";
import { Segmented } from "../segmented.tsx";
import { PastLimit, StateWord } from "../state.tsx";
import { Ticks } from "../ticks.tsx";
import { MARKS } from "./shared.tsx";
import { t } from "./words.ts";

const nothing = () => undefined;

function States() {
  return (
    <div class="row" style={{ flexWrap: "wrap", gap: "8px 20px", padding: "12px 0" }}>
      <StateWord icon="device">{t("state.draft", { n: 1 })}</StateWord>
      <StateWord icon="clock" tone="quiet">
        {t("state.waiting", { n: 3 })}
      </StateWord>
      <StateWord icon="sending" tone="act">
        {t("state.sending", { done: 4, n: 12 })}
      </StateWord>
      <StateWord icon="photosLeft" tone="warn">
        {t("state.photosLeft", { n: 2 })}
      </StateWord>
      <StateWord icon="confirmed" tone="ok">
        {t("state.confirmed", { time: "14:31" })}
      </StateWord>
      <StateWord icon="needsYou" tone="bad">
        {t("state.needsYou", { n: 3 })}
      </StateWord>
      <StateWord icon="returned" tone="warn">
        {t("state.returned")}
      </StateWord>
      <StateWord icon="fork" tone="bad">
        {t("state.conflict")}
      </StateWord>
      <StateWord icon="underWay">{t("state.underWay")}</StateWord>
      <StateWord icon="open" tone="quiet">
        {t("state.notStarted")}
      </StateWord>
      <PastLimit code="below-warning-low" limit={20} unit="%" />
      <PastLimit code="above-alarm-high" limit={27} unit="°C" />
    </div>
  );
}

function Fields() {
  const [name, setName] = useState("黄国强");
  const [life, setLife] = useState<number | null>(83);
  const [role, setRole] = useState("a");
  const [shown, setShown] = useState<"a" | "b" | "c" | null>("a");
  const labels = [t("name"), t("role"), t("assets")];
  const options = (["a", "b", "c"] as const).map((value, index) => ({
    value,
    label: labels[index] ?? value,
  }));
  return (
    <div style={{ display: "grid", gap: "16px", maxWidth: "420px", padding: "12px 0" }}>
      <TextField label={t("name")} value={name} onInput={setName} required hint={t("source")} />
      <SelectField label={t("role")} value={role} options={options} onChange={setRole} />
      <NumberInput value={life} onValue={setLife} unit="%" verdict="warning" label={t("disk")} />
      <Segmented {...{ options }} label={t("find")} value={shown} onChange={setShown} />
      <Ticks marks={MARKS} small />
      <Ticks marks={[...MARKS, ...MARKS]} />
    </div>
  );
}

function Notices() {
  const again = { label: t("again"), onClick: nothing };
  return (
    <div style={{ padding: "12px 0" }}>
      <ErrorPlace what={t("wrong")} safe={t("safe")} action={again} code="upload-offset-mismatch" />
      <Empty why={t("emptyWhy")} action={{ label: t("emptyAct"), onClick: nothing }} />
      <Loading words={t("loading")} rows={2} />
    </div>
  );
}

export function Parts() {
  const [isAsked, setAsked] = useState(address.peek().query.has("dialog"));
  const close = () => setAsked(false);
  const menu = [
    { label: t("rest"), icon: "checks" as const, onClick: nothing },
    { label: t("drop"), icon: "erase" as const, onClick: () => setAsked(true) },
  ];
  return (
    <main style={{ height: "100%", overflow: "auto", padding: "16px 24px" }}>
      <div class="row" style={{ flexWrap: "wrap" }}>
        {ICON_NAMES.map((name) => (
          <Icon key={name} name={name} size={24} label={name} />
        ))}
      </div>
      <SectionHeader title={t("state")} count={t("answered", { done: 4, of: 8 })} />
      <States />
      <div class="row">
        <button type="button" class="btn pri">
          {t("emptyAct")}
        </button>
        <button type="button" class="btn" disabled>
          {t("again")}
        </button>
        <Menu items={menu} left />
        <Menu items={menu} label={t("tasks")} icon="down" left />
      </div>
      <ListRow title={t("asset")} note={t("assetNote")} selected onOpen={nothing} />
      <Fields />
      <Notices />
      {isAsked && (
        <Dialog
          question={t("dropQ")}
          consequence={t("dropC")}
          safe={{ label: t("keep"), onClick: close }}
          act={{ label: t("drop"), onClick: close }}
        />
      )}
    </main>
  );
}
