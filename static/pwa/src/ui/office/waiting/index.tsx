// What waits for the office: the list at the left, one change at the right, settled by keyboard.

import { useEffect } from "preact/hooks";
import type { WaitingPage as Waiting, WaitingKind, WaitingRow } from "../../../wire/types.ts";
import { address, go, useAddressState } from "../../kit/address.ts";
import { Icon } from "../../kit/icons.tsx";
import { Empty } from "../../kit/notices.tsx";
import { day } from "../../words/format.ts";
import "../look/review.css";
import "../look/waiting.css";
import { READS, withQuery } from "../api.ts";
import { Show } from "../failure.tsx";
import { readOffset, setAddress } from "../list.tsx";
import { useKeys } from "../review/keys.ts";
import { Page } from "../shell.tsx";
import { minute, useOffice, useRead } from "../state.ts";
import { t as office } from "../words.ts";
import { gone, rowAfter, settled } from "./choices.ts";
import { KINDS, List } from "./list.tsx";
import { One } from "./one.tsx";
import { t } from "./words.ts";

type DeskProps = { page: Waiting; id: string | null };

/** The page as it was read, without what was settled here since. */
function withoutSettled(page: Waiting): Waiting {
  const rows = (page.rows ?? []).filter((row) => !gone.value.has(row.op));
  const taken = (page.rows ?? []).filter((row) => gone.value.has(row.op));
  const kinds = KINDS.map((kind): [WaitingKind, number] => {
    const left = (page.kinds?.[kind] ?? 0) - taken.filter((row) => row.kind === kind).length;
    return [kind, Math.max(0, left)];
  });
  return { ...page, rows, total: page.total - taken.length, kinds: Object.fromEntries(kinds) };
}

function Desk({ page, id }: DeskProps) {
  const { path, query } = address.value;
  const kind = query.get("kind") ?? "";
  const offset = readOffset(query.get("offset") ?? "");
  const rows = page.rows ?? [];
  const current = id ?? rows[0]?.op ?? null;
  const kept = { kind, offset: offset || null };
  const setKind = (to: string) => setAddress(path, query, { kind: to });
  const isPast = rows.length === 0 && offset > 0;
  // What was on this page was settled.
  useEffect(() => {
    if (isPast) setAddress(address.peek().path, address.peek().query, {});
  }, [isPast]);
  const hrefOf = (row: WaitingRow) => withQuery(`/office/waiting/${row.op}`, kept);
  const open = (row: WaitingRow | undefined) => {
    if (row && row.op !== current) go(hrefOf(row), { replace: id !== null });
  };
  useKeys({
    j: () => open(rowAfter(rows, current, 1)),
    k: () => open(rowAfter(rows, current, -1)),
  });
  const next = () => {
    const at = rows.findIndex((row) => row.op === current);
    const others = rows.filter((row) => row.op !== current);
    const row = others[Math.min(Math.max(at, 0), others.length - 1)];
    if (row) go(hrefOf(row), { replace: true });
    else go(withQuery("/office/waiting", kept), { replace: true });
  };
  const total = KINDS.reduce((sum, one) => sum + (page.kinds?.[one] ?? 0), 0);
  if (current === null && total === 0) {
    return (
      <main class="pad">
        <Empty why={t("waiting.empty")} />
      </main>
    );
  }
  return (
    <div class={id === null ? "desk" : "desk opened"}>
      <List current={current} onKind={setKind} {...{ page, kind, offset, hrefOf }} />
      {current === null ? (
        <main class="rv">
          <div class="over">
            <p>{t("waiting.emptyKind")}</p>
            <button type="button" class="btn" onClick={() => setKind("")}>
              {t("waiting.seeAll")}
            </button>
          </div>
        </main>
      ) : (
        <One
          key={current}
          op={current}
          newer={office("result.newer")}
          showNewer={office("result.showNewer")}
          onNext={next}
        />
      )}
    </div>
  );
}

export function WaitingPage({ id }: { id: string | null }) {
  const { zone } = useOffice();
  const [asked] = useAddressState("kind");
  const [from] = useAddressState("offset");
  const kind = KINDS.find((one) => one === asked);
  const offset = readOffset(from) || null;
  const loaded = useRead(READS.waiting({ kind, offset }));
  const value = loaded.value && withoutSettled(loaded.value);
  const oldest = value?.rows?.[0];
  const note =
    value === null || offset !== null
      ? undefined
      : oldest === undefined
        ? t("waiting.none")
        : t("waiting.note", { n: value.total, day: day(oldest.at, zone, minute.value) });
  return (
    <Page title={t("place.waiting")} note={note}>
      {settled.value !== null && (
        <p class="just top-just" role="status">
          <Icon name="tick" size={17} />
          <span class="grow">{settled.value}</span>
          <button
            type="button"
            class="btn txt"
            onClick={() => {
              settled.value = null;
            }}
          >
            {office("action.close")}
          </button>
        </p>
      )}
      <Show loaded={loaded} words={t("waiting.loading")} rows={8}>
        {(page) => <Desk page={withoutSettled(page)} id={id} />}
      </Show>
    </Page>
  );
}
