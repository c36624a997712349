// The review: the queue at the left, one result at the right, decided by keyboard.

import { useRef } from "preact/hooks";
import type { InspectionPage, InspectionRow } from "../../../wire/types.ts";
import { address, go, useAddressState } from "../../kit/address.ts";
import { Empty } from "../../kit/notices.tsx";
import { day } from "../../words/format.ts";
import "../look/review.css";
import "../look/result.css";
import { READS, withQuery } from "../api.ts";
import { Show } from "../failure.tsx";
import { Page } from "../shell.tsx";
import { minute, useOffice, useRead } from "../state.ts";
import { t } from "../words.ts";
import { done, mergeQueue, neighbour, nextOpen, type Order, sortQueue, staying } from "./desk.ts";
import { useKeys } from "./keys.ts";
import { Queue } from "./queue.tsx";
import { Result } from "./result.tsx";

/** The queue as it lies on the desk: read again without moving anything. */
function useQueue(
  page: InspectionPage | null,
  order: Order,
  round: string,
  current: string | null,
) {
  const lying = useRef<{ key: string; rows: readonly InspectionRow[] }>({ key: "", rows: [] });
  if (page === null) return [];
  const key = `${order} ${round}`;
  const wanted = round === "" ? page.rows : page.rows.filter((row) => row.assignment === round);
  const fresh = sortQueue(wanted, order);
  const kept = staying(fresh, current);
  const rows = lying.current.key === key ? mergeQueue(lying.current.rows, fresh, kept) : fresh;
  lying.current = { key, rows };
  return rows;
}

type DeskProps = { page: InspectionPage; id: string | null };

function Desk({ page, id }: DeskProps) {
  const { query } = address.value;
  const [orderText, setOrder] = useAddressState("order");
  const [round, setRound] = useAddressState("round");
  const order: Order = orderText === "oldest" ? "oldest" : "abnormal";
  const rows = useQueue(page, order, round, id);
  const current = id ?? rows[0]?.id ?? null;
  const kept = { order: query.get("order"), round: query.get("round") };
  const hrefOf = (row: InspectionRow) => withQuery(`/office/review/${row.id}`, kept);
  const open = (row: InspectionRow | undefined) => {
    if (row && row.id !== current) go(hrefOf(row), { replace: id !== null });
  };
  useKeys({
    j: () => open(neighbour(rows, current, 1)),
    k: () => open(neighbour(rows, current, -1)),
  });
  const next = () => {
    if (current === null) return;
    open(nextOpen(rows, current, new Set(done.peek().map((one) => one.row.id))));
  };
  if (current === null) {
    const all = { label: t("queue.all"), onClick: () => setRound("") };
    return (
      <main class="pad">
        <Empty why={t("queue.empty")} {...(round ? { action: all } : {})} />
      </main>
    );
  }
  return (
    <div class={id === null ? "desk" : "desk opened"}>
      <Queue
        total={round === "" ? Math.max(page.total, rows.length) : rows.length}
        done={done.value}
        onOrder={(to) => setOrder(to === "abnormal" ? "" : to)}
        {...{ rows, current, order, hrefOf }}
      />
      <Result key={current} id={current} onNext={next} />
    </div>
  );
}

export function ReviewPage({ id }: { id: string | null }) {
  const { zone } = useOffice();
  const loaded = useRead(READS.queue());
  const { value } = loaded;
  const oldest = value?.oldest ? day(value.oldest, zone, minute.value) : null;
  const note =
    value === null
      ? undefined
      : oldest === null
        ? t("queue.none")
        : t("queue.waiting", { n: value.total, day: oldest });
  return (
    <Page title={t("place.review")} note={note}>
      <Show loaded={loaded} words={t("queue.loading")} rows={8}>
        {(page) => <Desk page={page} id={id} />}
      </Show>
    </Page>
  );
}
