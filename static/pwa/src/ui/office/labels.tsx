// Printing labels: for chosen assets, a batch of blank tags to be bound on site, or such a batch again.
// Rule: what will come out of the printer is shown, and said in figures, before it is ordered.

import { useState } from "preact/hooks";
import type { Failed } from "../../sync/office.ts";
import { LABELS_PER_PRINT_MAX, LINE_LENGTH_MAX } from "../../wire/limits.ts";
import type { LabelBatch, LabelOrder } from "../../wire/types.ts";
import { Field, NumberInput, TextField } from "../kit/fields.tsx";
import { Icon } from "../kit/icons.tsx";
import { SectionHeader } from "../kit/layout.tsx";
import { Segmented } from "../kit/segmented.tsx";
import { StateWord } from "../kit/state.tsx";
import { LANGUAGES, type Language, language } from "../words/index.ts";
import { WRITES } from "./api.ts";
import { Failure } from "./failure.tsx";
import { chosen, sheets, toggle } from "./label-choice.ts";
import { Batches } from "./labels/batches.tsx";
import { Preview, usePreview } from "./labels/preview.tsx";
import { PAPER_NAMES, type Paper, perPage, t as say } from "./labels/words.ts";
import { Page } from "./shell.tsx";
import { useOffice } from "./state.ts";
import { t } from "./words.ts";

const KINDS = ["chosen", "blank", "again"] as const;
type Kind = (typeof KINDS)[number];

