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
import { clock, day, moment } from "../../words/format.ts";
import { useApp, useSession } from "../app.ts";
import "../inspect/inspect.css";
import { t } from "../inspect/words.ts";
import { roundPath, TODAY } from "../paths.ts";
import { FieldStatus } from "../screen.tsx";
import { Confirm, type Signer } from "./confirm.tsx";
import type { Document } from "./document.ts";
import "./sign.css";
import { customerSignature, standingOf } from "./presence.ts";
import { Problems } from "./problems.tsx";
import { isStale, Stale, useSince } from "./signed.tsx";
import { signatureEdit } from "./signing.ts";
import { Statement, sentenceOf } from "./statement.tsx";
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
  machine: Pick<Machine, "sha256" | "subtle">;
  visit: Id;
  /** Where back leads. */
  back: string;
};

/** Below the status line, in the column of `.app`. */
export function Sign({ session, machine, visit: id, back }: SignProps) {
  const [isAgain, setAgain] = useState(false);
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
  const sign = async (signer: Signer): Promise<void> => {
    await keep(session, machine, coverage, zone, signer);
    setAgain(false);
  };
  const isSigned = signature !== undefined && !isAgain;
  return (
    <>
      <FieldHead title={t("sign.title")} back={back}>
        <span class="note end">{presence(visit, zone, now)}</span>
      </FieldHead>
      <main class="shell signing4">
        <section class="st4">
          <Statement {...{ coverage, zone }}>
            <Problems session={session} visit={visit} />
          </Statement>
        </section>
        {isSigned ? (
          <Signed
            {...{ signature, zone, now, coverage, session }}
            sha256={machine.sha256}
            onAgain={() => setAgain(true)}
          />
        ) : coverage.inspected.length === 0 ? (
          <section class="signhere">
            <Empty why={t("sign.nothing")} />
          </section>
        ) : (
          <Confirm contacts={coverage.site?.data.contacts ?? []} onSign={sign} />
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

/** The signature and the end of the visit, in one transaction. */
async function keep(
  session: Session,
  machine: SignProps["machine"],
  coverage: Coverage,
  zone: string,
  signer: Signer,
): Promise<void> {
  const now = session.pen.now();
  const { visit } = coverage;
  const at = new Date(now).toISOString();
  const { mine } = coverage;
  const { covered, handedIn } = await standingOf(machine.sha256, session.records, mine);
  const document: Document = {
    of: visit.id,
    of_kind: "visit",
    site: coverage.site?.data.name ?? "",
    engineer: visit.data.engineer_name,
    started_at: visit.data.started_at,
    signed_at: at,
    statement: [sentenceOf(coverage, zone), t("sign.meaning")],
    counts: countsOf(coverage),
    abnormal: coverage.abnormal.map(({ asset, severity, text }) => ({ asset, severity, text })),
    inspections: covered.filter(({ id }) => handedIn.has(id)),
    signer: {
      role: "contact",
      name: signer.name,
      title: signer.title,
      absent_reason: signer.absentReason,
    },
  };
  const { strokes } = signer;
  const signature = await signatureEdit(session, machine, { document, strokes, item: "" });
  const end = { ended_at: visit.data.ended_at ?? at };
  const contact = signer.name === "" ? {} : { contact: signer.name };
  await session.write([
    { kind: "visit", record: visit.id, base: visit.version, set: { ...end, ...contact } },
    signature,
  ]);
}

function countsOf({ inspected, abnormalAssets, notInspected }: Coverage) {
  return {
    inspected: inspected.length,
    normal: inspected.length - abnormalAssets,
    abnormal: abnormalAssets,
    not_inspected: notInspected.length,
  };
}

type SignedProps = {
  signature: Seen<"signature">;
  zone: string;
  now: number;
  coverage: Coverage;
  session: Session;
  sha256: Machine["sha256"];
  onAgain: () => void;
};

function Signed({ signature, zone, now, coverage, session, sha256, onAgain }: SignedProps) {
  const since = useSince({ sha256, records: session.records, signature, held: coverage.mine });
  const isOld = isStale(since);
  const { name = "", title = "", strokes = "", absent_reason: why, signed_at } = signature.data;
  const time = moment(signed_at, zone, now);
  return (
    <section class="signhere">
      <StateWord icon="tick" size={22}>
        {why ? t("sign.doneAbsent", { time }) : t("sign.done", { name, time })}
      </StateWord>
      {why ? <p class="said">{why}</p> : <p class="note">{title}</p>}
      <div class="penpad shown">
        <Drawn strokes={strokes} name={name} />
      </div>
      {isOld && (
        <div class="stale">
          <Stale since={since} />
          <p class="note">{t("sign.staleHow")}</p>
        </div>
      )}
      <div class="row act">
        <button type="button" class={isOld ? "btn pri grow" : "btn"} onClick={onAgain}>
          {t("sign.again")}
        </button>
      </div>
    </section>
  );
}
