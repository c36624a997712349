// One change that waits: what it is about, both values, and the decision. Rule: what is shown stays while
// somebody looks at it; a decision is sent once, and what was chosen stays when it did not go through.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Failed } from "../../../sync/office.ts";
import { TEXT_LENGTH_MAX } from "../../../wire/limits.ts";
import type { WaitingDecided, WaitingDetail } from "../../../wire/types.ts";
import { Icon } from "../../kit/icons.tsx";
import { doWords, supportWords, whatWords } from "../../kit/problem-words.ts";
import { StateWord } from "../../kit/state.tsx";
import { Support } from "../../kit/support.tsx";
import { READS, WRITES } from "../api.ts";
import { Failure, Show } from "../failure.tsx";
import { useHeld } from "../held.ts";
import { useKeys } from "../review/keys.ts";
import { t as say } from "../sign/words.ts";
import { beat, minute, useOffice } from "../state.ts";
import { when } from "../times.ts";
import { dotted } from "../words.ts";
import {
  choose,
  decided,
  decisionOf,
  drop,
  gone,
  handOf,
  isSame,
  nextField,
  settled,
  type Take,
  type Wish,
  writeWords,
} from "./choices.ts";
import { Fields } from "./fields.tsx";
import { KindWord, titleOf } from "./list.tsx";
import { aboutWords, sorted, wrongWords } from "./values.ts";
import { t } from "./words.ts";

function Head({ detail }: { detail: WaitingDetail }) {
  const { row } = detail;
  const { zone: own } = useOffice();
  const zone = row.time_zone || own;
  const disputed = sorted(detail).disputed.length;
  const title = titleOf(row);
  return (
    <header class="rh">
      <div class="grow">
        <h2>{disputed > 0 ? t("head.need", { title, n: disputed }) : title}</h2>
        <p class="quiet">{dotted(aboutWords(row), row.site_name, t(`reason.${row.reason}`))}</p>
        <p class="note">
          {dotted(
            row.person_name,
            row.device_name,
            row.made_at && t("head.clock", { time: when(row.made_at, zone, minute.value) }),
            t("head.arrived", { time: when(row.at, zone, minute.value) }),
          )}
        </p>
      </div>
      <div class="links">
        <KindWord kind={row.kind} size={17} />
        {detail.inspection && (
          <a href={`/office/review/${detail.inspection}`}>{t("head.result")}</a>
        )}
        {detail.cause && <a href={`/office/waiting/${detail.cause}`}>{t("cause.link")}</a>}
      </div>
    </header>
  );
}

function Problem({ detail }: { detail: WaitingDetail }) {
  const { problem } = detail;
  if (!problem) return null;
  return (
    <section class="why">
      <h3>{t("problem.title")}</h3>
      <p>
        <b>{whatWords(problem, wrongWords(detail))}</b>
      </p>
      <p class="quiet">{doWords(problem, "office")}</p>
      <Support text={supportWords(problem)} />
    </section>
  );
}

