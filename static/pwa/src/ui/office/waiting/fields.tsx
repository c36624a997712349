// The paths of a change, side by side: before, tablet, server. Rule: what needs a decision stands on top
// and large; what does not overlap was taken already, and is shown below.

import type { Id, WaitingDetail, WaitingField, Wrote } from "../../../wire/types.ts";
import { pathOf } from "../../kit/problem-words.ts";
import { StateWord } from "../../kit/state.tsx";
import { minute } from "../state.ts";
import { when } from "../times.ts";
import { dotted } from "../words.ts";
import { choose, type Hand, handOf, type Take } from "./choices.ts";
import { noteOf, pathWords, sorted, typingOf, valueWords } from "./values.ts";
import { t } from "./words.ts";

type Names = Readonly<Record<Id, string>>;

/** "陈慧敏 · 13:40 · 在办公室修改". */
function byWords(by: Wrote | null | undefined, zone: string): string {
  if (!by) return t("by.unknown");
  const at = by.made_at ?? by.at;
  return dotted(
    by.person_name,
    at && when(at, zone, minute.value),
    by.is_office ? t("by.office") : by.device_name,
  );
}

type SideProps = {
  field: WaitingField;
  value: unknown;
  names: Names;
  by: string;
  label: string;
};

function Said({ field, value, names, by, label }: SideProps) {
  const note = noteOf(value);
  return (
    <span class="said">
      <span class="side">{label}</span>
      <b>
        {field.is_removed && value === null ? t("value.removed") : valueWords(field, value, names)}
      </b>
      {note && <span class="note">{t("value.note", { text: note })}</span>}
      {by && <span class="note">{by}</span>}
    </span>
  );
}

type PickProps = SideProps & {
  isOn: boolean;
  isOpen: boolean;
  keyName: string;
  onTake: () => void;
};

/** One side of a decision; without the right to decide it is only read. */
function Pick({ isOn, isOpen, keyName, onTake, ...side }: PickProps) {
  if (!isOpen) {
    return (
      <div class="cell">
        <Said {...side} />
      </div>
    );
  }
  return (
    <button
      type="button"
      class={isOn ? "cell pick on" : "cell pick"}
      aria-pressed={isOn}
      onClick={onTake}
    >
      <i class={isOn ? "rad on" : "rad"} aria-hidden="true" />
      <Said {...side} />
      <kbd>{keyName}</kbd>
    </button>
  );
}

const INPUTS = {
  number: { type: "text", inputMode: "decimal" },
  text: { type: "text" },
  date: { type: "date" },
} as const;

type OtherProps = {
  field: WaitingField;
  text: string;
  isOn: boolean;
  onText: (text: string) => void;
};

