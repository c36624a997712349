// Where an asset stands and what it is: moved to another site, or a duplicate of another asset.
// Rule: what moves along and what stays is named before; a merge can be undone.

import { useState } from "preact/hooks";
import type { Failed } from "../../sync/office.ts";
import type { AssetDetail, OfficeEdited } from "../../wire/types.ts";
import { go } from "../kit/address.ts";
import { Dialog } from "../kit/dialog.tsx";
import { SelectField } from "../kit/fields.tsx";
import { StateWord } from "../kit/state.tsx";
import { language } from "../words/index.ts";
import { READS, WRITES } from "./api.ts";
import { assetWith } from "./edits.ts";
import { Failure } from "./failure.tsx";
import { useMay, useOffice, useRead } from "./state.ts";
import { t as say } from "./waiting/words.ts";
import { dotted, inLanguage, t } from "./words.ts";

/** What goes along with a move and what stays, counted. */
export function movingOf(detail: AssetDetail) {
  const inspections = detail.inspections ?? [];
  const own = inspections.filter((one) => one.asset === detail.row.id);
  const isOver = (step: string) => step === "verified" || step === "accepted-risk";
  return {
    tags: (detail.tags ?? []).filter((tag) => !tag.retired).length,
    open: own.filter((one) => one.step !== "accepted").length,
    stays: own.filter((one) => one.step === "accepted").length,
    findings: (detail.findings ?? []).filter((one) => !isOver(one.step ?? "open")).length,
  };
}

type PlaceProps = { detail: AssetDetail; again: () => void };

function useAssetEdit(again: () => void) {
  const { client, now, random } = useOffice();
  const [failed, setFailed] = useState<Failed | null>(null);
  const [isBusy, setBusy] = useState(false);
  const edit = async (detail: AssetDetail, set: Readonly<Record<string, unknown>>) => {
    setBusy(true);
    const wanted = assetWith(detail.row, set, { now: now(), random });
    const answer = await client.write<OfficeEdited>(WRITES.ops, wanted);
    setBusy(false);
    setFailed(answer.kind === "ok" ? null : answer);
    again();
  };
  return { failed, isBusy, edit };
}

export function Place({ detail, again }: PlaceProps) {
  const { row, merged_into: winner, merged = [], may = [] } = detail;
  const { failed, isBusy, edit } = useAssetEdit(again);
  const [isOpen, setOpen] = useState(false);
  const [isAsked, setAsked] = useState(false);
  const [site, setSite] = useState("");
  const mayDescribe = may.includes("describe");
  const hasSites = useMay("describe");
  const sites = useRead(isOpen && hasSites ? READS.sites() : null).value?.rows ?? [];
  const others = sites.filter((one) => one.id !== row.site);
  const chosen = others.find((one) => one.id === site);
  const rounds = (detail.open_rounds ?? []).map((title) => inLanguage(title)).join(t("list.and"));
  const more = [
    say("move.more", movingOf(detail)),
    rounds && say("move.rounds", { titles: rounds }),
    say("move.room"),
  ];
  return (
    <div class="place">
      {failed && <Failure failed={failed} safe={t("safe.unchanged")} />}
      {winner && (
        <p class="row">
          <StateWord icon="needsYou" tone="warn" size={17}>
            {say("merge.into", { name: winner.name })}
          </StateWord>
          <a href={`/office/assets/${winner.id}`}>{say("merge.open", { name: winner.name })}</a>
          {mayDescribe && (
            <button
              type="button"
              class="btn"
              disabled={isBusy}
              onClick={() => void edit(detail, { merged_into: null })}
            >
              {say("merge.undo")}
            </button>
          )}
        </p>
      )}
      {merged.length > 0 && (
        <p class="note">
          {say("merge.from", { n: merged.length })}{" "}
          {merged.map((one) => (
            <a key={one.id} href={`/office/assets/${one.id}`}>
              {one.name}{" "}
            </a>
          ))}
        </p>
      )}
      {mayDescribe && !winner && !isOpen && (
        <button type="button" class="btn" onClick={() => setOpen(true)}>
          {say("move.do")}
        </button>
      )}
      {isOpen && (
        <form
          class="inline"
          onSubmit={(event) => {
            event.preventDefault();
            if (chosen) setAsked(true);
          }}
        >
          <SelectField
            label={say("move.to")}
            value={site}
            options={[
              { value: "", label: say("move.choose") },
              ...others.map((one) => ({ value: one.id, label: dotted(one.city, one.name) })),
            ]}
            onChange={setSite}
          />
          <div class="acts">
            <button type="submit" class="btn pri" disabled={isBusy || !chosen}>
              {chosen ? say("move.confirm", { site: chosen.name }) : say("move.choose")}
            </button>
            <button type="button" class="btn" onClick={() => setOpen(false)}>
              {t("action.cancel")}
            </button>
          </div>
        </form>
      )}
      {isAsked && chosen && (
        <Dialog
          question={say("move.ask", { name: row.name, site: chosen.name })}
          consequence={more.filter((part) => part).join(language.value === "en" ? " " : "")}
          safe={{ label: say("move.stay"), onClick: () => setAsked(false) }}
          act={{
            label: say("move.confirm", { site: chosen.name }),
            onClick: () => {
              setAsked(false);
              setOpen(false);
              void edit(detail, { site: chosen.id }).then(() => go(`/office/assets/${row.id}`));
            },
          }}
        />
      )}
    </div>
  );
}
