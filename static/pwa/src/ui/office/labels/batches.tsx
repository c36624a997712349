// The batches of blank tags: which to print again, and what is left of which is out of use.

import { useState } from "preact/hooks";
import type { Failed } from "../../../sync/office.ts";
import type { LabelBatch, RetiredBatch } from "../../../wire/types.ts";
import { Dialog } from "../../kit/dialog.tsx";
import { READS, WRITES } from "../api.ts";
import { Failure, Show } from "../failure.tsx";
import { beat, minute, useOffice, useRead } from "../state.ts";
import { when } from "../times.ts";
import { dotted } from "../words.ts";
import { t } from "./words.ts";

type LineProps = {
  batch: LabelBatch;
  isPicked: boolean;
  onPick: () => void;
  onRetire: () => void;
};

function Line({ batch, isPicked, onPick, onRetire }: LineProps) {
  const { zone } = useOffice();
  const { name, printed_at, labels, bound = 0, free = 0, retired = 0 } = batch;
  return (
    <li class={isPicked ? "on" : ""}>
      <span class="grow">
        <b class="one">{name}</b>
        <span class="note block">
          {dotted(
            printed_at ? when(printed_at, zone, minute.value) : null,
            t("batch.counts", { labels, bound, free }),
            retired > 0 && t("batch.retired", { n: retired }),
          )}
        </span>
      </span>
      {free > 0 && (
        <>
          <button type="button" class="btn" aria-pressed={isPicked} onClick={onPick}>
            {t("batch.pick", { n: free })}
          </button>
          <button type="button" class="btn txt" onClick={onRetire}>
            {t("batch.retire", { n: free })}
          </button>
        </>
      )}
    </li>
  );
}

type BatchesProps = {
  picked: LabelBatch | null;
  onPick: (batch: LabelBatch | null) => void;
};

export function Batches({ picked, onPick }: BatchesProps) {
  const { client } = useOffice();
  const loaded = useRead(READS.batches());
  const [asked, setAsked] = useState<LabelBatch | null>(null);
  const [failed, setFailed] = useState<Failed | null>(null);
  const retire = async ({ name }: LabelBatch) => {
    setAsked(null);
    const answer = await client.write<RetiredBatch>(WRITES.retireBatch, { name });
    setFailed(answer.kind === "ok" ? null : answer);
    if (answer.kind === "ok" && picked?.name === name) onPick(null);
    beat();
  };
  return (
    <Show loaded={loaded} words={t("batch.loading")} rows={3}>
      {({ rows, total }) => (
        <>
          {rows.length === 0 && <p class="note">{t("batch.none")}</p>}
          {failed && <Failure failed={failed} safe={t("batch.safe")} />}
          <ul class="batches">
            {rows.map((batch) => (
              <Line
                key={batch.name}
                batch={batch}
                isPicked={picked?.name === batch.name}
                onPick={() => onPick(batch)}
                onRetire={() => setAsked(batch)}
              />
            ))}
          </ul>
          {total > rows.length && <p class="note">{t("batch.more", { n: rows.length })}</p>}
          {asked && (
            <Dialog
              question={t("batch.ask", { name: asked.name, n: asked.free ?? 0 })}
              consequence={t("batch.askMore")}
              safe={{ label: t("batch.keep"), onClick: () => setAsked(null) }}
              act={{
                label: t("batch.retire", { n: asked.free ?? 0 }),
                onClick: () => void retire(asked),
              }}
            />
          )}
        </>
      )}
    </Show>
  );
}
