// What is said when the server did not do what was asked. Rule: what happened, what is safe, what to
// do, in this order; the server's own words stand behind an unfold.

import type { ComponentChildren } from "preact";
import type { Failed } from "../../sync/office.ts";
import { ErrorPlace, Loading } from "../kit/notices.tsx";
import { pathOf, supportWords } from "../kit/problem-words.ts";
import { clock } from "../words/format.ts";
import { fieldLabel } from "./fields.ts";
import { type Loaded, live, useOffice } from "./state.ts";
import { t } from "./words.ts";

export type FailureWords = {
  readonly what: string;
  readonly safe: string;
  readonly code?: string;
  readonly support?: string;
};

/** Seconds to minutes, up: nobody comes back early. */
export function waitWords(afterMs: number): string {
  const seconds = Math.ceil(afterMs / 1000);
  return seconds < 60
    ? t("wait.seconds", { n: seconds })
    : t("wait.minutes", { n: Math.ceil(seconds / 60) });
}

const REFUSALS = {
  "not-allowed": "refused.notAllowed",
  "not-permitted": "refused.notFound",
  "not-found": "refused.notFound",
  "version-moved-on": "refused.movedOn",
  "own-inspection": "refused.own",
  "not-submitted": "refused.notSubmitted",
  "conflicts-open": "refused.conflicts",
  "items-missing": "refused.missing",
  "photos-waiting": "refused.photos",
  "nothing-to-undo": "refused.noUndo",
  "ticket-used": "refused.ticket",
  "password-too-weak": "refused.weak",
  "too-many-scopes": "refused.scopes",
} as const;

function isKnown(slug: string): slug is keyof typeof REFUSALS {
  return Object.hasOwn(REFUSALS, slug);
}

/** Words for a failure; `safe` says what of the person's is safe where that is more than usual. */
export function failureWords(failed: Failed, safe = t("safe.server")): FailureWords {
  if (failed.kind === "unreachable") return { what: t("failed.unreachable"), safe };
  if (failed.kind === "later") {
    const when = failed.afterMs === null ? t("wait.soon") : waitWords(failed.afterMs);
    return { what: t("failed.later"), safe: `${safe} ${when}`, code: `${failed.status}` };
  }
  const { slug, problem } = failed;
  if (isKnown(slug)) return { what: t(REFUSALS[slug]), safe, code: slug };
  const [first] = problem.errors ?? [];
  const field = first ? fieldLabel(pathOf(first.field)) : null;
  const what = field ? t("failed.field", { field }) : t("failed.refused");
  return { what, safe, support: supportWords(problem) };
}

type FailureProps = {
  failed: Failed;
  safe?: string;
  /** What to do; "try again" where it is given. */
  again?: (() => void) | undefined;
};

export function Failure({ failed, safe, again }: FailureProps) {
  const words = failureWords(failed, safe);
  const isFinal = failed.kind === "refused";
  return again && !isFinal ? (
    <ErrorPlace {...words} action={{ label: t("error.again"), onClick: again }} />
  ) : (
    <ErrorPlace {...words} />
  );
}

type ShowProps<T> = {
  loaded: Loaded<T>;
  /** "正在载入任务": said after two seconds. */
  words: string;
  rows?: number;
  children: (value: T) => ComponentChildren;
};

/** A read place: what came, or that it is coming, or why it did not. */
export function Show<T>({ loaded, words, rows = 6, children }: ShowProps<T>) {
  const { zone } = useOffice();
  const { value, failed, again } = loaded;
  const { readAt } = live.value;
  const older = value !== null && readAt !== null;
  const isAway = value === null && failed?.kind === "unreachable";
  const safe = older
    ? t("safe.older", { time: clock(readAt, zone) })
    : isAway
      ? t("safe.unread")
      : undefined;
  return (
    <>
      {failed && <Failure failed={failed} again={again} {...(safe ? { safe } : {})} />}
      {value !== null ? children(value) : !failed && <Loading words={words} rows={rows} />}
    </>
  );
}
