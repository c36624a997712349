// Every round: filtered, searched and sorted by the server, as the address says.

import { address, go, useAddressState } from "../kit/address.ts";
import { Empty } from "../kit/notices.tsx";
import { Segmented } from "../kit/segmented.tsx";
import { Table } from "../kit/table.tsx";
import { READS } from "./api.ts";
import { Show } from "./failure.tsx";
import { Pager, PickSite, readOffset, setAddress } from "./list.tsx";
import { PlanRounds } from "./plan-rounds.tsx";
import { roundColumns } from "./round-words.tsx";
import { Page } from "./shell.tsx";
import { useRead } from "./state.ts";
import { t } from "./words.ts";

const STATES = ["open", "overdue", "done", "all"] as const;
type State = (typeof STATES)[number];

/** What a choice asks of the server; what is over is shown from its end. */
const ASKED = {
  open: { state: ["planned", "issued", "started"] },
  overdue: { overdue: true },
  done: { state: ["done", "closed"], sort: "-due_at" },
  all: { sort: "-due_at" },
} as const;

export function RoundsPage() {
  const { path, query } = address.value;
  const [stateText] = useAddressState("state");
  const [site] = useAddressState("site");
  const [sort] = useAddressState("sort");
  const [offset] = useAddressState("offset");
  const state: State = STATES.find((one) => one === stateText) ?? "open";
  const set = (changes: Record<string, string>) => setAddress(path, query, changes);
  const loaded = useRead(
    READS.rounds({
      ...ASKED[state],
      ...(sort === "" ? {} : { sort }),
      site,
      offset: readOffset(offset) || null,
    }),
  );
  const isFiltered = site !== "" || state !== "all";
  return (
    <Page
      title={t("place.assignments")}
      note={loaded.value ? t("list.rounds", { n: loaded.value.total }) : undefined}
    >
      <main class="scroll pad">
        <div class="filters">
          <Segmented
            label={t("round.state")}
            options={STATES.map((value) => ({ value, label: t(`rounds.${value}`) }))}
            value={state}
            onChange={(next) => set({ state: next === null || next === "open" ? "" : next })}
            clearable={false}
          />
          <PickSite value={site} onChange={(next) => set({ site: next })} />
          <PlanRounds />
        </div>
        <Show loaded={loaded} words={t("rounds.loading")} rows={10}>
          {({ rows, total, offset: from = 0 }) =>
            rows.length === 0 ? (
              <Empty
                why={isFiltered ? t("rounds.none") : t("rounds.noneAtAll")}
                {...(isFiltered
                  ? {
                      action: {
                        label: t("rounds.seeAll"),
                        onClick: () => go(`${path}?state=all`, { replace: true }),
                      },
                    }
                  : {})}
              />
            ) : (
              <div class="rounds wide">
                <Table
                  caption={t("place.assignments")}
                  columns={roundColumns()}
                  rows={rows}
                  rowKey={(row) => row.id}
                  onOpen={(row) => go(`/office/assignments/${row.id}`)}
                />
                <Pager total={total} offset={from} shown={rows.length} />
              </div>
            )
          }
        </Show>
      </main>
    </Page>
  );
}
