// Who goes: the engineer of a round, and handing it to another. Opens in place.

import { useEffect, useRef, useState } from "preact/hooks";
import type { AssignmentRow } from "../../wire/types.ts";
import { SelectField } from "../kit/fields.tsx";
import { Icon } from "../kit/icons.tsx";
import { READS } from "./api.ts";
import { Show } from "./failure.tsx";
import { useRead } from "./state.ts";
import { t } from "./words.ts";

type ChoiceProps = {
  row: AssignmentRow;
  isBusy: boolean;
  onAssign: (person: string) => Promise<boolean>;
  onClose: () => void;
};

function Choice({ row, isBusy, onAssign, onClose }: ChoiceProps) {
  const loaded = useRead(READS.crew(row.site));
  const [person, setPerson] = useState(row.assignee ?? "");
  return (
    <Show loaded={loaded} words={t("assign.loading")} rows={1}>
      {(crew) => {
        const chosen = crew.find((one) => one.id === person);
        const nobody = person === "" ? [{ value: "", label: t("round.nobody") }] : [];
        const options = [...nobody, ...crew.map(({ id, name }) => ({ value: id, label: name }))];
        const isSame = person === (row.assignee ?? "");
        return (
          <form
            class="inline"
            onSubmit={(event) => {
              event.preventDefault();
              void onAssign(person).then((isDone) => isDone && onClose());
            }}
          >
            <SelectField
              label={t("assign.to")}
              value={person}
              options={options}
              onChange={setPerson}
              hint={t("assign.hint")}
            />
            <button type="submit" class="btn pri" disabled={isBusy || isSame || !chosen}>
              {chosen && !isSame ? t("assign.give", { name: chosen.name }) : t("assign.choose")}
            </button>
            <button type="button" class="btn" onClick={onClose}>
              {t("action.cancel")}
            </button>
          </form>
        );
      }}
    </Show>
  );
}

type AssignProps = {
  row: AssignmentRow;
  mayAssign: boolean;
  isBusy: boolean;
  isOpen: boolean;
  onOpen: (isOpen: boolean) => void;
  /** Whether it was taken. */
  onAssign: (person: string) => Promise<boolean>;
};

/** Nobody goes there any more. */
export function isOver({ state }: AssignmentRow): boolean {
  return state === "closed" || state === "withdrawn";
}

export function Assign({ row, mayAssign, isBusy, isOpen, onOpen, onAssign }: AssignProps) {
  const place = useRef<HTMLElement>(null);
  // It may have been opened from far below.
  useEffect(() => {
    if (isOpen) place.current?.scrollIntoView?.({ block: "nearest" });
  }, [isOpen]);
  return (
    <section ref={place} class="assign">
      <div class="row">
        <Icon name="person" size={18} class="faint" />
        <span>
          <span class="faint">{t("round.engineer")} </span>
          <b>{row.assignee_name || t("round.nobody")}</b>
          {row.backup_name && (
            <span class="quiet">{` · ${t("round.backup", { name: row.backup_name })}`}</span>
          )}
        </span>
        {mayAssign && !isOpen && (
          <button type="button" class="btn" onClick={() => onOpen(true)}>
            {row.assignee ? t("assign.other") : t("assign.choose")}
          </button>
        )}
      </div>
      {isOpen && <Choice {...{ row, isBusy, onAssign }} onClose={() => onOpen(false)} />}
    </section>
  );
}
