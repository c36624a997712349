// What the office makes of a round: issue, close, reopen, withdraw. Rule: what leaves or comes back to the
// tablets is said before; `started` and `done` follow from the work alone.

import { useState } from "preact/hooks";
import type { AssignmentDetail, AssignmentState } from "../../wire/types.ts";
import { Dialog } from "../kit/dialog.tsx";
import { sentences } from "../words/format.ts";
import { t } from "./waiting/words.ts";
import { inLanguage } from "./words.ts";

type Wanted = "planned" | "issued" | "closed" | "done" | "withdrawn";
type Step = { readonly to: Wanted; readonly words: string; readonly isMain?: boolean };

/** The ways on from a state, the usual one first. */
export function stepsFrom(state: AssignmentState): readonly Step[] {
  const withdraw: Step = { to: "withdrawn", words: t("round.withdraw") };
  switch (state) {
    case "planned":
      return [{ to: "issued", words: t("round.issue"), isMain: true }, withdraw];
    case "issued":
      return [{ to: "planned", words: t("round.takeBack") }, withdraw];
    case "started":
      return [withdraw];
    case "done":
      return [{ to: "closed", words: t("round.close"), isMain: true }, withdraw];
    case "closed":
      return [{ to: "done", words: t("round.reopen") }];
    case "withdrawn":
      return [{ to: "issued", words: t("round.putBack") }];
  }
}

/** The question before, and what happens to the tablets; null where nothing leaves them. */
export function questionOf(detail: AssignmentDetail, to: Wanted): readonly [string, string] | null {
  const title = inLanguage(detail.row.title);
  const { to_review = 0 } = detail.row.progress;
  if (to === "closed") {
    const left = to_review > 0 ? t("round.closeToReview", { n: to_review }) : "";
    return [t("round.askClose", { title }), sentences(t("round.closeMore"), left)];
  }
  if (to === "done") return [t("round.askReopen", { title }), t("round.reopenMore")];
  if (to === "withdrawn") return [t("round.askWithdraw", { title }), t("round.withdrawMore")];
  return null;
}

type StateProps = {
  detail: AssignmentDetail;
  isBusy: boolean;
  onState: (state: Wanted) => void;
};

export function RoundSteps({ detail, isBusy, onState }: StateProps) {
  const [asked, setAsked] = useState<Step | null>(null);
  if (!(detail.may ?? []).includes("plan")) return null;
  const question = asked && questionOf(detail, asked.to);
  return (
    <div class="row steps">
      {stepsFrom(detail.row.state).map((step) => (
        <button
          key={step.to}
          type="button"
          class={step.isMain ? "btn pri" : "btn"}
          disabled={isBusy}
          onClick={() => (questionOf(detail, step.to) ? setAsked(step) : onState(step.to))}
        >
          {step.words}
        </button>
      ))}
      {asked && question && (
        <Dialog
          question={question[0]}
          consequence={question[1]}
          safe={{ label: t("round.keep"), onClick: () => setAsked(null) }}
          act={{
            label: asked.words,
            onClick: () => {
              setAsked(null);
              onState(asked.to);
            },
          }}
        />
      )}
    </div>
  );
}
