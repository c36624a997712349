// A sound code that nothing here has: put it on a known asset, or make a provisional one. Both work
// without a network; the server says later if somebody else used the code meanwhile.

import { useState } from "preact/hooks";
import { mintId, tagId } from "../../../core/ids.ts";
import { display } from "../../../core/tags.ts";
import { NAME_LENGTH_MAX } from "../../../wire/limits.ts";
import type { Category, Id } from "../../../wire/types.ts";
import { go } from "../../kit/address.ts";
import { SelectField, TextField } from "../../kit/fields.tsx";
import { ListRow } from "../../kit/layout.tsx";
import { ErrorPlace } from "../../kit/notices.tsx";
import { StateWord } from "../../kit/state.tsx";
import { useSession } from "../app.ts";
import { CATEGORIES, categoryWords, placeOf, titleOf } from "../asset-words.ts";
import { NotNow } from "../begin.tsx";
import { bindEdit, provisionalEdit } from "../edits.ts";
import { assetPath } from "../paths.ts";
import { byPlace, finder } from "../search.ts";
import { t } from "../words.ts";
import { noteAsset } from "./log.ts";

type Way = "bind" | "make" | null;

export function UnknownTag({ code }: { code: string }) {
  const [way, setWay] = useState<Way>(null);
  const { sync, mayBegin } = useSession();
  return (
    <div class="hit">
      <StateWord icon="tag" tone="warn" size={22}>
        {t("scan.unknownTag")}
      </StateWord>
      <h2>{t("tag.name", { code: display(code) })}</h2>
      <p class="note">{t(sync.value.isComplete ? "scan.unknownWhy" : "scan.unknownYet")}</p>
      {way === null && (
        <div class="ways">
          <button type="button" class="btn pri" onClick={() => setWay("bind")}>
            {t("tag.bind")}
          </button>
          {mayBegin.value && (
            <button type="button" class="btn" onClick={() => setWay("make")}>
              {t("tag.make")}
            </button>
          )}
          <NotNow />
        </div>
      )}
      {way === "bind" && <BindKnown code={code} />}
      {way === "make" && <MakeProvisional code={code} />}
    </div>
  );
}

/** Write, and say at this place if the device could not keep it. */
export function useWriting() {
  const [isLost, setLost] = useState(false);
  const write = async (work: () => Promise<void>) => {
    try {
      setLost(false);
      await work();
    } catch {
      setLost(true);
    }
  };
  const fault = isLost ? (
    <ErrorPlace what={t("write.failed")} safe={t("write.failedSafe")} />
  ) : null;
  return { write, fault };
}

const FOUND_MAX = 8;

function BindKnown({ code }: { code: string }) {
  const session = useSession();
  const [typed, setTyped] = useState("");
  const { write, fault } = useWriting();
  const fits = finder(typed);
  const found =
    typed.trim() === ""
      ? []
      : session.records.ofKind("asset").filter((asset) => !asset.data.merged_into && fits(asset));
  const bind = (asset: Id) =>
    write(async () => {
      const at = new Date(session.pen.now()).toISOString();
      const known = session.records.record("tag", tagId(code));
      await session.write([bindEdit(code, asset, at, known)]);
      await noteAsset(session, asset, Number.POSITIVE_INFINITY);
      go(assetPath(asset));
    });
  return (
    <div class="ways">
      <TextField
        label={t("tag.bindWhich")}
        type="search"
        value={typed}
        onInput={setTyped}
        hint={t("tag.bindHint")}
        max={NAME_LENGTH_MAX}
      />
      {fault}
      {found
        .toSorted(byPlace)
        .slice(0, FOUND_MAX)
        .map((asset) => (
          <ListRow
            key={asset.id}
            title={titleOf(asset)}
            note={placeOf(session, asset)}
            onOpen={() => void bind(asset.id)}
          />
        ))}
      {found.length > FOUND_MAX && (
        <p class="note">{t("find.more", { n: found.length - FOUND_MAX })}</p>
      )}
      {typed.trim() !== "" && found.length === 0 && <p class="note">{t("find.none")}</p>}
    </div>
  );
}

/** The site where the person most likely stands: of the round in hand, else the first. */
function useSites() {
  const { records, person } = useSession();
  const sites = records.ofKind("site");
  const [mine] = records
    .by("assignment", "person", person.person)
    .filter(({ data }) => data.state === "started" || data.state === "issued")
    .toSorted((one, other) => (one.data.due_at < other.data.due_at ? -1 : 1));
  return { sites, likely: mine?.data.site ?? sites[0]?.id ?? "" };
}

function MakeProvisional({ code }: { code: string }) {
  const session = useSession();
  const { sites, likely } = useSites();
  const [site, setSite] = useState(likely);
  const [room, setRoom] = useState("");
  const [name, setName] = useState("");
  const [category, setCategory] = useState<Category | "">("");
  const { write, fault } = useWriting();
  const rooms = session.records.by("room", "site", site);
  const make = () =>
    write(async () => {
      const now = session.pen.now();
      const asset = mintId(now, session.pen.random);
      const at = new Date(now).toISOString();
      const made = { site, room: room || null, name: name.trim(), category: category || null };
      const known = session.records.record("tag", tagId(code));
      await session.write([provisionalEdit(asset, made), bindEdit(code, asset, at, known)]);
      await noteAsset(session, asset, Number.POSITIVE_INFINITY);
      go(assetPath(asset));
    });
  const pick = (list: readonly { id: Id; data: { name: string } }[]) =>
    list.map(({ id, data }) => ({ value: id, label: data.name }));
  const none = { value: "", label: t("field.notChosen") };
  return (
    <form
      class="ways"
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      <TextField
        label={t("asset.name")}
        value={name}
        onInput={setName}
        max={NAME_LENGTH_MAX}
        required
      />
      <SelectField
        label={t("asset.category")}
        value={category}
        options={[none, ...CATEGORIES.map((one) => ({ value: one, label: categoryWords(one) }))]}
        onChange={(value) => setCategory(CATEGORIES.find((one) => one === value) ?? "")}
      />
      {sites.length > 1 && (
        <SelectField
          label={t("asset.site")}
          value={site}
          options={pick(sites)}
          onChange={(value) => {
            setSite(value);
            setRoom("");
          }}
        />
      )}
      <SelectField
        label={t("asset.room")}
        value={room}
        options={[none, ...pick(rooms)]}
        onChange={setRoom}
      />
      <p class="note">{t("tag.makeWhat")}</p>
      {fault}
      <button type="submit" class="btn pri" disabled={name.trim() === "" || site === ""}>
        {t("tag.makeDo")}
      </button>
    </form>
  );
}
