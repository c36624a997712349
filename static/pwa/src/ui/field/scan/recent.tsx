// "Just scanned": the last scans with their time, and what became of each.

import { display } from "../../../core/tags.ts";
import { assetOf } from "../../../core/work.ts";
import { ListRow } from "../../kit/layout.tsx";
import { StateWord } from "../../kit/state.tsx";
import { clock, instant, localDay } from "../../words/format.ts";
import { useSession, zoneOf } from "../app.ts";
import { scannedPath } from "../paths.ts";
import { t } from "../words.ts";
import { recentScans, type Scan } from "./log.ts";
import { destinationOf } from "./open.ts";

const SHOWN_MAX = 6;

function ScanRow({ scan, now }: { scan: Scan; now: number }) {
  const session = useSession();
  const zone = zoneOf(session);
  const isToday = localDay(scan.at, zone) === localDay(now, zone);
  const time = isToday ? clock(scan.at, zone) : instant(scan.at, zone, now).split(" ")[0];
  const before = <span class="tm">{time}</span>;
  if (scan.asset === null) {
    const code = scan.code ?? "";
    return (
      <ListRow
        before={before}
        title={t("tag.name", { code: display(code) })}
        href={scannedPath(code)}
        note={
          <span class="row">
            <span class="grow one">{t("scan.unknown")}</span>
            <State icon="tag" words={t("scan.toDo")} />
          </span>
        }
      />
    );
  }
  const asset = assetOf(scan.asset, session.records);
  const { path } = destinationOf(session, scan.asset);
  const state =
    scan.before !== null ? (
      <State icon="history" words={t("scan.again")} />
    ) : asset?.data.provisional ? (
      <State icon="tag" words={t("asset.toComplete")} />
    ) : (
      <StateWord icon="tick" tone="quiet" size={18}>
        {t("scan.opened")}
      </StateWord>
    );
  return (
    <ListRow
      before={before}
      title={asset?.data.name ?? t("asset.notHere")}
      href={path}
      note={
        <span class="row">
          <span class="grow one">{asset?.data.position ?? ""}</span>
          {state}
        </span>
      }
    />
  );
}

function State({ icon, words }: { icon: "history" | "tag"; words: string }) {
  return (
    <StateWord icon={icon} tone="warn" size={18}>
      {words}
    </StateWord>
  );
}

export function Recent({ now }: { now: number }) {
  const scans = recentScans().slice(0, SHOWN_MAX);
  if (scans.length === 0) return null;
  return (
    <section class="rec">
      <h3>{t("scan.recent")}</h3>
      <ul>
        {scans.map((scan) => (
          <li key={scan.asset ?? scan.code}>
            <ScanRow {...{ scan, now }} />
          </li>
        ))}
      </ul>
    </section>
  );
}
