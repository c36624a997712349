// An inspection outside any round: the person chooses the checklist, and it begins.

import { useState } from "preact/hooks";
import { mintId } from "../../core/ids.ts";
import type { Seen } from "../../core/work.ts";
import type { Session } from "../../sync/session.ts";
import type { Category } from "../../wire/types.ts";
import { go } from "../kit/address.ts";
import { SelectField } from "../kit/fields.tsx";
import { useSession } from "./app.ts";
import { categoryWords } from "./asset-words.ts";
import { NotNow } from "./begin.tsx";
import { adHocEdit } from "./edits.ts";
import { inspectPath } from "./paths.ts";
import { useWriting } from "./scan/unknown.tsx";
import { inLanguage, t } from "./words.ts";

/** The newest version of every checklist; those for this kind of equipment first. */
export function templatesFor(
  { records }: Pick<Session, "records">,
  category: Category | null | undefined,
): readonly Seen<"template">[] {
  const newest = new Map<string, Seen<"template">>();
  for (const one of records.ofKind("template")) {
    const other = newest.get(one.data.key);
    const isNewer = !other || one.data.version_no > other.data.version_no;
    if (!one.data.superseded_by && isNewer) newest.set(one.data.key, one);
  }
  const isOther = ({ data }: Seen<"template">): number => Number(data.category !== category);
  return [...newest.values()].toSorted(
    (one, other) => isOther(one) - isOther(other) || (one.data.key < other.data.key ? -1 : 1),
  );
}

type StartProps = { asset: Seen<"asset">; isMain: boolean };

export function StartAdHoc({ asset, isMain }: StartProps) {
  const session = useSession();
  const templates = templatesFor(session, asset.data.category);
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState("");
  const { write, fault } = useWriting();
  const template = templates.find(({ id }) => id === chosen) ?? templates[0];
  if (!session.mayBegin.value) return <NotNow />;
  if (template === undefined) return <p class="note rest">{t("start.noTemplates")}</p>;
  if (!isOpen) {
    return (
      <button
        type="button"
        class={isMain ? "btn pri start" : "btn start"}
        onClick={() => setOpen(true)}
      >
        {t(isMain ? "start.begin" : "start.beginOther")}
      </button>
    );
  }
  const begin = () =>
    write(async () => {
      const now = session.pen.now();
      const record = mintId(now, session.pen.random);
      const { person, name } = session.person;
      const at = new Date(now).toISOString();
      const begun = {
        asset: asset.id,
        template: template.id,
        inspector: person,
        inspectorName: name,
        at,
      };
      await session.write([adHocEdit(record, begun)]);
      go(inspectPath(null, asset.id));
    });
  return (
    <div class="ways">
      <SelectField
        label={t("start.which")}
        value={template.id}
        options={templates.map(({ id, data }) => ({
          value: id,
          label: `${inLanguage(data.title)} · ${categoryWords(data.category)}`,
        }))}
        onChange={setChosen}
      />
      {fault}
      <button type="button" class="btn pri" onClick={() => void begin()}>
        {t("start.open", { title: inLanguage(template.data.title) })}
      </button>
    </div>
  );
}
