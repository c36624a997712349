// What surrounds every question: its words, why it is not simply normal, what the office said, and
// what opens below it. Rule: everything opens in place; nothing here navigates.

import { type ComponentChildren, createContext } from "preact";
import { useContext, useState } from "preact/hooks";
import type { ItemState } from "../../../core/forms/states.ts";
import { LINE_LENGTH_MAX, TEXT_LENGTH_MAX } from "../../../wire/limits.ts";
import type { Answer, Check, FormItem } from "../../../wire/types.ts";
import { Menu } from "../../kit/menu.tsx";
import { SeverityChoice } from "../../kit/segmented.tsx";
import { StateWord } from "../../kit/state.tsx";
import { instant } from "../../words/format.ts";
import { anchorOf, useHere } from "./context.ts";
import { setAside, severityOf } from "./edits.ts";
import { answerAt } from "./form.ts";
import { Photos } from "./photos.tsx";
import { lastWords, reasonWords, titleAt } from "./say.ts";
import { TypedArea, TypedField } from "./typed.tsx";
import { said, t } from "./words.ts";

export type Asked<I extends FormItem = FormItem> = {
  readonly item: I;
  readonly path: string;
  readonly state: ItemState;
  readonly answer: Answer | null;
};

/** Why a verdict is not simply normal, in words. */
export function Reasons({ item, state, answer }: Pick<Asked, "item" | "state" | "answer">) {
  // A photo that is missing is said where it is taken.
  const told = state.reasons.filter(
    ({ code }) => code !== "photo-missing" || item.type !== "check",
  );
  return (
    <>
      {told.map((reason) => {
        const { icon, tone, words } = reasonWords(item, state, reason, answer);
        return (
          <StateWord key={words} {...{ icon, tone }}>
            {words}
          </StateWord>
        );
      })}
    </>
  );
}

/** Whose limits are behind the reasons; a limit is never said without its source. */
export function sourcesOf(state: ItemState): readonly string[] {
  return [...new Set(state.reasons.flatMap(({ source }) => (source ? [said(source)] : [])))];
}

/** What the office wrote on this item when it sent the work back. */
export function OfficeRemarks({ path }: { path: string }) {
  const { sheet, now } = useHere();
  const here = sheet.remarks.filter((remark) => (remark.item ?? "") === path);
  return (
    <>
      {here.map((remark) => (
        <div key={remark.id} class="remark">
          <StateWord icon="returned" tone="warn" size={22}>
            {t("state.returned")}
          </StateWord>
          <p>{remark.text}</p>
          <p class="note">
            {t("remark.by", {
              name: remark.author_name,
              time: remark.at ? instant(remark.at, sheet.zone, now) : "",
            })}
          </p>
        </div>
      ))}
    </>
  );
}

const REASONS = ["na.none", "na.off", "na.noAccess", "na.customer"] as const;

/** Why something does not apply: a tap, or one's own words. */
export function WhyNot({ path, answer }: Pick<Asked, "path" | "answer">) {
  const { work, isClosed } = useHere();
  const reason = answer?.reason ?? "";
  if (isClosed) return reason === "" ? null : <p class="note why">{reason}</p>;
  return (
    <div class="whynot">
      <div class="quick">
        {REASONS.map((key) => {
          const words = t(key);
          const isOn = reason === words;
          return (
            <button
              key={key}
              type="button"
              class={isOn ? "chip on" : "chip"}
              aria-pressed={isOn}
              onClick={() => void work.type("reason", path, isOn ? "" : words)}
            >
              {words}
            </button>
          );
        })}
      </div>
      <TypedField
        part="reason"
        path={path}
        label={t("na.why")}
        value={reason}
        max={TEXT_LENGTH_MAX}
        required
      />
    </div>
  );
}

type DetailsProps = Asked & { isAbnormal: boolean; wantsPhoto: boolean };

/** Severity, what was seen, photos: in this order. */
export function Details({ item, path, answer, isAbnormal, wantsPhoto }: DetailsProps) {
  const { work, sheet, isClosed } = useHere();
  const n = sheet.photos.get(path)?.length ?? 0;
  const base = item.type === "check" ? (item.severity ?? "minor") : "minor";
  const note = answer?.note ?? "";
  return (
    <div class="more">
      <div>
        {isAbnormal && (
          <SeverityChoice
            value={answer?.severity ?? base}
            onChange={(severity) =>
              isClosed || severity === null
                ? undefined
                : void work.answer(path, severityOf(answer, severity))
            }
          />
        )}
        {isClosed ? (
          note !== "" && <p class="said">{note}</p>
        ) : (
          <TypedArea
            part="note"
            path={path}
            label={t(isAbnormal ? "item.seen" : "item.note")}
            value={note}
            max={TEXT_LENGTH_MAX}
          />
        )}
      </div>
      <div>
        <span class="lab">
          {t(wantsPhoto ? "photo.required" : "photo.label", { n })}
          {wantsPhoto && n === 0 && (
            <StateWord icon="camera" tone="warn">
              {t("reason.photo")}
            </StateWord>
          )}
        </span>
        <Photos
          path={path}
          label={titleAt(sheet, path)}
          note={isAbnormal && !isClosed ? t("item.findingComes") : undefined}
        />
      </div>
    </div>
  );
}

