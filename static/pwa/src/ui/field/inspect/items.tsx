// One question of each kind, with the control that answers it.
// Rule: a tap or a key is an answer at once; what the control shows is what core/forms judged.

import { DEFAULTS } from "../../../wire/defaults.ts";
import type {
  Calculated,
  Check,
  Choice,
  Counter,
  FormItem,
  NumberItem,
  PhotoItem,
} from "../../../wire/types.ts";
import { NumberInput } from "../../kit/fields.tsx";
import { Gauge } from "../../kit/gauge.tsx";
import { AnswerChoice, Segmented } from "../../kit/segmented.tsx";
import { figure } from "../../words/format.ts";
import { useHere } from "./context.ts";
import { checkAnswer, checked, withValue } from "./edits.ts";
import { DateEntry, SerialEntry, TextEntry } from "./entries.tsx";
import { lastAt } from "./form.ts";
import {
  type Asked,
  Frame,
  ItemMenu,
  NotApplicable,
  Question,
  Reasons,
  sourcesOf,
  useAsked,
} from "./frame.tsx";
import { Options } from "./options.tsx";
import { Photos } from "./photos.tsx";
import { lastWords, limitsOf, unitOf } from "./say.ts";
import { SignatureEntry } from "./signature-item.tsx";
import { said, t } from "./words.ts";

/** Any item but a group, wherever it stands. */
export function Item({ item, path }: { item: Exclude<FormItem, { type: "group" }>; path: string }) {
  const asked = useAsked<FormItem>(item, path);
  if (asked === null) return null;
  switch (item.type) {
    case "check":
      return <CheckItem {...asked} item={item} />;
    case "number":
    case "counter":
      return <NumberRow {...asked} item={item} />;
    case "calculated":
      return <CalculatedRow {...asked} item={item} />;
    default:
      return (
        <Frame {...asked}>
          <div class={item.type === "photo" ? "ask tall" : "ask"}>
            <Question {...asked} />
            <ItemMenu {...asked} />
            {asked.answer?.na ? <NotApplicable /> : <Control {...asked} item={item} />}
          </div>
        </Frame>
      );
  }
}

type Plain = Exclude<FormItem, { type: "group" | "check" | "number" | "counter" | "calculated" }>;

function Control({ item, ...asked }: Asked<Plain>) {
  switch (item.type) {
    case "choice":
      return <ChoiceControl {...asked} item={item} />;
    case "text":
      return <TextEntry {...asked} item={item} />;
    case "date":
      return <DateEntry {...asked} item={item} />;
    case "serial":
      return <SerialEntry {...asked} item={item} />;
    case "photo":
      return <PhotoControl {...asked} item={item} />;
    case "signature":
      return <SignatureEntry {...asked} item={item} />;
  }
}

function CheckItem(asked: Asked<Check>) {
  return (
    <Frame {...asked} opensAbnormal={asked.answer?.value === "fail"}>
      <div class="ask">
        <Question {...asked} />
        <CheckControl {...asked} />
      </div>
    </Frame>
  );
}

export function CheckControl({ item, path, answer }: Asked<Check>) {
  const { work, isClosed } = useHere();
  return (
    <AnswerChoice
      item={said(item.title)}
      value={checkAnswer(answer)}
      disabled={isClosed}
      onChange={(tapped) => void work.answer(path, checked(item, answer, tapped))}
    />
  );
}

// Beyond three, or with long words, options stand in rows of their own.
const SIDE_BY_SIDE = 3;
const LABEL_MAX = 10;

export function ChoiceControl({ item, path, answer }: Asked<Choice>) {
  const { work, isClosed } = useHere();
  const value = answer?.value ?? null;
  const options = item.options.map((option) => ({
    value: option.id,
    label: said(option.title),
    weight: option.verdict === "abnormal" ? ("alarm" as const) : ("choice" as const),
  }));
  const label = said(item.title);
  const isShort =
    options.length <= SIDE_BY_SIDE && options.every((one) => one.label.length <= LABEL_MAX);
  if (isShort && !item.multiple) {
    return (
      <Segmented
        {...{ label, options }}
        disabled={isClosed}
        value={typeof value === "string" ? value : null}
        onChange={(next) => void work.answer(path, withValue(answer, next))}
      />
    );
  }
  const chosen = Array.isArray(value) ? value : typeof value === "string" ? [value] : [];
  return (
    <Options
      {...{ label, options, chosen }}
      multiple={item.multiple ?? false}
      disabled={isClosed}
      onChange={(next) => {
        const given = item.multiple ? (next.length > 0 ? next : null) : (next[0] ?? null);
        void work.answer(path, withValue(answer, given));
      }}
    />
  );
}

