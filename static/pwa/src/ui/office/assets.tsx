// Every asset: searched, filtered and sorted by the server; chosen ones go to the label printer.

import type { AssetRow } from "../../wire/types.ts";
import { address, go, useAddressState } from "../kit/address.ts";
import { Icon } from "../kit/icons.tsx";
import { Empty } from "../kit/notices.tsx";
import { StateWord } from "../kit/state.tsx";
import { type Column, Table } from "../kit/table.tsx";
import { READS } from "./api.ts";
import { Show } from "./failure.tsx";
import { chosen, MAX, toggle } from "./label-choice.ts";
import { Pager, Pick, PickSite, readOffset, setAddress, useTyped } from "./list.tsx";
import { Page } from "./shell.tsx";
import { useMay, useRead } from "./state.ts";
import { t as say } from "./waiting/words.ts";
import { CATEGORIES, dotted, statusWord, t } from "./words.ts";

function Choose({ row }: { row: AssetRow }) {
  const isOn = chosen.value.has(row.id);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the row opens on a click, the box inside does not.
    <label class="tickbox" onClick={(event) => event.stopPropagation()}>
      <span class="spoken">{t("labels.choose", { name: row.name })}</span>
      <input
        type="checkbox"
        checked={isOn}
        disabled={!isOn && chosen.value.size >= MAX}
        onChange={() => toggle(row)}
        onKeyDown={(event) => event.stopPropagation()}
      />
    </label>
  );
}

function AssetState({ row }: { row: AssetRow }) {
  const { open_findings = 0, status = "in-use", provisional = false } = row;
  if (open_findings > 0) {
    return (
      <StateWord icon="flag" tone="bad" size={16}>
        {t("state.finding", { n: open_findings })}
      </StateWord>
    );
  }
  if (provisional) {
    return (
      <StateWord icon="needsYou" tone="warn" size={16}>
        {t("asset.provisional")}
      </StateWord>
    );
  }
  return <span class={status === "in-use" ? "quiet" : ""}>{statusWord(status)}</span>;
}

function columns(mayPrint: boolean): readonly Column<AssetRow>[] {
  const all: readonly Column<AssetRow>[] = [
    { key: "choose", title: "", cell: (row) => <Choose row={row} /> },
    {
      key: "name",
      title: t("asset.name"),
      sort: (row) => row.name,
      cell: (row) => (
        <>
          <b class="one">{row.name}</b>
          <span class="note one">{[row.maker, row.model].filter((part) => part).join(" ")}</span>
        </>
      ),
    },
    {
      key: "category",
      title: t("asset.category"),
      sort: (row) => row.category ?? null,
      cell: (row) =>
        row.category ? <span class="nw">{t(`category.${row.category}`)}</span> : null,
    },
    {
      key: "number",
      title: t("asset.number"),
      sort: (row) => row.number || null,
      cell: (row) => (
        <>
          <span class="one">{row.number}</span>
          <span class="note one">{row.serial}</span>
        </>
      ),
    },
    {
      key: "site",
      title: t("asset.place"),
      sort: (row) => row.site_name,
      cell: (row) => (
        <>
          <span class="one">{row.site_name}</span>
          <span class="note one">{dotted(row.room_name, row.position)}</span>
        </>
      ),
    },
    { key: "status", title: t("asset.state"), cell: (row) => <AssetState row={row} /> },
  ];
  return mayPrint ? all : all.slice(1);
}

function Filters() {
  const { path, query } = address.value;
  const [site] = useAddressState("site");
  const [category] = useAddressState("category");
  const set = (changes: Record<string, string>) => setAddress(path, query, changes);
  const count = chosen.value.size;
  return (
    <div class="filters">
      <PickSite value={site} onChange={(next) => set({ site: next })} />
      <Pick
        label={t("asset.category")}
        all={t("pick.allCategories")}
        value={category}
        options={CATEGORIES.map((value) => ({ value, label: t(`category.${value}`) }))}
        onChange={(next) => set({ category: next })}
      />
      <a class="btn txt" href="/office/duplicates">
        {say("duplicates.see")}
      </a>
      {count > 0 && (
        <a class="btn end" href="/office/labels">
          <Icon name="print" size={17} />
          {t("labels.printChosen", { n: count })}
        </a>
      )}
    </div>
  );
}

export function AssetsPage() {
  const { path, query } = address.value;
  const [text, setText] = useTyped("q");
  const [offset] = useAddressState("offset");
  const mayPrint = useMay("bind", "describe");
  const loaded = useRead(
    READS.assets({
      q: query.get("q"),
      site: query.get("site"),
      category: query.get("category"),
      sort: query.get("sort"),
      offset: readOffset(offset) || null,
    }),
  );
  const isFiltered = ["q", "site", "category"].some((name) => query.get(name));
  const find = { value: text, onInput: setText, words: t("assets.find") };
  return (
    <Page
      title={t("place.assets")}
      note={loaded.value ? t("list.assets", { n: loaded.value.total }) : undefined}
      find={find}
    >
      <main class="scroll pad">
        <Filters />
        <Show loaded={loaded} words={t("assets.loading")} rows={12}>
          {({ rows, total, offset: from = 0 }) =>
            rows.length === 0 ? (
              <Empty
                why={isFiltered ? t("assets.none") : t("assets.noneAtAll")}
                {...(isFiltered
                  ? {
                      action: {
                        label: t("assets.seeAll"),
                        onClick: () => go(path, { replace: true }),
                      },
                    }
                  : {})}
              />
            ) : (
              <div class="wide assets">
                <Table
                  caption={t("place.assets")}
                  columns={columns(mayPrint)}
                  rows={rows}
                  rowKey={(row) => row.id}
                  onOpen={(row) => go(`/office/assets/${row.id}`)}
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
