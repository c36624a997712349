// Contracts, and what each says of photos: whether what leaves the house keeps where it was taken.
// Rule: a change is one op on the version that was shown, and is asked about first: it lets places out.

import { useState } from "preact/hooks";
import type { Failed } from "../../sync/office.ts";
import type { ContractRow, OfficeEdited } from "../../wire/types.ts";
import { useAddressState } from "../kit/address.ts";
import { Dialog } from "../kit/dialog.tsx";
import { Empty } from "../kit/notices.tsx";
import { type Column, Table } from "../kit/table.tsx";
import { READS, WRITES } from "./api.ts";
import { t } from "./contract-words.ts";
import { photoPlaced } from "./edits.ts";
import { Failure, Show } from "./failure.tsx";
import { Pager, readOffset } from "./list.tsx";
import { Page } from "./shell.tsx";
import { useOffice, useRead } from "./state.ts";
import { dotted, t as say } from "./words.ts";

type ListProps = { rows: readonly ContractRow[]; onChange: (row: ContractRow) => void };

function List({ rows, onChange }: ListProps) {
  const columns: readonly Column<ContractRow>[] = [
    {
      key: "contract",
      title: t("contract.contract"),
      sort: (row) => row.number,
      cell: (row) => (
        <>
          <b>{row.title || row.number}</b>
          <span class="note block">{dotted(row.number, row.customer_name)}</span>
        </>
      ),
    },
    {
      key: "term",
      title: t("contract.term"),
      sort: (row) => row.ends_on,
      cell: (row) => (
        <span class="nw">{t("contract.span", { from: row.starts_on, to: row.ends_on })}</span>
      ),
    },
    {
      key: "place",
      title: t("contract.place"),
      sort: placeOf,
      cell: (row) => t(`contract.${placeOf(row)}`),
    },
    {
      key: "change",
      title: "",
      num: true,
      cell: (row) => (
        <button
          type="button"
          class="btn"
          aria-label={t("contract.changeOf", { number: row.number })}
          onClick={() => onChange(row)}
        >
          {t("contract.change")}
        </button>
      ),
    },
  ];
  return (
    <div class="wide">
      <Table
        caption={t("contract.title")}
        columns={columns}
        rows={rows}
        rowKey={(row) => row.id}
        sortName="contracts"
      />
    </div>
  );
}

function placeOf(row: ContractRow): "stripped" | "kept" {
  return row.photo_place ?? "stripped";
}

export function ContractsPage() {
  const { client, now, random } = useOffice();
  const [offset] = useAddressState("offset");
  const loaded = useRead(READS.contracts(readOffset(offset)));
  const [asked, setAsked] = useState<ContractRow | null>(null);
  const [failed, setFailed] = useState<Failed | null>(null);
  const other = asked && placeOf(asked) === "kept" ? "stripped" : "kept";
  const change = async (row: ContractRow) => {
    setAsked(null);
    const edit = photoPlaced(row, other, { now: now(), random });
    const answer = await client.write<OfficeEdited>(WRITES.ops, edit);
    setFailed(answer.kind === "ok" ? null : answer);
    loaded.again();
  };
  return (
    <Page title={t("contract.title")} note={t("contract.note")}>
      <main class="scroll pad on-surface">
        {failed && <Failure failed={failed} safe={say("safe.unchanged")} />}
        <Show loaded={loaded} words={t("contract.loading")} rows={6}>
          {(page) =>
            page.rows.length === 0 ? (
              <Empty why={t("contract.none")} />
            ) : (
              <>
                <List rows={page.rows} onChange={setAsked} />
                <Pager total={page.total} offset={page.offset ?? 0} shown={page.rows.length} />
              </>
            )
          }
        </Show>
      </main>
      {asked && (
        <Dialog
          question={t(`contract.to.${other}`, { number: asked.number })}
          consequence={t(`contract.means.${other}`)}
          safe={{ label: t("contract.leave"), onClick: () => setAsked(null) }}
          act={{ label: t(`contract.do.${other}`), onClick: () => void change(asked) }}
        />
      )}
    </Page>
  );
}
