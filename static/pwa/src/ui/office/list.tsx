// What every long list shares: filters and page in the address, and the words at its foot.
// Rule: the server sorts and counts; a list never pretends that a page is all there is.

import { useEffect, useState } from "preact/hooks";
import { ROWS_PER_LIST_DEFAULT } from "../../wire/limits.ts";
import { address, go, useAddressState } from "../kit/address.ts";
import { Icon } from "../kit/icons.tsx";
import { figure } from "../words/format.ts";
import { READS, withQuery } from "./api.ts";
import { useRead } from "./state.ts";
import { dotted, t } from "./words.ts";

/** The first row of a list; another name where two lists share a page. */
const OFFSET = "offset";

/** Set several names of the address at once; a changed filter begins at the first page. */
export function setAddress(path: string, query: URLSearchParams, changes: Record<string, string>) {
  const kept = Object.fromEntries([...query].filter(([name]) => !name.endsWith(OFFSET)));
  go(withQuery(path, { ...kept, ...changes }), { replace: true });
}

const TYPING_MS = 250;

/** Text that is typed: shown at once, in the address (and asked for) after a breath. */
export function useTyped(name: string): readonly [string, (text: string) => void] {
  const [kept] = useAddressState(name);
  const [text, setText] = useState(kept);
  // A link or the back button brings another text.
  useEffect(() => setText(kept), [kept]);
  useEffect(() => {
    if (text === kept) return;
    const timer = setTimeout(() => {
      const { path, query } = address.peek();
      setAddress(path, query, { [name]: text });
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, kept, name]);
  return [text, setText];
}

/** The first row of the page that the address names. */
export function readOffset(text: string): number {
  const offset = Number.parseInt(text, 10);
  return Number.isSafeInteger(offset) && offset > 0 ? offset : 0;
}

type PagerProps = {
  total: number;
  offset: number;
  shown: number;
  size?: number;
  /** Its name in the address, which ends in "offset". */
  name?: string;
};

export function Pager(props: PagerProps) {
  const { total, offset, shown, size = ROWS_PER_LIST_DEFAULT, name = OFFSET } = props;
  const [, setOffset] = useAddressState(name);
  if (total === 0) return null;
  const turn = (to: number) => setOffset(to <= 0 ? "" : String(to));
  const last = offset + shown;
  return (
    <div class="pager">
      <span class="note">
        {t("list.shown", { from: figure(offset + 1), to: figure(last), n: figure(total) })}
      </span>
      {(offset > 0 || last < total) && (
        <span class="row">
          <button
            type="button"
            class="btn icon"
            disabled={offset === 0}
            aria-label={t("list.before")}
            onClick={() => turn(offset - size)}
          >
            <Icon name="left" size={17} />
          </button>
          <button
            type="button"
            class="btn icon"
            disabled={last >= total}
            aria-label={t("list.next")}
            onClick={() => turn(offset + size)}
          >
            <Icon name="right" size={17} />
          </button>
        </span>
      )}
    </div>
  );
}

type PickProps = {
  label: string;
  value: string;
  all: string;
  options: readonly { readonly value: string; readonly label: string }[];
  onChange: (value: string) => void;
};

/** A filter: one of a list, or all of it. */
export function Pick({ label, value, all, options, onChange }: PickProps) {
  return (
    <label class="pick">
      <span class="spoken">{label}</span>
      <select
        class={value === "" ? "" : "on"}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        <option value="">{all}</option>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <Icon name="down" size={15} />
    </label>
  );
}

type PickSiteProps = { value: string; onChange: (value: string) => void };

export function PickSite({ value, onChange }: PickSiteProps) {
  const { value: sites } = useRead(READS.sites());
  const options = (sites?.rows ?? []).map((site) => ({
    value: site.id,
    label: dotted(site.city, site.name),
  }));
  return <Pick label={t("pick.site")} all={t("pick.allSites")} {...{ value, options, onChange }} />;
}
