// The bar below a result: keys, what stands in the way, and the two decisions.
// Rule: the button repeats the choice ("return 2 items"); accepting without photos asks for a reason in
// place; nobody decides over their own work, and is told so.

import { useEffect, useRef } from "preact/hooks";
import { TEXT_LENGTH_MAX } from "../../../wire/limits.ts";
import type { InspectionDetail } from "../../../wire/types.ts";
import { Icon } from "../../kit/icons.tsx";
import { StateWord } from "../../kit/state.tsx";
import { useOffice } from "../state.ts";
import { t } from "../words.ts";
import { barriers, type Done, slugOfProblem } from "./desk.ts";

function Hints() {
  const hints: readonly (readonly [readonly string[], string])[] = [
    [["J", "K"], t("keys.results")],
    [["↑", "↓"], t("keys.items")],
    [[t("keys.space")], t("keys.photo")],
    [["E"], t("keys.filter")],
  ];
  return (
    <span class="hints" aria-hidden="true">
      {hints.map(([keys, words]) => (
        <span key={words} class="kh">
          {keys.map((key) => (
            <kbd key={key}>{key}</kbd>
          ))}
          {words}
        </span>
      ))}
    </span>
  );
}

const BARRIERS = {
  "conflicts-open": "refused.conflicts",
  "items-missing": "refused.missing",
  "own-inspection": "refused.own",
  "not-submitted": "refused.notSubmitted",
} as const;

function isBarrier(slug: string): slug is keyof typeof BARRIERS {
  return Object.hasOwn(BARRIERS, slug);
}

/** Why it cannot be accepted now; null where it can. */
export function barrierWords(detail: InspectionDetail, person: string): string | null {
  const may = detail.may ?? [];
  const { step, inspector } = detail.row;
  if (step === "draft") return t("result.draft");
  if (step === "returned") return t("result.withField");
  if (step === "accepted") return null;
  const [first] = barriers(detail);
  const slug = first ? slugOfProblem(first) : "";
  if (isBarrier(slug)) return t(BARRIERS[slug]);
  if (first) return t("failed.refused");
  if (may.includes("accept")) return null;
  return t(inspector === person || may.includes("return") ? "refused.own" : "result.readOnly");
}

type ReasonProps = {
  text: string;
  onInput: (text: string) => void;
  onAccept: () => void;
  onLeave: () => void;
};

function Reason({ text, onInput, onAccept, onLeave }: ReasonProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  return (
    <label class="in reason">
      <span class="spoken">{t("accept.reason")}</span>
      <input
        ref={input}
        value={text}
        maxLength={TEXT_LENGTH_MAX}
        placeholder={t("accept.reason")}
        onInput={(event) => onInput(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") onLeave();
          if (event.key === "Enter" && !event.isComposing) onAccept();
        }}
      />
    </label>
  );
}

type DecidedProps = { done: Done; isBusy: boolean; onUndo: () => void };

/** What was just decided, with the way back. */
export function JustDecided({ done, isBusy, onUndo }: DecidedProps) {
  const name = done.row.asset_name || t("asset.unnamed");
  const isAccepted = done.decided.step === "accepted";
  return (
    <div class="just" role="status">
      <StateWord icon={isAccepted ? "tick" : "returned"} tone="act" size={17}>
        {isAccepted ? t("just.accepted", { name }) : t("just.returned", { name, n: done.remarks })}
      </StateWord>
      <button type="button" class="btn txt" disabled={isBusy} onClick={onUndo}>
        {t("action.undo")} <kbd>U</kbd>
      </button>
    </div>
  );
}

export type BarProps = {
  detail: InspectionDetail;
  remarks: number;
  isBusy: boolean;
  /** The reason while it is asked for; null while it is not. */
  reason: string | null;
  onReason: (text: string | null) => void;
  onAccept: () => void;
  onReturn: () => void;
  onUndo: () => void;
  /** Absent where this person records no findings. */
  onFinding: (() => void) | undefined;
};

export function Bar(props: BarProps) {
  const { detail, remarks, isBusy, reason, onReason } = props;
  const { me } = useOffice();
  const may = detail.may ?? [];
  const barrier = barrierWords(detail, me.person);
  const canAccept = may.includes("accept") && barrier === null && reason?.trim() !== "";
  const acceptWords =
    reason !== null ? t("accept.without", { n: detail.row.photos_waiting ?? 0 }) : t("accept.do");
  return (
    <footer class="bar deciding">
      {reason === null ? (
        <Hints />
      ) : (
        <Reason
          text={reason}
          onInput={onReason}
          onAccept={props.onAccept}
          onLeave={() => onReason(null)}
        />
      )}
      {barrier !== null && <span class="note barrier">{barrier}</span>}
      <div class="acts">
        {may.includes("undo") && (
          <button type="button" class="btn big" disabled={isBusy} onClick={props.onUndo}>
            {t("action.undoDecision")} <kbd>U</kbd>
          </button>
        )}
        {props.onFinding && (
          <button type="button" class="btn big" onClick={props.onFinding}>
            <Icon name="flag" size={18} />
            {t("finding.record")} <kbd>F</kbd>
          </button>
        )}
        {may.includes("return") && (
          <button type="button" class="btn big" disabled={isBusy} onClick={props.onReturn}>
            <Icon name="returned" size={18} />
            {remarks > 0 ? t("review.returned", { n: remarks }) : t("return.do")} <kbd>R</kbd>
          </button>
        )}
        {(may.includes("accept") || may.includes("return")) && (
          <button
            type="button"
            class="btn big pri"
            disabled={isBusy || !canAccept}
            onClick={props.onAccept}
          >
            <Icon name="tick" size={18} />
            {acceptWords} <kbd>A</kbd>
          </button>
        )}
      </div>
    </footer>
  );
}
