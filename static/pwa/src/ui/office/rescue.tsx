// Importing a rescue file: choose it, see whose it is, have it taken, read what became of it.
// Rule: what was not taken is said as plainly as what was, each with where it is to be seen.

import { useEffect, useRef, useState } from "preact/hooks";
import { type RescueHead, rescueHead } from "../../core/rescue.ts";
import type { Answer, Failed } from "../../sync/office.ts";
import { RESCUE_TOLD_MAX } from "../../wire/limits.ts";
import type { RescueAnswer } from "../../wire/types.ts";
import { ErrorPlace } from "../kit/notices.tsx";
import { StateWord } from "../kit/state.tsx";
import { en } from "../words/en/rescue.ts";
import { fileSize, instant } from "../words/format.ts";
import { area } from "../words/index.ts";
import { kitEn, kitZh } from "../words/kit.ts";
import { zh } from "../words/zh/rescue.ts";
import { WRITES } from "./api.ts";
import { Failure } from "./failure.tsx";
import { minute, useOffice } from "./state.ts";
import { kindWord, t as waiting } from "./waiting/words.ts";

const t = area({ ...kitZh, ...zh }, { ...kitEn, ...en });

export const importWords = (): string => t("rescue.import");

const LINES = [
  ["applied", "rescue.applied", "tick", "quiet"],
  ["photos_taken", "rescue.photosTaken", "tick", "quiet"],
  ["known", "rescue.known", "tick", "quiet"],
  ["photos_known", "rescue.photosKnown", "tick", "quiet"],
  ["waiting", "rescue.waiting", "clock", "warn"],
  ["rejected", "rescue.rejected", "needsYou", "warn"],
  ["photos_wrong", "rescue.photosWrong", "alert", "warn"],
] as const;

function Counts({ answer }: { answer: RescueAnswer }) {
  const some = LINES.filter(([name]) => (answer[name] ?? 0) > 0);
  if (some.length === 0 && answer.whole) return <p>{t("rescue.nothing")}</p>;
  return (
    <ul>
      {some.map(([name, words, icon, tone]) => (
        <li key={name}>
          <StateWord icon={icon} tone={tone} size={17}>
            {t(words, { n: answer[name] ?? 0 })}
          </StateWord>
        </li>
      ))}
    </ul>
  );
}

function Rest({ shown }: { shown: number }) {
  return shown < RESCUE_TOLD_MAX ? null : (
    <p class="note">{t("rescue.first", { n: RESCUE_TOLD_MAX })}</p>
  );
}

function Result({ answer }: { answer: RescueAnswer }) {
  const { waits = [], refused = [] } = answer;
  return (
    <div role="status" class="handover">
      <h3>{t("rescue.result", { person: answer.person_name })}</h3>
      <Counts answer={answer} />
      {!answer.whole && <p>{t("rescue.cut")}</p>}
      {waits.length > 0 && (
        <section aria-label={t("rescue.waits")}>
          <h4>{t("rescue.waits")}</h4>
          <ul>
            {waits.map(({ op, kind, outcome }) => (
              <li key={op}>
                <a href={`/office/waiting/${op}`}>{kindWord(kind)}</a>
                {outcome !== "applied" && <span class="note"> {waiting(`one.${outcome}`)}</span>}
              </li>
            ))}
          </ul>
          <Rest shown={waits.length} />
        </section>
      )}
      {refused.length > 0 && (
        <section aria-label={t("rescue.refused")}>
          <h4>{t("rescue.refused")}</h4>
          <ul>
            {refused.map(({ line, detail, sha256 }) => (
              <li key={`${line} ${sha256}`}>
                {t("rescue.line", { n: line })}
                <span class="note block">
                  {detail} {sha256}
                </span>
              </li>
            ))}
          </ul>
          <Rest shown={refused.length} />
        </section>
      )}
    </div>
  );
}

const REFUSALS = {
  "rescue-unreadable": "rescue.notOne",
  "rescue-not-theirs": "rescue.notTheirs",
  "rescue-too-long": "rescue.tooLong",
  "not-found": "rescue.elsewhere",
  "not-allowed": "rescue.notYours",
} as const;

function NotTaken({ failed, again }: { failed: Failed; again: () => void }) {
  const known = Object.entries(REFUSALS).find(
    ([slug]) => failed.kind === "refused" && failed.slug === slug,
  );
  return known ? (
    <ErrorPlace what={t(known[1])} safe={t("rescue.safe")} code={known[0]} />
  ) : (
    <Failure failed={failed} safe={t("rescue.safe")} again={again} />
  );
}

/** What was chosen; `head` is null of a file that is no rescue file. */
type Chosen = { readonly file: File; readonly head: RescueHead | null };

function Whose({ head, file }: { head: RescueHead; file: File }) {
  const { zone } = useOffice();
  const time = instant(head.made, zone, minute.value);
  const [person, device] = [head.personName, head.deviceName];
  return (
    <>
      <p>{t("rescue.of", { person, device, time, size: fileSize(file.size) })}</p>
      {head.isPartial && <p>{t("rescue.partial")}</p>}
    </>
  );
}

type Props = { onClose: () => void; onDone: () => void };

export function RescueImport({ onClose, onDone }: Props) {
  const { client } = useOffice();
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [answer, setAnswer] = useState<Answer<RescueAnswer> | null>(null);
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    place.current?.focus();
  }, []);
  const choose = async (file: File | undefined) => {
    if (file === undefined) return;
    setAnswer(null);
    // A file that the system does not let us read is none either.
    setChosen({ file, head: await rescueHead(file).catch(() => null) });
  };
  const bring = async (file: File) => {
    setBusy(true);
    setAnswer(null);
    setAnswer(await client.bring<RescueAnswer>(WRITES.rescue, file));
    setBusy(false);
    onDone();
  };
  const size = fileSize(chosen?.file.size ?? 0);
  return (
    <section ref={place} class="enrol" tabIndex={-1} aria-label={t("rescue.title")}>
      <header class="row">
        <h2 class="grow">{t("rescue.title")}</h2>
        <button type="button" class="btn" onClick={onClose}>
          {t("rescue.close")}
        </button>
      </header>
      <p class="note">{t("rescue.why")}</p>
      <label class="stack">
        {t("rescue.choose")}
        <input
          type="file"
          accept=".ndjson,.json"
          disabled={isBusy}
          onChange={(event) => void choose(event.currentTarget.files?.[0])}
        />
      </label>
      {chosen !== null && chosen.head === null && (
        <ErrorPlace what={t("rescue.notOne")} safe={t("rescue.choosing")} />
      )}
      {chosen?.head && (
        <>
          <Whose head={chosen.head} file={chosen.file} />
          <button
            type="button"
            class="btn pri"
            disabled={isBusy}
            onClick={() => void bring(chosen.file)}
          >
            {t(answer === null ? "rescue.start" : "rescue.again")}
          </button>
        </>
      )}
      {isBusy && (
        <p role="status">
          <StateWord icon="sync" tone="plain" size={17} busy>
            {t("rescue.busy", { size })}
          </StateWord>
        </p>
      )}
      {answer?.kind === "ok" && <Result answer={answer.value} />}
      {answer !== null && answer.kind !== "ok" && chosen !== null && (
        <NotTaken failed={answer} again={() => void bring(chosen.file)} />
      )}
    </section>
  );
}
