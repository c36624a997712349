// Equipment that was entered twice: groups by maker and serial number; one of each is kept.
// Rule: nothing is deleted; a merge leads the duplicate's tag, work and findings to the one that is kept.

import { useState } from "preact/hooks";
import type { Failed } from "../../sync/office.ts";
import type { AssetRow, DuplicateGroup, OfficeEdit, OfficeEdited } from "../../wire/types.ts";
import { go, useAddressState } from "../kit/address.ts";
import { Dialog } from "../kit/dialog.tsx";
import { SectionHeader } from "../kit/layout.tsx";
import { Empty } from "../kit/notices.tsx";
import "./look/asset.css";
import { READS, WRITES } from "./api.ts";
import { assetWith } from "./edits.ts";
import { Failure, Show } from "./failure.tsx";
import { Pager, readOffset } from "./list.tsx";
import { Page } from "./shell.tsx";
import { useMay, useOffice, useRead } from "./state.ts";
import { t as say } from "./waiting/words.ts";
import { dotted, t } from "./words.ts";

/** What is merged into the one that is kept: of its own site alone. */
export function losersOf(group: DuplicateGroup, keep: string): readonly AssetRow[] {
  const winner = group.assets.find((row) => row.id === keep);
  return group.assets.filter((row) => row.id !== keep && row.site === winner?.site);
}

type GroupProps = {
  group: DuplicateGroup;
  mayMerge: boolean;
  onMerge: (winner: AssetRow, losers: readonly AssetRow[]) => void;
};

function Group({ group, mayMerge, onMerge }: GroupProps) {
  const [keep, setKeep] = useState(group.assets[0]?.id ?? "");
  const winner = group.assets.find((row) => row.id === keep);
  const losers = losersOf(group, keep);
  return (
    <section>
      <SectionHeader
        title={dotted(group.maker, group.serial)}
        count={t("list.assets", { n: group.assets.length })}
        ruled
      />
      <fieldset class="twins">
        <legend class="spoken">{say("duplicates.keep")}</legend>
        {group.assets.map((row) => (
          <div key={row.id} class="twin">
            {mayMerge && (
              <input
                type="radio"
                name={`keep-${group.assets[0]?.id}`}
                aria-label={row.name}
                checked={row.id === keep}
                onChange={() => setKeep(row.id)}
              />
            )}
            <span class="grow">
              <a href={`/office/assets/${row.id}`}>{row.name}</a>
              {row.provisional && <span class="note"> {t("asset.provisional")}</span>}
              <span class="note block">
                {dotted(row.site_name, row.room_name, row.position, row.number)}
              </span>
            </span>
            <span class="note nw">{(row.codes ?? []).join(" ")}</span>
          </div>
        ))}
      </fieldset>
      {mayMerge && winner && losers.length > 0 && (
        <button type="button" class="btn" onClick={() => onMerge(winner, losers)}>
          {say("duplicates.merge", { name: winner.name })}
        </button>
      )}
      {mayMerge && losers.length < group.assets.length - 1 && (
        <p class="note">{say("duplicates.elsewhere")}</p>
      )}
    </section>
  );
}

type Asked = { winner: AssetRow; losers: readonly AssetRow[] };

export function DuplicatesPage() {
  const { client, now, random } = useOffice();
  const [offset] = useAddressState("offset");
  const loaded = useRead(READS.duplicates({ offset: readOffset(offset) || "" }));
  const mayMerge = useMay("describe");
  const [asked, setAsked] = useState<Asked | null>(null);
  const [failed, setFailed] = useState<Failed | null>(null);
  const merge = async ({ winner, losers }: Asked) => {
    setAsked(null);
    const edit: OfficeEdit = {
      ops: losers.flatMap((row) => [
        ...assetWith(row, { merged_into: winner.id }, { now: now(), random }).ops,
      ]),
    };
    const answer = await client.write<OfficeEdited>(WRITES.ops, edit);
    setFailed(answer.kind === "ok" ? null : answer);
    loaded.again();
  };
  const { value } = loaded;
  const note = value ? say("duplicates.note", { n: value.total }) : undefined;
  return (
    <Page title={say("duplicates.title")} note={note}>
      <main class="scroll pad on-surface">
        {failed && <Failure failed={failed} safe={t("safe.unchanged")} />}
        <Show loaded={loaded} words={say("duplicates.loading")} rows={6}>
          {(page) =>
            page.groups.length === 0 ? (
              <Empty
                why={say("duplicates.none")}
                action={{ label: say("duplicates.back"), onClick: () => go("/office/assets") }}
              />
            ) : (
              <>
                {page.groups.map((group) => (
                  <Group
                    key={group.assets[0]?.id}
                    onMerge={(winner, losers) => setAsked({ winner, losers })}
                    {...{ group, mayMerge }}
                  />
                ))}
                <Pager total={page.total} offset={page.offset ?? 0} shown={page.groups.length} />
              </>
            )
          }
        </Show>
        {asked && (
          <Dialog
            question={say("duplicates.ask", { n: asked.losers.length, name: asked.winner.name })}
            consequence={say("duplicates.askMore")}
            safe={{ label: say("duplicates.notYet"), onClick: () => setAsked(null) }}
            act={{
              label: say("duplicates.merge", { name: asked.winner.name }),
              onClick: () => void merge(asked),
            }}
          />
        )}
      </main>
    </Page>
  );
}
