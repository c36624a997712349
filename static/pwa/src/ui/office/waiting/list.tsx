// What waits, at the left: by kind, the one that has waited longest first.

import { useEffect, useRef } from "preact/hooks";
import type { WaitingKind, WaitingPage, WaitingRow } from "../../../wire/types.ts";
import type { IconName } from "../../kit/icons.tsx";
import { StateWord, type Tone } from "../../kit/state.tsx";
import { PAGE } from "../api.ts";
import { Pager } from "../list.tsx";
import { minute, useOffice } from "../state.ts";
import { when } from "../times.ts";
import { dotted } from "../words.ts";
import { aboutWords } from "./values.ts";
import { kindWord, t } from "./words.ts";

export const KINDS: readonly WaitingKind[] = ["conflict", "review", "rejected", "held"];
const SHAPES: Readonly<Record<WaitingKind, readonly [IconName, Tone]>> = {
  conflict: ["fork", "bad"],
  review: ["needsYou", "warn"],
  rejected: ["alert", "bad"],
  held: ["clock", "quiet"],
};

/** The shape and word of a kind, without its count. */
export function KindWord({ kind, size = 16 }: { kind: WaitingKind; size?: number }) {
  const [icon, tone] = SHAPES[kind];
  return (
    <StateWord icon={icon} tone={tone} size={size}>
      {t(`one.${kind}`)}
    </StateWord>
  );
}

export function titleOf(row: WaitingRow): string {
  return row.title || dotted(kindWord(row.record_kind ?? ""));
}

type RowProps = { row: WaitingRow; href: string; isOn: boolean };

function Row({ row, href, isOn }: RowProps) {
  const { zone } = useOffice();
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (isOn) link.current?.scrollIntoView?.({ block: "nearest" });
  }, [isOn]);
  const { behind = 0 } = row;
  return (
    <li class={isOn ? "on" : ""}>
      <a ref={link} href={href} aria-current={isOn ? "true" : undefined}>
        <span class="grow">
          <b class="one">{titleOf(row)}</b>
          <span class="note one">{dotted(aboutWords(row), row.site_name, row.person_name)}</span>
        </span>
        <span class="qr">
          <span class="note nw">
            {when(row.at, row.time_zone || zone, minute.value)}
            {behind > 0 && ` +${behind}`}
          </span>
          <KindWord kind={row.kind} />
        </span>
      </a>
    </li>
  );
}

type ListProps = {
  page: WaitingPage;
  kind: string;
  /** How many rows are on the pages before. */
  offset: number;
  current: string | null;
  onKind: (kind: string) => void;
  hrefOf: (row: WaitingRow) => string;
};

export function List({ page, kind, offset, current, onKind, hrefOf }: ListProps) {
  const kinds = page.kinds ?? {};
  const all = KINDS.reduce((sum, one) => sum + (kinds[one] ?? 0), 0);
  const rows = page.rows ?? [];
  return (
    <nav class="queue" aria-label={t("waiting.label")}>
      <fieldset class="wkinds">
        <legend class="spoken">{t("waiting.kinds")}</legend>
        <button type="button" aria-pressed={kind === ""} onClick={() => onKind("")}>
          {t("kind.all", { n: all })}
        </button>
        {KINDS.filter((one) => (kinds[one] ?? 0) > 0 || one === kind).map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={kind === one}
            onClick={() => onKind(kind === one ? "" : one)}
          >
            {t(`kind.${one}`, { n: kinds[one] ?? 0 })}
          </button>
        ))}
      </fieldset>
      <ul>
        {rows.map((row) => (
          <Row key={row.op} row={row} href={hrefOf(row)} isOn={row.op === current} />
        ))}
      </ul>
      {rows.length === 0 && <p class="note rest">{t("waiting.emptyKind")}</p>}
      {(offset > 0 || page.total > rows.length) && (
        <div class="rest">
          <Pager total={page.total} offset={offset} shown={rows.length} size={PAGE} />
        </div>
      )}
    </nav>
  );
}
