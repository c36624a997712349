// A choice of many: one or several, each its own target.
// Rule: chosen is an accent edge and a tick; only an abnormal option is filled when it is chosen.

import type { TargetedKeyboardEvent } from "preact";
import { Icon } from "../../kit/icons.tsx";
import type { Option } from "../../kit/segmented.tsx";

type OptionsProps = {
  label: string;
  options: readonly Option<string>[];
  chosen: readonly string[];
  multiple: boolean;
  disabled: boolean;
  onChange: (chosen: readonly string[]) => void;
};

const STEPS: Readonly<Record<string, number>> = {
  ArrowRight: 1,
  ArrowDown: 1,
  ArrowLeft: -1,
  ArrowUp: -1,
};

export function Options({ label, options, chosen, multiple, disabled, onChange }: OptionsProps) {
  const tap = (value: string): void => {
    const isOn = chosen.includes(value);
    if (!multiple) onChange(isOn ? [] : [value]);
    // In the order of the form, so that the same choice is the same answer.
    else {
      const next = isOn ? chosen.filter((one) => one !== value) : [...chosen, value];
      onChange(options.map((one) => one.value).filter((one) => next.includes(one)));
    }
  };
  const move = (event: TargetedKeyboardEvent<HTMLButtonElement>, from: number): void => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const all = event.currentTarget.parentElement?.children;
    const next = all?.[(from + step + options.length) % options.length];
    if (next instanceof HTMLElement) next.focus();
  };
  const parts = options.map((option, at) => {
    const isOn = chosen.includes(option.value);
    const given = {
      type: "button" as const,
      class: isOn ? (option.weight === "alarm" ? "opt on x" : "opt on") : "opt",
      disabled,
      onKeyDown: (event: TargetedKeyboardEvent<HTMLButtonElement>) => move(event, at),
      onClick: () => tap(option.value),
    };
    const content = (
      <>
        {isOn && <Icon name={option.weight === "alarm" ? "alert" : "tick"} />}
        {option.label}
      </>
    );
    return multiple ? (
      // biome-ignore lint/a11y/useSemanticElements: a large target that looks like its neighbours.
      <button key={option.value} {...given} role="checkbox" aria-checked={isOn}>
        {content}
      </button>
    ) : (
      // biome-ignore lint/a11y/useSemanticElements: an <input> cannot be tapped again to clear it.
      <button key={option.value} {...given} role="radio" aria-checked={isOn}>
        {content}
      </button>
    );
  });
  return multiple ? (
    <fieldset class="opts" aria-label={label}>
      {parts}
    </fieldset>
  ) : (
    <div class="opts" role="radiogroup" aria-label={label}>
      {parts}
    </div>
  );
}
