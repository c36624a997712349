// What a submission reports: one finding per abnormal answer, under an id that a second submission
// meets again. Rule: pure; a value worked out from an answer that is abnormal itself says nothing new.

import { v5 } from "uuid";
import type { Edit } from "../../../core/edit.ts";
import type { Evaluation, ItemState } from "../../../core/forms/states.ts";
import type { Seen } from "../../../core/work.ts";
import type {
  Expression,
  Finding,
  Form,
  FormItem,
  Id,
  Instant,
  Severity,
} from "../../../wire/types.ts";
import { locate, partsOf } from "./form.ts";

/** The same inspection and item make the same finding, on whatever device. */
export function findingId(inspection: Id, path: string): Id {
  return v5(path, inspection);
}

/** The abnormal states of which each is a finding, in the order of the form. */
export function abnormal(form: Form, evaluation: Evaluation): readonly ItemState[] {
  const bad = [...evaluation.items.values()].filter(
    (state) => state.shown && state.verdict === "abnormal",
  );
  const answers = new Set(bad.filter(({ asked }) => asked).map(({ path }) => path));
  return bad.filter((state) => state.asked || !isExplained(form, state, answers));
}

/** Tell whether one of the readings that the value comes from is abnormal already. */
function isExplained(form: Form, state: ItemState, answers: ReadonlySet<string>): boolean {
  const item = locate(form, state.path)?.item;
  if (item?.type !== "calculated") return false;
  const { element } = partsOf(state.path);
  const inputs = inputsOf(form, item.expression);
  return [...answers].some((path) => {
    const answer = partsOf(path);
    const isNear = [answer.element, ""].includes(element) || answer.element === "";
    return inputs.has(answer.item) && isNear;
  });
}

function inputsOf(form: Form, expression: Expression): ReadonlySet<string> {
  const found = new Set<string>();
  const walk = (one: Expression): void => {
    if (one.type === "call") for (const argument of one.arguments) walk(argument);
    if (one.type !== "reading" && one.type !== "aggregate") return;
    if (found.has(one.item)) return;
    found.add(one.item);
    // A value may be worked out from another that was worked out: its readings count too.
    for (const inner of items(form)) {
      if (inner.type === "calculated" && inner.id === one.item) walk(inner.expression);
    }
  };
  walk(expression);
  return found;
}

function items(form: Form): readonly FormItem[] {
  return form.sections
    .flatMap((section) => section.items)
    .flatMap((item): readonly FormItem[] => (item.type === "group" ? item.items : [item]));
}

/** One finding as it is to stand. */
export interface Reported {
  readonly path: string;
  readonly severity: Severity;
  readonly text: string;
}

/**
 * Write what is new, and mend text and severity of what was reported in an earlier round. What the
 * office follows up is never touched; what it recorded of the same item itself is not said twice.
 */
export function findingEdits(
  from: { readonly inspection: Id; readonly asset: Id; readonly at: Instant },
  reported: readonly Reported[],
  known: readonly Seen<"finding">[],
): readonly Edit[] {
  return reported.flatMap(({ path, severity, text }): readonly Edit[] => {
    const record = findingId(from.inspection, path);
    const old: Finding | undefined = known.find(({ id }) => id === record)?.data;
    if (old === undefined) {
      const isSame = ({ data }: Seen<"finding">) =>
        data.inspection === from.inspection && data.item === path;
      if (known.some(isSame)) return [];
      const { inspection, asset, at } = from;
      const set = { asset, inspection, item: path, severity, text, found_at: at };
      return [{ kind: "finding", record, new: true, set }];
    }
    if (old.severity === severity && old.text === text) return [];
    return [{ kind: "finding", record, set: { severity, text } }];
  });
}