/** Whether a check that failed asks for a photo. */
export function wantsPhoto(item: FormItem): boolean {
  return item.type === "check" && ((item satisfies Check).photo_on_fail ?? true);
}

type FrameProps = Asked & {
  /** The row with question and answer. */
  children: ComponentChildren;
  /** Red edge and the asked-for details at once: an abnormal check. */
  opensAbnormal?: boolean;
};

/** One question of the list, with everything that can open below it. */
export function Frame(props: FrameProps) {
  const { item, path, state, answer, children, opensAbnormal = false } = props;
  const { sheet, isClosed } = useHere();
  const isAbnormal = state.verdict === "abnormal";
  const hasMore =
    (answer?.note ?? "") !== "" ||
    (item.type !== "photo" && (sheet.photos.get(path)?.length ?? 0) > 0);
  const [isAsked, setAsked] = useState(false);
  const isOpen = !answer?.na && item.type !== "photo" && (hasMore || isAsked || opensAbnormal);
  const look = isAbnormal && isOpen ? "item opened" : "item";
  return (
    <section id={anchorOf(path)} class={look} tabIndex={-1} aria-label={titleAt(sheet, path)}>
      <AskMore.Provider value={isClosed ? null : () => setAsked(!isAsked)}>
        {children}
      </AskMore.Provider>
      <OfficeRemarks path={path} />
      {answer?.na && <WhyNot path={path} answer={answer} />}
      {isOpen && (
        <Details
          {...{ item, path, state, answer, isAbnormal }}
          wantsPhoto={isAbnormal && wantsPhoto(item)}
        />
      )}
    </section>
  );
}

const AskMore = createContext<(() => void) | null>(null);

/** Behind three dots: not applicable, and a note with photos. */
export function ItemMenu({ item, path, answer }: Pick<Asked, "item" | "path" | "answer">) {
  const { work } = useHere();
  const askMore = useContext(AskMore);
  if (askMore === null) return null;
  const aside = { icon: "dash" as const, label: t("item.na") };
  const back = { icon: "pen" as const, label: t("item.takeUp") };
  const isNa = answer?.na ?? false;
  const items = [
    {
      ...(isNa ? back : aside),
      onClick: () => void work.answer(path, setAside(answer, !isNa)),
    },
    ...(isNa || item.type === "photo"
      ? []
      : [{ icon: "camera" as const, label: t("item.details"), onClick: askMore }]),
  ];
  return <Menu items={items} />;
}

/** Title, last time, hint, verdict: the left of every row. */
export function Question({ item, path, state, answer }: Asked) {
  const { sheet, now } = useHere();
  const last = lastWords(sheet, item, path, now);
  const isOptional = item.required === false;
  return (
    <div class="grow">
      <h3>{said(item.title)}</h3>
      {(last !== undefined || isOptional) && (
        <p class="note">
          {[last, isOptional ? t("item.optional") : undefined].filter(Boolean).join(" · ")}
        </p>
      )}
      {item.hint && <p class="note hint">{said(item.hint)}</p>}
      {!answer?.na && <Reasons {...{ item, state, answer }} />}
      {sourcesOf(state).map((source) => (
        <p key={source} class="note source">
          {source}
        </p>
      ))}
      {answer?.rest && <p class="note hint">{t("rest.was")}</p>}
    </div>
  );
}

/** In place of the control, where the question was set aside. */
export function NotApplicable() {
  return (
    <div class="aside">
      <StateWord icon="dash" tone="quiet">
        {t("answer.na")}
      </StateWord>
    </div>
  );
}

/** The answer of an item, where it stands. */
export function useAsked<I extends FormItem>(item: I, path: string): Asked<I> | null {
  const { sheet } = useHere();
  const state = sheet.evaluation.items.get(path);
  if (state === undefined || !state.shown) return null;
  return { item, path, state, answer: answerAt(sheet.inspection, path) };
}

/** Longest one-line answer. */
export const LINE_MAX = LINE_LENGTH_MAX;
