// The presence on site: since when, whom one met, and the customer's own list of problems.
// Rule: saved at every change; there is no save button.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { mintId } from "../../core/ids.ts";
import type { Seen } from "../../core/work.ts";
import { LINE_LENGTH_MAX, TEXT_LENGTH_MAX } from "../../wire/limits.ts";
import type { Id } from "../../wire/types.ts";
import { TextArea, TextField } from "../kit/fields.tsx";
import { Icon } from "../kit/icons.tsx";
import { SectionHeader } from "../kit/layout.tsx";
import { clock, day, instant } from "../words/format.ts";
import { useApp, useSession } from "./app.ts";
import { NotNow } from "./begin.tsx";
import { addProblemEdit, changeProblemEdit, removeProblemEdit, startVisitEdit } from "./edits.ts";
import { openVisit } from "./inspect/sheet.ts";
import { signPath } from "./paths.ts";
import { useWriting } from "./scan/unknown.tsx";
import { customerSignature, visitOver, workOfVisit } from "./sign/presence.ts";
import { isStale, SignedLine, useSince } from "./sign/signed.tsx";
import { t } from "./words.ts";

type PanelProps = {
  assignment: Seen<"assignment">;
  /** What was inspected of the round so far. */
  inspections: readonly Seen<"inspection">[];
  zone: string;
};

export function VisitPanel({ assignment, inspections, zone }: PanelProps) {
  const app = useApp();
  const session = useSession();
  const { person, name } = session.person;
  const { site } = assignment.data;
  const here = { site, person, zone, now: app.now };
  const open = openVisit(session.records, here);
  const { write, fault } = useWriting();
  const start = () =>
    write(async () => {
      const now = session.pen.now();
      const at = new Date(now).toISOString();
      const arrival = { site, assignment: assignment.id, engineer: person, engineerName: name, at };
      await session.write([startVisitEdit(mintId(now, session.pen.random), arrival)]);
    });
  if (open) return <Visit visit={open} zone={zone} />;
  const ended = visitOver(session.records, here, inspections);
  return (
    <section class="visit">
      {ended ? (
        <Ended visit={ended} zone={zone} />
      ) : (
        <>
          <SectionHeader level={3} title={t("visit.title")} />
          <p class="note">{t("visit.none")}</p>
        </>
      )}
      {fault}
      <NotNow />
      {session.mayBegin.value && (
        <button type="button" class="btn" onClick={() => void start()}>
          {t(ended ? "visit.startAgain" : "visit.start")}
        </button>
      )}
    </section>
  );
}

/** The last presence of this round: what the customer signed, and whether it still covers the work. */
function Ended({ visit, zone }: { visit: Seen<"visit">; zone: string }) {
  const app = useApp();
  const session = useSession();
  const { records } = session;
  const { started_at: from, ended_at: to } = visit.data;
  const { sha256 } = app.machine;
  const signature = customerSignature(records, visit.id);
  const work = signature ? workOfVisit(records, visit, zone) : [];
  const since = useSince({ sha256, records, signature, work });
  const isOld = signature === undefined || isStale(since);
  const start = `${day(from, zone, app.now)} ${clock(from, zone)}`;
  return (
    <>
      <SectionHeader
        level={3}
        title={t("visit.last")}
        count={to ? t("visit.span", { from: start, to: clock(to, zone) }) : start}
      />
      {signature ? (
        <SignedLine {...{ signature, since, zone }} now={app.now} />
      ) : (
        <p class="note">{t("visit.unsigned")}</p>
      )}
      <a class={isOld ? "btn pri sign" : "btn sign"} href={signPath(visit.id)}>
        <Icon name="pen" size={22} />
        {t(signature === undefined ? "visit.sign" : isOld ? "visit.signAgain" : "visit.signed")}
      </a>
    </>
  );
}

