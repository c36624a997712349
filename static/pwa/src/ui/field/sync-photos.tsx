// The photos that are still to go, on the sync screen: how far each is, and when it goes on.
// Rule: bytes that the server has kept are told, not a percentage; no "later" without a time.

import { useEffect, useState } from "preact/hooks";
import type { Upload } from "../../core/upload.ts";
import { uploadsHere } from "../../db/uploads.ts";
import type { UploadsState } from "../../sync/uploads.ts";
import { Icon, type IconName } from "../kit/icons.tsx";
import { ListRow, SectionHeader } from "../kit/layout.tsx";
import { StateWord, type Tone } from "../kit/state.tsx";
import { clock, fileSize } from "../words/format.ts";
import { useApp, useSession, zoneOf } from "./app.ts";
import { useMore } from "./devices.tsx";
import { aboutOf } from "./needs.ts";
import { p } from "./photo-words.ts";

/** What is to go, the oldest first; read again whenever a screen may say something else of it. */
export function useUploads(): readonly Upload[] {
  const { store, uploads } = useSession();
  const [rows, setRows] = useState<readonly Upload[]>([]);
  const state = uploads.value;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the state says that rows have changed.
  useEffect(() => {
    let isHere = true;
    const read = async () => {
      const found = await uploadsHere(store);
      if (isHere) setRows(found);
    };
    void read().catch(() => undefined);
    const stop = store.onChange(() => void read().catch(() => undefined));
    return () => {
      isHere = false;
      stop();
    };
  }, [store, state?.phase, state?.active.length, state?.nextAt]);
  return rows;
}

type At = { readonly now: number; readonly zone: string };
type WayWords = { readonly icon: IconName; readonly tone: Tone; readonly words: string };

/** Where one photo is, in words. */
export function wayWords(upload: Upload, state: UploadsState | null, { now, zone }: At): WayWords {
  const all = fileSize(upload.bytes);
  const active = state?.active.find(({ attachment }) => attachment === upload.attachment);
  if (upload.state === "lost") return { icon: "needsYou", tone: "bad", words: p("way.lost") };
  if (active) {
    const sent = fileSize(active.sent);
    return { icon: "sending", tone: "act", words: p("way.sending", { sent, all }) };
  }
  const time = clock(Math.max(upload.dueAt, now), zone);
  if (upload.problem)
    return { icon: "photosLeft", tone: "warn", words: p("way.refused", { time }) };
  if (upload.dueAt > now)
    return { icon: "clock", tone: "quiet", words: p("way.at", { time, all }) };
  if (upload.offset > 0) {
    const sent = fileSize(upload.offset);
    return { icon: "clock", tone: "quiet", words: p("way.partly", { sent, all }) };
  }
  return { icon: "clock", tone: "quiet", words: p("way.waiting", { all }) };
}

/** What holds them all, or that nothing does. */
export function holdWords(state: UploadsState | null, { now, zone }: At): string {
  if (state?.phase !== "away" || state.nextAt === null) return p("way.fine");
  const time = clock(Math.max(state.nextAt, now), zone);
  return p(state.isServerFull ? "way.full" : "way.away", { time });
}

/** Of those under way: what the server has kept of how much. Null: none is. */
export function sumWords(state: UploadsState | null): string | null {
  const active = state?.active ?? [];
  if (active.length === 0) return null;
  const sent = active.reduce((sum, one) => sum + one.sent, 0);
  const all = active.reduce((sum, one) => sum + one.bytes, 0);
  return p("way.sum", { sent: fileSize(sent), all: fileSize(all) });
}

export function SyncPhotos() {
  const app = useApp();
  const session = useSession();
  const rows = useUploads();
  const state = session.uploads.value;
  const { n, more } = useMore(rows.length, "");
  if (rows.length === 0) return null;
  const at = { now: app.now, zone: zoneOf(session) };
  const size = fileSize(rows.reduce((sum, { bytes }) => sum + bytes, 0));
  return (
    <section class="photos-way">
      <SectionHeader title={p("way.title")} count={p("way.left", { n: rows.length, size })} />
      <p class="note">{holdWords(state, at)}</p>
      <ul>
        {rows.slice(0, n).map((upload) => {
          const seen = session.records.any(upload.attachment);
          const { icon, tone, words } = wayWords(upload, state, at);
          return (
            <li key={upload.attachment}>
              <ListRow
                title={aboutOf(session, seen, "attachment").name}
                note={clock(upload.created, at.zone)}
                state={
                  <StateWord icon={icon} tone={tone} size={20}>
                    {words}
                  </StateWord>
                }
              />
            </li>
          );
        })}
      </ul>
      {more}
      <button type="button" class="btn" onClick={() => void session.hurry().catch(() => undefined)}>
        <Icon name="sending" size={22} />
        {p("way.now")}
      </button>
    </section>
  );
}
