// The queue at the left: what waits, what needs eyes first, and what was just decided.

import { useEffect, useRef } from "preact/hooks";
import type { InspectionRow } from "../../../wire/types.ts";
import { Icon } from "../../kit/icons.tsx";
import { StateWord } from "../../kit/state.tsx";
import { PAGE } from "../api.ts";
import { Pager } from "../list.tsx";
import { minute } from "../state.ts";
import { when } from "../times.ts";
import { dotted, t } from "../words.ts";
import type { Done, Order } from "./desk.ts";

/** What the row says of the result, or of what was decided over it. */
function RowState({ row, done }: { row: InspectionRow; done: Done | undefined }) {
  const { abnormal = 0, warning = 0, conflicts = 0 } = row;
  if (done?.decided.step === "accepted") {
    return (
      <StateWord icon="tick" tone="act" size={16}>
        {t("review.accepted")}
      </StateWord>
    );
  }
  if (done) {
    return (
      <StateWord icon="returned" tone="warn" size={16}>
        {t("queue.returned", { n: done.remarks })}
      </StateWord>
    );
  }
  if (conflicts > 0) {
    return (
      <StateWord icon="fork" tone="bad" size={16}>
        {t("queue.conflicts", { n: conflicts })}
      </StateWord>
    );
  }
  if (abnormal > 0) {
    return (
      <StateWord icon="alert" tone="bad" size={16}>
        {t("found.abnormal", { n: abnormal })}
      </StateWord>
    );
  }
  if (warning > 0) {
    return (
      <StateWord icon="above" tone="warn" size={16}>
        {t("found.warning", { n: warning })}
      </StateWord>
    );
  }
  return (
    <StateWord icon="tick" tone="quiet" size={16}>
      {t("found.normal")}
    </StateWord>
  );
}

type RowProps = { row: InspectionRow; href: string; isOn: boolean; done: Done | undefined };

function Row({ row, href, isOn, done }: RowProps) {
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (isOn) link.current?.scrollIntoView?.({ block: "nearest" });
  }, [isOn]);
  const { photos_waiting = 0 } = row;
  return (
    <li class={`${isOn ? "on" : ""}${done ? " done" : ""}`}>
      <a ref={link} href={href} aria-current={isOn ? "true" : undefined}>
        <span class="grow">
          <b class="one">{row.asset_name || t("asset.unnamed")}</b>
          <span class="note one">{dotted(row.site_name, row.inspector_name)}</span>
        </span>
        <span class="qr">
          <span class="note nw">
            {photos_waiting > 0 && (
              <Icon name="photosLeft" size={14} label={t("round.photos", { n: photos_waiting })} />
            )}
            {row.submitted_at ? when(row.submitted_at, row.time_zone, minute.value) : ""}
          </span>
          <RowState row={row} done={done} />
        </span>
      </a>
    </li>
  );
}

type QueueProps = {
  rows: readonly InspectionRow[];
  total: number;
  /** How many rows are on the pages before. */
  offset: number;
  current: string | null;
  order: Order;
  done: readonly Done[];
  hrefOf: (row: InspectionRow) => string;
  onOrder: (order: Order) => void;
};

export function Queue(props: QueueProps) {
  const { rows, total, offset, current, order, done, hrefOf, onOrder } = props;
  const at = rows.findIndex((row) => row.id === current) + 1;
  const isAbnormal = order === "abnormal";
  return (
    <nav class="queue" aria-label={t("queue.label")}>
      <div class="qf">
        <button
          type="button"
          class="plain"
          title={t("queue.orderHint")}
          onClick={() => onOrder(isAbnormal ? "oldest" : "abnormal")}
        >
          <Icon name={isAbnormal ? "checks" : "clock"} size={17} />
          {t(isAbnormal ? "queue.abnormalFirst" : "queue.oldestFirst")}
        </button>
        <span class="note end">{at > 0 ? `${at} / ${rows.length}` : rows.length}</span>
      </div>
      <ul>
        {rows.map((row) => (
          <Row
            key={row.id}
            href={hrefOf(row)}
            isOn={row.id === current}
            done={done.find((one) => one.row.id === row.id)}
            row={row}
          />
        ))}
      </ul>
      {(offset > 0 || total > rows.length) && (
        <div class="rest">
          <Pager total={total} offset={offset} shown={rows.length} size={PAGE} />
        </div>
      )}
    </nav>
  );
}
