// The table of the office: no frame, no zebra, figures at the right, sort kept in the address.
// Rule: up and down move between rows, Enter opens; a heading that sorts is a button and says how.

import type { ComponentChildren, TargetedKeyboardEvent } from "preact";
import { t } from "../words/kit.ts";
import { useAddressState } from "./address.ts";
import { Icon } from "./icons.tsx";

export type Column<Row> = {
  /** Short and stable: it stands in the address. */
  key: string;
  title: string;
  cell: (row: Row) => ComponentChildren;
  /** What to sort by; a column without it cannot be sorted. */
  sort?: (row: Row) => string | number | null;
  /** A figure: at the right. */
  num?: boolean;
};

type TableProps<Row> = {
  /** For screen readers; the visible title stands above. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  onOpen?: (row: Row) => void;
  selected?: string | null;
  /** Name in the address; another where two tables share a page. */
  sortName?: string;
};

type Sorted = { readonly key: string; readonly isDown: boolean };

function readSort(text: string): Sorted {
  return { key: text.replace(/^-/, ""), isDown: text.startsWith("-") };
}

/** Order rows by a column; what has no value comes last either way. */
export function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sort: string,
): readonly Row[] {
  const { key, isDown } = readSort(sort);
  const by = columns.find((column) => column.key === key)?.sort;
  if (!by) return rows;
  const order = new Intl.Collator("zh-CN", { numeric: true });
  return [...rows].sort((left, right) => {
    const [a, b] = [by(left), by(right)];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    const step =
      typeof a === "number" && typeof b === "number" ? a - b : order.compare(`${a}`, `${b}`);
    return isDown ? -step : step;
  });
}

function step(event: TargetedKeyboardEvent<HTMLTableRowElement>, open: () => void): void {
  const row = event.currentTarget;
  if (event.key === "Enter" && event.target === row) open();
  const to =
    event.key === "ArrowDown"
      ? row.nextElementSibling
      : event.key === "ArrowUp"
        ? row.previousElementSibling
        : null;
  if (to instanceof HTMLElement) {
    event.preventDefault();
    to.focus();
  }
}

type HeadProps<Row> = { column: Column<Row>; sort: string; onSort: (sort: string) => void };

function Head<Row>({ column, sort, onSort }: HeadProps<Row>) {
  const { key, isDown } = readSort(sort);
  const isSorted = key === column.key;
  const direction = isSorted ? (isDown ? "descending" : "ascending") : undefined;
  return (
    <th scope="col" class={column.num ? "num" : ""} aria-sort={direction}>
      {column.sort ? (
        <button
          type="button"
          aria-label={t("table.sort", { column: column.title })}
          onClick={() => onSort(isSorted && !isDown ? `-${column.key}` : column.key)}
        >
          {column.title}
          {isSorted && <Icon name={isDown ? "down" : "up"} size={13} />}
        </button>
      ) : (
        column.title
      )}
    </th>
  );
}

export function Table<Row>(props: TableProps<Row>) {
  const { caption, columns, rows, rowKey, onOpen, selected = null, sortName = "sort" } = props;
  const [sort, setSort] = useAddressState(sortName);
  return (
    <table class="table">
      <caption class="spoken">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <Head key={column.key} {...{ column, sort }} onSort={setSort} />
          ))}
        </tr>
      </thead>
      <tbody>
        {sortRows(rows, columns, sort).map((row) => {
          const key = rowKey(row);
          const open = () => onOpen?.(row);
          return (
            <tr
              key={key}
              class={key === selected ? "on" : ""}
              aria-selected={onOpen ? key === selected : undefined}
              tabIndex={onOpen ? 0 : undefined}
              onClick={open}
              onKeyDown={(event) => step(event, open)}
            >
              {columns.map((column) => (
                <td key={column.key} class={column.num ? "num" : ""}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
