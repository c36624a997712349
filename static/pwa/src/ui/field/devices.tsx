// Lists of devices: what was typed to find one, which of them are shown, and the rest on demand.
// Rule: a list never draws more rows than a thumb will pass; the count of the others stands below.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { TargetWork } from "../../core/work.ts";
import { NAME_LENGTH_MAX } from "../../wire/limits.ts";
import { Icon } from "../kit/icons.tsx";
import { StateWord } from "../kit/state.tsx";
import { useSession } from "./app.ts";
import { itemWords } from "./standing.ts";
import { t } from "./words.ts";

/** Rows drawn at first, and added by each "more". */
export const ROWS_MAX = 120;

type FindProps = { value: string; onInput: (value: string) => void; label: string };

export function FindDevice({ value, onInput, label }: FindProps) {
  return (
    <search class="in finder">
      <Icon name="find" size={22} />
      <input
        type="search"
        value={value}
        maxLength={NAME_LENGTH_MAX}
        placeholder={label}
        aria-label={label}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </search>
  );
}

/** The first rows of a long list, and a button for the next ones. */
export function useMore(total: number, key: string) {
  const [shown, setShown] = useState({ key, n: ROWS_MAX });
  // Another search begins at its first rows.
  const n = shown.key === key ? shown.n : ROWS_MAX;
  const left = total - n;
  const more: ComponentChildren =
    left > 0 ? (
      <button type="button" class="btn txt" onClick={() => setShown({ key, n: n + ROWS_MAX })}>
        {t("find.showMore", { n: Math.min(left, ROWS_MAX) })}
      </button>
    ) : null;
  return { n, more };
}

type At = { readonly now: number; readonly zone: string };

/** How far one target is: returned and draft first, then where the finished work is. */
export function TargetState({ target, at }: { target: TargetWork; at: At }) {
  const session = useSession();
  const { state, inspectionId, isAbnormal } = target;
  if (state === "accepted") {
    return (
      <StateWord icon="tick" tone="plain" size={18}>
        {t("review.accepted")}
      </StateWord>
    );
  }
  const item = session.item(inspectionId);
  const { confirmedAt } = item.tally;
  const where = itemWords(session.itemState(inspectionId), { ...item, confirmedAt }, at);
  if (where !== null) {
    return (
      <StateWord icon={where.icon} tone={where.tone} size={18}>
        {where.words}
      </StateWord>
    );
  }
  if (state === "open") {
    return (
      <StateWord icon="open" tone="quiet" size={18}>
        {t("state.notStarted")}
      </StateWord>
    );
  }
  if (state === "draft") {
    return (
      <StateWord icon="underWay" tone="quiet" size={18}>
        {t("state.underWay")}
      </StateWord>
    );
  }
  return (
    <StateWord icon={isAbnormal ? "alert" : "clock"} tone="quiet" size={18}>
      {t("review.toReview")}
    </StateWord>
  );
}
