// Recording a finding out of a result: how bad, what it is. Opens above the bar, in place.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Failed } from "../../../sync/office.ts";
import { TEXT_LENGTH_MAX } from "../../../wire/limits.ts";
import type { InspectionDetail, OfficeEdited, Severity } from "../../../wire/types.ts";
import { TextArea } from "../../kit/fields.tsx";
import { SeverityChoice } from "../../kit/segmented.tsx";
import { WRITES } from "../api.ts";
import { recorded } from "../edits.ts";
import { Failure } from "../failure.tsx";
import { beat, useOffice } from "../state.ts";
import { t } from "../words.ts";
import { type SheetItem, titleOf } from "./sheet-items.ts";

/** What the finding begins with: the engineer's own words, else what was asked. */
export function firstWords(detail: InspectionDetail, entry: SheetItem | null): string {
  if (entry === null) return "";
  return entry.answer?.note || titleOf(detail, entry);
}

function firstSeverity(entry: SheetItem | null): Severity {
  const own = entry?.item.type === "check" ? entry.item.severity : undefined;
  return entry?.answer?.severity ?? own ?? "minor";
}

type FindingProps = {
  detail: InspectionDetail;
  entry: SheetItem | null;
  /** It was recorded: the result on the screen is older now. */
  onRecorded: () => void;
  onClose: () => void;
};

export function FindingForm({ detail, entry, onRecorded, onClose }: FindingProps) {
  const { client, now, random } = useOffice();
  const [severity, setSeverity] = useState<Severity>(firstSeverity(entry));
  const [text, setText] = useState(firstWords(detail, entry));
  const [failed, setFailed] = useState<Failed | null>(null);
  const [isBusy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector("textarea")?.focus(), []);
  const record = async () => {
    if (isBusy || text.trim() === "") return;
    setBusy(true);
    const finding = { item: entry?.path ?? "", severity, text: text.trim() };
    const edit = recorded(detail, finding, { now: now(), random });
    const answer = await client.write<OfficeEdited>(WRITES.ops, edit);
    setBusy(false);
    if (answer.kind !== "ok") return setFailed(answer);
    beat();
    onRecorded();
    onClose();
  };
  return (
    <form
      ref={form}
      class="recording"
      aria-label={t("finding.record")}
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        void record();
      }}
    >
      <SeverityChoice value={severity} onChange={(next) => next && setSeverity(next)} />
      <TextArea
        label={entry ? t("finding.textAt", { item: titleOf(detail, entry) }) : t("finding.text")}
        value={text}
        onInput={setText}
        max={TEXT_LENGTH_MAX}
      />
      {failed && <Failure failed={failed} safe={t("finding.notRecorded")} />}
      <div class="row">
        <button type="submit" class="btn pri" disabled={isBusy || text.trim() === ""}>
          {t("finding.recordAs", { severity: t(`severity.${severity}`) })}
        </button>
        <button type="button" class="btn" onClick={onClose}>
          {t("action.cancel")}
        </button>
      </div>
    </form>
  );
}
