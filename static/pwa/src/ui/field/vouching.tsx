// What this tablet vouches for: the roots that it was told, as words and as a file, and the alarm when the
// office says another one. Rule: once said it stays said, on this device and on the sync page.

import { useSignal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import {
  NOTHING_TOLD,
  rootWords,
  type Vouching,
  vouchingOf,
  witnessFile,
} from "../../core/anchors.ts";
import { heldAnchors } from "../../db/anchors.ts";
import type { Session } from "../../sync/session.ts";
import { Icon } from "../kit/icons.tsx";
import { SectionHeader } from "../kit/layout.tsx";
import { ErrorPlace } from "../kit/notices.tsx";
import { calendarDay, instant, localDay, sentences } from "../words/format.ts";
import { useApp, useSession, zoneOf } from "./app.ts";
import { m } from "./mend-words.ts";
import { saveFile } from "./rescue.ts";

/** Days that are named; of more, how many. */
const NAMED_MAX = 3;

/** Read again after every change of the store. */
function useVouching(): Vouching {
  const { store } = useSession();
  const [vouching, setVouching] = useState(NOTHING_TOLD);
  useEffect(() => {
    let isHere = true;
    const read = async () => {
      const found = vouchingOf(await heldAnchors(store));
      if (isHere) setVouching(found);
    };
    void read().catch(() => undefined);
    const stop = store.onChange(() => void read().catch(() => undefined));
    return () => {
      isHere = false;
      stop();
    };
  }, [store]);
  return vouching;
}

/** Hand out all roots; whether it could be done. */
export async function saveRoots(session: Pick<Session, "store" | "person" | "pen">, zone: string) {
  const rows = await heldAnchors(session.store);
  const name = `xunjian-roots-${session.person.device}-${localDay(session.pen.now(), zone)}.json`;
  saveFile(new Blob([witnessFile(rows)], { type: "application/json" }), name);
  return { name, days: rows.length };
}

/** Days of which the office told another root, in words. */
export function differingWords({ differing }: Vouching, now: number, zone: string): string {
  const days = differing.slice(0, NAMED_MAX).map(({ held }) => calendarDay(held.day, now, zone));
  const more = differing.length - days.length;
  return [...days, ...(more > 0 ? [m("vouch.more", { n: more })] : [])].join(m("vouch.and"));
}

/** Said as plainly as it can be, and for ever: nothing that comes later makes it untrue. */
export function Differing() {
  const app = useApp();
  const session = useSession();
  const vouching = useVouching();
  const zone = zoneOf(session);
  const first = vouching.differing[0];
  if (first === undefined) return null;
  const found =
    first.at === null ? "" : m("vouch.found", { time: instant(first.at, zone, app.now) });
  const save = () => void saveRoots(session, zone).catch(() => undefined);
  return (
    <ErrorPlace
      what={m("vouch.differs", { days: differingWords(vouching, app.now, zone) })}
      safe={sentences(found, m("vouch.safe"))}
      action={{ label: m("vouch.save"), onClick: save }}
      code={`${first.held.day} · ${rootWords(first.held.root)} ≠ ${rootWords(first.root)}`}
    />
  );
}

/** The newest root to compare by eye, and all of them as a file. */
export function VouchingFor() {
  const app = useApp();
  const session = useSession();
  const { newest, days } = useVouching();
  const said = useSignal("");
  const zone = zoneOf(session);
  const save = async () => {
    try {
      said.value = m(
        "vouch.saved",
        await saveRoots(session, zone).then(({ name, days: n }) => ({ name, n })),
      );
    } catch {
      said.value = m("vouch.failed");
    }
  };
  return (
    <section class="grp">
      <SectionHeader level={3} title={m("vouch.title")} />
      <p class="note rest">{m("vouch.what")}</p>
      {newest === null ? (
        <p class="note rest">{m("vouch.none")}</p>
      ) : (
        <>
          <dl class="facts">
            <div>
              <dt>{m("vouch.newest")}</dt>
              <dd>
                {calendarDay(newest.day, app.now, zone)}{" "}
                <code class="root">{rootWords(newest.root)}</code>
              </dd>
            </div>
            <div>
              <dt>{m("vouch.days")}</dt>
              <dd>{m("vouch.dayCount", { n: days })}</dd>
            </div>
          </dl>
          <button type="button" class="btn again" onClick={() => void save()}>
            <Icon name="export" size={22} />
            {m("vouch.save")}
          </button>
          <p class="note" role="status">
            {said.value}
          </p>
        </>
      )}
    </section>
  );
}
