// The page `/sign/<visit>`: the customer reads what is signed, and signs.
// Rule: left the words, right the pen. What is written down is exactly what stood at the left.

import { useState } from "preact/hooks";
import type { Seen } from "../../../core/work.ts";
import type { Machine } from "../../../sync/machine.ts";
import type { Session } from "../../../sync/session.ts";
import type { Id } from "../../../wire/types.ts";
import { go } from "../../kit/address.ts";
import { Drawn } from "../../kit/drawn.tsx";
import { FieldHead } from "../../kit/field-shell.tsx";
import { Empty } from "../../kit/notices.tsx";
import { StateWord } from "../../kit/state.tsx";
import { clock, day, instant } from "../../words/format.ts";
import { useApp, useSession } from "../app.ts";
import "../inspect/inspect.css";
import { t as say } from "../../words/sign.ts";
import { t } from "../inspect/words.ts";
import { roundPath, TODAY } from "../paths.ts";
import { FieldStatus } from "../screen.tsx";
import { Confirm, type Signer } from "./confirm.tsx";
import "./sign.css";
import { AsSigned } from "./as-signed.tsx";
import { keepSignature } from "./keeping.ts";
import { LaterByLink } from "./link.tsx";
import { customerSignature, standingBy } from "./presence.ts";
import { Problems } from "./problems.tsx";
import { isStale, Stale, useSince } from "./signed.tsx";
import { Statement } from "./statement.tsx";
import { type Coverage, coverageOf } from "./visit.ts";

/** The page with its status line. */
export function SignPage({ visit }: { visit: Id }) {
  const { machine } = useApp();
  const session = useSession();
  const round = session.records.record("visit", visit)?.data.assignment;
  return (
    <div class="app">
      <FieldStatus />
      <Sign {...{ session, machine, visit }} back={round ? roundPath(round) : TODAY} />
    </div>
  );
}

export type SignProps = {
  session: Session;
  machine: Machine;
  visit: Id;
  /** Where back leads. */
  back: string;
};

/** Below the status line, in the column of `.app`. */
export function Sign({ session, machine, visit: id, back }: SignProps) {
  const [isAgain, setAgain] = useState(false);
  const [isEngineer, setEngineer] = useState(false);
  const visit = session.records.record("visit", id);
  if (visit === undefined) {
    const action = { label: t("missing.back"), onClick: () => go(back) };
    return (
      <main class="scroll nothing">
        <Empty why={t("missing.visit")} action={action} />
      </main>
    );
  }
  const now = session.pen.now();
  const coverage = coverageOf(session.records, visit, now);
  const { zone } = coverage;
  const signature = customerSignature(session.records, id);
  const engineer = standingBy(session.records, id, "engineer");
  const sign = async (signer: Signer): Promise<void> => {
    const role = isEngineer ? "engineer" : "contact";
    await keepSignature({ session, machine, coverage, zone, role, signer });
    setAgain(false);
    setEngineer(false);
  };
  const isSigned = signature !== undefined && !isAgain;
  return (
    <>
      <FieldHead title={isEngineer ? say("sign.engineerTitle") : t("sign.title")} back={back}>
        <span class="note end">{presence(visit, zone, now)}</span>
      </FieldHead>
      <main class="shell signing4">
        <section class="st4">
          <Statement {...{ coverage, zone }}>
            <Problems session={session} visit={visit} />
          </Statement>
        </section>
        {isEngineer ? (
          <Confirm
            key="engineer"
            contacts={[{ name: session.person.name }]}
            onSign={sign}
            onBack={() => setEngineer(false)}
          />
        ) : isSigned ? (
          <Signed
            {...{ signature, engineer, zone, now, coverage, session, machine }}
            onAgain={() => setAgain(true)}
            onEngineer={() => setEngineer(true)}
          />
        ) : coverage.inspected.length === 0 ? (
          <section class="signhere">
            <Empty why={t("sign.nothing")} />
          </section>
        ) : (
          <Confirm contacts={coverage.site?.data.contacts ?? []} onSign={sign}>
            {engineer ? (
              <EngineerDone {...{ engineer, zone, now }} />
            ) : (
              <button type="button" class="btn txt" onClick={() => setEngineer(true)}>
                {say("sign.engineerFirst")}
              </button>
            )}
          </Confirm>
        )}
      </main>
    </>
  );
}

/** "到场 11月18日 09:10–16:20" */
function presence(visit: Seen<"visit">, zone: string, now: number): string {
  const { started_at: from, ended_at: to } = visit.data;
  const start = `${day(from, zone, now)} ${clock(from, zone)}`;
  return to
    ? t("sign.visitEnded", { from: start, to: clock(to, zone) })
    : t("sign.visit", { from: start });
}

type SignedProps = {
  signature: Seen<"signature">;
  engineer: Seen<"signature"> | undefined;
  zone: string;
  now: number;
  coverage: Coverage;
  session: Session;
  machine: Machine;
  onAgain: () => void;
  onEngineer: () => void;
};

function Signed(props: SignedProps) {
  const { signature, engineer, zone, now, coverage, session, machine } = props;
  const { sha256 } = machine;
  const { person, records } = session;
  const since = useSince({ sha256, records, signature, work: coverage.mine });
  const isOld = isStale(since);
  const { name = "", title = "", strokes = "", absent_reason: why, signed_at } = signature.data;
  const time = instant(signed_at, zone, now);
  const isAbsent = strokes === "";
  const { credential } = person;
  return (
    <section class="signhere">
      <StateWord icon={isAbsent ? "dash" : "tick"} size={22}>
        {isAbsent ? t("sign.doneAbsent", { time }) : t("sign.done", { name, time })}
      </StateWord>
      {isAbsent ? <p class="said">{why}</p> : <p class="note">{title}</p>}
      {isAbsent ? (
        <LaterByLink {...{ machine, credential, zone, now }} visit={coverage.visit.id} />
      ) : (
        <>
          <div class="penpad shown">
            <Drawn strokes={strokes} name={name} />
          </div>
          <AsSigned {...{ person, records, signature, zone }} sealer={machine} />
        </>
      )}
      {(isOld || since.photos > 0) && (
        <div class="stale">
          <Stale since={since} />
          {isOld && <p class="note">{t("sign.staleHow")}</p>}
        </div>
      )}
      {engineer && <EngineerDone {...{ engineer, zone, now }} />}
      <div class="row act">
        <button type="button" class="btn" onClick={props.onEngineer}>
          {say(engineer ? "sign.engineerAgain" : "sign.engineerStart")}
        </button>
        <button type="button" class={isOld ? "btn pri grow" : "btn"} onClick={props.onAgain}>
          {t("sign.again")}
        </button>
      </div>
    </section>
  );
}

type DoneProps = { engineer: Seen<"signature">; zone: string; now: number };

function EngineerDone({ engineer, zone, now }: DoneProps) {
  const { name = "", signed_at } = engineer.data;
  return (
    <p class="note">{say("sign.engineerDone", { name, time: instant(signed_at, zone, now) })}</p>
  );
}
