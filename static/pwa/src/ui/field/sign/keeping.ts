// Writing a signature over a visit down: the document of what was shown, its seal, the visit's end.
// Rule: one transaction; what is written is what stood at the left when somebody signed.

import type { Machine } from "../../../sync/machine.ts";
import type { Session } from "../../../sync/session.ts";
import type { Signature } from "../../../wire/types.ts";
import { t as say } from "../../words/sign.ts";
import { t } from "../inspect/words.ts";
import type { Signer } from "./confirm.tsx";
import type { Document } from "./document.ts";
import { standingOf } from "./presence.ts";
import { signatureEdit } from "./signing.ts";
import { sentenceOf } from "./statement.tsx";
import type { Coverage } from "./visit.ts";

export interface Keeping {
  readonly session: Session;
  readonly machine: Pick<Machine, "sha256" | "subtle">;
  readonly coverage: Coverage;
  readonly zone: string;
  readonly role: Extract<Signature["role"], "contact" | "engineer">;
  readonly signer: Signer;
}

/** The customer's ends the visit; the engineer's stands beside it. */
export async function keepSignature(keeping: Keeping): Promise<void> {
  const { session, machine, coverage, role, signer } = keeping;
  const { visit } = coverage;
  const at = new Date(session.pen.now()).toISOString();
  const document = await documentOf(keeping, at);
  const { strokes } = signer;
  const signature = await signatureEdit(session, machine, { document, strokes, item: "" });
  if (role === "engineer") return session.write([signature]);
  const end = { ended_at: visit.data.ended_at ?? at };
  const contact = signer.name === "" ? {} : { contact: signer.name };
  await session.write([
    { kind: "visit", record: visit.id, base: visit.version, set: { ...end, ...contact } },
    signature,
  ]);
}

async function documentOf(keeping: Keeping, at: string): Promise<Document> {
  const { session, machine, coverage, zone, role, signer } = keeping;
  const { visit, mine } = coverage;
  const { covered, handedIn } = await standingOf(machine.sha256, session.records, mine);
  const meaning = role === "engineer" ? say("sign.engineerMeaning") : t("sign.meaning");
  return {
    of: visit.id,
    of_kind: "visit",
    site: coverage.site?.data.name ?? "",
    engineer: visit.data.engineer_name,
    started_at: visit.data.started_at,
    signed_at: at,
    statement: [
      sentenceOf(coverage, zone),
      meaning,
      ...(signer.isTyped ? [say("sign.typedMeaning")] : []),
    ],
    counts: countsOf(coverage),
    abnormal: coverage.abnormal.map(({ asset, severity, text }) => ({ asset, severity, text })),
    problems: problemsOf(coverage),
    not_inspected: coverage.notInspected,
    photos: coverage.photos,
    inspections: covered.filter(({ id }) => handedIn.has(id)),
    signer: {
      role,
      name: signer.name,
      title: signer.title,
      absent_reason: signer.absentReason,
    },
  };
}

/** The customer's own list, in the order in which it was made. */
function problemsOf({ visit }: Coverage): readonly string[] {
  return Object.entries(visit.data.problems ?? {})
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([, { text }]) => text);
}

function countsOf({ inspected, abnormalAssets, notInspected }: Coverage) {
  return {
    inspected: inspected.length,
    normal: inspected.length - abnormalAssets,
    abnormal: abnormalAssets,
    not_inspected: notInspected.length,
  };
}
