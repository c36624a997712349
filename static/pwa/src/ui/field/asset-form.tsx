// The archive's entry of an asset, shown, and corrected in place by whoever stands before it.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Seen } from "../../core/work.ts";
import { LINE_LENGTH_MAX, NAME_LENGTH_MAX } from "../../wire/limits.ts";
import type { Category } from "../../wire/types.ts";
import { SelectField, TextField } from "../kit/fields.tsx";
import { SectionHeader } from "../kit/layout.tsx";
import { useSession } from "./app.ts";
import { CATEGORIES, categoryWords } from "./asset-words.ts";
import { ASSET_FIELDS, type AssetField, assetEdit } from "./edits.ts";
import { useWriting } from "./scan/unknown.tsx";
import { t } from "./words.ts";

type FormProps = { asset: Seen<"asset">; children: ComponentChildren };

export function AssetForm({ asset, children }: FormProps) {
  const [isOpen, setOpen] = useState(false);
  const label = t(asset.data.provisional ? "asset.complete" : "asset.correct");
  return (
    <section class="grp">
      <SectionHeader
        level={3}
        title={t("asset.data")}
        action={isOpen ? undefined : { label, icon: "pen", onClick: () => setOpen(true) }}
      />
      {isOpen ? <Fields asset={asset} onDone={() => setOpen(false)} /> : children}
    </section>
  );
}

type Texts = Readonly<Record<AssetField, string>>;

function textsOf({ data }: Seen<"asset">): Texts {
  const { name, number = "", maker = "", model = "", serial = "", position = "" } = data;
  return { name, number, maker, model, serial, position };
}

function Fields({ asset, onDone }: { asset: Seen<"asset">; onDone: () => void }) {
  const session = useSession();
  const [texts, setTexts] = useState(() => textsOf(asset));
  const [room, setRoom] = useState(asset.data.room ?? "");
  const [category, setCategory] = useState<Category | "">(asset.data.category ?? "");
  const { write, fault } = useWriting();
  const rooms = session.records.by("room", "site", asset.data.site);
  // What the person began from: an edit on top of a newer version would hide the other's.
  const [begun] = useState(asset);
  const none = { value: "", label: t("field.notChosen") };
  const keep = () =>
    write(async () => {
      const edit = assetEdit(begun, { ...texts, room: room || null, category: category || null });
      if (edit) await session.write([edit]);
      onDone();
    });
  return (
    <form
      class="ways"
      onSubmit={(event) => {
        event.preventDefault();
        void keep();
      }}
    >
      {ASSET_FIELDS.map((field) => (
        <TextField
          key={field}
          label={t(`asset.${field}`)}
          value={texts[field]}
          onInput={(value) => setTexts({ ...texts, [field]: value })}
          max={field === "name" ? NAME_LENGTH_MAX : LINE_LENGTH_MAX}
          required={field === "name"}
        />
      ))}
      <SelectField
        label={t("asset.category")}
        value={category}
        options={[none, ...CATEGORIES.map((one) => ({ value: one, label: categoryWords(one) }))]}
        onChange={(value) => setCategory(CATEGORIES.find((one) => one === value) ?? "")}
      />
      <SelectField
        label={t("asset.room")}
        value={room}
        options={[none, ...rooms.map(({ id, data }) => ({ value: id, label: data.name }))]}
        onChange={setRoom}
      />
      {fault}
      <div class="row">
        <button type="button" class="btn" onClick={onDone}>
          {t("form.leave")}
        </button>
        <button type="submit" class="btn pri grow" disabled={texts.name.trim() === ""}>
          {t("form.keep")}
        </button>
      </div>
    </form>
  );
}