function Visit({ visit, zone }: { visit: Seen<"visit">; zone: string }) {
  const app = useApp();
  const session = useSession();
  const { write, fault } = useWriting();
  const { started_at: started, contact = "", problems = {} } = visit.data;
  const setContact = (text: string) =>
    write(() => session.write([{ kind: "visit", record: visit.id, set: { contact: text } }]));
  const list = Object.entries(problems).toSorted(([, one], [, other]) =>
    (one.at ?? "") < (other.at ?? "") ? -1 : 1,
  );
  return (
    <section class="visit">
      <SectionHeader
        level={3}
        title={t("visit.title")}
        count={t("visit.since", { time: instant(started, zone, app.now) })}
      />
      <Kept value={contact} onKeep={setContact}>
        {(value, onInput) => (
          <TextField label={t("visit.contact")} {...{ value, onInput }} max={LINE_LENGTH_MAX} />
        )}
      </Kept>
      <SectionHeader
        level={3}
        title={t("visit.problems")}
        count={list.length > 0 ? t("visit.count", { n: list.length }) : undefined}
      />
      <ul class="problems">
        {list.map(([id, problem]) => (
          <Problem key={id} visit={visit.id} id={id} text={problem.text} />
        ))}
      </ul>
      <NewProblem visit={visit.id} />
      {fault}
      <a class="btn sign" href={signPath(visit.id)}>
        <Icon name="pen" size={22} />
        {t("visit.sign")}
      </a>
    </section>
  );
}

const KEEP_MS = 400;

type KeptProps = {
  value: string;
  onKeep: (value: string) => Promise<void>;
  children: (value: string, onInput: (value: string) => void) => preact.ComponentChildren;
};

/** Text that is written down while it is typed, and at once when the field is left. */
function Kept({ value, onKeep, children }: KeptProps) {
  const { machine } = useApp();
  const [typed, setTyped] = useState<string | null>(null);
  // What stands in the field, what was written of it, and how: for the moment of leaving.
  const desk = useRef({ text: value, kept: value, onKeep });
  desk.current = { ...desk.current, onKeep, text: typed ?? value };
  if (typed === null) desk.current.kept = value;
  const keep = useCallback(() => {
    const { text, kept } = desk.current;
    if (text === kept) return;
    desk.current.kept = text;
    void desk.current.onKeep(text);
  }, []);
  useEffect(() => {
    if (typed === null) return;
    const timer = new AbortController();
    void machine.wait(KEEP_MS, timer.signal).then(() => {
      if (!timer.signal.aborted) keep();
    });
    return () => timer.abort();
  }, [typed, machine, keep]);
  // Leaving the page in the middle of a word must not lose it.
  useEffect(() => keep, [keep]);
  return (
    <div
      onFocusOut={() => {
        keep();
        setTyped(null);
      }}
    >
      {children(typed ?? value, setTyped)}
    </div>
  );
}

function Problem({ visit, id, text }: { visit: Id; id: string; text: string }) {
  const session = useSession();
  const { write, fault } = useWriting();
  const change = (next: string) =>
    write(() =>
      session.write([
        next.trim() === "" ? removeProblemEdit(visit, id) : changeProblemEdit(visit, id, next),
      ]),
    );
  return (
    <li>
      <Kept value={text} onKeep={(next) => (next.trim() === "" ? Promise.resolve() : change(next))}>
        {(value, onInput) => (
          <TextArea
            label={t("visit.problem")}
            hideLabel
            {...{ value, onInput }}
            max={TEXT_LENGTH_MAX}
          />
        )}
      </Kept>
      <button
        type="button"
        class="btn icon txt"
        aria-label={t("visit.removeProblem", { text: text.slice(0, 40) })}
        onClick={() => void change("")}
      >
        <Icon name="close" size={22} />
      </button>
      {fault}
    </li>
  );
}

function NewProblem({ visit }: { visit: Id }) {
  const session = useSession();
  const [text, setText] = useState("");
  const { write, fault } = useWriting();
  const add = () =>
    write(async () => {
      const now = session.pen.now();
      const id = mintId(now, session.pen.random);
      await session.write([addProblemEdit(visit, id, text.trim(), new Date(now).toISOString())]);
      setText("");
    });
  return (
    <form
      class="add"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== "") void add();
      }}
    >
      <TextField
        label={t("visit.newProblem")}
        value={text}
        onInput={setText}
        max={TEXT_LENGTH_MAX}
        placeholder={t("visit.problemHint")}
      />
      <button type="submit" class="btn" disabled={text.trim() === ""}>
        <Icon name="plus" size={22} />
        {t("visit.addProblem")}
      </button>
      {fault}
    </form>
  );
}
