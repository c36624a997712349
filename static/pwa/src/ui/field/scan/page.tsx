// Scan, as f3 of the look: camera, photo, typed code or serial number, hardware scanner.
// Rule: everything is decided on this device. The first scan of a device in a round opens it at once;
// whatever needs a word first (again, unknown, mistyped) is said here.

import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useRef } from "preact/hooks";
import { TAG_TEXT_LENGTH_MAX } from "../../../core/tags.ts";
import type { Id } from "../../../wire/types.ts";
import { address, go } from "../../kit/address.ts";
import { Icon } from "../../kit/icons.tsx";
import { useApp, useSession } from "../app.ts";
import { assetPath, SCAN, TODAY } from "../paths.ts";
import { FieldStatus } from "../screen.tsx";
import { t } from "../words.ts";
import { Finder } from "./finder.tsx";
import { useGun } from "./gun.ts";
import { noteAsset, noteCode, recallScans } from "./log.ts";
import { type Meaning, meaningOf } from "./meaning.ts";
import { destinationOf } from "./open.ts";
import { Recent } from "./recent.tsx";
import { Result } from "./result.tsx";
import { TypedCode } from "./typed-code.tsx";

/** What the panel speaks of: the last text that was read, and what it means here. */
export interface Read {
  readonly text: string;
  readonly meaning: Meaning;
  /** When this asset was scanned before in this round. */
  readonly before: number | null;
  /** A photo without any code on it. */
  readonly isEmpty?: boolean;
}

const NOTHING: Read = { text: "", meaning: { kind: "nothing" }, before: null };
/** The same label held before the camera is read once. */
const HELD_MS = 3_000;

/** Read texts one after the other; what is plain opens at once. */
function useReading(bind: Id | null) {
  const session = useSession();
  const read = useSignal<Read>(NOTHING);
  const held = useRef({ text: "", at: Number.NEGATIVE_INFINITY });
  const take = useCallback(
    async (text: string) => {
      const now = session.pen.now();
      const isHeld = held.current.text === text && now - held.current.at < HELD_MS;
      held.current = { text, at: now };
      if (isHeld) return;
      const meaning = meaningOf(text, session.records);
      if (meaning.kind === "unknown") noteCode(meaning.code, now);
      if (meaning.kind !== "asset" || bind !== null) {
        read.value = { text, meaning, before: null };
        return;
      }
      navigator.vibrate?.(40);
      const { path, since } = destinationOf(session, meaning.asset.id);
      const before = await noteAsset(session, meaning.asset.id, since);
      read.value = { text, meaning, before };
      if (before === null) go(path);
    },
    [session, read, bind],
  );
  return { read, take };
}

export function ScanPage() {
  const { query } = address.value;
  const bind = query.get("bind");
  const given = query.get("text");
  const session = useSession();
  const { machine } = useApp();
  const { read, take } = useReading(bind);
  const hear = useCallback((text: string) => void take(text), [take]);
  useGun(hear, true);
  useEffect(() => {
    void recallScans(session).catch(() => undefined);
  }, [session]);
  useEffect(() => {
    if (given === null) return;
    // Taken out of the address: going back must not scan again.
    go(bind === null ? SCAN : `${SCAN}?bind=${bind}`, { replace: true });
    void take(given.slice(0, TAG_TEXT_LENGTH_MAX));
  }, [given, bind, take]);
  const nothing = () => {
    read.value = { ...NOTHING, isEmpty: true };
  };
  const back = bind === null ? TODAY : assetPath(bind);
  return (
    <div class="app">
      <FieldStatus />
      <div class="shell scan">
        <Finder onText={hear} onNothing={nothing} hint={t("scan.aim")}>
          <button
            type="button"
            class="tool shut"
            aria-label={t("nav.back")}
            onClick={() => go(back)}
          >
            <Icon name="close" size={28} />
          </button>
        </Finder>
        <aside class="panel">
          <div role="status">
            <Result read={read.value} bind={bind} onDone={() => (read.value = NOTHING)} />
          </div>
          <TypedCode onText={hear} />
          <Recent now={machine.now()} />
          <p class="note gun">
            <Icon name="keyboard" size={22} />
            {t("scan.gun")}
          </p>
        </aside>
      </div>
    </div>
  );
}
