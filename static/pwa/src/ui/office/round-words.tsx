// How a round stands, in words, marks and figures: the same in today's table, the list and its page.

import type { AssignmentRow, Progress, Tick as WireTick } from "../../wire/types.ts";
import type { IconName } from "../kit/icons.tsx";
import { StateWord, type Tone } from "../kit/state.tsx";
import type { Column } from "../kit/table.tsx";
import { Count, type Tick, Ticks } from "../kit/ticks.tsx";
import { instant } from "../words/format.ts";
import { minute } from "./state.ts";
import { dueOf } from "./times.ts";
import { dotted, inLanguage, t } from "./words.ts";

const MARKS: Readonly<Record<WireTick, Tick | null>> = {
  done: "done",
  abnormal: "abnormal",
  na: "na",
  open: "open",
  started: "open",
  withdrawn: null,
};

/** One mark per device that is to be inspected; withdrawn ones count nowhere. */
export function marksOf(progress: Progress): readonly Tick[] {
  return (progress.ticks ?? []).flatMap((tick) => MARKS[tick] ?? []);
}

export type Standing = {
  readonly icon: IconName;
  readonly tone: Tone;
  readonly words: string;
};

/** What the state word of a round says; what somebody has to do goes before how far it is. */
export function standingOf(row: AssignmentRow): Standing {
  const { total, done = 0, to_review = 0, returned = 0, photos_waiting = 0 } = row.progress;
  if (row.state === "withdrawn")
    return { icon: "dash", tone: "quiet", words: t("round.withdrawn") };
  if (row.state === "closed") return { icon: "tick", tone: "quiet", words: t("round.closed") };
  if (returned > 0) {
    return { icon: "returned", tone: "warn", words: t("round.returned", { n: returned }) };
  }
  const isAllIn = total > 0 && done >= total;
  if (isAllIn && photos_waiting > 0) {
    return { icon: "photosLeft", tone: "warn", words: t("round.photos", { n: photos_waiting }) };
  }
  if (isAllIn && to_review > 0) {
    return { icon: "confirmed", tone: "ok", words: t("round.allIn") };
  }
  if (isAllIn) return { icon: "tick", tone: "plain", words: t("round.accepted") };
  const isUnderWay = done > 0 || (row.progress.ticks ?? []).some((tick) => tick === "started");
  if (isUnderWay || row.state === "started") {
    return { icon: "underWay", tone: "plain", words: t("state.underWay") };
  }
  if (row.state === "planned")
    return { icon: "calendar", tone: "quiet", words: t("round.planned") };
  return { icon: "open", tone: "quiet", words: t("state.notStarted") };
}

export function RoundState({ row }: { row: AssignmentRow }) {
  const { icon, tone, words } = standingOf(row);
  return (
    <StateWord icon={icon} tone={tone} size={17}>
      {words}
    </StateWord>
  );
}

function isOver({ state, progress }: AssignmentRow): boolean {
  const isDone = progress.total > 0 && (progress.done ?? 0) >= progress.total;
  return isDone || state === "done" || state === "closed" || state === "withdrawn";
}

/** When it is due; overdue only while something of it is still to be done. */
export function RoundDue({ row }: { row: AssignmentRow }) {
  const due = dueOf(row.due_at, minute.value, row.time_zone);
  if (due.isOverdue && !isOver(row)) {
    return (
      <StateWord icon="alert" tone="warn" size={17}>
        {due.words}
      </StateWord>
    );
  }
  const words = due.isOverdue ? instant(row.due_at, row.time_zone, minute.value) : due.words;
  return <span class="nw">{words}</span>;
}

export function RoundProgress({ row }: { row: AssignmentRow }) {
  const { total, done = 0 } = row.progress;
  return (
    <div class="row progress">
      <Count done={done} of={total} />
      <Ticks marks={marksOf(row.progress)} small />
    </div>
  );
}

const PATIENT = Number.MAX_SAFE_INTEGER;

/** The columns of every table of rounds. Keys are those the server sorts by. */
export function roundColumns(): readonly Column<AssignmentRow>[] {
  return [
    {
      key: "site",
      title: t("round.title"),
      sort: (row) => dotted(row.city, row.site_name),
      cell: (row) => (
        <>
          <b class="one">{inLanguage(row.title)}</b>
          <span class="note one">{dotted(row.city, row.site_name)}</span>
        </>
      ),
    },
    {
      key: "who",
      title: t("round.engineer"),
      cell: (row) =>
        row.assignee_name ? (
          <span class="nw">{row.assignee_name}</span>
        ) : (
          <span class="faint nw">{t("round.nobody")}</span>
        ),
    },
    {
      key: "due_at",
      title: t("round.due"),
      sort: (row) => Date.parse(row.due_at) || PATIENT,
      cell: (row) => <RoundDue row={row} />,
    },
    { key: "progress", title: t("round.progress"), cell: (row) => <RoundProgress row={row} /> },
    { key: "state", title: t("round.state"), cell: (row) => <RoundState row={row} /> },
  ];
}