/** Hand a file to the browser's downloads. */
function save(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The download has its own hold on the bytes by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

type Order = "idle" | "busy" | "done" | Failed;

function useOrder() {
  const { client } = useOffice();
  const [order, setOrder] = useState<Order>("idle");
  const print = async (labels: LabelOrder, name: string) => {
    setOrder("busy");
    const answer = await client.order(WRITES.labels, labels);
    if (answer.kind === "ok") save(answer.value, name);
    setOrder(answer.kind === "ok" ? "done" : answer);
  };
  return { order, print };
}

/** The sheet as it will be printed: used places, free ones, and what is skipped. */
function Sheet({ labels, skip, paper }: { labels: number; skip: number; paper: Paper }) {
  const places = perPage(paper);
  const pages = sheets(labels, skip, places);
  const last = labels + skip - (pages - 1) * places;
  return (
    <figure class="sheetmap">
      <div class={`paper ${paper}`} aria-hidden="true">
        {Array.from({ length: places }, (_, place) => {
          const isSkipped = place < skip;
          const isUsed = !isSkipped && place < skip + labels;
          return <i key={place} class={isSkipped ? "skip" : isUsed ? "used" : ""} />;
        })}
      </div>
      <figcaption class="note">
        {pages === 0
          ? t("labels.nothing")
          : last === places
            ? t("labels.full", { n: pages, labels })
            : t("labels.sheets", { n: pages, labels, free: places - last })}
      </figcaption>
    </figure>
  );
}

function Chosen() {
  const rows = [...chosen.value.values()];
  if (rows.length === 0) {
    return (
      <div class="empty">
        <p>{t("labels.noneChosen")}</p>
        <a class="btn" href="/office/assets">
          {t("labels.chooseAssets")}
        </a>
      </div>
    );
  }
  return (
    <ul class="chosen">
      {rows.map((row) => (
        <li key={row.id}>
          <span class="grow one">
            {row.name} <span class="note">{row.note}</span>
          </span>
          <button
            type="button"
            class="plain"
            aria-label={t("labels.drop", { name: row.name })}
            onClick={() => toggle(row)}
          >
            <Icon name="close" size={15} />
          </button>
        </li>
      ))}
    </ul>
  );
}

type BlankProps = {
  count: number | null;
  onCount: (count: number | null) => void;
  batch: string;
  onBatch: (batch: string) => void;
};

function Blank({ count, onCount, batch, onBatch }: BlankProps) {
  return (
    <div class="stack">
      <Field label={t("labels.count")} hint={t("labels.countHint", { n: LABELS_PER_PRINT_MAX })}>
        {(ids) => <NumberInput {...ids} value={count} onValue={onCount} />}
      </Field>
      <TextField
        label={t("labels.batch")}
        hint={t("labels.batchHint")}
        value={batch}
        onInput={onBatch}
        max={LINE_LENGTH_MAX}
      />
    </div>
  );
}

function within(value: number | null, most: number): number {
  return value !== null && Number.isInteger(value) && value >= 0 && value <= most ? value : 0;
}

function useSheet() {
  const [kind, setKind] = useState<Kind>(chosen.peek().size > 0 ? "chosen" : "blank");
  const [paper, setPaper] = useState<Paper>("a4-3x8");
  const [count, setCount] = useState<number | null>(perPage("a4-3x8"));
  const [batch, setBatch] = useState("");
  const [again, setAgain] = useState<LabelBatch | null>(null);
  const [skip, setSkip] = useState<number | null>(0);
  const [tongue, setTongue] = useState<Language>(language.peek());
  const free = within(skip, perPage(paper) - 1);
  const counts = {
    chosen: chosen.value.size,
    blank: within(count, LABELS_PER_PRINT_MAX),
    again: again?.free ?? 0,
  };
  const labels = counts[kind];
  const what = {
    chosen: { assets: [...chosen.value.keys()] },
    blank: { blank: labels, batch: batch.trim() },
    again: { again: again?.name ?? "" },
  };
  const order: LabelOrder = { ...what[kind], layout: paper, language: tongue, skip: free };
  return {
    ...{ kind, setKind, paper, setPaper, count, setCount, batch, setBatch, again, setAgain },
    ...{ skip, setSkip, tongue, setTongue, free, labels, order },
  };
}

type Setting = ReturnType<typeof useSheet>;

function Settings({ sheet }: { sheet: Setting }) {
  const names: Readonly<Record<Language, string>> = { "zh-CN": "中文", en: "English" };
  const places = perPage(sheet.paper);
  return (
    <div class="stack">
      <div>
        <span class="lab">{say("paper.title")}</span>
        <Segmented
          label={say("paper.title")}
          options={PAPER_NAMES.map((value) => ({ value, label: say(`paper.${value}`) }))}
          value={sheet.paper}
          onChange={(next) => next && sheet.setPaper(next)}
          clearable={false}
        />
        <p class="note">{say(`hint.${sheet.paper}`)}</p>
      </div>
      {places > 1 && (
        <Field label={t("labels.skip")} hint={t("labels.skipHint", { n: places - 1 })}>
          {(ids) => <NumberInput {...ids} value={sheet.skip} onValue={sheet.setSkip} />}
        </Field>
      )}
      <div>
        <span class="lab">{t("labels.language")}</span>
        <Segmented
          label={t("labels.language")}
          options={LANGUAGES.map((value) => ({ value, label: names[value] }))}
          value={sheet.tongue}
          onChange={(next) => next && sheet.setTongue(next)}
          clearable={false}
        />
      </div>
    </div>
  );
}

export function LabelsPage() {
  const sheet = useSheet();
  const { order, print } = useOrder();
  const shown = usePreview(sheet.order, sheet.labels > 0);
  const words = {
    chosen: t("labels.chosen"),
    blank: t("labels.blank"),
    again: say("labels.again"),
  };
  const options = KINDS.map((value) => ({ value, label: words[value] }));
  return (
    <Page title={t("place.labels")}>
      <main class="scroll pad on-surface">
        <div class="columns labels">
          <section>
            <SectionHeader title={t("labels.what")} ruled />
            <div class="stack">
              <Segmented
                label={t("labels.what")}
                options={options}
                value={sheet.kind}
                onChange={(next) => next && sheet.setKind(next)}
                clearable={false}
              />
              {sheet.kind === "chosen" && <Chosen />}
              {sheet.kind === "again" && <Batches picked={sheet.again} onPick={sheet.setAgain} />}
              {sheet.kind === "blank" && (
                <Blank
                  count={sheet.count}
                  onCount={sheet.setCount}
                  batch={sheet.batch}
                  onBatch={sheet.setBatch}
                />
              )}
            </div>
          </section>
          <aside>
            <SectionHeader title={t("labels.sheet")} ruled />
            <Settings sheet={sheet} />
            <Sheet labels={sheet.labels} skip={sheet.free} paper={sheet.paper} />
            {order !== "idle" && order !== "busy" && order !== "done" && (
              <Failure failed={order} safe={t("labels.safe")} />
            )}
            <div class="row">
              <button
                type="button"
                class="btn pri big"
                disabled={sheet.labels === 0 || order === "busy"}
                onClick={() => void print(sheet.order, `labels-${sheet.labels}.pdf`)}
              >
                <Icon name="print" size={18} />
                {t("labels.make", { n: sheet.labels })}
              </button>
              {order === "busy" && <span class="note">{t("labels.busy")}</span>}
              {order === "done" && (
                <span role="status">
                  <StateWord icon="tick" tone="quiet" size={16}>
                    {t("labels.done")}
                  </StateWord>
                </span>
              )}
            </div>
            {sheet.labels > 0 && <Preview {...shown} />}
          </aside>
        </div>
      </main>
    </Page>
  );
}