function PhotoControl({ item, path }: Asked<PhotoItem>) {
  return (
    <div class="wide">
      <Photos path={path} label={said(item.title)} />
    </div>
  );
}

/** A verdict as a reading shows it: what is open or set aside is neither. */
export function edgeOf(asked: Pick<Asked, "state">): "normal" | "warning" | "abnormal" {
  const { verdict, reasons } = asked.state;
  if (reasons.some(({ code }) => code === "out-of-range")) return "abnormal";
  return verdict === "warning" || verdict === "abnormal" ? verdict : "normal";
}

export function NumberControl({ item, path, state, answer }: Asked<NumberItem | Counter>) {
  const { work, isClosed } = useHere();
  const value = answer?.value ?? null;
  return (
    <NumberInput
      big
      value={typeof value === "number" ? value : null}
      unit={unitOf(item)}
      verdict={edgeOf({ state })}
      label={said(item.title)}
      disabled={isClosed}
      onValue={(next) => void work.answer(path, withValue(answer, next))}
    />
  );
}

/** Title, verdict, then in one line how it is measured and whose limit it is. */
function What(asked: Asked) {
  const { item, state } = asked;
  const limits = limitsOf(item);
  const sources = new Set([...(limits ? [said(limits.source)] : []), ...sourcesOf(state)]);
  const notes = [
    item.required === false && item.type !== "calculated" ? t("item.optional") : "",
    item.hint ? said(item.hint) : "",
    ...sources,
  ];
  return (
    <div class="what">
      <div class="grow">
        <h3>{said(item.title)}</h3>
        {!asked.answer?.na && <Reasons {...asked} />}
        <p class="note source">{notes.filter((note) => note !== "").join(" · ")}</p>
      </div>
      {item.type !== "calculated" && <ItemMenu {...asked} />}
    </div>
  );
}

/** Gauge and last value: the middle of a reading. */
export function Instrument({ item, path, state }: Asked) {
  const { sheet, now } = useHere();
  const last = lastAt(sheet.last, path)?.value;
  const limits = limitsOf(item);
  const words = lastWords(sheet, item, path, now, { withDay: true });
  return (
    <div class="gz">
      {limits && (
        <Gauge
          limits={limits}
          now={typeof state.value === "number" ? state.value : null}
          last={typeof last === "number" ? last : null}
          verdict={edgeOf({ state })}
          unit={unitOf(item)}
        />
      )}
      {words !== undefined && <p class="note last">{words}</p>}
    </div>
  );
}

function NumberRow(asked: Asked<NumberItem | Counter>) {
  return (
    <Frame {...asked}>
      <div class="reading">
        <What {...asked} />
        <Instrument {...asked} />
        {asked.answer?.na ? <NotApplicable /> : <NumberControl {...asked} />}
      </div>
    </Frame>
  );
}

function CalculatedRow(asked: Asked<Calculated>) {
  const { item, state } = asked;
  const decimals = item.decimals ?? DEFAULTS.Calculated.decimals;
  const edge = edgeOf(asked);
  return (
    <Frame {...asked}>
      <div class="reading">
        <What {...asked} />
        <Instrument {...asked} />
        <output class={`worked ${edge}`} aria-label={said(item.title)}>
          {typeof state.value === "number" ? (
            <>
              <b>{figure(state.value, decimals)}</b>
              <span class="u">{unitOf(item)}</span>
            </>
          ) : (
            <span class="note">{t("item.pending")}</span>
          )}
        </output>
      </div>
    </Frame>
  );
}
