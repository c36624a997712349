// The office's first page, as o1 of the look, with a queue row and a gauge of o2.

import { useState } from "preact/hooks";
import { Gauge } from "../gauge.tsx";
import { SectionHeader } from "../layout.tsx";
import { OfficeSide, OfficeTop } from "../office-shell.tsx";
import { StateWord } from "../state.tsx";
import { type Column, Table } from "../table.tsx";
import { Count, type Tick, Ticks } from "../ticks.tsx";
import { MARKS } from "./shared.tsx";
import { t } from "./words.ts";

type Round = {
  id: string;
  title: string;
  site: string;
  who: string;
  late: number;
  marks: readonly Tick[];
};

const rounds = (): readonly Round[] => [
  { id: "a", title: t("round"), site: t("site"), who: "梁志豪", late: 5, marks: MARKS },
  { id: "b", title: t("ups"), site: t("site"), who: "何嘉欣", late: 2, marks: MARKS.slice(0, 6) },
  { id: "c", title: t("pos"), site: t("site"), who: "周立群", late: 1, marks: MARKS.slice(11, 18) },
];

const done = (round: Round) => round.marks.filter((mark) => mark !== "open").length;

const columns = (): readonly Column<Round>[] => [
  {
    key: "task",
    title: t("tasks"),
    sort: (round) => round.title,
    cell: (round) => (
      <>
        <b>{round.title}</b>
        <div class="note">{round.site}</div>
      </>
    ),
  },
  { key: "who", title: t("engineer"), sort: (round) => round.who, cell: (round) => round.who },
  {
    key: "late",
    title: t("deadline"),
    sort: (round) => round.late,
    cell: (round) => (
      <StateWord icon="alert" tone="warn" size={17}>
        {t("state.overdue", { n: round.late })}
      </StateWord>
    ),
  },
  {
    key: "progress",
    title: t("progress"),
    cell: (round) => (
      <div class="row">
        <Count done={done(round)} of={round.marks.length} />
        <div style={{ width: "120px" }}>
          <Ticks marks={round.marks} small />
        </div>
      </div>
    ),
  },
  {
    key: "n",
    title: t("devices"),
    num: true,
    sort: (round) => round.marks.length,
    cell: (round) => round.marks.length,
  },
];

function Side() {
  const groups = [
    [
      { href: "/office", icon: "home", label: t("nav.today") },
      { href: "/office/plans", icon: "calendar", label: t("plans") },
      { href: "/office/tasks", icon: "checks", label: t("tasks"), count: 14 },
      { href: "/office/review", icon: "confirmed", label: t("review"), count: 12 },
    ],
    [{ href: "/office/assets", icon: "asset", label: t("assets") }],
  ] as const;
  const person = { name: t("person"), role: t("personRole") };
  return <OfficeSide groups={groups} current="/office" person={person} />;
}

export function OfficePage() {
  const [text, setText] = useState("");
  const [open, setOpen] = useState<string | null>("b");
  return (
    <div class="office">
      <Side />
      <div class="main">
        <OfficeTop
          title={t("nav.today")}
          note={t("date")}
          find={{ words: t("find"), value: text, onInput: setText }}
        >
          <StateWord icon="sync" tone="quiet" size={17}>
            {t("live")}
          </StateWord>
        </OfficeTop>
        <main class="scroll" style={{ padding: "20px 28px" }}>
          <SectionHeader
            title={t("overdueRounds")}
            action={{ label: t("all"), onClick: () => undefined }}
          />
          <Table
            caption={t("overdueRounds")}
            columns={columns()}
            rows={rounds()}
            rowKey={(round) => round.id}
            selected={open}
            onOpen={(round) => setOpen(round.id)}
          />
          <SectionHeader title={t("inlet")} count={t("source")} ruled />
          <Gauge
            limits={{ warning_high: 80, alarm_high: 90 }}
            now={83}
            last={74}
            verdict="warning"
            unit="%"
            width={240}
          />
          <button type="button" class="btn pri big">
            {t("review.accepted")} <kbd>A</kbd>
          </button>
        </main>
      </div>
    </div>
  );
}
