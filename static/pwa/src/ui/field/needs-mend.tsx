// One op that was not taken: what was typed, which of it is wrong, and the two ways out of it.
// Rule: nothing goes without its person's word; what is let go says why, and what waits behind it.

import { useState } from "preact/hooks";
import { isKind } from "../../core/kinds.ts";
import type { Entry } from "../../core/outbox.ts";
import { LINE_LENGTH_MAX, TEXT_LENGTH_MAX } from "../../wire/limits.ts";
import { Dialog } from "../kit/dialog.tsx";
import { SelectField, TextField } from "../kit/fields.tsx";
import { sentences } from "../words/format.ts";
import { useSession } from "./app.ts";
import { Options } from "./inspect/options.tsx";
import { m } from "./mend-words.ts";
import type { Need } from "./needs.ts";
import { type Changed, type Changes, changeOf, type Typed, typedOf } from "./needs-op.ts";
import { useWriting } from "./scan/unknown.tsx";
import { t } from "./words.ts";

/** More than these are chosen from a list. */
const TAPPED_MAX = 8;

type MendProps = { need: Need; entry: Entry };

export function Mend({ need, entry }: MendProps) {
  const session = useSession();
  const [changes, setChanges] = useState<Changes>(new Map());
  const [isLeaving, setLeaving] = useState(false);
  const { write, fault } = useWriting();
  const change = changeOf(entry, changes);
  const put = (key: string, change: Changed | null | undefined) => {
    const next = new Map(changes);
    if (change === undefined) next.delete(key);
    else next.set(key, change);
    setChanges(next);
  };
  const send = () =>
    write(async () => {
      if (change !== null) await session.mend(entry.id, change);
    });
  return (
    <div class="compared">
      {typedOf(session, entry, need.problem).map((typed) => (
        <TypedRow key={typed.key} {...{ typed }} change={changes.get(typed.key)} onPut={put} />
      ))}
      {fault}
      <div class="row">
        <button type="button" class="btn" onClick={() => setLeaving(true)}>
          {m("mend.discard")}
        </button>
        {need.path && (
          <a class="btn" href={need.path}>
            {t("need.open")}
          </a>
        )}
        <button
          type="button"
          class="btn pri"
          disabled={change === null || changes.size === 0}
          onClick={() => void send()}
        >
          {m("mend.send")}
        </button>
      </div>
      {isLeaving && <Leave {...{ need, entry }} onBack={() => setLeaving(false)} />}
    </div>
  );
}

type RowProps = {
  typed: Typed;
  /** As changed here; null: left out; undefined: as it was. */
  change: Changed | null | undefined;
  onPut: (key: string, change: Changed | null | undefined) => void;
};

function TypedRow({ typed, change, onPut }: RowProps) {
  const { key, label, shown, isWrong, mayGo, choices } = typed;
  const isOut = change === null;
  const leave = mayGo && (
    <button type="button" class="btn txt" onClick={() => onPut(key, isOut ? undefined : null)}>
      {m(isOut ? "mend.takeBack" : "mend.leaveOut")}
    </button>
  );
  if (choices !== null && !isOut) {
    const now = typeof change === "object" ? change.chosen : typed.value;
    if (choices.options.length > TAPPED_MAX && !choices.multiple) {
      return (
        <div class="row">
          <div class="grow">
            <SelectField
              label={label}
              value={choices.chosenIn(now)[0] ?? ""}
              options={choices.options}
              onChange={(one) => onPut(key, { chosen: choices.choose([one]) })}
              hint={isWrong ? m("mend.wrong") : undefined}
            />
          </div>
          {leave}
        </div>
      );
    }
    return (
      <div class="row">
        <div class="grow field">
          <span class="lab">{label}</span>
          <Options
            {...{ label }}
            options={choices.options}
            chosen={choices.chosenIn(now)}
            multiple={choices.multiple}
            disabled={false}
            onChange={(chosen) => onPut(key, { chosen: choices.choose(chosen) })}
          />
          {isWrong && <p class="note hint">{m("mend.wrong")}</p>}
        </div>
        {leave}
      </div>
    );
  }
  if (typed.text === null || isOut) {
    return (
      <div class="row">
        <p class="grow">
          {label}: {isOut ? <s>{shown}</s> : <b>{shown}</b>}
          {isWrong && <span class="note"> {m("mend.wrong")}</span>}
        </p>
        {leave}
      </div>
    );
  }
  return (
    <div class="row">
      <div class="grow">
        <TextField
          label={label}
          value={typeof change === "string" ? change : typed.text}
          onInput={(value) => onPut(key, value)}
          hint={isWrong ? m("mend.wrong") : undefined}
          max={TEXT_LENGTH_MAX}
        />
      </div>
      {leave}
    </div>
  );
}

/** What is let go cannot be had back from here; the server keeps what was sent. */
function Leave({ need, entry, onBack }: MendProps & { onBack: () => void }) {
  const session = useSession();
  const [words, setWords] = useState("");
  const { write, fault } = useWriting();
  const { kind, record } = entry;
  const isPhoto = kind === "attachment" && entry.op.new === true;
  const says = [
    m(isPhoto ? "mend.discardPhoto" : "mend.discardWhat"),
    need.behind.length > 0 ? m("mend.discardBehind", { n: need.behind.length }) : "",
  ];
  const leave = () =>
    write(async () => {
      if (isKind(kind)) await session.discard(entry.id, { kind, record, words: words.trim() });
      onBack();
    });
  return (
    <Dialog
      question={m("mend.discardSure", { name: need.name })}
      consequence={sentences(...says)}
      safe={{ label: m("mend.keep"), onClick: onBack }}
      act={{ label: m("mend.discardDo"), onClick: () => void leave() }}
    >
      <TextField label={m("mend.why")} value={words} onInput={setWords} max={LINE_LENGTH_MAX} />
      {fault}
    </Dialog>
  );
}
