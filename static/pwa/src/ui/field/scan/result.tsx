// What the last scan means, and the one thing to do next.

import { display } from "../../../core/tags.ts";
import type { Seen } from "../../../core/work.ts";
import type { Id } from "../../../wire/types.ts";
import { go } from "../../kit/address.ts";
import { Icon } from "../../kit/icons.tsx";
import { ListRow } from "../../kit/layout.tsx";
import { StateWord } from "../../kit/state.tsx";
import { instant } from "../../words/format.ts";
import { useSession, zoneOf } from "../app.ts";
import { placeOf, titleOf } from "../asset-words.ts";
import { ENROL } from "../paths.ts";
import { type FieldLabel, t } from "../words.ts";
import { BindHere } from "./bind.tsx";
import { destinationOf } from "./open.ts";
import type { Read } from "./page.tsx";
import { UnknownTag } from "./unknown.tsx";

type ResultProps = {
  read: Read;
  bind: Id | null;
  onOpen: (asset: Id) => void;
  onDone: () => void;
};

export function Result({ read, bind, onOpen, onDone }: ResultProps) {
  const { meaning, isEmpty } = read;
  if (isEmpty) return <Said title="scan.noCode" how="scan.noCodeHow" />;
  if (bind !== null) return <BindHere read={read} asset={bind} onDone={onDone} />;
  switch (meaning.kind) {
    case "nothing":
      return null;
    case "asset":
      return <Hit {...meaning} before={read.before} onOpen={onOpen} />;
    case "assets":
      return <Several assets={meaning.assets} />;
    case "unknown":
      return <UnknownTag key={meaning.code} code={meaning.code} />;
    case "retired":
      return <Said title="scan.retired" how="scan.retiredHow" code={display(meaning.code)} />;
    case "mistyped":
      return <Said title="scan.mistyped" how="scan.mistypedHow" code={read.text} />;
    case "enrolment":
      return (
        <Said title="scan.enrolment" how="scan.enrolmentHow">
          <button type="button" class="btn" onClick={() => go(ENROL)}>
            {t("scan.toEnrol")}
          </button>
        </Said>
      );
    case "foreign":
      return <Said title="scan.foreign" how="scan.foreignHow" code={read.text} />;
  }
}

type SaidProps = {
  title: FieldLabel;
  how: FieldLabel;
  code?: string;
  children?: preact.ComponentChildren;
};

/** What it is, and what to do about it. */
export function Said({ title, how, code, children }: SaidProps) {
  return (
    <div class="hit">
      <StateWord icon="alert" tone="warn" size={22}>
        {t(title)}
      </StateWord>
      {code !== undefined && <p class="read">{code.slice(0, 120)}</p>}
      <p>{t(how)}</p>
      {children}
    </div>
  );
}

type HitProps = Pick<ResultProps, "onOpen"> & {
  asset: Seen<"asset">;
  merged?: Seen<"asset">;
  before: number | null;
};

function Hit({ asset, merged, before, onOpen }: HitProps) {
  const session = useSession();
  const { assignment, progress } = destinationOf(session, asset.id);
  const answered = progress
    ? t("scan.answered", { done: progress.answered, n: progress.asked })
    : "";
  const note = [placeOf(session, asset), answered].filter(Boolean).join(" · ");
  const zone = zoneOf(session, asset.data.site);
  return (
    <div class="hit">
      <p class="note">{t("scan.found")}</p>
      <h2>{titleOf(asset)}</h2>
      <p class="note">{note}</p>
      {merged && (
        <StateWord icon="tag" tone="warn" size={20}>
          {t("scan.merged", { name: titleOf(merged) })}
        </StateWord>
      )}
      {before !== null && (
        <StateWord icon="history" tone="warn" size={20}>
          {t("scan.againAt", { time: instant(before, zone, session.pen.now()) })}
        </StateWord>
      )}
      <button type="button" class="btn pri wide" onClick={() => onOpen(asset.id)}>
        {t(assignment ? "scan.open" : "scan.openAsset")}
        <Icon name="right" size={22} />
      </button>
      {assignment === null && <p class="note">{t("scan.noRound")}</p>}
    </div>
  );
}

function Several({ assets }: { assets: readonly Seen<"asset">[] }) {
  const session = useSession();
  return (
    <div class="hit">
      <StateWord icon="alert" tone="warn" size={22}>
        {t("scan.several", { n: assets.length })}
      </StateWord>
      {assets.map((asset) => (
        <ListRow
          key={asset.id}
          title={titleOf(asset)}
          note={placeOf(session, asset)}
          href={destinationOf(session, asset.id).path}
        />
      ))}
    </div>
  );
}
