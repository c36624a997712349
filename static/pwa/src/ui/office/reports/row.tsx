// One revision of a report as it stands: state, what to do, what is missing.

import type { ReportRow } from "../../../wire/types.ts";
import { Icon } from "../../kit/icons.tsx";
import { StateWord } from "../../kit/state.tsx";
import { fileSize } from "../../words/format.ts";
import { fileOf, languageWord, problemWords, standingOf, subjectWords, t } from "./words.ts";

export function ReportState({ row }: { row: ReportRow }) {
  const { icon, tone, words } = standingOf(row);
  return (
    <span role={row.state === "waiting" ? "status" : undefined}>
      <StateWord icon={icon} tone={tone} size={16}>
        {words}
      </StateWord>
    </span>
  );
}

/** What a person has to know of it beside its state. */
export function ReportNotes({ row }: { row: ReportRow }) {
  const { missing = "" } = row;
  const marks = [...missing];
  return (
    <>
      {row.state === "failed" && <p class="note">{problemWords(row)}</p>}
      {marks.length > 0 && (
        <p class="note">
          {t("missing", {
            n: marks.length,
            marks: marks.map((mark) => codePoint(mark)).join(" "),
          })}
        </p>
      )}
    </>
  );
}

function codePoint(mark: string): string {
  return `U+${(mark.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

export function Download({ row }: { row: ReportRow }) {
  if (row.state !== "ready") return null;
  const label = t("act.downloadNamed", {
    what: subjectWords(row),
    language: languageWord(row.language),
    n: row.revision,
  });
  return (
    <a class="btn" href={fileOf(row)} download aria-label={label}>
      <Icon name="export" size={16} class="down" />
      {t("act.download")}
      <span class="note">{fileSize(row.bytes ?? 0)}</span>
    </a>
  );
}
