// One choice of a few, side by side. Tapping the chosen one again clears it.
// Rule: a radio group for keyboards and screen readers: arrows move and choose, space chooses or
// clears. Only "abnormal" is filled; a severity is a choice, not an alarm.

import type { TargetedKeyboardEvent } from "preact";
import { t } from "../words/kit.ts";
import { Icon, type IconName } from "./icons.tsx";

/** How a chosen part looks: accent edge and tick, red and filled, or grey with a dash. */
export type Weight = "choice" | "alarm" | "set-aside";

export type Option<Value extends string> = {
  readonly value: Value;
  readonly label: string;
  readonly weight?: Weight;
};

const LOOKS: Readonly<Record<Weight, { readonly class: string; readonly icon: IconName }>> = {
  choice: { class: "on y", icon: "tick" },
  alarm: { class: "on x", icon: "alert" },
  "set-aside": { class: "on n", icon: "dash" },
};

const STEPS: Readonly<Record<string, number>> = {
  ArrowRight: 1,
  ArrowDown: 1,
  ArrowLeft: -1,
  ArrowUp: -1,
};

type SegmentedProps<Value extends string> = {
  /** What is asked, for screen readers; the visible question stands beside the parts. */
  label: string;
  options: readonly Option<Value>[];
  value: Value | null;
  /** null: the person took the answer back. */
  onChange: (value: Value | null) => void;
  /** False where something is always chosen (a filter): tapping again then changes nothing. */
  clearable?: boolean;
  disabled?: boolean;
};

export function Segmented<Value extends string>(props: SegmentedProps<Value>) {
  const { label, options, value, onChange, clearable = true, disabled = false } = props;
  // One stop for the Tab key: the chosen part, or the first while nothing is chosen.
  const stop = Math.max(
    options.findIndex((option) => option.value === value),
    0,
  );
  const move = (event: TargetedKeyboardEvent<HTMLButtonElement>, from: number) => {
    const step = STEPS[event.key];
    const to = (from + (step ?? 0) + options.length) % options.length;
    const next = options[to];
    if (step === undefined || next === undefined) return;
    event.preventDefault();
    const part = event.currentTarget.parentElement?.children[to];
    if (part instanceof HTMLElement) part.focus();
    onChange(next.value);
  };
  return (
    <div class="seg" role="radiogroup" aria-label={label}>
      {options.map((option, index) => {
        const isOn = option.value === value;
        const look = LOOKS[option.weight ?? "choice"];
        return (
          // biome-ignore lint/a11y/useSemanticElements: an <input> cannot be tapped again to clear it.
          <button
            key={option.value}
            type="button"
            role="radio"
            aria-checked={isOn}
            tabIndex={index === stop ? 0 : -1}
            class={isOn ? look.class : ""}
            disabled={disabled}
            onKeyDown={(event) => move(event, index)}
            onClick={() => {
              if (!isOn) onChange(option.value);
              else if (clearable) onChange(null);
            }}
          >
            {isOn && <Icon name={look.icon} />}
            {option.label}
          </button>
        );
      })}
    </div>
  );
}

export type CheckAnswer = "normal" | "abnormal" | "na";

type AnswerProps = {
  /** The question. */
  item: string;
  value: CheckAnswer | null;
  onChange: (value: CheckAnswer | null) => void;
  disabled?: boolean;
};

/** Normal, abnormal, not applicable: the answer to a check. */
export function AnswerChoice({ item, value, onChange, disabled = false }: AnswerProps) {
  const options: readonly Option<CheckAnswer>[] = [
    { value: "normal", label: t("answer.normal") },
    { value: "abnormal", label: t("answer.abnormal"), weight: "alarm" },
    { value: "na", label: t("answer.na"), weight: "set-aside" },
  ];
  const label = t("answer.group", { item });
  return <Segmented {...{ label, options, value, onChange, disabled }} />;
}

/** As in src/wire: least first. */
export const SEVERITIES = ["advice", "minor", "major", "urgent"] as const;
export type Severity = (typeof SEVERITIES)[number];

type SeverityProps = { value: Severity | null; onChange: (value: Severity | null) => void };

/** How bad an abnormal answer is, with its label above. */
export function SeverityChoice({ value, onChange }: SeverityProps) {
  const label = t("severity.label");
  const options = SEVERITIES.map((name) => ({ value: name, label: t(`severity.${name}`) }));
  return (
    <div>
      <span class="lab">{label}</span>
      <Segmented {...{ label, options, value, onChange }} />
    </div>
  );
}
