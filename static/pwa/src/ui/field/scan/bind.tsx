// Putting a tag on an asset that was chosen before: the next code that is read is offered for it.

import { tagId } from "../../../core/ids.ts";
import { display } from "../../../core/tags.ts";
import type { Id } from "../../../wire/types.ts";
import { go } from "../../kit/address.ts";
import { StateWord } from "../../kit/state.tsx";
import { useSession } from "../app.ts";
import { titleOf } from "../asset-words.ts";
import { bindEdit } from "../edits.ts";
import { assetPath } from "../paths.ts";
import { t } from "../words.ts";
import type { Read } from "./page.tsx";
import { Said } from "./result.tsx";
import { useWriting } from "./unknown.tsx";

type BindProps = { read: Read; asset: Id; onDone: () => void };

/** The code of what was read, if it is one of ours. */
function codeOf({ meaning }: Read): string | null {
  return "code" in meaning ? meaning.code : null;
}

export function BindHere({ read, asset: id, onDone }: BindProps) {
  const session = useSession();
  const { write, fault } = useWriting();
  const asset = session.records.record("asset", id);
  const { meaning } = read;
  const code = codeOf(read);
  if (asset === undefined) return <Said title="asset.notHere" how="asset.notHereHow" />;
  const head = (
    <>
      <p class="note">{t("tag.bindTo")}</p>
      <h2>{titleOf(asset)}</h2>
    </>
  );
  if (meaning.kind === "mistyped") {
    return <Said title="scan.mistyped" how="scan.mistypedHow" code={read.text} />;
  }
  if (code === null) {
    return (
      <div class="hit">
        {head}
        <p>{t(meaning.kind === "nothing" ? "tag.bindAim" : "tag.bindForeign")}</p>
      </div>
    );
  }
  const other = meaning.kind === "asset" ? meaning.asset : null;
  const bind = () =>
    write(async () => {
      const at = new Date(session.pen.now()).toISOString();
      await session.write([bindEdit(code, id, at, session.records.record("tag", tagId(code)))]);
      onDone();
      go(assetPath(id));
    });
  return (
    <div class="hit">
      {head}
      <p>{t("tag.name", { code: display(code) })}</p>
      {other !== null && other.id !== id && (
        <StateWord icon="alert" tone="warn">
          {t("tag.bound", { name: other.data.name })}
        </StateWord>
      )}
      {fault}
      {other?.id === id ? (
        <p>{t("tag.boundHere")}</p>
      ) : (
        <button type="button" class="btn pri wide" onClick={() => void bind()}>
          {t(other ? "tag.rebind" : "tag.bindDo")}
        </button>
      )}
    </div>
  );
}
