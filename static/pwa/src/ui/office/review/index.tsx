// The review: the queue at the left, one result at the right, decided by keyboard.

import { useEffect, useRef } from "preact/hooks";
import type { InspectionPage, InspectionRow } from "../../../wire/types.ts";
import { address, go, useAddressState } from "../../kit/address.ts";
import { Empty } from "../../kit/notices.tsx";
import { day } from "../../words/format.ts";
import "../look/review.css";
import "../look/result.css";
import { READS, withQuery } from "../api.ts";
import { Show } from "../failure.tsx";
import { readOffset, setAddress } from "../list.tsx";
import { Page } from "../shell.tsx";
import { minute, useOffice, useRead } from "../state.ts";
import { t } from "../words.ts";
import { done, mergeQueue, neighbour, nextOpen, type Order, sortQueue, staying } from "./desk.ts";
import { useKeys } from "./keys.ts";
import { Queue } from "./queue.tsx";
import { Result } from "./result.tsx";

/** What of the address stays from row to row. */
const KEPT = ["order", "round", "offset"];

/** The queue as it lies on the desk: read again without moving anything. */
function useQueue(page: InspectionPage, order: Order, key: string, current: string | null) {
  const lying = useRef<{ key: string; rows: readonly InspectionRow[] }>({ key: "", rows: [] });
  const fresh = sortQueue(page.rows, order);
  const kept = staying(fresh, current);
  const rows = lying.current.key === key ? mergeQueue(lying.current.rows, fresh, kept) : fresh;
  lying.current = { key, rows };
  return rows;
}

/** Which part of the queue the address names. */
function useAsked() {
  const [orderText] = useAddressState("order");
  const [round] = useAddressState("round");
  const [offset] = useAddressState("offset");
  const order: Order = orderText === "oldest" ? "oldest" : "abnormal";
  return { order, round, offset: readOffset(offset) };
}

type DeskProps = { page: InspectionPage; id: string | null };

function Desk({ page, id }: DeskProps) {
  const { path, query } = address.value;
  const { order, round, offset } = useAsked();
  const rows = useQueue(page, order, `${order} ${round} ${offset}`, id);
  const current = id ?? rows[0]?.id ?? null;
  const kept = Object.fromEntries(KEPT.map((name) => [name, query.get(name)]));
  const set = (changes: Record<string, string>) => setAddress(path, query, changes);
  const isPast = rows.length === 0 && offset > 0;
  // Others decided what was on this page.
  useEffect(() => {
    if (isPast) setAddress(address.peek().path, address.peek().query, {});
  }, [isPast]);
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
    const all = { label: t("queue.all"), onClick: () => set({ round: "" }) };
    return (
      <main class="pad">
        <Empty why={t("queue.empty")} {...(round ? { action: all } : {})} />
      </main>
    );
  }
  return (
    <div class={id === null ? "desk" : "desk opened"}>
      <Queue
        total={Math.max(page.total, offset + rows.length)}
        done={done.value}
        onOrder={(to) => set({ order: to === "abnormal" ? "" : to })}
        {...{ rows, offset, current, order, hrefOf }}
      />
      <Result key={current} id={current} onNext={next} />
    </div>
  );
}

export function ReviewPage({ id }: { id: string | null }) {
  const { zone } = useOffice();
  const { order, round, offset } = useAsked();
  const sort = order === "oldest" ? "submitted_at" : "review";
  const loaded = useRead(READS.queue({ sort, assignment: round, offset: offset || null }));
  const { value } = loaded;
  const oldest = value?.oldest ? day(value.oldest, zone, minute.value) : null;
  const note =
    value === null
      ? undefined
      : oldest === null
        ? round === ""
          ? t("queue.none")
          : undefined
        : t("queue.waiting", { n: value.total, day: oldest });
  return (
    <Page title={t("place.review")} note={note}>
      <Show loaded={loaded} words={t("queue.loading")} rows={8}>
        {(page) => <Desk page={page} id={id} />}
      </Show>
    </Page>
  );
}
