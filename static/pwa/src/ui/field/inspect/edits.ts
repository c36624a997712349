// What a person did on a checklist, as edits of its records.
// Rule: pure; ids and instants are given, and doing the same again makes the same edit.

import type { Edit } from "../../../core/edit.ts";
import { DEFAULTS } from "../../../wire/defaults.ts";
import type {
  Answer,
  Check,
  Element,
  Group,
  Id,
  Inspection,
  Instant,
  Moment,
  Replacement,
  Severity,
  Step,
  Value,
} from "../../../wire/types.ts";
import type { CheckAnswer } from "../../kit/segmented.tsx";
import { partsOf } from "./form.ts";

/** Who works where, and from when: what a first answer writes down. */
export interface Beginning {
  readonly inspection: Id;
  readonly asset: Id;
  readonly assignment: Id | null;
  readonly template: Id;
  readonly person: Id;
  readonly personName: string;
  readonly at: Instant;
}

export function inspectionEdit(begun: Beginning): Edit {
  return {
    kind: "inspection",
    record: begun.inspection,
    new: true,
    set: {
      asset: begun.asset,
      template: begun.template,
      ...(begun.assignment === null ? {} : { assignment: begun.assignment }),
      inspector: begun.person,
      inspector_name: begun.personName,
      started_at: begun.at,
    },
  };
}

/** Members that say nothing are left out; nothing said at all is no answer. */
export function tidied(answer: Answer | null): Answer | null {
  if (answer === null) return null;
  const { value = null, na = false, reason = "", severity = null, note = "", rest } = answer;
  const kept: Answer = {
    ...(value === null ? {} : { value }),
    ...(na ? { na } : {}),
    ...(reason === "" ? {} : { reason }),
    ...(severity === null ? {} : { severity }),
    ...(note === "" ? {} : { note }),
    ...(rest ? { rest } : {}),
  };
  return Object.keys(kept).length === 0 ? null : kept;
}

/** A new value in place of the old one, or of "not applicable". What was noted stays. */
export function withValue(answer: Answer | null, value: Value): Answer | null {
  const { note, severity } = answer ?? {};
  return tidied({ value, note, severity });
}

/** Set aside, or taken up again. The reason is kept while a person changes their mind. */
export function setAside(answer: Answer | null, na: boolean): Answer | null {
  const { note, reason } = answer ?? {};
  return tidied({ na, note, reason });
}

/** The answer to a check after a tap. */
export function checked(item: Check, answer: Answer | null, tapped: CheckAnswer | null) {
  const { note, reason } = answer ?? {};
  switch (tapped) {
    case "normal":
      return tidied({ value: "pass", note });
    case "abnormal": {
      const severity = answer?.severity ?? item.severity ?? DEFAULTS.Check.severity;
      return tidied({ value: "fail", severity, note });
    }
    case "na":
      return tidied({ na: true, reason, note });
    case null:
      return tidied({ note });
  }
}

export function checkAnswer(answer: Answer | null): CheckAnswer | null {
  if (answer?.na) return "na";
  if (answer?.value === "pass") return "normal";
  return answer?.value === "fail" ? "abnormal" : null;
}

/** Answers by path, as one edit. Elements of fixed places come into being with their first answer. */
export function answersEdit(
  id: Id,
  inspection: Inspection | null,
  answers: ReadonlyMap<string, Answer | null>,
): Edit {
  const set: Record<string, Answer | null> = {};
  const made: Record<string, { group: string; answers: Record<string, Answer | null> }> = {};
  for (const [path, answer] of answers) {
    const { group, element, item } = partsOf(path);
    if (element === "") set[`answers.${item}`] = answer;
    else if (inspection?.elements?.[element]) set[`elements.${element}.answers.${item}`] = answer;
    else {
      made[element] ??= { group, answers: {} };
      made[element].answers[item] = answer;
    }
  }
  return {
    kind: "inspection",
    record: id,
    ...(Object.keys(set).length > 0 ? { set } : {}),
    ...(Object.keys(made).length > 0 ? { add: { elements: made } } : {}),
  };
}

/** "Mark the rest normal", recorded as such. */
export function restAnswers(paths: readonly string[]): ReadonlyMap<string, Answer> {
  return new Map(paths.map((path) => [path, { value: "pass", rest: true }]));
}

export function addElementEdit(id: Id, element: Id, made: Element): Edit {
  return { kind: "inspection", record: id, add: { elements: { [element]: made } } };
}

export function newElement(group: Group, name: string, order: number): Element {
  return { group: group.id, name, order, answers: {} };
}

export function nameElementEdit(id: Id, element: string, name: string): Edit {
  return { kind: "inspection", record: id, set: { [`elements.${element}.name`]: name } };
}

export function removeElementEdit(id: Id, element: string): Edit {
  return { kind: "inspection", record: id, remove: { elements: [element] } };
}

export function addReplacementEdit(id: Id, replacement: Id, made: Replacement): Edit {
  return { kind: "inspection", record: id, add: { replacements: { [replacement]: made } } };
}

export function removeReplacementEdit(id: Id, replacement: Id): Edit {
  return { kind: "inspection", record: id, remove: { replacements: [replacement] } };
}

export function noteEdit(id: Id, note: string): Edit {
  return { kind: "inspection", record: id, set: { note } };
}

/** Only the office begins a round; the device goes on within the one that stands. */
export function submitEdit(id: Id, round: number, at: Instant): Edit {
  const step: Step = { round, step: "submitted", at };
  return { kind: "inspection", record: id, set: { step } };
}

/** What a photo is and which item it answers; its bytes are written beside it. */
export interface Taken {
  readonly attachment: Id;
  readonly inspection: Id;
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly width: number;
  readonly height: number;
  readonly at: Instant;
  readonly caption?: string | undefined;
  readonly moment?: Moment | undefined;
}

/** What a photo says of itself from the start; `at`: when the one was taken that it is drawn on. */
export interface About {
  readonly caption?: string | undefined;
  readonly at?: Instant | null | undefined;
  readonly moment?: Moment | undefined;
}

export function photoEdit(taken: Taken): Edit {
  const { attachment, inspection, path, at, caption, moment, ...file } = taken;
  const set = {
    ...file,
    ...(caption === undefined ? {} : { caption }),
    ...(moment ? { moment } : {}),
    parent: inspection,
    parent_kind: "inspection",
    item: path,
    media_type: "image/jpeg",
    taken_at: at,
  };
  return { kind: "attachment", record: attachment, new: true, set };
}

export function withdrawPhotoEdit(attachment: Id): Edit {
  return { kind: "attachment", record: attachment, withdraw: true };
}

export function captionEdit(attachment: Id, caption: string): Edit {
  return { kind: "attachment", record: attachment, set: { caption } };
}

export function momentEdit(attachment: Id, moment: Moment): Edit {
  return { kind: "attachment", record: attachment, set: { moment } };
}

export function severityOf(answer: Answer | null, severity: Severity | null): Answer | null {
  return tidied({ ...answer, severity });
}
