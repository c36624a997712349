// Scan, as f3 of the look: camera, photo, typed code or serial number, hardware scanner.
// Rule: everything is decided on this device. The first scan of a device in a round opens it at once;
// whatever needs a word first (again, unknown, mistyped) is said here.

import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useRef } from "preact/hooks";
import { TAG_TEXT_LENGTH_MAX } from "../../../core/tags.ts";
import type { Session } from "../../../sync/session.ts";
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

/** Note the scan, and open what it leads to, unless it was scanned in this round before. */
async function open(session: Session, asset: Id, always: boolean): Promise<number | null> {
  const { path, since } = destinationOf(session, asset);
  const before = await noteAsset(session, asset, since);
  if (before === null || always) go(path);
  return before;
}

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
      // Browsers let a page shake the device only after somebody has touched it.
      if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(40);
      if (meaning.merged) {
        // Another device than the label was printed for: said first, opened by the person.
        read.value = { text, meaning, before: null };
        return;
      }
      const before = await open(session, meaning.asset.id, false);
      read.value = { text, meaning, before };
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
  const typed = useSignal("");
  // What is being typed is looked up at every key; a device that it names is shown at once.
  const found = meaningOf(typed.value, session.records);
  const shown = found.kind === "asset" ? { text: typed.value, meaning: found, before: null } : null;
  const done = () => {
    read.value = NOTHING;
    typed.value = "";
  };
  return (
    <div class="app">
      <FieldStatus />
      <main class="shell scan">
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
            <Result
              read={shown ?? read.value}
              bind={bind}
              onOpen={(asset) => void open(session, asset, true)}
              onDone={done}
            />
          </div>
          <TypedCode
            text={typed.value}
            onInput={(text) => {
              typed.value = text;
            }}
            onText={hear}
          />
          <Recent now={machine.now()} />
          <p class="note gun">
            <Icon name="keyboard" size={22} />
            {t("scan.gun")}
          </p>
        </aside>
      </main>
    </div>
  );
}
