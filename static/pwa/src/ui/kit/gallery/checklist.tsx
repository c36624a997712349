// The checklist, as f2 of the look: answers, a reading out of limit, an abnormal answer opened.

import { useState } from "preact/hooks";
import { FieldHead } from "../field-shell.tsx";
import { TextArea } from "../fields.tsx";
import { Icon } from "../icons.tsx";
import { SectionHeader, StickyBar } from "../layout.tsx";
import { AddPhoto, PhotoTile } from "../photos.tsx";
import { ReadingRow } from "../reading.tsx";
import { AnswerChoice, type CheckAnswer, type Severity, SeverityChoice } from "../segmented.tsx";
import { PastLimit, StateWord } from "../state.tsx";
import { FieldStatus } from "./shared.tsx";
import { t } from "./words.ts";

const LIMITS = { alarm_low: 18, alarm_high: 27 };

function Check({ title, first }: { title: string; first: CheckAnswer | null }) {
  const [value, setValue] = useState(first);
  const [severity, setSeverity] = useState<Severity | null>("major");
  const [text, setText] = useState(t("seenText"));
  const isOpen = value === "abnormal";
  return (
    <section class={isOpen ? "item opened" : "item"}>
      <div class="ask">
        <div class="grow">
          <h3>{title}</h3>
          <p class="note">{t("lastNormal")}</p>
        </div>
        <AnswerChoice item={title} value={value} onChange={setValue} />
      </div>
      {isOpen && (
        <div class="more">
          <div>
            <SeverityChoice value={severity} onChange={setSeverity} />
            <TextArea label={t("seen")} value={text} onInput={setText} />
          </div>
          <div>
            <span class="lab">{t("photos")}</span>
            <div class="photos">
              <PhotoTile src="/icons/icon.svg" name="PSU2" strip="14:03" onOpen={() => undefined} />
              <PhotoTile name="PSU2" strip={t("photo.waiting")} />
              <AddPhoto onFile={() => undefined} />
            </div>
          </div>
        </div>
      )}
    </section>
  );
}

function Reading() {
  const [value, setValue] = useState<number | null>(29.4);
  const isHigh = value !== null && value > LIMITS.alarm_high;
  return (
    <ReadingRow
      title={t("inlet")}
      verdict={isHigh ? "abnormal" : "normal"}
      state={isHigh && <PastLimit code="above-alarm-high" limit={27} unit="°C" />}
      source={t("source")}
      limits={LIMITS}
      last={24.1}
      lastWords={t("lastReading", { value: "24.1" })}
      value={value}
      onValue={setValue}
      unit="°C"
    />
  );
}

export function Checklist() {
  return (
    <div class="app">
      <FieldStatus needsYou={3} />
      <FieldHead title={t("asset")} note={t("assetNote")} back="/gallery" />
      <main class="scroll" style={{ padding: "0 var(--margin)", background: "var(--surface)" }}>
        <SectionHeader
          title={t("hardware")}
          count={t("answered", { done: 4, of: 8 })}
          action={{ label: t("rest"), icon: "checks", onClick: () => undefined }}
        />
        <Check title={t("light")} first="normal" />
        <Reading />
        <Check title={t("power")} first="abnormal" />
        <Check title={t("disk")} first="na" />
        <Check title={t("ups")} first={null} />
      </main>
      <StickyBar
        state={
          <StateWord icon="device" tone="quiet" size={22}>
            {t("state.saved", { time: "14:02" })}
          </StateWord>
        }
        note={t("left")}
      >
        <button type="button" class="btn">
          <Icon name="scan" size={24} />
          {t("scanNext")}
        </button>
        <button type="button" class="btn pri">
          {t("next")}
          <Icon name="right" size={22} />
        </button>
      </StickyBar>
    </div>
  );
}
