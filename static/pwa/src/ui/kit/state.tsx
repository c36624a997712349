// State words: a shape and a word. The truth is in the word; colour comes third.
// Rule: tone "ok" only for a server's receipt whose digest matches. No filled pills.

import type { ComponentChildren } from "preact";
import { quantity } from "../words/format.ts";
import { t } from "../words/kit.ts";
import { Icon, type IconName } from "./icons.tsx";

/** quiet: nothing to do · plain: worth knowing · act: chosen or moving · warn · bad · ok: confirmed. */
export type Tone = "quiet" | "plain" | "act" | "warn" | "bad" | "ok";

const CLASSES: Readonly<Record<Tone, string>> = {
  quiet: "st q",
  plain: "st",
  act: "st act",
  warn: "st warn",
  bad: "st bad",
  ok: "st ok",
};

type StateProps = {
  icon: IconName;
  tone?: Tone;
  size?: number;
  /** What it speaks of is changing at this moment. */
  busy?: boolean;
  children: ComponentChildren;
};

/** Shape and word; bold unless quiet. `size` 20 to 22 in the field, 16 to 18 in the office. */
export function StateWord({ icon, tone = "plain", size = 20, busy, children }: StateProps) {
  return (
    <span class={CLASSES[tone]} aria-busy={busy}>
      <Icon name={icon} size={size} />
      {children}
    </span>
  );
}

/** The reasons of core/forms that come from a limit. */
export type LimitCode =
  | "below-alarm-low"
  | "below-warning-low"
  | "above-warning-high"
  | "above-alarm-high";

const LIMITS = {
  "above-alarm-high": ["above", "bad", "limit.aboveAlarm"],
  "below-alarm-low": ["below", "bad", "limit.belowAlarm"],
  "above-warning-high": ["above", "warn", "limit.aboveWarning"],
  "below-warning-low": ["below", "warn", "limit.belowWarning"],
} as const;

type PastLimitProps = { code: LimitCode; limit: number; unit?: string; size?: number };

/** "Above limit 27 °C": the arrow to a bar, and the limit in the words. */
export function PastLimit({ code, limit, unit = "", size = 20 }: PastLimitProps) {
  const [icon, tone, key] = LIMITS[code];
  return (
    <StateWord icon={icon} tone={tone} size={size}>
      {t(key, { limit: quantity(limit, unit) })}
    </StateWord>
  );
}