/** Another value than either. */
export function Other({ field, text, isOn, onText }: OtherProps) {
  const typing = typingOf(field);
  if (typing === null) return null;
  const label = t("value.otherFor", { field: pathWords(field) });
  const data = { "data-other": field.conflict ?? field.path, "aria-label": label };
  return (
    <span class={isOn ? "other on" : "other"}>
      <span class="note" aria-hidden="true">
        {t("value.other")}
      </span>
      <span class="in">
        {typing.kind === "choice" ? (
          <select
            {...data}
            value={isOn ? text : ""}
            onChange={(e) => onText(e.currentTarget.value)}
          >
            <option value="" />
            {typing.options.map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        ) : (
          <input
            {...data}
            {...INPUTS[typing.kind]}
            maxLength={1000}
            value={text}
            onInput={(event) => onText(event.currentTarget.value)}
          />
        )}
      </span>
      {isOn && <kbd>3</kbd>}
    </span>
  );
}

type NeedProps = { detail: WaitingDetail; field: WaitingField; hand: Hand; isCurrent: boolean };

function Need({ detail, field, hand, isCurrent }: NeedProps) {
  const op = detail.row.op;
  const id = field.conflict ?? "";
  const zone = detail.row.time_zone ?? "UTC";
  const isOpen = (detail.may ?? []).includes("decide");
  const choice = hand.chosen[id];
  const names = detail.names ?? {};
  const take = (to: Take) => () => choose(op, id, to);
  const { device_name: device = "", person_name: person = "", made_at: made } = detail.row;
  return (
    <fieldset class={isCurrent ? "wf need current" : "wf need"} data-path={field.path}>
      <legend>
        <StateWord icon="fork" tone="bad" size={17}>
          {t("need.decide")}
        </StateWord>
        <b>{pathWords(field)}</b>
      </legend>
      <div class="cell bf">
        <Said
          {...{ field, names }}
          label={t("col.before")}
          value={field.before}
          by={field.before_by ? byWords(field.before_by, zone) : ""}
        />
      </div>
      <Pick
        {...{ field, names, isOpen }}
        label={device || t("col.tablet")}
        value={field.theirs}
        by={dotted(person, made && when(made, zone, minute.value))}
        keyName="1"
        isOn={choice?.take === "theirs"}
        onTake={take("theirs")}
      />
      <Pick
        {...{ field, names, isOpen }}
        label={t("col.server")}
        value={field.ours}
        by={"ours" in field ? byWords(field.ours_by, zone) : ""}
        keyName="2"
        isOn={choice?.take === "ours"}
        onTake={take("ours")}
      />
      {isOpen && (
        <Other
          field={field}
          text={choice?.text ?? ""}
          isOn={choice?.take === "value"}
          onText={(text) => choose(op, id, "value", text)}
        />
      )}
    </fieldset>
  );
}

type PlainProps = { detail: WaitingDetail; field: WaitingField; hand: Hand };

/** A path beside the disputed ones, or of a change that was not applied. */
function Plain({ detail, field, hand }: PlainProps) {
  const { row, names = {} } = detail;
  const zone = row.time_zone ?? "UTC";
  const isMended = row.kind !== "conflict" && (detail.may ?? []).includes("apply");
  const isWrong = (detail.problem?.errors ?? []).some((one) => pathOf(one.field) === field.path);
  const choice = hand.chosen[field.path];
  const mayMend = isMended && row.kind === "rejected";
  return (
    <div class={isWrong ? "wf wrong" : "wf"} data-path={field.path}>
      <div class="name">
        <b>{pathWords(field)}</b>
      </div>
      {"ours" in field && (
        <div class="cell bf">
          <Said
            {...{ field, names }}
            label={t("col.stands")}
            value={field.ours}
            by={field.ours === null ? "" : byWords(field.ours_by, zone)}
          />
        </div>
      )}
      <div class="cell">
        <Said
          {...{ field, names }}
          label={row.device_name || t("col.wanted")}
          value={field.theirs}
          by=""
        />
      </div>
      {mayMend && (
        <Other
          field={field}
          text={choice?.text ?? ""}
          isOn={choice?.take === "value" && choice.text !== ""}
          onText={(text) => choose(row.op, field.path, "value", text)}
        />
      )}
    </div>
  );
}

/** All of them: disputed ones first. */
export function Fields({ detail, current }: { detail: WaitingDetail; current: string | null }) {
  const hand = handOf(detail.row.op);
  const { disputed, rest } = sorted(detail);
  const isConflict = detail.row.kind === "conflict";
  return (
    <>
      {disputed.map((field) => (
        <Need
          key={field.conflict}
          isCurrent={field.conflict === current}
          {...{ detail, field, hand }}
        />
      ))}
      {rest.length > 0 && (
        <section class="rest">
          <h3>
            {t(isConflict ? "rest.title" : "wanted.title")}
            <span class="note">
              {t(isConflict ? "rest.count" : "wanted.count", { n: rest.length })}
            </span>
          </h3>
          {rest.map((field) => (
            <Plain key={field.path} {...{ detail, field, hand }} />
          ))}
        </section>
      )}
    </>
  );
}
