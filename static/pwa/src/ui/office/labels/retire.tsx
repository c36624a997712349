// Taking one bound tag out of use, asked first: a label that is lost, torn or stuck on the wrong thing.

import { useState } from "preact/hooks";
import { display } from "../../../core/tags.ts";
import type { Failed } from "../../../sync/office.ts";
import type { BoundTag, OfficeEdited } from "../../../wire/types.ts";
import { Dialog } from "../../kit/dialog.tsx";
import { WRITES } from "../api.ts";
import { tagRetired } from "../edits.ts";
import { Failure } from "../failure.tsx";
import { useOffice } from "../state.ts";
import { t } from "./words.ts";

type RetireProps = { tag: BoundTag; onDone: () => void };

export function RetireTag({ tag, onDone }: RetireProps) {
  const { client, now, random } = useOffice();
  const [isAsked, setAsked] = useState(false);
  const [failed, setFailed] = useState<Failed | null>(null);
  const retire = async () => {
    setAsked(false);
    const edit = tagRetired(tag, { now: now(), random });
    const answer = await client.write<OfficeEdited>(WRITES.ops, edit);
    setFailed(answer.kind === "ok" ? null : answer);
    onDone();
  };
  return (
    <>
      <button type="button" class="btn txt" onClick={() => setAsked(true)}>
        {t("tag.retire")}
        <span class="spoken"> {display(tag.code)}</span>
      </button>
      {failed && <Failure failed={failed} safe={t("tag.safe")} />}
      {isAsked && (
        <Dialog
          question={t("tag.ask", { code: display(tag.code) })}
          consequence={t("tag.askMore")}
          safe={{ label: t("tag.keep"), onClick: () => setAsked(false) }}
          act={{ label: t("tag.retire"), onClick: () => void retire() }}
        />
      )}
    </>
  );
}
