// The number pad of the field: our own large keys, so that no keyboard covers the reading.
// Rule: the target is named above it, the next step on its largest button.

import type { ComponentChildren } from "preact";
import { t } from "../words/kit.ts";
import { type PadKey, pressKey } from "./figures.ts";
import { Icon } from "./icons.tsx";

const DIGITS: readonly PadKey[] = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

type PadProps = {
  /** What is being measured: "B14 末柜 · 1.1 m · 上次 24.3 °C". */
  target: ComponentChildren;
  /** The figure as typed so far; read it with readFigure of figures.ts. */
  text: string;
  onText: (text: string) => void;
  /** Digits after the point; 0 takes the point away. */
  decimals?: number;
  /** Readings below zero: a key for the sign. */
  signed?: boolean;
  next: { label: string; onClick: () => void };
  /** Between target and keys: the fields that the pad writes into. */
  children?: ComponentChildren;
};

export function NumberPad(props: PadProps) {
  const { target, text, onText, decimals = 1, signed = false, next, children } = props;
  const key = (name: PadKey, label?: string, content?: ComponentChildren) => (
    <button
      key={name}
      type="button"
      aria-label={label}
      disabled={name === "." && decimals === 0}
      onClick={() => onText(pressKey(text, name, decimals))}
    >
      {content ?? name}
    </button>
  );
  return (
    <div class="keypad">
      <p class="note">{target}</p>
      {children}
      <div class="keys">
        {DIGITS.map((digit) => key(digit))}
        {key(".", t("pad.point"))}
        {key("0")}
        {key("erase", t("pad.erase"), <Icon name="erase" size={28} />)}
      </div>
      <div class="row after">
        {signed && (
          <button
            type="button"
            class="btn icon sign"
            aria-label={t("pad.minus")}
            aria-pressed={text.startsWith("-")}
            onClick={() => onText(pressKey(text, "-", decimals))}
          >
            ±
          </button>
        )}
        <button type="button" class="btn pri next" onClick={next.onClick}>
          {next.label}
          <Icon name="right" size={24} />
        </button>
      </div>
    </div>
  );
}