function Behind({ detail }: { detail: WaitingDetail }) {
  const rows = detail.behind ?? [];
  if (rows.length === 0) return null;
  return (
    <section class="behind">
      <h3>
        {t("behind.title")}{" "}
        <span class="note">{t("head.behind", { n: detail.row.behind ?? rows.length })}</span>
      </h3>
      <ul class="lines">
        {rows.map((row) => (
          <li key={row.op}>
            <Icon name="clock" size={17} />
            <a class="grow one" href={`/office/waiting/${row.op}`}>
              {dotted(titleOf(row), aboutWords(row))}
            </a>
            <span class="note">{row.person_name}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What stands in the way, or what a decision means here. */
function standing(detail: WaitingDetail): string | null {
  const { obstacle = "", may = [] } = detail;
  if (obstacle !== "") return t(`obstacle.${obstacle}`);
  if (may.length === 0) return t("may.none");
  return detail.needs_words ? t("obstacle.late") : null;
}

/** What the main button says, and does. */
function actOf(detail: WaitingDetail): { wish: Wish; words: string } | null {
  const may = detail.may ?? [];
  const hand = handOf(detail.row.op);
  if (may.includes("apply")) {
    return { wish: "apply", words: t(detail.needs_words ? "apply.late" : "apply.do") };
  }
  if (!may.includes("decide")) return null;
  const ready = decided(detail, hand);
  const takes = new Set(ready.map((one) => one.take));
  const device = detail.row.device_name || t("col.tablet");
  if (ready.length === 0) return { wish: "decide", words: t("take.choose") };
  if (takes.size > 1) return { wish: "decide", words: t("take.some", { n: ready.length }) };
  const [take] = takes;
  if (take === "theirs") return { wish: "decide", words: t("take.theirs", { device }) };
  return { wish: "decide", words: t(take === "ours" ? "take.ours" : "take.value") };
}

type Settling = {
  readonly isBusy: boolean;
  readonly failed: Failed | null;
  readonly hasMoved: boolean;
  readonly isOver: boolean;
  readonly settle: (detail: WaitingDetail, wish: Wish) => Promise<boolean>;
};

function isSlug(failed: Failed | null, slug: string): boolean {
  return failed?.kind === "refused" && failed.slug === slug;
}

/** `onMoved` shows the change as it is now. */
function useSettling(onMoved: () => void): Settling {
  const { client } = useOffice();
  const [isBusy, setBusy] = useState(false);
  const [failed, setFailed] = useState<Failed | null>(null);
  const settle = async (detail: WaitingDetail, wish: Wish): Promise<boolean> => {
    const { op } = detail.row;
    const decision = decisionOf(detail, handOf(op), wish);
    if (isBusy || decision === null) return false;
    setBusy(true);
    setFailed(null);
    const answer = await client.write<WaitingDecided>(WRITES.settle(op), decision);
    setBusy(false);
    if (answer.kind !== "ok") {
      setFailed(answer);
      if (isSlug(answer, "version-moved-on")) onMoved();
      return false;
    }
    drop(op);
    beat();
    const { left = 0 } = answer.value;
    if (left === 0) gone.value = new Set([...gone.peek(), op]);
    settled.value = dotted(
      t("waiting.done", { title: titleOf(detail.row) }),
      left > 0 && t("waiting.left", { n: left }),
    );
    return left === 0;
  };
  return {
    isBusy,
    failed,
    hasMoved: isSlug(failed, "version-moved-on"),
    isOver: isSlug(failed, "not-found"),
    settle,
  };
}

type BodyProps = { detail: WaitingDetail; settling: Settling; onNext: () => void };

function Hints({ detail }: { detail: WaitingDetail }) {
  const isConflict = (detail.may ?? []).includes("decide");
  const hints: readonly (readonly [readonly string[], string])[] = [
    [["J", "K"], t("keys.rows")],
    ...(isConflict
      ? ([
          [["1"], t("keys.tablet")],
          [["2"], t("keys.server")],
          [["3"], t("keys.value")],
        ] as const)
      : []),
    [["↵"], t("keys.confirm")],
  ];
  return (
    <span class="hints" aria-hidden="true">
      {hints.map(([keys, words]) => (
        <span key={words} class="kh">
          {keys.map((key) => (
            <kbd key={key}>{key}</kbd>
          ))}
          {words}
        </span>
      ))}
    </span>
  );
}

function Bar({ detail, settling, onNext }: BodyProps) {
  const { op } = detail.row;
  const hand = handOf(op);
  const may = detail.may ?? [];
  const input = useRef<HTMLInputElement>(null);
  const [isAsked, setAsked] = useState(false);
  const act = actOf(detail);
  const send = (wish: Wish) => {
    if (decisionOf(detail, hand, wish) === null) {
      setAsked(true);
      input.current?.focus();
      return;
    }
    void settling.settle(detail, wish).then((isDone) => isDone && onNext());
  };
  const main = act && (act.wish !== "decide" || decided(detail, hand).length > 0) ? act : null;
  useKeys({ Enter: () => send(main?.wish ?? "discard") });
  if (may.length === 0) return null;
  const isNeeded = detail.needs_words || act === null;
  return (
    <footer class="bar settling">
      <label class={isAsked && hand.words.trim() === "" ? "in reason must" : "in reason"}>
        <span class="spoken">{t("words.why")}</span>
        <input
          ref={input}
          value={hand.words}
          maxLength={TEXT_LENGTH_MAX}
          placeholder={t(isAsked || isNeeded ? "words.must" : "words.why")}
          onInput={(event) => writeWords(op, event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") event.currentTarget.blur();
            if (event.key === "Enter" && !event.isComposing) send(main?.wish ?? "discard");
          }}
        />
      </label>
      <div class="acts">
        {may.includes("discard") && (
          <button
            type="button"
            class={act ? "btn big" : "btn big pri"}
            disabled={settling.isBusy}
            onClick={() => send("discard")}
          >
            {t(detail.row.kind === "conflict" ? "discard.stand" : "discard.do")}
          </button>
        )}
        {act && (
          <button
            type="button"
            class="btn big pri"
            disabled={settling.isBusy || main === null}
            onClick={() => send(act.wish)}
          >
            <Icon name="tick" size={18} />
            {act.words}
          </button>
        )}
      </div>
    </footer>
  );
}

function Body(props: BodyProps) {
  const { detail, settling } = props;
  const { op } = detail.row;
  const hand = handOf(op);
  const { disputed } = sorted(detail);
  const at = nextField(detail, hand) ?? disputed.at(-1);
  const take = (to: Take) => () => {
    if (!at?.conflict || !(detail.may ?? []).includes("decide")) return;
    if (to !== "value") return choose(op, at.conflict, to);
    document.querySelector<HTMLElement>(`[data-other="${at.conflict}"]`)?.focus();
  };
  useKeys({ "1": take("theirs"), "2": take("ours"), "3": take("value") });
  const words = standing(detail);
  return (
    <>
      <div class="scroll">
        <Head detail={detail} />
        {words && (
          <p class="standing">
            <StateWord icon="needsYou" tone="plain" size={17}>
              {words}
            </StateWord>
          </p>
        )}
        {detail.signed && (
          <p class="standing">
            <StateWord icon="pen" tone="warn" size={17}>
              {say("late.signed", { name: detail.signed.name ?? "" })}
            </StateWord>
          </p>
        )}
        <Problem detail={detail} />
        {(detail.is_new || detail.is_withdrawal) && (
          <p class="standing quiet">{t(detail.is_new ? "wanted.new" : "wanted.withdraw")}</p>
        )}
        <Fields detail={detail} current={at?.conflict ?? null} />
        <Behind detail={detail} />
      </div>
      {settling.failed && !settling.hasMoved && !settling.isOver && (
        <Failure failed={settling.failed} safe={t("safe.undecided")} />
      )}
      <div class="hintline">
        <Hints detail={detail} />
      </div>
      <Bar key={op} {...props} />
    </>
  );
}

type OneProps = { op: string; newer: string; showNewer: string; onNext: () => void };

export function One({ op, newer, showNewer, onNext }: OneProps) {
  const held = useHeld(READS.change(op), ({ row }) => row.op === op, isSame);
  const settling = useSettling(held.release);
  const { loaded } = held;
  // Somebody else was faster: there is nothing left to decide over.
  const isOver = settling.isOver || isSlug(loaded.failed, "not-found");
  useEffect(() => {
    if (isOver) drop(op);
  }, [isOver, op]);
  if (isOver) {
    return (
      <main class="rv">
        <div class="over" role="status">
          <p>{t("waiting.over")}</p>
          <button type="button" class="btn" onClick={onNext}>
            {t("waiting.toNext")}
          </button>
        </div>
      </main>
    );
  }
  return (
    <main class="rv wait">
      {settling.hasMoved && (
        <p class="changed" role="alert">
          {t("moved.told")}
        </p>
      )}
      {held.hasNewer && !settling.hasMoved && (
        <p class="changed" role="status">
          {newer}
          <button type="button" class="btn" onClick={held.showNewer}>
            {showNewer}
          </button>
        </p>
      )}
      <Show loaded={loaded} words={t("waiting.loadingOne")} rows={5}>
        {(detail) => <Body key={op} {...{ detail, settling, onNext }} />}
      </Show>
    </main>
  );
}
