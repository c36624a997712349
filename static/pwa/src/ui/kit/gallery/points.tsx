// The number pad, as f6 of the look.

import { useState } from "preact/hooks";
import { FieldHead } from "../field-shell.tsx";
import { readFigure } from "../figures.ts";
import { Gauge } from "../gauge.tsx";
import { NumberPad } from "../pad.tsx";
import { FieldStatus } from "./shared.tsx";
import { t } from "./words.ts";

export function Points() {
  const [text, setText] = useState("24.6");
  const now = readFigure(text) ?? null;
  const verdict = now !== null && now > 27 ? "abnormal" : "normal";
  return (
    <div class="app">
      <FieldStatus />
      <FieldHead title={t("points")} note={t("pointsNote")} back="/gallery" />
      <div class="shell">
        <main class="scroll" style={{ padding: "24px" }}>
          <p class="note">{t("temperature")}</p>
          <Gauge limits={{ alarm_low: 18, alarm_high: 27 }} {...{ now, verdict }} last={24.3} />
          <p class="note">{t("humidity")}</p>
          <Gauge limits={{ alarm_high: 60 }} now={54} last={49} unit="%" />
          <p class="note">{t("disk")}</p>
          <Gauge
            limits={{ warning_high: 80, alarm_high: 90 }}
            now={83}
            last={74}
            verdict="warning"
          />
          <Gauge limits={{ warning_low: 20, alarm_low: 10 }} now={95} last={96} unit="%" />
          <Gauge limits={{ alarm_low: 18, alarm_high: 27 }} now={294} verdict="abnormal" />
          <Gauge limits={{}} now={7100} last={6900} />
        </main>
        <aside style={{ width: "344px", padding: "18px 22px", background: "var(--surface)" }}>
          <NumberPad
            target={t("target")}
            text={text}
            onText={setText}
            signed
            next={{ label: t("nextPoint"), onClick: () => setText("") }}
          >
            <div class="in big">{text}</div>
          </NumberPad>
        </aside>
      </div>
    </div>
  );
}
