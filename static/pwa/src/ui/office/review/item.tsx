// One item under review: what was found, last time's beside it, its limits, its photos, and the remark
// that goes back with a return.

import { useEffect, useRef } from "preact/hooks";
import { TEXT_LENGTH_MAX } from "../../../wire/limits.ts";
import type { InspectionDetail, Remark } from "../../../wire/types.ts";
import { TextArea } from "../../kit/fields.tsx";
import { Gauge } from "../../kit/gauge.tsx";
import { StateWord } from "../../kit/state.tsx";
import { figure, unitWords } from "../../words/format.ts";
import { Photos } from "../files/photos.tsx";
import { minute } from "../state.ts";
import { when } from "../times.ts";
import { dotted, t } from "../words.ts";
import {
  photosOf,
  remarksOf,
  type SheetItem,
  subjectOf,
  titleOf,
  wasMarkedRest,
} from "./sheet-items.ts";
import { answerWords, beforeWords, changeWords, sourceWords, VerdictWord } from "./words.tsx";

export type ItemContext = {
  readonly detail: InspectionDetail;
  readonly mayReturn: boolean;
};

function Before({ entry, detail }: { entry: SheetItem; detail: InspectionDetail }) {
  const before = beforeWords(entry, detail);
  const change = changeWords(entry.judged.change);
  if (before === null) return null;
  return (
    <p class="before">
      <span class="faint">{t("before.label")}</span> {before}
      {change !== null && (
        <span class="change">
          <span class="faint">{t("before.change")}</span> {change}
        </span>
      )}
    </p>
  );
}

/**
 * What was written here before: by the office when it returned the work, or on site.
 * The first return begins round 2, which its remarks are of.
 */
export function Remarked({ remarks, zone }: { remarks: readonly Remark[]; zone: string }) {
  return (
    <>
      {remarks.map((remark, index) => {
        const isOffice = remark.origin === "office";
        const time = remark.at ? when(remark.at, zone, minute.value) : null;
        return (
          <p key={`${remark.at}${index}`} class="said">
            {isOffice && (
              <StateWord icon="returned" tone="warn" size={15}>
                {t("remark.returned", { n: (remark.round ?? 2) - 1 })}
              </StateWord>
            )}
            <span>{remark.text}</span>
            <span class="note">{dotted(remark.author_name, time)}</span>
          </p>
        );
      })}
    </>
  );
}

type WriteProps = {
  title: string;
  text: string;
  isFocused: boolean;
  onInput: (text: string) => void;
  onLeave: () => void;
};

/** The field for a remark that will be shown on the tablet. */
export function RemarkField({ title, text, isFocused, onInput, onLeave }: WriteProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isFocused) place.current?.querySelector("textarea")?.focus();
  }, [isFocused]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape leaves the field inside.
    <div
      ref={place}
      class="ret"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
        onLeave();
      }}
    >
      <TextArea
        label={title}
        value={text}
        max={TEXT_LENGTH_MAX}
        onInput={onInput}
        placeholder={t("remark.example")}
      />
    </div>
  );
}

function Answered({ entry }: { entry: SheetItem }) {
  const { answer, judged } = entry;
  return (
    <>
      {answer?.note && <p class="text">{answer.note}</p>}
      {answer?.reason && (
        <p class="text">
          <span class="faint">{t("answer.because")}</span> {answer.reason}
        </p>
      )}
      {judged.verdict !== "abnormal" && wasMarkedRest(entry) && (
        <p class="note">{t("answer.rest")}</p>
      )}
    </>
  );
}

/** A reading: its gauge with the source of the limits, and the figure. */
function Reading({ entry }: { entry: SheetItem }) {
  const { judged } = entry;
  const before = judged.before?.value;
  const now = typeof judged.value === "number" ? judged.value : null;
  const verdict =
    judged.verdict === "abnormal" || judged.verdict === "warning" ? judged.verdict : "normal";
  const tone = verdict === "abnormal" ? " bad" : verdict === "warning" ? " warn" : "";
  return (
    <>
      <div class="gz">
        {judged.limits && (
          <Gauge
            limits={judged.limits}
            now={now}
            last={typeof before === "number" ? before : null}
            verdict={verdict}
            unit={judged.unit ?? ""}
            width={240}
          />
        )}
        <span class="note">{sourceWords(entry)}</span>
      </div>
      <div class={`val${tone}`}>
        {now === null ? t("notDone.measured") : figure(now)}
        {now !== null && judged.unit && <small>{`\u00a0${unitWords(judged.unit)}`}</small>}
      </div>
    </>
  );
}

const MEASURED: readonly string[] = ["number", "calculated", "counter"];

type ItemProps = ItemContext & {
  entry: SheetItem;
  isSelected: boolean;
  remark: string;
  /** The field of the remark is where the keys go now. */
  isWriting: boolean;
  onSelect: () => void;
  onWrite: () => void;
  onRemark: (text: string) => void;
  onLeave: () => void;
};

export function Item(props: ItemProps) {
  const { entry, detail, mayReturn, isSelected, remark, isWriting } = props;
  const article = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isSelected) article.current?.scrollIntoView?.({ block: "nearest" });
  }, [isSelected]);
  const isReading = MEASURED.includes(entry.item.type);
  const photos = photosOf(detail, entry.path);
  const zone = detail.row.time_zone;
  const value = answerWords(entry);
  const isPlain = entry.item.type !== "check" && !isReading && entry.item.type !== "photo";
  const isOpen = mayReturn && (isSelected || remark !== "" || isWriting);
  const look = `it${isSelected ? " on" : ""}${isReading ? " rd" : ""}`;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: arrows move between items, in review/keys.ts.
    <article
      ref={article}
      class={look}
      data-path={entry.path}
      aria-current={isSelected ? "true" : undefined}
      onClick={props.onSelect}
    >
      <div class="tx">
        <VerdictWord entry={entry} serial={detail.asset.serial ?? ""} />
        <h2>{titleOf(detail, entry)}</h2>
        {isPlain && <p class="text strong">{value}</p>}
        <Answered entry={entry} />
        <Before entry={entry} detail={detail} />
        <Remarked remarks={remarksOf(detail, entry.path)} zone={detail.row.time_zone} />
      </div>
      {isReading ? (
        <Reading entry={entry} />
      ) : (
        <Photos photos={photos} zone={zone} of={subjectOf(detail)} />
      )}
      {isReading && <Photos photos={photos} zone={zone} of={subjectOf(detail)} small />}
      {isOpen && (
        <RemarkField
          title={t("remark.label")}
          text={remark}
          isFocused={isWriting}
          onInput={props.onRemark}
          onLeave={props.onLeave}
        />
      )}
    </article>
  );
}
