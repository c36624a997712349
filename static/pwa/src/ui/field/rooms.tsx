// Rooms of the sites of this device, and the devices of one room.

import type { Seen } from "../../core/work.ts";
import type { Id } from "../../wire/types.ts";
import { useAddressState } from "../kit/address.ts";
import { FieldHead } from "../kit/field-shell.tsx";
import { ListRow, SectionHeader } from "../kit/layout.tsx";
import { Empty } from "../kit/notices.tsx";
import { StateWord } from "../kit/state.tsx";
import { useSession } from "./app.ts";
import { modelOf, placeOf } from "./asset-words.ts";
import { Coming } from "./coming.tsx";
import { FindDevice, useMore } from "./devices.tsx";
import { assetPath, ROOMS, roomPath } from "./paths.ts";
import { useGun } from "./scan/gun.ts";
import { Screen } from "./screen.tsx";
import { byPlace, finder } from "./search.ts";
import { t } from "./words.ts";

const order = new Intl.Collator("zh-CN", { numeric: true });

export function RoomsPage() {
  const { records, sync } = useSession();
  useGun();
  const [typed, setTyped] = useAddressState("find");
  const sites = records
    .ofKind("site")
    .toSorted((one, other) =>
      order.compare(one.data.city + one.data.name, other.data.city + other.data.name),
    );
  return (
    <Screen current={ROOMS}>
      <main class="scroll page">
        <h1>{t("nav.rooms")}</h1>
        <div class="seek">
          <FindDevice value={typed} onInput={setTyped} label={t("find.everywhere")} />
        </div>
        {typed.trim() !== "" && sites.length > 0 ? (
          <Assets assets={records.ofKind("asset")} typed={typed} withRoom />
        ) : (
          sites.map((site) => <SiteRooms key={site.id} site={site} />)
        )}
        {sites.length === 0 &&
          (sync.value.isComplete ? <Empty why={t("rooms.empty")} /> : <Coming />)}
      </main>
    </Screen>
  );
}

function SiteRooms({ site }: { site: Seen<"site"> }) {
  const { records } = useSession();
  const rooms = records
    .by("room", "site", site.id)
    .toSorted((one, other) => order.compare(one.data.name, other.data.name));
  const assets = live(records.by("asset", "site", site.id));
  const loose = assets.filter(({ data }) => !data.room).length;
  return (
    <section class="grp">
      <SectionHeader
        level={3}
        title={`${site.data.city} · ${site.data.name}`}
        count={t("round.devices", { n: assets.length })}
      />
      <ul>
        {rooms.map((room) => (
          <li key={room.id}>
            <ListRow
              href={roomPath(room.id)}
              title={room.data.name}
              note={[t(`roomKind.${room.data.kind}`), room.data.floor].filter(Boolean).join(" · ")}
              state={
                <span class="quiet nw">
                  {t("round.devices", { n: live(records.by("asset", "room", room.id)).length })}
                </span>
              }
            />
          </li>
        ))}
      </ul>
      {loose > 0 && <p class="note">{t("rooms.loose", { n: loose })}</p>}
    </section>
  );
}

function live(assets: readonly Seen<"asset">[]): readonly Seen<"asset">[] {
  return assets.filter(({ data }) => !data.merged_into);
}

export function RoomPage({ id }: { id: Id }) {
  const { records, sync } = useSession();
  useGun();
  const [typed, setTyped] = useAddressState("find");
  const room = records.record("room", id);
  const site = room && records.record("site", room.data.site);
  const head = (
    <FieldHead
      title={room?.data.name ?? t("room.gone")}
      note={site ? `${site.data.city} · ${site.data.name}` : undefined}
      back={ROOMS}
    />
  );
  return (
    <Screen current={ROOMS} head={head}>
      <main class="scroll page">
        {room === undefined && !sync.value.isComplete ? (
          <Coming />
        ) : room ? (
          <>
            <div class="seek">
              <FindDevice value={typed} onInput={setTyped} label={t("find.device")} />
            </div>
            <Assets assets={records.by("asset", "room", id)} typed={typed} />
          </>
        ) : (
          <Empty why={t("room.goneWhy")} />
        )}
      </main>
    </Screen>
  );
}

type AssetsProps = { assets: readonly Seen<"asset">[]; typed: string; withRoom?: boolean };

function Assets({ assets, typed, withRoom = false }: AssetsProps) {
  const session = useSession();
  const found = live(assets).filter(finder(typed));
  const { n, more } = useMore(found.length, typed);
  if (found.length === 0) {
    const text = typed.trim();
    return <Empty why={text === "" ? t("room.empty") : t("find.noneFor", { text })} />;
  }
  return (
    <>
      <p class="note" role="status">
        {t("round.devices", { n: found.length })}
      </p>
      <ul>
        {found
          .toSorted(byPlace)
          .slice(0, n)
          .map((asset) => (
            <li key={asset.id}>
              <ListRow
                href={assetPath(asset.id)}
                title={asset.data.name}
                note={[
                  withRoom ? placeOf(session, asset) : asset.data.position,
                  modelOf(asset.data),
                  asset.data.serial,
                ]
                  .filter(Boolean)
                  .join(" · ")}
                state={<AssetState asset={asset} />}
              />
            </li>
          ))}
      </ul>
      {more}
    </>
  );
}

/** Findings that are open, or that the archive lacks something. */
function AssetState({ asset }: { asset: Seen<"asset"> }) {
  const { records } = useSession();
  const n = records
    .by("finding", "asset", asset.id)
    .filter(({ data }) => ["open", "planned"].includes(data.step?.step ?? "open")).length;
  if (asset.data.provisional) {
    return (
      <StateWord icon="tag" tone="warn" size={18}>
        {t("asset.toComplete")}
      </StateWord>
    );
  }
  if (n === 0) return null;
  return (
    <StateWord icon="flag" tone="warn" size={18}>
      {t("state.finding", { n })}
    </StateWord>
  );
}
